# SPDX-License-Identifier: Apache-2.0
"""The user of a Django request, and the user's connection to the services."""

from typing import Any, Protocol, cast

from django.conf import settings as django_settings
from django.http import HttpRequest
from openstack_auth import utils as auth_utils
from openstack_dashboard.api import base

from xloud_images_panel.dashboard import caching, settings
from xloud_images_panel.services.connection import Actor, Connection, Limits

# Key in a request's META.
_ONLY_READS = "xloud_images_panel.only_reads"


class User(Protocol):
    """A logged-in user of Horizon, as defined by ``openstack_auth``."""

    id: str
    username: str
    is_superuser: bool
    project_id: str
    project_name: str
    user_domain_id: str | None
    services_region: str | None
    available_services_regions: list[str]
    authorized_tenants: list[Any]
    token: Any


def user(request: HttpRequest) -> User:
    """Return the logged-in user of a request."""
    return cast(User, request.user)


def connection(request: HttpRequest) -> Connection:
    """Return the connection of a request's user to Keystone and Glance.

    :param request: the request of a logged-in user
    """
    who = user(request)
    verify = not django_settings.OPENSTACK_SSL_NO_VERIFY
    return Connection(
        actor=Actor(
            user_id=who.id,
            project_id=who.project_id,
            domain_id=who.user_domain_id or "",
            token=who.token.id,
            region=who.services_region or "",
            address=auth_utils.get_client_ip(request),
        ),
        url_for=lambda service: endpoint(request, service),
        limits=limits(request),
        verify=verify and (django_settings.OPENSTACK_SSL_CACERT or True),
        cache=caching,
    )


def endpoint(request: HttpRequest, service: str) -> str:
    """Return the URL of a service from the user's catalog.

    :param service: ``"identity"`` or ``"image"``
    :raises horizon.exceptions.ServiceCatalogException: when the catalog lacks the service
    """
    if service != "identity":
        return base.url_for(request, service)
    url = base.url_for(
        request, service, endpoint_type=django_settings.OPENSTACK_KEYSTONE_ENDPOINT_TYPE
    )
    url, _fixed = auth_utils.fix_auth_url_version_prefix(url)
    return url


def only_reads(request: HttpRequest) -> None:
    """Mark a POST request as one that changes nothing."""
    request.META[_ONLY_READS] = True


def limits(request: HttpRequest) -> Limits:
    """Return the operator's limits; a request that changes nothing gets less time."""
    given = settings.get()
    reads = request.method in ("GET", "HEAD") or request.META.get(_ONLY_READS, False)
    return Limits(
        timeout=given.timeout,
        total_time=given.reading_time if reads else given.request_time,
        largest_answer=given.largest_answer,
        tries=given.tries,
        max_workers=given.max_workers,
        scan_limit=given.scan_limit,
        names_lifetime=given.names_lifetime,
    )
