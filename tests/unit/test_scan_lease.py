# SPDX-License-Identifier: Apache-2.0
"""One search per user at a time."""

import copy

import pytest
import tenacity.nap
from django.core.cache import cache

from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.dashboard import scan_lease, texts
from xloud_images_panel.dashboard.scan_lease import scanning


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Disable waiting, unless a test enables it."""
    monkeypatch.setattr(scan_lease, "LONGEST_WAIT", 0)


def searches(request):
    """Return whether a user may search."""
    try:
        with scanning(request):
            return True
    except ServiceError:
        return False


def test_second_search_of_a_user_is_told_to_wait(user_request):
    with scanning(user_request), pytest.raises(ServiceError) as caught, scanning(user_request):
        pass
    assert caught.value.reason is Reason.SCANNING
    assert not caught.value.uncertain
    assert texts.describe(caught.value) == (
        "Another search of yours is still running. Try again in a moment."
    )


def test_next_search_may_begin_when_one_has_ended(user_request):
    with scanning(user_request):
        pass
    assert searches(user_request)


def test_search_that_failed_has_ended_as_well(user_request):
    with pytest.raises(ZeroDivisionError), scanning(user_request):
        1 / 0  # noqa: B018
    assert searches(user_request)


def test_search_that_was_refused_leaves_the_other_its_place(user_request):
    with scanning(user_request):
        assert not searches(user_request)
        assert not searches(user_request)


@pytest.mark.parametrize(("name", "value"), [("id", "other"), ("services_region", "there")])
def test_others_do_not_wait(user_request, name, value):
    """Another user, or a search in another region's Glance, does not wait."""
    other = copy.deepcopy(user_request)
    setattr(other.user, name, value)
    with scanning(user_request):
        assert searches(other)


def test_second_search_begins_as_soon_as_the_first_has_ended(user_request, monkeypatch):
    """A waiting search checks again, and begins as soon as the first one has ended."""
    monkeypatch.setattr(scan_lease, "LONGEST_WAIT", 5)
    first = scanning(user_request)
    first.__enter__()
    ended = []

    def wait(_seconds):
        assert not ended, "it goes on waiting"
        ended.append(first.__exit__(None, None, None))

    monkeypatch.setattr(tenacity.nap.time, "sleep", wait)
    with scanning(user_request):
        assert ended


def test_search_that_took_too_long_does_not_end_anothers(user_request):
    """A search whose lease has expired does not end the lease of another search."""
    first = scanning(user_request)
    first.__enter__()
    cache.clear()
    with scanning(user_request):
        first.__exit__(None, None, None)
        assert not searches(user_request)


def test_there_is_no_limit_without_a_cache(user_request, monkeypatch):
    """A cache that is down stops nobody from searching."""

    def fail(*_args, **_kwargs):
        raise ConnectionError("nobody there")

    for name in ("add", "get_many", "delete_many"):
        monkeypatch.setattr(cache, name, fail)
    with scanning(user_request):
        assert searches(user_request)


def test_there_is_no_limit_where_the_cache_is_a_dummy(user_request, settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    with scanning(user_request):
        assert searches(user_request)
