# SPDX-License-Identifier: Apache-2.0
"""The panel's settings and their valid values."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from xloud_images_panel.dashboard import settings as panel_settings


@pytest.mark.parametrize(
    "given",
    [
        {"time_out": 3},
        {"timeout": 0},
        {"timeout": "3"},
        {"accept_on_behalf": "yes"},
        {"names_lifetime": -1},
        {"members_per_page": 50.5},
        {"timeout": float("inf")},
        {"reading_time": 0},
        {"largest_answer": 1024 * 1024 - 1},
        {"largest_answer": 2.0**25},
        {"member_quota": 0},
        {"member_quota": "128"},
        {"member_quota": True},
    ],
)
def test_wrong_setting_is_told(given, settings):
    """A typing error in a setting stops Horizon from starting instead of being ignored."""
    settings.XLOUD_IMAGES_PANEL = given
    with pytest.raises(ImproperlyConfigured):
        panel_settings.get()


def test_quota_is_not_known_unless_it_is_set(settings):
    """The quota is unknown unless it is set, because Glance does not reveal it."""
    assert panel_settings.get().member_quota is None
    settings.XLOUD_IMAGES_PANEL = {"member_quota": 128}
    assert panel_settings.get().member_quota == 128
