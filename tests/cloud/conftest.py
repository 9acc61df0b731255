"""Tests in this folder talk to the real Keystone and Glance, from within this process."""

import pytest
from openstack_dashboard.api import base


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
    """Return a function that makes a service unreachable for the dashboard."""
    settings.XLOUD_IMAGES_PANEL = {"tries": 1, "names_lifetime": 0}
    original = base.url_for

    def down(name):
        def url_for(request, service_type, *args, **kwargs):
            if service_type == name:
                return "http://127.0.0.1:9/v3"
            return original(request, service_type, *args, **kwargs)

        monkeypatch.setattr(base, "url_for", url_for)

    return down
