# SPDX-License-Identifier: Apache-2.0
"""Reading Glance's answers, including those that a real Glance rarely gives."""

import re
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests

from tests.unit.conftest import GLANCE, MINE
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import Member, addressable
from xloud_images_panel.dashboard.actor import connection
from xloud_images_panel.dashboard.settings import MIB
from xloud_images_panel.services import image_lists, pending, records, transport
from xloud_images_panel.services.glance import Glance
from xloud_images_panel.services.markers import Marker

IMAGE = "00000000-0000-4000-8000-000000000001"
MEMBERS = f"{GLANCE}/v2/images/{IMAGE}/members"
OTHER = "b" * 32
# The creation time of all images here.
NEW_YEAR = 1767225600
RESET = requests.exceptions.ConnectionError("connection reset")


def record(number, owner=OTHER, **more):
    """Return an image as Glance lists it."""
    return {
        "created_at": "2026-01-01T00:00:00Z",
        "id": f"00000000-0000-4000-8000-{number:012}",
        "name": f"image-{number}",
        "owner": owner,
        "visibility": "shared",
        "status": "active",
        **more,
    }


def refusal(call, *args):
    """Return the error of a call that must fail."""
    with pytest.raises(ServiceError) as caught:
        call(*args)
    return caught.value


# -- members


def test_member_that_glance_has_twice_is_one(images, requests_mock):
    """Two rows of a member, which was added twice at the same moment, are read as one."""
    member = {"member_id": OTHER, "status": "pending"}
    requests_mock.get(MEMBERS, json={"members": [member, member]})
    assert images.members(IMAGE) == [Member(OTHER, "pending")]


def test_member_that_is_none_is_none(images, requests_mock):
    """A 404 means that the member does not exist; any other error is raised."""
    requests_mock.get(f"{MEMBERS}/{OTHER}", [{"status_code": 404}, {"status_code": 403}])
    assert images.member(IMAGE, OTHER) is None
    assert refusal(images.member, IMAGE, OTHER).reason is Reason.FORBIDDEN


# Texts that Glance accepts as a member but that cannot be a part of a path.
PATHS = (
    ".", "..", "", f"../../{IMAGE}", "a/b", "a\\b", "a%2Fb", "a\tb", "a\nb", "a\x00b", "a?b", "a#b",
    "a;b", "<b>", "á", "日本", "a\u0301", "\u202ea",
)  # fmt: skip


@pytest.mark.parametrize("member", PATHS, ids=ascii)
def test_member_that_is_no_part_of_a_path_is_not_sent(images, requests_mock, member):
    """A member is not sent if a client, a proxy or Glance would change it within a path."""
    assert not addressable(member)
    for call in (images.remove_member, images.member):
        assert refusal(call, IMAGE, member).reason is Reason.UNADDRESSABLE
    error = refusal(images.set_member_status, IMAGE, member, "accepted")
    assert error.reason is Reason.UNADDRESSABLE
    assert not requests_mock.called


@pytest.mark.parametrize("member", ["A-b_c.d:e@f+g h", " a", "a ", "...", "x" * 255])
def test_any_other_member_is_encoded(images, requests_mock, member):
    """Any other member is encoded, so that special characters of a path lose their meaning."""
    requests_mock.delete(f"{MEMBERS}/{quote(member, safe='')}", status_code=204)
    assert images.remove_member(IMAGE, member)
    assert requests_mock.last_request.url == f"{MEMBERS}/{quote(member, safe='')}"


@pytest.mark.parametrize(
    ("listed", "by_its_id", "by_its_text", "same"),
    [
        pytest.param(OTHER.upper(), OTHER.upper(), None, True, id="its only row"),
        pytest.param(OTHER.upper(), OTHER, OTHER, True, id="its second row"),
        pytest.param(OTHER.upper(), OTHER, OTHER.upper(), False, id="a member of its own"),
        pytest.param(OTHER.upper(), None, None, False, id="the project is none"),
        pytest.param(OTHER.replace("b", "\u1e03"), OTHER, None, False, id="it has no address"),
        pytest.param("c" * 32, OTHER, None, False, id="another text altogether"),
    ],
)
def test_glance_says_whether_two_texts_are_one_member(
    images, requests_mock, listed, by_its_id, by_its_text, same
):
    """Glance looks up two texts, and its database decides whether they are one member."""
    for asked, found in ((OTHER, by_its_id), (OTHER.upper(), by_its_text)):
        answer = {"json": {"member_id": found, "status": "pending"}} if found else {}
        # A pattern matches the address with its capitals.
        matcher = re.compile(f"{MEMBERS}/{asked}$")
        requests_mock.get(matcher, **(answer or {"status_code": 404}))
    assert images.same_member(IMAGE, OTHER, listed) is same


def test_nothing_is_written_that_the_caller_does_not_want(images, requests_mock):
    """The guard is called before each try of a write; reads ignore it."""
    asked = []

    def once():
        asked.append(None)
        if len(asked) == 2:
            raise ServiceError("Horizon", Reason.PLACE_LOST)

    requests_mock.post(MEMBERS, status_code=500)
    error = refusal(images.asking_first(once).add_member, IMAGE, OTHER)
    assert error.reason is Reason.PLACE_LOST
    assert error.uncertain
    assert requests_mock.call_count == 1


def test_member_that_is_there_already_was_not_added(images, requests_mock):
    """A conflict at the first try means that somebody else added the member."""
    requests_mock.post(MEMBERS, status_code=409)
    assert images.add_member(IMAGE, OTHER) is False


@pytest.mark.parametrize(
    ("first", "then", "status", "added"),
    [
        pytest.param({"exc": RESET}, 409, "pending", True, id="its answer got lost"),
        # The member took the last place, so the next try exceeds the quota.
        pytest.param({"exc": RESET}, 413, "pending", True, id="it was the last"),
        # Accepting on the project's behalf would overrule it.
        pytest.param({"status_code": 503}, 409, "rejected", False, id="the project has decided"),
    ],
)
def test_member_that_the_next_try_finds(images, requests_mock, first, then, status, added):
    """A retry finds the first try's member, unless its project has decided, which takes longer."""
    requests_mock.post(MEMBERS, [first, {"status_code": then}])
    requests_mock.get(f"{MEMBERS}/{OTHER}", json={"member_id": OTHER, "status": status})
    assert images.add_member(IMAGE, OTHER) is added


def test_conflict_with_who_is_gone_is_a_failure(images, requests_mock):
    """A conflict is a failure if somebody else removed the member before the next call."""
    requests_mock.post(MEMBERS, [{"exc": RESET}, {"status_code": 409}])
    requests_mock.get(f"{MEMBERS}/{OTHER}", status_code=404)
    assert refusal(images.add_member, IMAGE, OTHER).reason is Reason.CONFLICT


def test_existing_member_at_the_quota_was_not_added(images, requests_mock):
    """An existing member is no quota error, although Glance checks the quota first."""
    requests_mock.post(MEMBERS, status_code=413)
    requests_mock.get(f"{MEMBERS}/{OTHER}", json={"member_id": OTHER, "status": "accepted"})
    assert images.add_member(IMAGE, OTHER) is False
    requests_mock.get(f"{MEMBERS}/{OTHER}", status_code=404)
    assert refusal(images.add_member, IMAGE, OTHER).reason is Reason.OVER_QUOTA


def test_missing_after_a_lost_answer_is_success(images, requests_mock):
    """A 404 after a lost answer is a success, because the try before removed the member."""
    requests_mock.delete(f"{MEMBERS}/{OTHER}", [{"exc": RESET}, {"status_code": 404}])
    assert images.remove_member(IMAGE, OTHER) is True


def test_member_that_somebody_else_removed(images, requests_mock):
    """A 404 for a removed member is an error only if the image does not exist either."""
    requests_mock.delete(f"{MEMBERS}/{OTHER}", status_code=404)
    requests_mock.get(f"{GLANCE}/v2/images/{IMAGE}", json=record(1))
    assert images.remove_member(IMAGE, OTHER) is False
    requests_mock.get(f"{GLANCE}/v2/images/{IMAGE}", status_code=404)
    assert refusal(images.remove_member, IMAGE, OTHER).reason is Reason.MISSING


def test_removal_that_is_not_allowed(images, requests_mock):
    """A removal that is not allowed is an error and does not count as done."""
    requests_mock.delete(f"{MEMBERS}/{OTHER}", status_code=403)
    assert refusal(images.remove_member, IMAGE, OTHER).reason is Reason.FORBIDDEN


@pytest.mark.parametrize("answer", [{"json": {}}, {"json": []}, {"text": "<html>Welcome</html>"}])
def test_answer_that_is_not_glances_is_no_success(images, requests_mock, answer):
    """A 200 that Glance did not send is no success, because a proxy may answer 200 to anything."""
    member = f"{MEMBERS}/{OTHER}"
    requests_mock.post(MEMBERS, **answer)
    requests_mock.put(member, **answer)
    requests_mock.delete(member, **answer)
    for change, *args in (
        (images.add_member, IMAGE, OTHER),
        (images.set_member_status, IMAGE, OTHER, "accepted"),
        (images.remove_member, IMAGE, OTHER),
    ):
        error = refusal(change, *args)
        assert error.reason is Reason.BROKEN
        assert error.uncertain


def test_member_is_added_and_removed(images, requests_mock):
    """Glance confirms an addition with the member and a removal with an empty answer."""
    requests_mock.post(MEMBERS, json={"member_id": OTHER, "status": "pending"})
    assert images.add_member(IMAGE, OTHER) is True
    assert requests_mock.last_request.json() == {"member": OTHER}
    requests_mock.delete(f"{MEMBERS}/{OTHER}", status_code=204)
    assert images.remove_member(IMAGE, OTHER) is True


@pytest.mark.parametrize(
    ("status", "reason"), [(403, Reason.FORBIDDEN), (404, Reason.MISSING), (400, Reason.REFUSED)]
)
def test_addition_that_is_refused(images, requests_mock, status, reason):
    """A refused addition reports Glance's reason without another request."""
    requests_mock.post(MEMBERS, status_code=status)
    assert refusal(images.add_member, IMAGE, OTHER).reason is reason
    assert requests_mock.call_count == 1


def test_guard_of_one_glance_is_not_anothers(images, requests_mock):
    """Each change of an image has its own guard; a client for reading has none."""

    def refuse():
        raise ServiceError("Horizon", Reason.PLACE_LOST)

    images.asking_first(refuse)
    requests_mock.delete(f"{MEMBERS}/{OTHER}", status_code=204)
    assert images.remove_member(IMAGE, OTHER)


def test_own_status(images, requests_mock):
    """A project sets its own status."""
    requests_mock.put(f"{MEMBERS}/{MINE}", json={"member_id": MINE, "status": "rejected"})
    images.set_my_status(IMAGE, "rejected")
    assert requests_mock.last_request.json() == {"status": "rejected"}


def test_received_image_is_somebody_elses(images, requests_mock):
    """A received image has another owner, and the project as a member."""
    address = f"{GLANCE}/v2/images/{IMAGE}"
    requests_mock.get(f"{MEMBERS}/{MINE}", json={"member_id": MINE, "status": "pending"})
    requests_mock.get(address, json=record(1))
    assert images.received(IMAGE).member == Member(MINE, "pending")
    requests_mock.get(address, json=record(1, MINE))
    assert refusal(images.received, IMAGE).reason is Reason.MISSING
    requests_mock.get(address, json=record(1))
    requests_mock.get(f"{MEMBERS}/{MINE}", status_code=404)
    assert refusal(images.received, IMAGE).reason is Reason.MISSING
    error = refusal(images.received, "../x")
    assert (error.reason, error.uncertain) == (Reason.MISSING, False)


@pytest.mark.parametrize("visibility", ["private", "community", "public"])
def test_image_that_is_not_shared_any_more_is_not_received(images, requests_mock, visibility):
    """An unshared image is not received, though its members count again once it is shared."""
    requests_mock.get(f"{MEMBERS}/{MINE}", json={"member_id": MINE, "status": "pending"})
    requests_mock.get(f"{GLANCE}/v2/images/{IMAGE}", json=record(1, visibility=visibility))
    error = refusal(images.received, IMAGE)
    assert str(error) == f"Glance: missing {IMAGE} is not shared"


def test_own_image_is_not_looked_up_as_a_received_one(images, requests_mock):
    """A project's own image is refused without a useless look-up of the member."""
    requests_mock.get(f"{GLANCE}/v2/images/{IMAGE}", json=record(1, MINE))
    assert refusal(images.received, IMAGE).reason is Reason.MISSING
    assert requests_mock.call_count == 1


@pytest.mark.parametrize("listed", [OTHER, OTHER.upper(), "any text"])
def test_member_that_can_be_in_a_path_is_its_own_address(images, requests_mock, listed):
    """A member that can be in a path is its own address, without a request to Glance."""
    assert images.address(IMAGE, listed) == listed
    assert not requests_mock.called


def test_member_with_accents_is_found_without_them(images, requests_mock):
    """A member with accents is found without them, because Glance's database ignores accents."""
    listed = OTHER.replace("b", "\u1e03")
    requests_mock.get(f"{MEMBERS}/{OTHER}", json={"member_id": listed, "status": "pending"})
    assert images.address(IMAGE, listed) == OTHER


@pytest.mark.parametrize("listed", ["\u1e03" * 32, "\u65e5\u672c", "a/b" * 100])
def test_member_without_an_address_is_said(images, requests_mock, listed):
    """The error has the member in ASCII and shortened, because anybody may have typed it."""
    requests_mock.get(re.compile(f"{MEMBERS}/.*"), status_code=404)
    error = refusal(images.address, IMAGE, listed)
    assert (error.reason, error.uncertain) == (Reason.UNADDRESSABLE, False)
    assert error.details == ascii(listed[:80])


def test_disk_formats_are_those_of_this_glance(images, requests_mock):
    """The formats come from Glance's schema, without its null for an image without a format."""
    schema = {"properties": {"disk_format": {"enum": [None, "raw", "qcow2"]}}}
    requests_mock.get(f"{GLANCE}/v2/schemas/image", json=schema)
    assert images.disk_formats() == ["raw", "qcow2"]


def test_glance_is_sent_so_many_calls_at_once(settings, user_request):
    """The operator's setting limits the number of parallel calls to Glance."""
    settings.XLOUD_IMAGES_PANEL = {"max_workers": 7}
    assert Glance(connection(user_request)).workers == 7


@pytest.mark.parametrize("answer", [{"text": "<html>"}, {"json": []}])
def test_answer_that_cannot_be_read(images, requests_mock, answer):
    """An answer that cannot be read is an error of Glance, not a traceback."""
    requests_mock.get(f"{GLANCE}/v2/images/{IMAGE}", **answer)
    assert refusal(images.image, IMAGE).reason is Reason.BROKEN


# -- lists


def test_empty_page_with_a_next_one_is_not_the_end(images, listing, requests_mock):
    """An empty page with a next one is not the end, because a policy may empty a page."""
    after = record(1)["id"]
    listing(
        {"images": [], "next": f"/v2/images?marker={after}"},
        {"images": [record(2, visibility="community")]},
        {"images": []},
    )
    page = image_lists.community(images, limit=10)
    assert [image.name for image in page.items] == ["image-2"]
    assert page.complete
    assert requests_mock.request_history[1].qs["marker"] == [after]


def test_list_that_leads_back_to_itself_ends(images, listing, requests_mock):
    """A "next" link to the page that was just read is not followed endlessly."""
    listing({"images": [record(1)], "next": f"/v2/images?marker={record(1)['id']}"})
    assert image_lists.all_shared(images, limit=10).complete
    # Two requests for the visible images, and two for the hidden ones.
    assert requests_mock.call_count == 4


def test_scan_stops_after_so_many_lists(images, listing, requests_mock):
    """A scan of the project's own images alone stops after a bounded number of requests."""
    pages = [
        {"images": [record(number, MINE)], "next": f"/v2/images?marker={record(number)['id']}"}
        for number in range(30)
    ]
    listing(*pages)
    page = image_lists.shared_with_project(images, limit=10)
    assert page.items == []
    assert not page.complete
    assert page.next_marker.image_ids[0] == record(11)["id"]
    assert requests_mock.call_count == 12


@pytest.fixture
def time_for(images, monkeypatch):
    """Return a function that gives a request the time for a number of lists."""
    listed, left = images.listed, []

    def in_time(query):
        if not left:
            raise ServiceError("Glance", Reason.OUT_OF_TIME, tries=0, bound=30)
        return listed(left.pop() and query)

    monkeypatch.setattr(images, "listed", in_time)
    return lambda lists: left.extend([True] * lists)


def test_scan_that_runs_out_of_time_shows_what_it_has_found(images, listing, time_for):
    """A scan that runs out of time returns its images, and the next page goes on from there."""
    number = record(2)["id"]
    listing({"images": [record(1), record(2)], "next": f"/v2/images?marker={number}"})
    time_for(1)
    page = image_lists.all_shared(images, limit=10)
    assert [image.name for image in page.items] == ["image-1", "image-2"]
    assert not page.complete
    assert page.next_marker.image_ids[0] == number


def test_scan_that_has_no_time_for_one_list_says_so(images, listing, time_for):
    """A scan without time for one list fails: the next page would begin at the same place."""
    time_for(0)
    assert refusal(image_lists.all_shared, images, 10).reason is Reason.OUT_OF_TIME


def test_marker_of_a_hidden_image_is_looked_for_among_the_hidden(images, listing, requests_mock):
    """A hidden image's marker is sent to the list of hidden images, which follows the others."""
    listing({"images": []})
    image_lists.community(images, limit=10, marker=Marker(True, NEW_YEAR, (IMAGE,)))
    assert [request.qs["os_hidden"] for request in requests_mock.request_history] == [["true"]]
    assert requests_mock.last_request.qs["marker"] == [IMAGE]


def test_backwards_from_a_marker(images, listing, requests_mock):
    """Before a visible image there are no hidden ones; the page keeps the order of reading."""
    listing({"images": [record(2, visibility="community"), record(1, visibility="community")]})
    marker = Marker(False, NEW_YEAR, (record(3)["id"],))
    page = image_lists.community(images, limit=1, marker=marker, backwards=True)
    assert [image.name for image in page.items] == ["image-2"]
    assert page.previous_marker == Marker(False, NEW_YEAR, (record(2)["id"], record(3)["id"]))
    assert page.next_marker == Marker(False, NEW_YEAR, (record(2)["id"], record(1)["id"]))
    assert requests_mock.last_request.qs["sort"] == ["created_at:asc,id:asc"]
    assert requests_mock.last_request.qs["os_hidden"] == ["false"]


def part_of_pending(numbers, marker=None):
    """Return one page of the list of pending images."""
    link = {"next": f"/v2/images?marker={marker}"} if marker else {}
    return {"images": [record(number) for number in numbers], **link}


def test_pending_images_are_counted(images, listing, requests_mock):
    """Pending images are counted without the project's own; a small list takes one request."""
    listing({"images": [record(1), record(2, MINE), record(3)]})
    assert pending.count(images) == (2, False)
    assert requests_mock.call_count == 1
    query = requests_mock.last_request.qs
    assert (query["limit"], query["member_status"]) == (["100"], ["pending"])
    assert "os_hidden" not in query


def test_images_with_another_answer_are_counted(images, listing, requests_mock):
    """The count can be of the hidden images that have another answer."""
    listing({"images": [record(1)]})
    assert pending.count(images, "accepted", hidden=True) == (1, False)
    query = requests_mock.last_request.qs
    assert (query["member_status"], query["os_hidden"]) == (["accepted"], ["true"])


def test_count_at_its_limit_is_exact(images, listing):
    """Exactly as many images as are counted at the most are not said to be more."""
    listing(part_of_pending(range(99)))
    assert pending.count(images) == (99, False)


def test_pending_images_are_looked_for_behind_the_projects_own(images, listing):
    """The count continues after a page of the project's own images, which are in the same list."""
    listing({"images": [record(1, MINE)], "next": "/v2/images?marker=x"}, part_of_pending([2, 3]))
    assert pending.count(images) == (2, False)


@pytest.mark.parametrize("parts", [[range(100)], [range(60), range(60, 120)]])
def test_many_pending_images_are_not_counted_any_further(images, listing, requests_mock, parts):
    """The count stops at 99, because a badge does not need the exact number."""
    listing(*(part_of_pending(numbers, "x") for numbers in parts))
    assert pending.count(images) == (99, True)
    assert requests_mock.call_count == len(parts)


def test_pending_images_that_come_all_at_once_are_not_all_counted(images, listing):
    """The count stops at 99 even if Glance returns more than requested and no next link."""
    listing(part_of_pending(range(120)))
    assert pending.count(images) == (99, True)


def test_pending_images_that_cannot_be_had_are_not_too_many(images, requests_mock):
    """A failure of the list is raised, and no smaller page is tried."""
    requests_mock.get(f"{GLANCE}/v2/images", status_code=403)
    assert refusal(pending.count, images).reason is Reason.FORBIDDEN
    assert requests_mock.call_count == 1


def test_pending_images_are_looked_for_in_so_many_lists_only(images, listing, requests_mock):
    """The count stops after ten lists, because a project may own thousands of images."""
    listing({"images": [record(1), record(2, MINE)], "next": "/v2/images?marker=x"})
    assert pending.count(images) == (10, True)
    assert requests_mock.call_count == 10


@pytest.mark.parametrize(
    ("fit", "count", "limits"),
    [(99, (2, False), [100, 10]), (9, (99, True), [100, 10])],
)
def test_pending_images_that_are_large(images, monkeypatch, fit, count, limits):
    """After a page that is too large, a smaller one is tried once before the count is given up."""
    asked = []

    def read(path):
        asked.append(int(parse_qs(urlsplit(path).query)["limit"][0]))
        assert transport.LARGEST_ANSWER.get() == MIB
        if asked[-1] > fit:
            raise ServiceError("Glance", Reason.TOO_LARGE, bound=MIB)
        return [records.image(record(1)), records.image(record(2))], None

    monkeypatch.setattr(images, "read_list", read)
    assert pending.count(images) == count
    assert asked == limits


def test_image_without_a_name_is_called_by_its_id(images, requests_mock):
    """An image without a name is called by its ID, because a page needs some text to click on."""
    requests_mock.get(f"{GLANCE}/v2/images/{IMAGE}", json={**record(1), "name": None})
    assert images.image(IMAGE).name == IMAGE
