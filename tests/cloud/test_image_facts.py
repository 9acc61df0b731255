# SPDX-License-Identifier: Apache-2.0
"""The facts on an image's details page: visibility, owner, and who has access."""

import re
import uuid

import pytest
from django import urls
from django.urls import NoReverseMatch

from tests.environment import PANEL
from tests.faults import FAULTS, REFUSED
from xloud_images_panel.dashboard.details import facts as details
from xloud_images_panel.dashboard.details import views as details_views
from xloud_images_panel.dashboard.manage_access import addresses

pytestmark = pytest.mark.usefixtures("without_menus")

AJAX = {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}


@pytest.fixture
def facts(login):
    """Return a function that returns the facts about an image as a user sees them."""

    def facts(user, image):
        response = login(user).get(f"/project/images/{image.id}/facts/", **AJAX)
        assert response.status_code == 200
        return response.content.decode()

    return facts


def part(page, role):
    """Return the text of a part of the facts, or None for a missing part."""
    found = re.search(rf'data-role="{role}"[^>]*>(.*?)</(?:dd|div|p|button)>', page, re.DOTALL)
    return found and " ".join(re.sub("<[^>]+>", "", found[1]).split())


def projects(page):
    """Return the text about each project, from top to bottom."""
    items = re.findall(r"<li[^>]*>(.*?)</li>", page, re.DOTALL)
    return [" ".join(re.sub("<[^>]+>", "", item).split()) for item in items]


@pytest.mark.parametrize(
    ("visibility", "label", "access"),
    [
        ("public", "Public", "Every project can use this image"),
        ("community", "Community", "found under Community Images"),
        ("private", "Private", "Only the project that owns this image"),
    ],
)
def test_every_visibility_is_called_what_it_is(facts, make, project_id, visibility, label, access):
    """For visibilities without members, a sentence names the users of the image."""
    page = facts("pat", make("seen", visibility=visibility))
    assert part(page, "visibility") == label
    assert access in part(page, "everybody")
    assert part(page, "owner") == f"platform {project_id('platform')}"
    assert projects(page) == []


def test_administrator_reads_who_has_access(connection, facts, make, project_id):
    """Administrators see projects' names and statuses, counts by status, and an explanation."""
    image = make("known", shared_with=["research", "app-team-a"], status="accepted")
    connection.image.add_member(image.id, member_id=project_id("app-team-b"))
    page = facts("admin", image)
    assert part(page, "visibility") == "Shared"
    assert part(page, "owner") == f"platform {project_id('platform')}"
    assert part(page, "counts") == "2 Accepted · 1 Pending"
    assert projects(page) == [
        f"{name} {status} {project_id(name)}"
        for name, status in (
            ("app-team-a", "Accepted"),
            ("app-team-b", "Pending"),
            ("research", "Accepted"),
        )
    ]
    assert "the project has not decided yet" in part(page, "answer")
    assert part(page, "asks") is None
    assert part(page, "status") is None


@pytest.mark.parametrize("user", ["pat"])
def test_owner_reads_who_has_access_and_whom_to_ask(connection, facts, make, project_id, user):
    """Owners see projects' IDs, as Keystone hides the names, and whom to ask for changes."""
    image = make("mine", shared_with=["research"], status="rejected")
    page = facts(user, image)
    assert part(page, "counts") == "1 Rejected"
    assert projects(page) == [f"{project_id('research')} Rejected"]
    assert "can still use it by its ID" in part(page, "answer")
    assert "An administrator chooses the projects." in part(page, "asks")
    assert image.id in part(page, "asks")


def test_owner_may_be_kept_from_reading_who_has_access(facts, make, rules):
    """If a policy hides the members from the owner, a true sentence replaces the list."""
    rules(image={"get_members": "role:admin"})
    page = facts("pat", make("mine", shared_with=["research"]))
    assert part(page, "everybody") == ("Chosen projects can use this image; you may not see which.")
    assert projects(page) == []


def test_administrators_page_asks_in_its_own_dashboard(admin, monkeypatch, make):
    """The administrator's page works even if an operator has removed Project > Compute > Images."""

    def reverse(name, *args, **kwargs):
        if name.startswith("horizon:project:images:"):
            raise NoReverseMatch
        return urls.reverse(name, *args, **kwargs)

    image = make("seen", shared_with=["admin"])
    for module in (details_views, addresses):
        monkeypatch.setattr(module, "reverse", reverse)
    page = admin.get(f"/admin/images/{image.id}/detail/").content.decode()
    url = f"/admin/images/{image.id}/facts/"
    assert f'data-facts-url="{url}"' in page
    assert part(admin.get(url, **AJAX).content.decode(), "status") == "Pending"
    assert admin.get("/admin/images/access/", **AJAX).status_code == 200


def test_image_that_is_shared_with_nobody_says_so(facts, make):
    """An image shared only with its owner counts as shared with no project."""
    page = facts("admin", make("alone", shared_with=["platform"]))
    assert part(page, "counts") == "Shared with no project yet."
    assert projects(page) == []


@pytest.mark.parametrize(
    ("status", "label", "meaning"),
    [
        ("pending", "Pending", "This project has not decided yet"),
        ("rejected", "Rejected", "This project has rejected the image"),
        ("accepted", "Accepted", None),
    ],
)
def test_receiving_project_reads_its_own_answer(facts, make, project_id, status, label, meaning):
    """A receiving project sees its own answer, an explanation and a link, but no other projects."""
    image = make("given", shared_with=["app-team-a", "research"], status=status)
    page = facts("ann", image)
    assert part(page, "status") == label
    assert (part(page, "meaning") or "").startswith(meaning or "")
    assert bool(part(page, "meaning")) is bool(meaning)
    assert part(page, "owner") == project_id("platform")
    assert part(page, "counts") is None
    assert project_id("research") not in page
    assert f'href="/project/images/shared/{image.id}/"' in page
    assert "answer-here" not in facts("rita", image)


def test_administrator_of_a_receiving_project_reads_both(facts, make):
    """An administrator of a receiving project sees its own answer and all the others."""
    page = facts("admin", make("both", shared_with=["admin", "research"]))
    assert part(page, "status") == "Pending"
    assert part(page, "counts") == "2 Pending"


def test_long_list_is_folded_and_ends(bulk, facts, image):
    """A long list shows twenty projects, unfolds more, and counts those beyond the page's limit."""
    many = details.MOST_LISTED + 30
    bulk.members([(image.id, f"{number:032x}", "accepted") for number in range(many)])
    page = facts("pat", image)
    assert part(page, "counts") == f"{many} Accepted"
    assert len(projects(page)) == details.MOST_LISTED
    assert page.count('data-role="folded"') == details.MOST_LISTED - details.UNFOLDED
    assert part(page, "unfold") == f"Show {details.MOST_LISTED - details.UNFOLDED} more projects"
    assert part(page, "not-listed") == "30 more projects have access and are not on this page."


def test_members_that_are_no_projects_say_so(connection, facts, image):
    """Deleted projects and members that never were projects have different marks."""
    gone = uuid.uuid4().hex
    for member in (gone, "somebody"):
        connection.image.add_member(image.id, member_id=member)
    assert sorted(projects(facts("admin", image))) == sorted(
        [f"{gone} Pending Deleted", "somebody Pending Not a project"]
    )


def test_hostile_names_are_only_text(connection, facts, image):
    """Markup in a project's name is escaped, in a part that AngularJS does not compile."""
    project = connection.identity.create_project(name="<img src=x onerror=h=1>{$h$}")
    try:
        connection.image.add_member(image.id, member_id=project.id)
        page = facts("admin", image)
    finally:
        connection.identity.delete_project(project)
    assert "<img" not in page
    assert "ng-non-bindable" in page


# -- failures


def test_members_that_cannot_be_read_leave_the_rest(break_down, facts, make):
    """If the members cannot be read, visibility and owner are shown, with the reason."""
    image = make("half", shared_with=["research"])
    fault = next(fault for fault in FAULTS if fault.name == "500")
    break_down("Glance", fault, first=2)
    page = facts("admin", image)
    assert part(page, "visibility") == "Shared"
    assert part(page, "owner").startswith("platform")
    assert "failed" in part(page, "facts-problem")
    assert projects(page) == []


def test_without_keystone_there_are_ids(break_down, facts, make, project_id):
    """Without Keystone, the facts show IDs, and a sentence explains the missing names."""
    image = make("unnamed", shared_with=["research"])
    break_down("Keystone", REFUSED)
    page = facts("admin", image)
    assert projects(page) == [f"{project_id('research')} Pending"]
    assert "The identity service (Keystone) could not be reached." in part(page, "unnamed")


def test_image_that_is_gone_says_so(login):
    """For an image that is gone, a sentence replaces the facts."""
    for image_id in (str(uuid.uuid4()), "no-id"):
        response = login("ann").get(f"/project/images/{image_id}/facts/", **AJAX)
        assert part(response.content.decode(), "facts-problem") == (
            "There is no image with this ID (any more)."
        )


# -- Horizon's own pages


@pytest.mark.parametrize(
    ("user", "path"),
    [
        ("pat", "/project/images/{}/"),
        ("admin", "/admin/images/{}/detail/"),
        ("ann", "/project/images/shared/{}/"),
    ],
)
def test_page_says_each_of_them_once(login, make, project_id, user, path):
    """The page shows each fact once: Horizon's overview lacks only Owner and "Public: No"."""
    assert PANEL == "python"
    image = make("once", shared_with=["app-team-a"])
    page = login(user).get(path.format(image.id)).content.decode()
    titles = re.findall(r"<dt>(.*?)</dt>", page)
    assert titles.count("Owner") == titles.count("Visibility") == titles.count("Access") == 1
    assert "Public" not in titles
    assert {"ID", "Status", "Protected", "Checksum", "Disk Format"} <= set(titles)
    assert part(page, "visibility") == "Shared"
    assert project_id("platform") in re.sub("<[^>]+>", "", page)
