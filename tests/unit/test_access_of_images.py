# SPDX-License-Identifier: Apache-2.0
"""The projects that have access to several images."""

import pytest

from tests.unit.conftest import GLANCE, MINE
from tests.unit.test_glance import OTHER, record
from xloud_images_panel.services.access_of_images import MOST_IMAGES, Access, access_of

LIST = f"{GLANCE}/v2/images"
IDS = [record(number)["id"] for number in range(3)]
THIRD = "c" * 32


@pytest.fixture
def shared(requests_mock, member_lists):
    """Return a function that makes Glance list shared images of these owners, with members.

    :param members: the members of each image, by its number
    """

    def shared(owners, members):
        listed = [record(number, owner=owner) for number, owner in owners.items()]
        requests_mock.get(f"{LIST}?os_hidden=false", json={"images": listed})
        requests_mock.get(f"{LIST}?os_hidden=true", json={"images": []})
        for number, rows in members.items():
            member_lists(IDS[number], *rows)

    return shared


def test_projects_of_several_images_count_once(images, shared):
    """The projects come once each, in order of their IDs, without those that have rejected."""
    shared(
        {1: MINE, 2: MINE},
        {
            1: [(THIRD, "pending"), (OTHER, "accepted"), ("d" * 32, "rejected")],
            2: [(OTHER, "pending")],
        },
    )
    assert access_of(images, IDS[1:], all_owners=False) == Access((OTHER, THIRD), complete=True)


def test_owner_does_not_count_as_a_member_of_its_own_image(images, shared):
    """An owner counts only as a member of another project's image."""
    rows = [(MINE, "accepted"), (OTHER, "accepted")]
    shared({1: MINE, 2: OTHER}, {1: rows, 2: rows})
    assert access_of(images, IDS[1:], all_owners=True).project_ids == (MINE, OTHER)
    shared({1: MINE}, {1: rows})
    assert access_of(images, IDS[1:], all_owners=True).project_ids == (OTHER,)


def test_images_of_other_projects_are_left_out_for_their_receivers(images, shared, requests_mock):
    """Only a user who may list every image's members gets those of other projects' images."""
    shared({1: OTHER}, {1: [(THIRD, "accepted")]})
    assert access_of(images, [IDS[1]], all_owners=False) == Access((), complete=True)
    assert not any("members" in request.path for request in requests_mock.request_history)
    assert access_of(images, [IDS[1]], all_owners=True).project_ids == (THIRD,)


def test_glance_is_asked_for_these_shared_images_alone(images, shared, requests_mock):
    """The query names each image once and excludes images with another visibility."""
    shared({}, {})
    access_of(images, [IDS[1], IDS[1].upper(), "no-image", IDS[2]], all_owners=True)
    query = requests_mock.request_history[0].qs
    assert query["id"] == [f"in:{IDS[1]},{IDS[2]}"]
    assert query["visibility"] == ["shared"]
    assert query["member_status"] == ["all"]
    assert query["limit"] == ["3"]


def test_no_image_is_no_request(images, requests_mock):
    """Without the ID of an image, Glance is not asked, and nobody has access."""
    assert access_of(images, ["no-image"], all_owners=True) == Access((), complete=True)
    assert not requests_mock.called


@pytest.mark.parametrize(("more", "complete"), [(0, True), (1, False)])
def test_more_images_than_one_query_takes_are_cut(images, shared, requests_mock, more, complete):
    """Of too many images only the first are read, and the answer says that it lacks some."""
    shared({}, {})
    ids = [record(number)["id"] for number in range(MOST_IMAGES + more)]
    assert access_of(images, ids, all_owners=True).complete is complete
    assert requests_mock.request_history[0].qs["id"] == [f"in:{','.join(ids[:MOST_IMAGES])}"]


@pytest.mark.parametrize("status", [403, 404])
def test_image_that_is_not_shared_any_more_has_no_members(images, shared, member_lists, status):
    """An image that was deleted or unshared after the list was read has no members."""
    shared({1: MINE, 2: MINE}, {2: [(OTHER, "pending")]})
    member_lists(IDS[1], status=status)
    assert access_of(images, IDS[1:], all_owners=True) == Access((OTHER,), complete=True)


def test_members_that_cannot_be_read_leave_the_answer_incomplete(images, shared, member_lists):
    """An image whose members cannot be read does not hide the members of the others."""
    shared({1: MINE, 2: MINE}, {2: [(OTHER, "pending")]})
    member_lists(IDS[1], status=500)
    assert access_of(images, IDS[1:], all_owners=True) == Access((OTHER,), complete=False)


def test_list_that_cannot_be_read_is_incomplete(images, requests_mock):
    """Without the list of images, nobody is known to have access."""
    requests_mock.get(LIST, status_code=500)
    assert access_of(images, IDS[1:], all_owners=True) == Access((), complete=False)


def test_image_that_is_too_large_leaves_the_answer_incomplete(images, shared, monkeypatch):
    """An image that is too large to be listed is missing, and the answer says so."""
    shared({1: MINE}, {1: [(OTHER, "pending")]})
    monkeypatch.setattr(images.lists, "passed_over", 1)
    assert access_of(images, IDS[1:], all_owners=True) == Access((OTHER,), complete=False)


def test_hidden_images_are_read_as_well(images, shared, requests_mock):
    """Glance lists hidden images separately; their members count too."""
    shared({1: MINE}, {1: [(OTHER, "pending")], 2: [(THIRD, "pending")]})
    hidden = {"images": [record(2, owner=MINE, os_hidden=True)]}
    requests_mock.get(f"{LIST}?os_hidden=true", json=hidden)
    assert access_of(images, IDS[1:], all_owners=True).project_ids == (OTHER, THIRD)
