# SPDX-License-Identifier: Apache-2.0
"""Fixtures for tests that call the real Keystone and Glance from this process."""

import copy
import datetime
import functools
import json
import logging
import threading
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import override_settings
from openstack_auth import policy
from openstack_auth import utils as auth_utils
from openstack_dashboard.api import glance as horizon_glance

from tests import auditor, stored
from tests.environment import CLOUD
from tests.faults import NOWHERE, REFUSED, Proxy
from xloud_images_panel.dashboard import actor
from xloud_images_panel.dashboard.horizon import strict_rules
from xloud_images_panel.services import calls, transport
from xloud_images_panel.services.glance import Glance
from xloud_images_panel.services.markers import Marker

# Time limits for a service that answers on a busy machine, and for one that hangs.
ANSWERING_SECONDS = 5
HANGING_SECONDS = 0.2


def marker_of(image, hidden=False):
    """Return the marker of an image; no other image may have been created in the same second."""
    created_at = datetime.datetime.fromisoformat(image.created_at)
    return Marker(hidden, int(created_at.timestamp()), (image.id,))


def read_policy_again():
    """Make Horizon read its policy files again on the next request."""
    policy.reset()
    strict_rules.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def menu_of_projects():
    """Cache the projects in a user's menu, which Horizon requests on every page.

    Return the cached lists, for tests that change them.
    """
    get_project_list = auth_utils.get_project_list
    lists = {}

    def remembered(**asked):
        key = tuple(sorted(asked.items()))
        if key not in lists:
            lists[key] = get_project_list(**asked)
        return list(lists[key])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(auth_utils, "get_project_list", remembered)
        yield lists


@pytest.fixture(autouse=True)
def empty_cache():
    """Empty the cache, so that no test uses names that another test has looked up."""
    cache.clear()


@pytest.fixture
def admin(login):
    """Return an administrator's client."""
    return login("admin")


@pytest.fixture(scope="session")
def connection(cloud):
    """Return the administrator's openstacksdk connection."""
    return cloud.connection("admin")


@pytest.fixture(scope="session")
def delete_image(connection):
    """Return a function that deletes an image, if it exists."""

    def delete_image(image_id):
        connection.image.delete_image(image_id, ignore_missing=True)

    return delete_image


@pytest.fixture(scope="session")
def project_id(connection):
    """Return a function that returns the ID of one of the demo's projects."""
    return functools.cache(
        lambda name: connection.identity.find_project(name, ignore_missing=False).id
    )


@pytest.fixture
def make(bulk, connection, project_id):
    """Return a function that creates an image of a project and shares it."""
    made = []

    def make(
        name, owner="platform", shared_with=(), status="pending", visibility="shared", **properties
    ):
        """Create an image without data.

        :param properties: properties that only the API accepts, which takes ten times as long
        """
        owner_id, members = project_id(owner), [project_id(item) for item in shared_with]
        if properties:
            image = connection.image.create_image(
                name=name,
                visibility=visibility,
                owner=owner_id,
                **{"disk_format": "raw", "container_format": "bare", **properties},
                allow_duplicates=True,
            )
        else:
            image = stored.image(bulk, name, owner_id, visibility, with_data=False)
        made.append(image.id)
        bulk.members([(image.id, member, status) for member in members])
        return image

    yield make
    bulk.remove_images(made)


@pytest.fixture
def image(make):
    """Return a shared image of the project platform."""
    return make("golden")


@pytest.fixture
def members(connection, image):
    """Return a function that returns Glance's own list of the image's members."""
    return lambda: {item.member_id: item.status for item in connection.image.members(image.id)}


@pytest.fixture
def members_of(connection):
    """Return a function that returns Glance's own list of an image's members."""
    return lambda image: {
        item.member_id: item.status for item in connection.image.members(image.id)
    }


@pytest.fixture
def rows_of(connection):
    """Return a function that lists an image's members in Glance, once for each of their rows."""
    return lambda image: sorted(item.member_id for item in connection.image.members(image.id))


@pytest.fixture
def lines(caplog):
    """Return a function that returns the lines of the audit trail."""
    caplog.set_level(logging.INFO, "xloud_images_panel.audit")
    return lambda: [
        json.loads(record.getMessage())
        for record in caplog.records
        if record.name == "xloud_images_panel.audit"
    ]


@pytest.fixture
def browsers(admin):
    """Return a function that returns several clients with one administrator's session."""

    def browsers(count):
        clients = [copy.copy(admin) for _client in range(count)]
        for client in clients:
            client.cookies = copy.deepcopy(admin.cookies)
        return clients

    return browsers


@pytest.fixture
def meeting(monkeypatch):
    """Return a function that pauses a change in the middle until another user has acted."""

    def meeting(somebody_else):
        add_member, met = Glance.add_member, threading.Event()

        def add(self, image_id, project_id):
            if not met.is_set():
                met.set()
                somebody_else()
            return add_member(self, image_id, project_id)

        monkeypatch.setattr(Glance, "add_member", add)

    return meeting


@pytest.fixture
def doubled(bulk, image, project_id):
    """An image with two member rows for research; Glance cannot delete such an image directly."""
    bulk.members([(image.id, project_id("research"), answer) for answer in ("pending", "accepted")])
    yield image
    bulk.remove_images([image.id])


@pytest.fixture
def rules(settings, tmp_path):
    """Return a function that writes rules into an operator's policy files for Horizon."""

    def write(**by_service):
        settings.POLICY_DIRS = auditor.for_horizon(tmp_path, by_service)
        read_policy_again()

    yield write
    read_policy_again()


@pytest.fixture
def after_creation(monkeypatch):
    """Return a function that registers an action on the next image, right after its creation."""
    image_create = horizon_glance.image_create

    def after_creation(act):
        def create(request, **meta):
            image = image_create(request, **meta)
            act(image.id)
            return image

        monkeypatch.setattr(horizon_glance, "image_create", create)

    return after_creation


@pytest.fixture(scope="module")
def without_menus():
    """Render pages without Horizon's surrounding parts, because these take most of the time."""
    page = "{% include 'horizon/_messages.html' %}{% block main %}{% endblock %}"
    (engine,) = django_settings.TEMPLATES
    loaders = engine["OPTIONS"]["loaders"]
    ours = ("django.template.loaders.locmem.Loader", {"base.html": page})
    cached = ("django.template.loaders.cached.Loader", [ours, *loaders])
    options = {**engine["OPTIONS"], "loaders": [cached]}
    with override_settings(TEMPLATES=[{**engine, "OPTIONS": options}]):
        yield


@pytest.fixture
def hide(connection):
    """Return a function that hides an image, so that Glance omits it from its default lists."""

    def hide(image):
        response = connection.image.patch(
            f"/images/{image.id}",
            json=[{"op": "replace", "path": "/os_hidden", "value": True}],
            headers={"Content-Type": "application/openstack-images-v2.1-json-patch"},
        )
        assert response.status_code == 200, response.text

    return hide


@pytest.fixture(scope="session")
def proxies(cloud):
    """Return a proxy in front of each service, by name; see ``tests/faults.py``."""
    proxies = {"Glance": Proxy(CLOUD.glance_url), "Keystone": Proxy(CLOUD.keystone_url)}
    yield proxies
    for proxy in proxies.values():
        proxy.close()


@pytest.fixture
def addresses(monkeypatch, settings, proxies):
    """Send the panel's own calls through the proxies; Horizon's go directly to the services.

    Return the addresses of the proxies, by service name.
    """
    addresses = {name: proxy.url for name, proxy in proxies.items()}
    names = {"image": "Glance", "identity": "Keystone"}
    monkeypatch.setattr(actor, "endpoint", lambda _request, service: addresses[names[service]])
    monkeypatch.setattr(calls, "pause", lambda state: 0)
    # One call at a time, because the proxies count the calls.
    settings.XLOUD_IMAGES_PANEL = {
        "timeout": ANSWERING_SECONDS,
        "tries": 2,
        "max_workers": 1,
    }
    return addresses


@pytest.fixture
def break_down(addresses, monkeypatch, proxies, settings):
    """Return a function that makes a service fail from now on; see :meth:`Proxy.fail`.

    A hanging service gets a short time limit; the other service keeps its full one.
    """
    hanging = set()
    open_session = transport.open_session

    def open_limited(connection, endpoint):
        session = open_session(connection, endpoint)
        if urlsplit(endpoint).netloc not in hanging:
            session.timeout = ANSWERING_SECONDS
        return session

    def limit(seconds):
        settings.XLOUD_IMAGES_PANEL = {**settings.XLOUD_IMAGES_PANEL, "timeout": seconds}

    def break_down(service, fault, **which):
        if fault is REFUSED:
            addresses[service] = NOWHERE
            return
        if fault.name.startswith("hang"):
            hanging.add(urlsplit(proxies[service].url).netloc)
            limit(HANGING_SECONDS)
        proxies[service].fail(fault, **which)

    def heal():
        hanging.clear()
        limit(ANSWERING_SECONDS)
        for name, proxy in proxies.items():
            proxy.heal()
            addresses[name] = proxy.url

    monkeypatch.setattr(transport, "open_session", open_limited)
    break_down.heal = heal
    yield break_down
    heal()


@pytest.fixture
def down(monkeypatch, settings):
    """Return a function that makes a service unreachable for the panel.

    Horizon itself still reaches the service, because its menu fails with an error 500 without
    Keystone.
    """
    endpoint = actor.endpoint
    taken_down = set()

    def of_nobody(request, service):
        return "http://127.0.0.1:9/v3" if service in taken_down else endpoint(request, service)

    monkeypatch.setattr(actor, "endpoint", of_nobody)

    def take_down(service_type):
        taken_down.add(service_type)
        # The service stays down, so retries would only take time.
        settings.XLOUD_IMAGES_PANEL = {"tries": 1, "names_lifetime": 0}

    return take_down
