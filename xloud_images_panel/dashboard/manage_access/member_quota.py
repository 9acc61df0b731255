# SPDX-License-Identifier: Apache-2.0
"""How many projects one image can be shared with, as far as that is known.

Glance tells its ``image_member_quota`` only when it refuses a project, with a 413.
"""

from django.http import HttpRequest

from xloud_images_panel.dashboard import actor, caching, settings

# Seconds for which a quota is taken for what it was: operators seldom change it.
_LIFETIME = 3600


def known(request: HttpRequest) -> int | None:
    """Return the quota in the user's region, None when it is not known.

    What Glance said itself counts more than the operator's setting.
    """
    return caching.get(_key(request)) or settings.get().member_quota


def remember(request: HttpRequest, quota: int) -> None:
    """Keep the quota that Glance has named in a 413, for the dialogs that come after."""
    caching.set(_key(request), quota, _LIFETIME)


def _key(request: HttpRequest) -> str:
    return caching.key("member_quota", actor.user(request).services_region or "")
