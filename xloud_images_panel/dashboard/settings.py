# SPDX-License-Identifier: Apache-2.0
"""The panel's settings: one dictionary, ``XLOUD_IMAGES_PANEL``, in Horizon's local settings.

Example::

    XLOUD_IMAGES_PANEL = {"accept_on_behalf": False, "timeout": 10}

The page size is Horizon's own setting, which each user chooses.
"""

import dataclasses
import functools
import math
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.dispatch import receiver
from django.http import HttpRequest
from horizon.utils import functions as horizon_functions

from xloud_images_panel.services.connection import MIB

#: Most rows on one page.
LARGEST_PAGE = 100


@dataclasses.dataclass(frozen=True)
class PanelSettings:
    """An operator's settings; the panel is tested with the defaults."""

    #: Whether "Accept on behalf of the projects" is ticked when the dialog opens.
    accept_on_behalf: bool = True
    #: Seconds that one call to Keystone or Glance may take, and for which a
    #: failing call is retried.
    timeout: float = 20.0
    #: Seconds for which one request may keep calling a service. Projects that
    #: a change of access has not reached by then stay selected.
    request_time: float = 120.0
    #: The same for a request that changes nothing. Lists that take longer end
    #: with a message; no call begins after this time.
    reading_time: float = 30.0
    #: Most bytes of one answer, after decompression. A larger list is
    #: requested again in smaller parts.
    largest_answer: int = 32 * 1024 * 1024
    #: Attempts for one call while its failures are transient.
    tries: int = 5
    #: Concurrent calls to one service. More than four gain nothing:
    #: four saturate Glance on MariaDB.
    max_workers: int = 4
    #: The same for a plan of many images, which runs for minutes beside other people's requests.
    plan_workers: int = 4
    #: Members that Manage Access shows on one page.
    members_per_page: int = 100
    #: Images that one page of Shared Images may look up in Glance. The limit
    #: matters for administrators, who see every shared image in the cloud.
    scan_limit: int = 500
    #: Seconds for which the names of projects and domains are kept in
    #: Django's cache; 0 disables it. A project that was deleted or disabled
    #: elsewhere may be shown as enabled for this long.
    names_lifetime: int = 60
    #: Glance's ``image_member_quota``, for operators who know it: shown before
    #: it is exceeded. None when it is not known; Glance does not report it.
    member_quota: int | None = None
    #: Projects whose images are known to be good, such as the cloud operator's:
    #: their names under Shared Images, by ID.
    trusted_projects: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            whole = field.type in (int, int | None)
            kinds = int if whole else int | float
            number = isinstance(value, kinds) and not isinstance(value, bool)
            number = number and math.isfinite(value)
            kind = "a whole number" if whole else "a number"
            if field.type is bool:
                valid, expected = isinstance(value, bool), "True or False"
            elif field.name == "trusted_projects":
                valid = isinstance(value, Mapping) and all(
                    isinstance(text, str) and text for item in value.items() for text in item
                )
                expected = "names of projects by ID"
            elif field.name == "names_lifetime":
                valid, expected = number and value >= 0, f"{kind} of seconds, 0 or more"
            elif field.name == "largest_answer":
                valid = number and value >= MIB
                expected = f"{kind} of bytes, {MIB} (1 MiB) or more"
            elif field.name == "member_quota":
                valid, expected = value is None or (number and value > 0), f"{kind}, or None"
            else:
                valid, expected = number and value > 0, f"{kind} greater than 0"
            if not valid:
                raise ImproperlyConfigured(
                    f"XLOUD_IMAGES_PANEL['{field.name}'] must be {expected}, not {value!r}"
                )


@functools.cache
def get() -> PanelSettings:
    """Return the settings in force, read once.

    :raises ImproperlyConfigured: for an unknown name or a value of the wrong kind,
        so that a typing error is not ignored.
    """
    given = getattr(settings, "XLOUD_IMAGES_PANEL", {})
    known = {field.name for field in dataclasses.fields(PanelSettings)}
    if unknown := sorted(set(given) - known):
        raise ImproperlyConfigured(
            f"XLOUD_IMAGES_PANEL has no setting {', '.join(unknown)}; "
            f"there are {', '.join(sorted(known))}"
        )
    return PanelSettings(**given)


@receiver(setting_changed)
def _read_again(*, setting: str, **_signal: Any) -> None:
    """Read the settings again after a test has changed them; Django itself never does so."""
    if setting == "XLOUD_IMAGES_PANEL":
        get.cache_clear()


def page_size(request: HttpRequest) -> int:
    """Return the number of rows that the user wants on a page, within limits.

    Horizon reads this setting of each user from a cookie unchecked, even if it is 0 or less.
    The upper limit keeps one page from occupying a worker of Horizon for long.
    """
    largest = min(LARGEST_PAGE, settings.API_RESULT_LIMIT)
    return min(max(1, horizon_functions.get_page_size(request)), largest)
