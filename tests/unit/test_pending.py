# SPDX-License-Identifier: Apache-2.0
"""The cheap count of images that others share with a project."""

import pytest

from tests.unit.conftest import GLANCE, MINE
from tests.unit.test_glance import record, refusal
from xloud_images_panel.access.failure import Reason
from xloud_images_panel.dashboard.actor import connection
from xloud_images_panel.services import pending, transport
from xloud_images_panel.services.connection import MIB
from xloud_images_panel.services.glance import Glance

LIST = f"{GLANCE}/v2/images"
LARGE = {"exc": transport.TooLarge(MIB)}


@pytest.fixture
def images(user_request):
    """Return the panel's client of Glance."""
    return Glance(connection(user_request))


@pytest.fixture
def lists(requests_mock):
    """Return a function that sets Glance's answers, and returns the requested limits."""

    def lists(*answers):
        requests_mock.get(LIST, list(answers))
        return lambda: [request.qs["limit"][0] for request in requests_mock.request_history]

    return lists


def page(count, own=0, more=False):
    """Return an answer with images of another project, then images of the own one."""
    listed = [record(number) for number in range(count)]
    listed += [record(1000 + number, owner=MINE) for number in range(own)]
    following = {"next": f"/v2/images?marker={record(count)['id']}"} if more else {}
    return {"json": {"images": listed, **following}}


def test_images_of_other_projects_are_counted(images, lists, requests_mock):
    """The project's own images are in the list, and are not counted."""
    lists(page(3, 2))
    assert pending.count(images) == (3, False)
    query = requests_mock.last_request.qs
    assert (query["visibility"], query["member_status"]) == (["shared"], ["pending"])
    assert "os_hidden" not in query


def test_another_answer_and_hidden_images_can_be_counted(images, lists, requests_mock):
    """The count is of the images with the given answer, or of the hidden ones among them."""
    lists(page(1))
    assert pending.count(images, "accepted", hidden=True) == (1, False)
    query = requests_mock.last_request.qs
    assert (query["member_status"], query["os_hidden"]) == (["accepted"], ["true"])


def test_list_of_own_images_is_read_on(images, lists, requests_mock):
    """A list that the project's own images fill is read on from its marker."""
    asked = lists(page(0, 100, more=True), page(2))
    assert pending.count(images) == (2, False)
    assert asked() == ["100", "100"]
    assert requests_mock.last_request.qs["marker"] == [record(0)["id"]]


@pytest.mark.parametrize(
    ("found", "counted"), [(99, (99, False)), (100, (99, True)), (130, (99, True))]
)
def test_count_ends_at_its_limit(images, lists, found, counted):
    """More images than the limit are counted as the limit and more."""
    lists(page(found))
    assert pending.count(images) == counted


def test_list_that_goes_on_is_not_read_once_there_are_enough(images, lists):
    """When enough images are found, no further list is requested."""
    asked = lists(page(100, more=True))
    assert pending.count(images) == (99, True)
    assert len(asked()) == 1


def test_number_of_lists_is_limited(images, lists):
    """A project with very many own images gets a count with the note that there may be more."""
    asked = lists(page(1, 100, more=True))
    assert pending.count(images) == (10, True)
    assert len(asked()) == 10


def test_large_images_are_listed_in_smaller_parts(images, lists):
    """An answer that is too large is requested again with fewer images."""
    asked = lists(LARGE, page(2, more=True), page(1))
    assert pending.count(images) == (3, False)
    assert asked() == ["100", "10", "10"]


def test_images_too_large_to_be_listed_count_as_too_many(images, lists):
    """If even the smaller part is too large, the count is the limit and more."""
    asked = lists(LARGE)
    assert pending.count(images) == (99, True)
    assert asked() == ["100", "10"]


def test_answers_are_limited_to_a_mebibyte(images, requests_mock):
    """A badge reads no more than a mebibyte of one answer."""
    limits = []

    def answer(_request, _context):
        limits.append(transport.LARGEST_ANSWER.get())
        return {"images": []}

    requests_mock.get(LIST, json=answer)
    pending.count(images)
    assert limits == [MIB]


def test_failure_of_glance_is_no_count(images, lists):
    """A failing Glance is reported, and not taken for no images."""
    lists({"status_code": 403})
    assert refusal(pending.count, images).reason is Reason.FORBIDDEN
