# SPDX-License-Identifier: Apache-2.0
"""Permissions of a user on images, by Glance's own rules also where Horizon's are lenient.

Up to 26 Horizon turns oslo.policy's ``enforce_new_defaults`` off: beside each of Glance's
rules its deprecated one holds too, which is everybody's. Glance itself does not take
that by default, so a reader would be offered what Glance refuses. Here a rule counts as
Glance takes it, and one that an operator has written into Horizon's policy files counts
as written, in every release.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _
from horizon.exceptions import NotAuthorized
from openstack_dashboard import policy

from xloud_images_panel.dashboard.horizon import allows, strict_rules

#: Rules for managing the access to every image. Horizon closes the admin panel to everybody else
#: already; asking again costs nothing and holds if an operator opens the panel to more roles.
MANAGE_ACCESS = ("context_is_admin", "get_members", "add_member", "delete_member")

_SERVICE = "image"


def may(request: HttpRequest, *rules: str, target: Mapping[str, Any] | None = None) -> bool:
    """Tell whether a user may do something to images.

    :param rules: names of Glance's policy rules, all of which have to allow it
    :param target: what the rules ask of the image, for example ``project_id``, its owner
    """
    # Horizon fills in what is missing.
    filled = dict(target or {})
    if not policy.check(tuple((_SERVICE, rule) for rule in rules), request, filled):
        return False
    enforcer = strict_rules(_SERVICE)
    if enforcer is None:
        return True
    return all(allows(enforcer, request, rule, filled) for rule in rules)


def needed(rule: str, patterns: list[URLPattern]) -> list[URLPattern]:
    """Return URLs whose pages are closed to users without a permission on images.

    Horizon closes its whole Images panel so, by the rule that it names; up to 26 to nobody.

    :param rule: the name of one of Glance's policy rules
    :param patterns: URLs of ours; Horizon's own stay as they are
    """

    def closed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not may(request, rule):
                # In Horizon's own words.
                raise NotAuthorized(_("You are not authorized to access %s") % request.path)
            return view(request, *args, **kwargs)

        return guarded

    for pattern in patterns:
        pattern.callback = closed(pattern.callback)
    return patterns


def read() -> None:
    """Read the rules now, so that no request waits for it."""
    strict_rules(_SERVICE)
