# SPDX-License-Identifier: Apache-2.0
"""A user's permissions on images, by Glance's own rules even where Horizon's are lenient.

Up to release 26 Horizon turns oslo.policy's ``enforce_new_defaults`` off: each of Glance's
rules then also accepts its deprecated version, which allows everybody. Glance itself does
not do so by default, so a reader would be offered actions that Glance refuses. In every
release, this module applies rules as Glance does, and rules that an operator has written
into Horizon's policy files as written.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _
from horizon.exceptions import NotAuthorized
from openstack_dashboard import policy

from xloud_images_panel.dashboard import actor
from xloud_images_panel.dashboard.horizon import allows, strict_rules, written_rules

# The rule for seeing every image. Horizon protects its admin pages with it.
_SEE_EVERY_IMAGE = "context_is_admin"
#: Rules for seeing the access to every image.
SEE_ACCESS = (_SEE_EVERY_IMAGE, "get_members")
# Rules for changing access.
_CHANGE_ACCESS = ("add_member", "delete_member")
#: Rules for both; :func:`may_manage_access` requires more than these.
MANAGE_ACCESS = (*SEE_ACCESS, *_CHANGE_ACCESS)

_SERVICE = "image"


def may(request: HttpRequest, *rules: str, target: Mapping[str, Any] | None = None) -> bool:
    """Return whether a user may do something to images.

    :param rules: names of Glance's policy rules, all of which must allow it
    :param target: the image's attributes for the rules, for example ``project_id``, its owner
    """
    # Horizon fills in missing attributes.
    filled = dict(target or {})
    if not policy.check(tuple((_SERVICE, rule) for rule in rules), request, filled):
        return False
    enforcer = strict_rules(_SERVICE)
    if enforcer is None:
        return True
    return all(allows(enforcer, request, rule, filled) for rule in rules)


def sees_every_image(request: HttpRequest) -> bool:
    """Return whether Glance shows a user every image, with all of its members."""
    return may(request, _SEE_EVERY_IMAGE)


def may_list_projects(request: HttpRequest) -> bool:
    """Return whether a user may see the names of projects in Keystone, by Horizon's policy."""
    return bool(policy.check((("identity", "identity:list_projects"),), request))


def may_see_access(request: HttpRequest) -> bool:
    """Return whether a user may see who has access to every image."""
    return may(request, *SEE_ACCESS)


def may_manage_access(request: HttpRequest, owner: str = "") -> bool:
    """Return whether a user may change who has access to the images of a project.

    Operators open the admin pages to an auditor through ``context_is_admin``. Glance's default
    rules for changes refer to that rule, so Horizon would allow the auditor changes too, even if
    Glance refuses them. So the roles count as well: a user without any of Horizon's
    ``OPENSTACK_KEYSTONE_ADMIN_ROLES`` may only read, unless the operator has written both rules
    for changes into Horizon's policy files.

    :param owner: the ID of the project that owns the images; empty for the user's own project
    """
    target = {"project_id": owner} if owner else None
    if not may(request, *MANAGE_ACCESS, target=target):
        return False
    return actor.user(request).is_superuser or written_rules(_SERVICE).issuperset(_CHANGE_ACCESS)


def needed(rule: str, patterns: list[URLPattern]) -> list[URLPattern]:
    """Close URLs to users without a permission on images.

    Horizon closes its whole Images panel by the panel's rule; up to 26 that excludes nobody.

    :param rule: the name of one of Glance's policy rules
    :param patterns: our URLs; Horizon's own stay as they are
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
    """Read the rules now, so that no request waits for them."""
    strict_rules(_SERVICE)
