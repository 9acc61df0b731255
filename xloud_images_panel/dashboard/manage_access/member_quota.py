# SPDX-License-Identifier: Apache-2.0
"""The number of projects that one image can be shared with, if it is known.

Glance names its ``image_member_quota`` only in the 413 that refuses a project.
"""

from django.http import HttpRequest

from xloud_images_panel.dashboard import actor, caching, settings

# Seconds for which a quota is cached: operators seldom change it.
_LIFETIME = 3600


def known(request: HttpRequest) -> int | None:
    """Return the quota in the user's region, None when it is not known.

    A quota that Glance has named overrides the operator's setting.
    """
    return caching.get(_key(request)) or settings.get().member_quota


def remember(request: HttpRequest, quota: int) -> None:
    """Keep the quota that Glance has named in a 413, for later dialogs."""
    caching.set(_key(request), quota, _LIFETIME)


def _key(request: HttpRequest) -> str:
    return caching.key("member_quota", actor.user(request).services_region or "")
