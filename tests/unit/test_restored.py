# SPDX-License-Identifier: Apache-2.0
"""Notes about images that were shared again: their size, their number and their owner."""

import dataclasses
import logging
from types import SimpleNamespace

import pytest
from django.core.cache import cache

from xloud_images_panel.access import model
from xloud_images_panel.dashboard import restored

IMAGE = model.Image(
    id="", name="golden", owner="o", visibility="shared", status="active", disk_format="raw",
    container_format="bare", size=1,
)  # fmt: skip


def image(number, visibility="shared"):
    """Return one of several images."""
    image_id = f"{number:08d}-0000-0000-0000-000000000000"
    return dataclasses.replace(IMAGE, id=image_id, visibility=visibility)


def members(count):
    """Return a Glance that lists this many members."""
    listed = [model.Member(f"{number:032x}", "pending") for number in range(count)]
    return SimpleNamespace(members=lambda _image_id: listed)


@pytest.fixture
def user(user_request):
    """Return the request of a user, with the fields that the trail needs."""
    user_request.user.username = "pat"
    user_request.user.project_name = "platform"
    return user_request


def test_notes_of_one_user_are_few(user):
    """A user's oldest note is dropped when there is one too many; other users' notes stay."""
    for number in range(30):
        restored.note(user, image(number), members(1))
    kept = [number for number in range(30) if restored.noted(user, image(number).id).count]
    assert kept == list(range(10, 30))
    user.user.id = "another"
    restored.note(user, image(99), members(1))
    assert restored.noted(user, image(10).id).count == 1


def test_note_is_small_and_counts_all(user):
    """A note has the IDs of the first members, and the number of all."""
    assert len(restored.note(user, image(1), members(2_000))) == 2_000
    note = restored.noted(user, image(1).id)
    assert (len(note.project_ids), note.count) == (restored.MOST_NOTED, 2_000)
    assert not note.complete


def test_note_lives_for_a_day(user, monkeypatch):
    """The note and the list of a user's notes both expire after a day."""
    lifetimes = []
    monkeypatch.setattr(cache, "set_many", lambda _values, seconds: lifetimes.append(seconds))
    restored.note(user, image(1), members(1))
    assert lifetimes == [24 * 60 * 60] * 2


def test_sights_of_one_user_are_one_entry(user, monkeypatch):
    """The images that a user has seen are one cache entry, which drops the first ones."""
    names = set()
    set_many = cache.set_many
    monkeypatch.setattr(cache, "set_many", lambda v, s: names.update(v) or set_many(v, s))
    for number in range(30):
        assert restored.look(user, image(number, "private"))
    assert len(names) == 1
    seen = [number for number in range(30) if restored.seen(user, image(number).id)]
    assert seen == list(range(10, 30))


def test_regions_share_no_note_and_no_sight(user):
    """Regions share no cache entries, because an ID in another region is another image."""
    user.user.services_region = "RegionOne"
    restored.look(user, image(1, "private"))
    restored.note(user, image(1), members(1))
    user.user.services_region = "RegionTwo"
    assert restored.noted(user, image(1).id).count == 0
    assert not restored.seen(user, image(1).id)
    restored.forget(user, image(1).id)
    user.user.services_region = "RegionOne"
    assert restored.noted(user, image(1).id).count == 1
    assert restored.seen(user, image(1).id)


def test_cache_that_does_not_answer_keeps_no_note(user, monkeypatch, caplog):
    """If the cache does not answer, the failure is logged and does not affect the change."""
    caplog.set_level(logging.WARNING)
    for method in ("get_many", "set_many", "delete_many"):
        monkeypatch.setattr(cache, method, lambda *_args: 1 / 0)
    assert restored.look(user, image(1, "private"))
    assert not restored.seen(user, image(1).id)
    assert len(restored.note(user, image(1), members(1))) == 1
    assert restored.noted(user, image(1).id) == restored.Note()
    assert "ZeroDivisionError" in caplog.text
