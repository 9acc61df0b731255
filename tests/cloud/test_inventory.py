# SPDX-License-Identifier: Apache-2.0
"""The inventory of shared images in slices, against the real services."""

import uuid

import pytest

from tests.cloud.login_page import leads_to_login
from tests.faults import FAULTS, REFUSED

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}
UNAUTHENTICATED = next(fault for fault in FAULTS if fault.name == "401")
IMAGES = "/admin/images/access/inventory/"


def images(client, **query):
    """Return a slice of images."""
    return client.get(IMAGES, query, **AJAX).json()


def members(client, *ids, **query):
    """Return a slice of images' members."""
    return client.get(f"{IMAGES}members/", {"ids": ",".join(ids), **query}, **AJAX).json()


def test_every_shared_image_of_the_cloud_is_listed(admin, hide, make):
    """The list covers all projects, hidden images, and images without members."""
    one, hidden = make("one"), make("hidden", "app-team-a")
    hide(hidden)
    private, community = make("two", visibility="private"), make("three", visibility="community")
    answer = images(admin)
    found = {item["id"]: item for item in answer["images"]}
    while answer["after"]:
        answer = images(admin, after=answer["after"])
        found |= {item["id"]: item for item in answer["images"]}
    assert {one.id, hidden.id} <= found.keys()
    assert not {private.id, community.id} & found.keys()
    assert found[one.id]["name"] == "one"
    assert found[hidden.id]["hidden"]


def test_projects_are_counted_by_their_answer(admin, connection, make, project_id):
    """A row counts projects by their answer, and has the time of the last change."""
    shared = make("counted", shared_with=["app-team-a", "app-team-b", "research"])
    connection.image.update_member(project_id("app-team-a"), shared.id, status="accepted")
    connection.image.update_member(project_id("research"), shared.id, status="rejected")
    nobody = make("nobody")
    rows = members(admin, shared.id, nobody.id)["rows"]
    changed = rows[shared.id].pop("changed")
    assert rows[shared.id] == {"accepted": 1, "pending": 1, "rejected": 1}
    assert changed.startswith("20")
    assert rows[nobody.id] == {"accepted": 0, "pending": 0, "rejected": 0, "changed": ""}


def test_project_with_two_rows_is_counted_once(admin, doubled):
    """A project with two rows counts once, with its stronger answer."""
    row = members(admin, doubled.id)["rows"][doubled.id]
    assert (row["accepted"], row["pending"]) == (1, 0)


def test_image_that_is_not_shared_any_more_is_gone(admin, connection, image):
    """Unshared and unknown images are gone: Glance hides members even from an administrator."""
    connection.image.update_image(image.id, visibility="private")
    nobodys = str(uuid.uuid4())
    answer = members(admin, image.id, nobodys)
    assert sorted(answer["gone"]) == sorted([image.id, nobodys])
    assert answer["rows"] == answer["unread"] == {}


def test_failure_for_an_image_has_its_reason(admin, break_down, image):
    """A failure for an image gives its reason, and does not look like an image without members."""
    break_down("Glance", REFUSED)
    answer = members(admin, image.id)
    assert "image service (Glance)" in answer["unread"][image.id]
    assert answer["rows"] == {}


def test_failure_of_the_list_has_its_reason(admin, break_down):
    """A failed list gives its reason, and is not an empty list."""
    break_down("Glance", REFUSED)
    assert "image service (Glance)" in images(admin)["failed"]


def test_names_of_projects(admin, project_id):
    """The answer has the names of existing projects only."""
    known, unknown = project_id("research"), uuid.uuid4().hex
    answer = admin.get(f"{IMAGES}names/", {"ids": f"{known},{unknown}"}, **AJAX).json()
    assert answer["names"] == {known: "research"}


@pytest.mark.parametrize(
    "query",
    [("", {"after": "not a marker"}), ("members/", {"ids": ",".join(["x"] * 81)})],
)
def test_query_that_no_page_sends(admin, query):
    """The server refuses an invalid query without a request to a service."""
    path, values = query
    assert admin.get(IMAGES + path, values).status_code == 400


def test_anything_may_be_asked_for_as_an_id(admin):
    """Invalid IDs never become part of a Glance address."""
    answer = members(admin, "../../v2/tasks", "<b>", "")
    assert answer == {"rows": {}, "gone": [], "unread": {}, "left": []}


def test_other_region_than_the_page_has(admin, image):
    """A page of another region is refused, as the same ID may be another image there."""
    answer = members(admin, image.id, region="elsewhere")
    assert answer == {"failed": "The region was switched; reload the page."}


def test_session_that_has_ended_leads_to_the_login_page(admin, break_down, image):
    """A session that has ended redirects to the login page, as in all views."""
    break_down("Glance", UNAUTHENTICATED)
    assert leads_to_login(admin.get(f"{IMAGES}members/", {"ids": image.id}))
