"""Tests in this folder talk to the real Keystone and Glance, from within this process."""

from types import SimpleNamespace

import pytest
from django.core.cache import cache
from openstack_dashboard.api import glance as horizon_glance

from demo.bulk import Bulk
from tests.environment import CLOUD
from xloud_images_panel import glance, keystone
from xloud_images_panel.admin import new_image


@pytest.fixture(autouse=True)
def empty_cache():
    """Let no test live on the names that another has looked up."""
    cache.clear()


@pytest.fixture
def admin(login):
    """Return an administrator's client."""
    return login("admin")


@pytest.fixture(scope="session")
def connection(cloud):
    """Return the administrator's openstacksdk connection."""
    return cloud.connection("admin")


@pytest.fixture
def project_id(connection):
    """Return a function that gives the ID of one of the demo's projects."""
    return lambda name: connection.identity.find_project(name, ignore_missing=False).id


@pytest.fixture
def make(connection, project_id):
    """Return a function that makes an image of a project and shares it."""
    made = []

    def make(
        name, owner="platform", shared_with=(), status="pending", visibility="shared", **properties
    ):
        image = connection.image.create_image(
            name=name,
            visibility=visibility,
            owner=project_id(owner),
            **{"disk_format": "raw", "container_format": "bare", **properties},
            allow_duplicates=True,
        )
        made.append(image)
        for project in shared_with:
            connection.image.add_member(image.id, member_id=project_id(project))
            if status != "pending":
                connection.image.update_member(project_id(project), image.id, status=status)
        return image

    yield make
    for image in made:
        connection.image.delete_image(image.id, ignore_missing=True)


@pytest.fixture
def image(make):
    """Return a shared image of the project platform."""
    return make("golden")


@pytest.fixture
def members(connection, image):
    """Return a function that gives Glance's own list of the image's members."""
    return lambda: {item.member_id: item.status for item in connection.image.members(image.id)}


@pytest.fixture(scope="session")
def bulk(connection):
    """Return the services' databases, for what their API is slow at, or refuses."""
    bulk = Bulk(CLOUD, connection)
    yield bulk
    bulk.close()


@pytest.fixture
def without_upload(monkeypatch):
    """Create images without data, whose upload in a thread of Horizon's would write as well."""
    image_create = horizon_glance.image_create

    def create(request, **meta):
        meta.pop("data")
        return image_create(request, **meta)

    monkeypatch.setattr(horizon_glance, "image_create", create)
    monkeypatch.setattr(new_image, "_UPLOAD_HEADSTART", 0)


@pytest.fixture
def hide(connection):
    """Return a function that hides an image: Glance leaves it out of its default lists."""

    def hide(image):
        response = connection.image.patch(
            f"/images/{image.id}",
            json=[{"op": "replace", "path": "/os_hidden", "value": True}],
            headers={"Content-Type": "application/openstack-images-v2.1-json-patch"},
        )
        assert response.status_code == 200, response.text

    return hide


@pytest.fixture
def down(monkeypatch, settings):
    """Return a function that makes a service unreachable for the panel.

    Not for Horizon itself, whose menu ends in an error 500 without Keystone.
    """
    modules = {"image": glance, "identity": keystone}
    nobody_there = SimpleNamespace(url_for=lambda *_, **__: "http://127.0.0.1:9/v3")

    def take_down(service_type):
        monkeypatch.setattr(modules[service_type], "base", nobody_there)
        # It stays down: trying again would only take its time.
        settings.XLOUD_IMAGES_PANEL = {"tries": 1, "names_lifetime": 0}

    return take_down
