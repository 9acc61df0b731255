# SPDX-License-Identifier: Apache-2.0
"""The demo's data has examples for each page about all images and projects."""

import re

import pytest

from demo import catalogue
from tests.environment import CLOUD
from xloud_images_panel.dashboard.catalogue.stale_access import REASONS

pytestmark = pytest.mark.usefixtures("without_menus")

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}
NAMES = [image.name for image in catalogue.IMAGES]


@pytest.fixture(scope="module")
def images(connection, bulk):
    """The images of the demo's catalogue by name; only these tests have them in their cloud."""
    there = {project.id for project in connection.identity.projects()}
    catalogue.seed(CLOUD, print)
    images = {image.name: image for image in connection.image.images(visibility="shared")}
    yield images
    bulk.remove_images([images[name].id for name in NAMES])
    for project in connection.identity.projects():
        if project.id not in there:
            connection.identity.delete_project(project)
        elif project.tags:
            project.remove_all_tags(connection.identity)
    for name in catalogue.DOMAINS:
        domain = connection.identity.find_domain(name)
        connection.identity.update_domain(domain, is_enabled=False)
        connection.identity.delete_domain(domain)


@pytest.fixture
def stale(admin, images):
    """Return a function that returns the kinds of stale members of an image."""

    def stale(name):
        image = images[name]
        query = {"ids": image.id, "owners": image.owner_id}
        answer = admin.get("/admin/images/access/stale/members/", query, **AJAX).json()
        return sorted(item["kind"] for item in answer["rows"][image.id])

    return stale


def test_stale_access_has_every_kind(stale):
    """Two images have deleted projects, and one image has each other kind of stale access."""
    assert stale("centos-7") == ["deleted", "disabled", "double"]
    assert stale("windows-2019") == ["deleted", "no project", "owner"]
    kinds = {*stale("centos-7"), *stale("windows-2019")}
    assert kinds == {kind.value for kind in REASONS}


def test_access_by_image_has_every_answer(admin, images):
    """One image has members of all three statuses."""
    image = images["alma-9"]
    url = "/admin/images/access/inventory/members/"
    row = admin.get(url, {"ids": image.id}, **AJAX).json()["rows"][image.id]
    assert (row["accepted"], row["pending"], row["rejected"]) == (2, 2, 1)


def test_access_by_project_has_something_to_accept(admin, images, project_id):
    """One project has a pending image, and two domains have a project of the same name."""
    image = images["alma-9"]
    query = {"ids": image.id, "project": project_id("app-team-b")}
    url = "/admin/images/access/inventory/memberships/"
    answer = admin.get(url, query, **AJAX).json()
    assert answer["rows"][image.id]["status"] == "pending"
    url = "/admin/images/access/by-project/projects/"
    found = admin.get(url, {"search": "data-science"}, **AJAX).json()["projects"]
    assert sorted(project["domain"] for project in found) == ["Default", "partners"]


def test_tag_finds_projects_of_several_domains(admin, images):
    """A search for a tag works in a table of projects."""
    url = f"/admin/images/{images['alma-9'].id}/access/all/"
    found = admin.get(url, {"search": "tag:course"}, **AJAX).json()["projects"]
    assert [project["name"] for project in found] == ["thesis-b (students)"]


@pytest.mark.parametrize(
    ("project", "name", "fact"),
    [
        ("app-team-b", "alma-9", "which has not accepted it"),
        ("app-team-a", "opensuse-15", "The image is deactivated"),
        ("billing-old", "centos-7", "The project is disabled"),
    ],
)
def test_check_access_has_several_reasons(admin, images, project, name, fact):
    """Check Access gives the reasons that the guide describes."""
    query = {"project": project, "image": images[name].name}
    page = admin.get("/admin/images/access/why/", query).content.decode()
    facts = re.findall(r'data-role="(?:other-)?fact">(.*?)</p>', page, re.DOTALL)
    assert any(fact in found for found in facts)


def test_second_start_does_nothing(images):
    """A second call of the seed reports no step."""
    steps = []
    catalogue.seed(CLOUD, steps.append)
    assert steps == []
