# SPDX-License-Identifier: Apache-2.0
"""Horizon's Images panels: which of the two the operator runs, and our URLs in them."""

from importlib import import_module
from typing import Any

import horizon
from openstack_dashboard.utils import settings as horizon_settings


def angular_images_panel() -> bool:
    """Tell whether Horizon's Images panel is the AngularJS one, its default, or the Python one."""
    return bool(horizon_settings.get_dict_config("ANGULAR_FEATURES", "images_panel"))


def put_in_front(panel: type[horizon.Panel], urlconf: str) -> None:
    """Put URLs of ours in front of the ones that a panel has anyway.

    ``Panel.urls``, the documented way, holds a single name: a plugin that sets it takes away
    the pages of every other plugin. ``_get_default_urlpatterns`` is private to Horizon. It
    reads that name while Horizon builds its URLs, after all plugins and the operator's
    ``customization_module`` are through, so none of them loses its pages.

    :param panel: the panel's class; all of its own URLs stay
    :param urlconf: the module with ours
    """
    own_patterns = panel._get_default_urlpatterns

    def with_ours(self: horizon.Panel) -> list[Any]:
        return [*import_module(urlconf).urlpatterns, *own_patterns(self)]

    panel._get_default_urlpatterns = with_ours
