# SPDX-License-Identifier: Apache-2.0
"""Access by Project, against the real Keystone and Glance."""

import pytest

from tests.cloud.pages import shown
from xloud_images_panel.dashboard import made_for

PAGE = "/admin/images/access/by-project/"
FIND = f"{PAGE}projects/"
MEMBERSHIPS = "/admin/images/access/inventory/memberships/"
NOBODY = "0" * 32


@pytest.fixture
def memberships(admin):
    """Return a function that asks for a project's access to images."""

    def memberships(project, *images, **more):
        ids = ",".join(image.id for image in images)
        return admin.get(MEMBERSHIPS, {"project": project, "ids": ids, **more})

    return memberships


@pytest.fixture
def find(admin):
    """Return a function that searches for projects."""
    return lambda search: admin.get(FIND, {"search": search}).json()


# -- a slice


def test_each_image_has_the_projects_answer_and_since_when(make, memberships, project_id):
    """An image shared with the project has its status and time; other images have no row."""
    images = [
        make("one", shared_with=["app-team-a", "research"], status="rejected"),
        make("two", shared_with=["app-team-a"]),
        make("three", shared_with=["research"]),
    ]
    rows = memberships(project_id("app-team-a"), *images).json()["rows"]
    found = [rows[image.id] and rows[image.id]["status"] for image in images]
    assert found == ["rejected", "pending", None]
    assert all(rows[image.id]["since"] for image in images[:2])


def test_own_image_is_no_membership(make, memberships, project_id):
    """A project's own image has no row, because owners have access without a membership."""
    image = make("own", owner="app-team-a")
    assert memberships(project_id("app-team-a"), image).json()["rows"] == {image.id: None}


def test_image_that_is_not_shared_any_more_is_none_of_the_project(
    make, memberships, connection, project_id
):
    """An image that was unshared or deleted during the scan has no row and is no failure."""
    private, deleted = (make(name, shared_with=["research"]) for name in ("private", "deleted"))
    connection.image.update_image(private.id, visibility="private")
    connection.image.delete_image(deleted.id)
    answer = memberships(project_id("research"), private, deleted).json()
    assert not any(answer["rows"].values())
    assert answer["unread"] == {}


def test_deleted_project_still_has_its_images(make, memberships, connection):
    """A deleted project keeps its images, because Glance does not notice the deletion."""
    image = make("left")
    connection.image.add_member(image.id, member_id=NOBODY)
    assert memberships(NOBODY, image).json()["rows"][image.id]["status"] == "pending"


@pytest.mark.parametrize("project", ["", "../images", "a/b"])
def test_what_cannot_be_a_project_is_refused(image, memberships, project):
    """Invalid project IDs are refused, and never become part of a Glance address."""
    assert memberships(project, image).status_code == 400


def test_slice_of_another_region_is_refused(image, memberships, project_id):
    """A page opened before a switch of the region is refused."""
    answer = memberships(project_id("research"), image, region="elsewhere").json()
    assert "region was switched" in answer["failed"]


# -- the page


def test_page_says_whose_images_it_shows(admin, project_id):
    """The page shows the project's name and its domain."""
    page = admin.get(PAGE, {"project": project_id("observatory")}).content.decode()
    assert "<bdi>observatory (partners)</bdi>" in page
    assert "<bdi>partners</bdi>" in page
    assert f'data-region="{shown(admin)[made_for.REGION]}"' in page


def test_page_of_a_deleted_project_says_so(admin):
    """The page of a deleted project says so and keeps its table, so access can be removed."""
    page = admin.get(PAGE, {"project": NOBODY}).content.decode()
    assert "There is no project with this ID (any more)." in page
    assert f'data-project="{NOBODY}"' in page


def test_page_without_a_project_offers_a_search(admin):
    """A page without a project, or with an invalid project ID, offers a search."""
    assert "xloud-find-project" in admin.get(PAGE).content.decode()
    page = admin.get(PAGE, {"project": "<script>"}).content.decode()
    assert "This cannot be the ID of a project." in page
    assert "xloud-find-project" in page
    assert 'data-role="images"' not in page


def test_page_is_there_without_keystone(admin, down, project_id):
    """Without Keystone, the page shows the project's ID and the reason."""
    project = project_id("research")
    down("identity")
    page = admin.get(PAGE, {"project": project}).content.decode()
    assert "The identity service (Keystone)" in page
    assert f'data-project="{project}"' in page


# -- the search


def test_search_finds_part_of_a_name_and_shows_domains(find, project_id):
    """A search by part of a name shows the domains, to help choose the right project."""
    [found] = find("OBSERV")["projects"]
    assert found == {
        "id": project_id("observatory"),
        "name": "observatory",
        "label": "observatory (partners)",
        "domain": "partners",
        "enabled": True,
    }


def test_search_finds_a_project_by_its_id(find, project_id):
    """A search finds a project by its ID, even in capital letters."""
    found = find(project_id("research").upper())
    assert [project["name"] for project in found["projects"]] == ["research"]


def test_search_offers_an_id_that_is_no_project(find):
    """A search offers an unknown ID, which may still be a member of images, but not a name."""
    assert find(NOBODY) == {"projects": [], "more": False, "unknown": NOBODY}
    assert find("no such project")["unknown"] == ""


def test_search_says_that_there_are_more(find, connection):
    """A search with many matches lists the first in alphabetical order and says there are more."""
    made = [
        connection.identity.create_project(name=f"flock-{number:02}", domain_id="default")
        for number in range(21)
    ]
    try:
        found = find("flock-")
    finally:
        for project in made:
            connection.identity.delete_project(project)
    assert [project["name"] for project in found["projects"]] == [
        f"flock-{number:02}" for number in range(20)
    ]
    assert found["more"]


# -- Identity > Projects


def test_list_of_projects_leads_administrators_to_the_images(admin, project_id):
    """In the list of projects, each row links administrators to the project's images."""
    page = admin.get("/identity/").content.decode()
    assert f'href="{PAGE}?project={project_id("app-team-a")}"' in page


@pytest.mark.parametrize("user", ["pat", "rita"])
def test_list_of_projects_leads_nobody_else_there(login, user):
    """Other users see their projects without a link to the page."""
    page = login(user).get("/identity/").content.decode()
    assert 'id="tenants"' in page
    assert "image_access" not in page
