# SPDX-License-Identifier: Apache-2.0
"""The quota of members, from the operator or from Glance's refusal."""

from types import SimpleNamespace

import pytest
from django.core.cache import cache

from xloud_images_panel.dashboard.manage_access import member_quota


@pytest.fixture(autouse=True)
def empty_cache():
    """Forget the quotas of earlier tests."""
    cache.clear()


def request(region="here"):
    """Return the request of a user who works in a region."""
    return SimpleNamespace(user=SimpleNamespace(services_region=region))


def test_is_not_known_from_the_beginning():
    """The quota is unknown until Glance refuses a project."""
    assert member_quota.known(request()) is None


def test_operator_may_know_it(settings):
    """The operator may set the quota."""
    settings.XLOUD_IMAGES_PANEL = {"member_quota": 50}
    assert member_quota.known(request()) == 50


def test_glance_knows_better(settings):
    """Glance's number takes precedence over the setting."""
    settings.XLOUD_IMAGES_PANEL = {"member_quota": 50}
    member_quota.remember(request(), 128)
    assert member_quota.known(request()) == 128


def test_each_region_has_its_own():
    """Each region has its own quota, because it has its own Glance."""
    member_quota.remember(request("here"), 128)
    assert member_quota.known(request("elsewhere")) is None
