# SPDX-License-Identifier: Apache-2.0
"""Horizon's Images panels and policy, where they have no public interface.

Only this module uses names that are private to Horizon or to its openstack_auth, as of releases
25.3 to 27.0. Look here first when a new release breaks the panel.
"""

import functools
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any
from urllib.parse import quote, urlencode

import horizon
from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.urls import reverse
from django.utils.module_loading import import_string
from keystoneauth1.access import AccessInfo
from openstack_auth import policy as auth_policy
from openstack_auth import user as auth_user
from openstack_dashboard.utils import settings as horizon_settings
from oslo_policy import policy as oslo_policy


def angular_images_panel() -> bool:
    """Return whether Horizon's Images panel is the AngularJS one, its default."""
    return bool(horizon_settings.get_dict_config("ANGULAR_FEATURES", "images_panel"))


def image_details(image_id: str) -> str:
    """Return the address of an image's details, as Admin > Compute > Images links to them."""
    if not angular_images_panel():
        return reverse("horizon:admin:images:detail", args=[image_id])
    # The AngularJS list builds the same address; ``nav`` tells the page which panel it belongs to.
    nav = urlencode({"nav": reverse("horizon:admin:images:index")})
    return f"{reverse('ngdetails')}OS::Glance::Image/{quote(image_id)}?{nav}"


def image_editing(image_id: str) -> tuple[str, bool]:
    """Return the address for editing an image, and whether it opens a dialog.

    The AngularJS panel's Edit Image has no address; it is an action on the details page.
    """
    if angular_images_panel():
        return image_details(image_id), False
    return reverse("horizon:admin:images:update", args=[image_id]), True


def put_in_front(panel: type[horizon.Panel], urlconf: str) -> None:
    """Put our URLs in front of a panel's own.

    ``Panel.urls``, the documented way, holds a single name: a plugin that sets it removes the
    pages of every other plugin. ``_get_default_urlpatterns`` is private to Horizon. It reads
    that name while Horizon builds its URLs, after all plugins and the operator's
    ``customization_module`` have run, so none of them loses its pages.

    :param panel: the panel's class; all of its own URLs stay
    :param urlconf: the module with our URLs
    """
    own_patterns = panel._get_default_urlpatterns

    def with_ours(self: horizon.Panel) -> list[Any]:
        return [*import_module(urlconf).urlpatterns, *own_patterns(self)]

    panel._get_default_urlpatterns = with_ours


def put_table(panel: type[horizon.Panel], view: str, table: str) -> None:
    """Replace the table of a panel's list with our subclass of it.

    Horizon's documentation tells operators to set their own table on the list's class. So this
    runs as late as :func:`put_in_front`, and a table that somebody else has set stays. An
    operator's page that subclasses Horizon's gets our table too.

    :param panel: the panel's class; its URLs stay
    :param view: the dotted path of the list's class
    :param table: the dotted path of our table, whose base class it replaces
    """
    own_patterns = panel._get_default_urlpatterns

    def with_table(self: horizon.Panel) -> list[Any]:
        patterns: list[Any] = own_patterns(self)
        index_view, ours = import_string(view), import_string(table)
        if index_view.table_class is ours.__base__:
            index_view.table_class = ours
        return patterns

    panel._get_default_urlpatterns = with_table


def leave_out_scripts(scripts: Iterable[str]) -> None:
    """Keep scripts out of the single file that every page of Horizon loads.

    Horizon lists all scripts below an app's ``static`` folder (``AUTO_DISCOVER_STATIC_FILES``) in
    ``HORIZON_CONFIG["js_files"]``, which ``compress`` and pages read later.

    :param scripts: paths below ``STATIC_URL``
    """
    left_out = set(scripts)
    files: list[str] = settings.HORIZON_CONFIG["js_files"]
    files[:] = [file for file in files if file not in left_out]


def read_policy() -> None:
    """Read the policy files now.

    Horizon reads them in its first request, and allows everything in all other requests until
    then. With threads, a member briefly passes for an administrator.
    """
    auth_policy._get_enforcer()


def written_rules(service: str) -> frozenset[str]:
    """Return the names of the rules that an operator has written into Horizon's policy files.

    :param service: for example ``"image"``
    """
    enforcer = auth_policy._get_enforcer().get(service)
    return frozenset(enforcer.file_rules) if enforcer else frozenset()


@functools.cache
def strict_rules(service: str) -> oslo_policy.Enforcer | None:
    """Return a service's policy rules without the deprecated ones.

    :param service: for example ``"image"``
    :returns: None if Horizon itself reads no deprecated rules, or if the rules are unreadable
    """
    lenient = auth_policy._get_enforcer().get(service)
    if lenient is None or lenient.conf.oslo_policy.enforce_new_defaults:
        return None
    conf = auth_policy._get_policy_conf(*auth_policy._get_policy_file_with_full_path(service))
    conf.set_default("enforce_new_defaults", True, "oslo_policy")
    enforcer = oslo_policy.Enforcer(conf)
    enforcer.suppress_default_change_warnings = True
    auth_policy._load_default_rules(service, enforcer)
    try:
        enforcer.load_rules()
    except (OSError, ValueError):
        return None  # Horizon has logged it
    return enforcer


def allows(
    enforcer: oslo_policy.Enforcer, request: HttpRequest, rule: str, target: Mapping[str, Any]
) -> bool:
    """Return whether a rule of :func:`strict_rules` allows something to a request's user."""
    credentials = auth_policy._user_to_credentials(request.user)
    return bool(auth_policy._check_credentials(enforcer, rule, target, credentials))


def request_of(access: AccessInfo, region: str, auth_url: str) -> HttpRequest:
    """Return a request of a token's user, for Horizon's functions that take a request.

    Horizon's policy checks, service lookup and default region need no browser, no view and no
    stored session.

    :param access: a token for a project
    :param region: empty for the region that Horizon would choose after a login
    :param auth_url: Keystone's URL; Horizon's settings may list regions by it
    """
    request = HttpRequest()
    request.session = SessionBase()
    user = auth_user.create_user_from_token(
        request, auth_user.Token(access), auth_url, services_region=region or None
    )
    auth_user.set_session_from_user(request, user)
    request.session[auth.SESSION_KEY] = user.id
    request.session[auth.BACKEND_SESSION_KEY] = "openstack_auth.backend.KeystoneBackend"
    return request
