# SPDX-License-Identifier: Apache-2.0
"""The operator who runs the command, as a logged-in user of Horizon.

The credentials are those of every OpenStack client: ``OS_*`` variables, or a cloud of
``clouds.yaml``. openstacksdk reads them. Horizon includes it from version 27 on; the extra
``command`` adds it to older versions.
"""

import dataclasses
import math
import re
from typing import Any

from django.core.management.base import CommandError
from django.http import HttpRequest
from horizon.exceptions import ServiceCatalogException
from keystoneauth1 import exceptions as keystone_errors
from keystoneauth1.access import AccessInfo
from keystoneauth1.identity.base import BaseIdentityPlugin

from xloud_images_panel.dashboard import actor, horizon, roles, trail
from xloud_images_panel.management.reports import Status
from xloud_images_panel.services.connection import Connection
from xloud_images_panel.services.glance import Glance
from xloud_images_panel.services.keystone import Keystone

# Seconds in which a service may restart while a command runs.
_PATIENCE = 60.0


class _NoLogin(Exception):
    """Credentials that are incomplete, or of a type that cannot log in."""


def _plain(error: Exception) -> str:
    """Return an error's text without the name of the function that raised it."""
    return re.sub(r"^\w+\.__init__\(\) ", "", str(error))


class Operator:
    """A user with credentials for a project, and an administrator's permissions.

    :param cloud: the name of a cloud in ``clouds.yaml``, empty for the one of ``OS_CLOUD``, or
        for ``OS_*`` variables only
    :param region: empty for the region of the credentials, or Horizon's choice
    :param changes: whether the command changes access, or only reads it
    :ivar request: a request of this user, for Horizon's functions
    :raises CommandError: when credentials are missing or not accepted, or their user may not
        change access, or see it
    """

    def __init__(self, cloud: str, region: str, *, changes: bool) -> None:
        try:
            import openstack.config
            from openstack.exceptions import SDKException
        except ImportError as error:
            raise CommandError(
                "This command needs openstacksdk. In Horizon's own environment: "
                "pip install 'xloud-images-panel[command]'",
                returncode=Status.USAGE,
            ) from error
        given: dict[str, Any] = {"cloud": cloud} if cloud else {}
        if region:
            given["region_name"] = region
        try:
            self._config = openstack.config.get_cloud_region(
                app_name="xloud-images-panel",
                **given,
            )
        except (SDKException, keystone_errors.AuthPluginException, TypeError) as error:
            # TypeError for options that are missing, or do not belong to this OS_AUTH_TYPE.
            raise CommandError(
                f"The credentials cannot be used: {_plain(error)}", returncode=Status.USAGE
            ) from error
        try:
            self._access = self._log_in()
        except (keystone_errors.AuthPluginException, _NoLogin) as error:
            raise CommandError(
                f"Nobody can log in with these credentials: {error}", returncode=Status.USAGE
            ) from error
        except (SDKException, keystone_errors.ClientException) as error:
            raise CommandError(f"Cannot log in to Keystone: {error}") from error
        if not self._access.project_id:
            raise CommandError(
                "The credentials name no project: set OS_PROJECT_NAME.", returncode=Status.USAGE
            )
        self._begin()
        allowed = roles.may_manage_access if changes else roles.may_see_access
        if not allowed(self.request):
            trail.refused(self.request, "manage access", trail.Refusal.POLICY)
            does = "change" if changes else "see"
            raise CommandError(
                f"These credentials may not {does} who has access to images: "
                "Glance's policy wants an administrator's."
            )

    def _log_in(self) -> AccessInfo:
        """Return the token, or a new one if it is about to expire.

        :raises _NoLogin: when the credentials lack a password, or are not for Keystone
        """
        try:
            session = self._config.get_session()
            if not isinstance(session.auth, BaseIdentityPlugin):
                raise _NoLogin("OS_AUTH_TYPE has to be a type that logs in to Keystone.")
            return session.auth.get_access(session)
        except Exception as error:
            # keystoneauth has no exception of its own for missing options.
            if type(error) not in (Exception, TypeError):
                raise
            raise _NoLogin(_plain(error)) from error

    def _begin(self) -> None:
        auth_url = self._config.config.get("auth", {}).get("auth_url", "")
        self.request: HttpRequest = horizon.request_of(
            self._access, self._config.region_name or "", auth_url
        )
        try:
            self._glance = Glance(self._connection())
        except ServiceCatalogException as error:
            raise CommandError(
                f"The catalog has no image service in the region {self.region or 'of the user'}.",
                returncode=Status.USAGE,
            ) from error

    @property
    def region(self) -> str:
        """The region that the command works in, as in the lock and the trail."""
        return actor.user(self.request).services_region or ""

    def _connection(self) -> Connection:
        """Return the connection to the services; a command may take longer than a request."""
        connection = actor.connection(self.request)
        limits = dataclasses.replace(
            connection.limits, total_time=math.inf, names_lifetime=0, patience=_PATIENCE
        )
        return dataclasses.replace(connection, limits=limits)

    def glance(self) -> Glance:
        """Return Glance, with a new token if the current one is about to expire."""
        try:
            access = self._log_in()
        except keystone_errors.ClientException as error:
            raise CommandError(f"Keystone does not give another token: {error}") from error
        if access.auth_token != self._access.auth_token:
            self._access = access
            self._begin()
        return self._glance

    def keystone(self) -> Keystone:
        """Return a new Keystone, which keeps the projects that it reads."""
        return Keystone(self._connection())
