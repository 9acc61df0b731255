# SPDX-License-Identifier: Apache-2.0
"""The inventory: its requests to Glance and their results."""

import datetime
import threading

import pytest

from tests.unit.conftest import GLANCE, KEYSTONE, MINE
from tests.unit.test_glance import OTHER, record, refusal
from xloud_images_panel.access import threads
from xloud_images_panel.access.failure import Reason
from xloud_images_panel.access.model import Member, by_project
from xloud_images_panel.dashboard.actor import connection
from xloud_images_panel.services import existence, inventory
from xloud_images_panel.services.keystone import Keystone

IDS = [record(number)["id"] for number in range(60)]


# -- the list of images


def test_page_of_images_has_a_marker_where_more_follow(images, requests_mock):
    """The first page has 100 images so that rows appear soon; later pages have Glance's 1,000."""
    requests_mock.get(
        f"{GLANCE}/v2/images",
        json={"images": [record(2), record(1)], "next": f"/v2/images?marker={IDS[1]}"},
    )
    page = inventory.images_page(images)
    assert [image.id for image in page.images] == [IDS[2], IDS[1]]
    assert page.marker is not None
    assert requests_mock.last_request.qs["limit"] == ["100"]
    assert requests_mock.last_request.qs["visibility"] == ["shared"]
    assert requests_mock.last_request.qs["member_status"] == ["all"]
    inventory.images_page(images, page.marker)
    assert requests_mock.last_request.qs["limit"] == ["1000"]


def test_hidden_images_follow_the_others(images, requests_mock):
    """Hidden images, which Glance lists separately, are the last page."""
    requests_mock.get(f"{GLANCE}/v2/images?os_hidden=false", json={"images": [record(1)]})
    requests_mock.get(
        f"{GLANCE}/v2/images?os_hidden=true", json={"images": [record(2, os_hidden=True)]}
    )
    first = inventory.images_page(images)
    assert [image.id for image in first.images] == [IDS[1]]
    requests_mock.get(f"{GLANCE}/v2/images?os_hidden=false", json={"images": []})
    second = inventory.images_page(images, first.marker)
    assert [image.id for image in second.images] == [IDS[2]]
    assert second.marker is None


def test_no_shared_image_is_no_page_more(images, requests_mock):
    """If no image is shared, one page reads both lists and no second page follows."""
    requests_mock.get(f"{GLANCE}/v2/images", json={"images": []})
    assert inventory.images_page(images) == inventory.ImagesPage([], None)
    assert requests_mock.call_count == 2


# -- members


def test_rows_are_as_glance_lists_them(images, member_lists):
    """Rows stay as listed, even the two rows of a member added twice at the same moment."""
    member_lists(IDS[1], (MINE, "pending"), (MINE, "accepted"))
    member_lists(IDS[2])
    found = inventory.members(images, [IDS[1], IDS[2], IDS[1]])
    assert found.rows == {
        IDS[1]: (Member(MINE, "pending"), Member(MINE, "accepted")),
        IDS[2]: (),
    }
    assert (found.left, found.unread, found.not_shared) == ([], [], [])


@pytest.mark.parametrize(
    ("status", "now"),
    [
        pytest.param(403, {"json": record(1, visibility="private")}, id="private"),
        pytest.param(404, {"status_code": 404}, id="deleted"),
    ],
)
def test_image_that_is_not_shared_any_more(images, member_lists, now, requests_mock, status):
    """An image that is private (403) or deleted (404) counts as not shared, not as a failure."""
    member_lists(IDS[1], status=status)
    requests_mock.get(f"{GLANCE}/v2/images/{IDS[1]}", **now)
    member_lists(IDS[2], (OTHER, "pending"))
    found = inventory.members(images, IDS[1:3])
    assert found.not_shared == [IDS[1]]
    assert list(found.rows) == [IDS[2]]


@pytest.mark.parametrize("now", [{"json": record(1)}, {"status_code": 403}], ids=["shared", "403"])
def test_members_that_a_policy_refuses_are_not_known(images, member_lists, now, requests_mock):
    """If a policy refuses its members, a shared image is not silently left out of an export."""
    member_lists(IDS[1], status=403)
    requests_mock.get(f"{GLANCE}/v2/images/{IDS[1]}", **now)
    found = inventory.members(images, IDS[1:2])
    assert [(item.image_id, item.error.reason) for item in found.unread] == [
        (IDS[1], Reason.FORBIDDEN)
    ]
    assert found.not_shared == []


def test_failure_for_one_image_does_not_stop_the_others(images, member_lists):
    """A failed image is reported with its reason and does not stop the others."""
    member_lists(IDS[1], status=400)
    member_lists(IDS[2], (OTHER, "pending"))
    found = inventory.members(images, IDS[1:3])
    assert [(item.image_id, item.error.reason) for item in found.unread] == [
        (IDS[1], Reason.REFUSED)
    ]
    assert list(found.rows) == [IDS[2]]


def test_session_that_has_ended_stops_the_scan(images, member_lists):
    """An ended session stops the scan, because every other image would be refused as well."""
    member_lists(IDS[1], status=401)
    assert refusal(inventory.members, images, [IDS[1]]).reason is Reason.UNAUTHENTICATED


def test_images_that_the_time_is_too_short_for_are_left(images, member_lists):
    """A scan leaves images that it has no time for, but always reads the first, so that it ends."""
    for image_id in IDS:
        member_lists(image_id)
    found = inventory.members(images, IDS, seconds=0)
    assert found.rows
    assert sorted([*found.rows, *found.left]) == IDS
    assert found.left


def test_projects_are_looked_up_beside_the_images(
    images, member_lists, requests_mock, user_request
):
    """Each project is looked up once, while images are still being read."""
    body = {"project": {"id": OTHER, "name": "x", "domain_id": "d", "enabled": True}}
    requests_mock.get(f"{KEYSTONE}/projects/{OTHER}", json=body)
    for image_id in IDS:
        member_lists(image_id, (OTHER, "pending"))
    projects = existence.LookUps(Keystone(connection(user_request)))
    found = inventory.members_and_projects(images, projects, IDS, 60)
    assert sorted(found.rows) == IDS
    assert list(projects.known().found) == [OTHER]
    asked = [request.path.rpartition("/")[2] for request in requests_mock.request_history]
    assert asked.count(OTHER) == 1
    assert asked.index(OTHER) < len(IDS) / 2


def test_session_that_has_ended_stops_the_look_ups(
    images, member_lists, requests_mock, user_request
):
    """An ended session stops the look-ups and is not taken for an unknown project."""
    requests_mock.get(f"{KEYSTONE}/projects/{OTHER}", status_code=401)
    member_lists(IDS[1], (OTHER, "pending"))
    projects = existence.LookUps(Keystone(connection(user_request)))
    error = refusal(inventory.members_and_projects, images, projects, [IDS[1]], 60)
    assert error.reason is Reason.UNAUTHENTICATED


def test_stream_has_every_image_with_its_members(images, member_lists, requests_mock):
    """The stream reads the members of all images on all pages, a few images at a time."""
    listed = [{"images": [record(number) for number in range(45)]}, {"images": []}]
    requests_mock.get(
        f"{GLANCE}/v2/images?os_hidden=false", [{"json": answer} for answer in listed]
    )
    requests_mock.get(f"{GLANCE}/v2/images?os_hidden=true", json={"images": []})
    for image_id in IDS[:45]:
        member_lists(image_id, (OTHER, "accepted"))
    read = list(inventory.stream(images))
    assert [image.id for some, _members in read for image in some] == IDS[:45]
    read_of = {image_id for _images, members in read for image_id in members.rows}
    assert read_of == {*IDS[:45]}
    assert len(read) > 1


def test_stream_that_is_left_asks_for_nothing_more(images, monkeypatch, requests_mock):
    """After its end the stream requests no further member list, even of the part it was reading."""
    asked, ended, ahead = threading.Event(), threading.Event(), threads.ahead

    def with_answers_at_the_end(items, stop):
        return ahead(items, lambda: (stop(), ended.set()))

    def later(_request, _context):
        asked.set()
        assert ended.wait(30)
        return {"members": []}

    requests_mock.get(f"{GLANCE}/v2/images", json={"images": [record(n) for n in range(60)]})
    for image_id in IDS:
        requests_mock.get(f"{GLANCE}/v2/images/{image_id}/members", json={"members": []})
    for image_id in IDS[10:]:  # images of the second part
        requests_mock.get(f"{GLANCE}/v2/images/{image_id}/members", json=later)
    monkeypatch.setattr(threads, "ahead", with_answers_at_the_end)
    stream = inventory.stream(images)
    next(stream)
    assert asked.wait(30)
    stream.close()
    assert requests_mock.call_count < 40


# -- one project's memberships


@pytest.fixture
def membership(requests_mock):
    """Return a function that makes Glance answer the look-up of the project OTHER."""

    def membership(image_id, answer="", status=200):
        requests_mock.get(
            f"{GLANCE}/v2/images/{image_id}/members/{OTHER}",
            json={"member_id": OTHER, "status": answer},
            status_code=status,
        )

    return membership


def test_project_is_looked_up_on_each_image(images, membership, requests_mock):
    """Each image costs one look-up of the project alone; a 404 means that it is no member."""
    membership(IDS[1], "pending")
    membership(IDS[2], status=404)
    found = inventory.memberships(images, OTHER, IDS[1:3])
    assert found.rows == {IDS[1]: (Member(OTHER, "pending"),), IDS[2]: ()}
    assert requests_mock.call_count == 2


def test_image_whose_project_cannot_be_looked_up_is_named(images, membership):
    """An image with a failed look-up is reported with the reason, and the others are read."""
    membership(IDS[1], status=400)
    membership(IDS[2], "accepted")
    found = inventory.memberships(images, OTHER, IDS[1:3])
    assert [item.image_id for item in found.unread] == [IDS[1]]
    assert list(found.rows) == [IDS[2]]


# -- members by project


@pytest.mark.parametrize(
    ("statuses", "strongest"),
    [
        (("pending", "accepted"), "accepted"),
        (("rejected", "pending"), "rejected"),
        (("rejected", "accepted"), "accepted"),
        (("unheard of", "pending"), "pending"),
    ],
)
def test_strongest_of_several_rows_counts(statuses, strongest):
    """An answer outweighs a missing one and an acceptance outweighs all, in any order of rows."""
    rows = [Member(OTHER, status) for status in statuses]
    assert by_project(rows)[OTHER].status == strongest
    assert by_project(rows[::-1])[OTHER].status == strongest


def test_first_of_equal_rows_counts():
    """The first of equal rows counts, because it has the time at which the project was added."""
    first = Member(OTHER, "pending", created_at=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC))
    assert by_project([first, Member(OTHER, "pending")]) == {OTHER: first}
