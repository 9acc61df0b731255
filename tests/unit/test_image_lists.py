# SPDX-License-Identifier: Apache-2.0
"""Markers and searches, and their requests to Glance."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.conftest import GLANCE, MINE
from tests.unit.test_glance import NEW_YEAR, OTHER, record, refusal
from xloud_images_panel.access.failure import Reason
from xloud_images_panel.dashboard.actor import connection
from xloud_images_panel.services import image_lists
from xloud_images_panel.services.glance import Glance
from xloud_images_panel.services.markers import Marker

image_ids = st.uuids().map(str) | st.uuids().map(lambda number: str(number).upper())

SHORT = "a" * 22  # an ID in base64
IMAGE_ID = str(uuid.UUID(int=0xABC))


def community(number, **more):
    """Return a community image as Glance lists it."""
    return record(number, visibility="community", **more)


def names(page):
    """Return the names of the images on a page."""
    return [image.name for image in page.items]


# -- markers


@given(st.booleans(), st.integers(0, 9_999_999_999), st.lists(image_ids, min_size=1, max_size=20))
def test_marker_comes_back_from_its_url(hidden, second, ids):
    """A marker of any IDs comes back from a URL that is short enough for browsers and proxies."""
    marker = Marker(hidden, second, tuple(ids))
    assert Marker.parse(str(marker)) == marker
    assert len(str(marker)) < 1000


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "n.1", "n.1.", "n.1.ü", f"hidden:{uuid.UUID(int=1)}"),
        *(f"z.1.{SHORT}", f"n.x.{SHORT}", f"n.1.{SHORT}a", f"n.{'1' * 11}.{SHORT}"),
        "n.1" + f".{SHORT}" * 21,
    ],
)
def test_text_that_is_no_marker(text):
    """A text that is no marker is refused, and Glance does not receive it."""
    with pytest.raises(ValueError, match="not a marker"):
        Marker.parse(text)


@given(st.text())
def test_any_text_is_a_marker_or_not(text):
    """Parsing any text gives a marker or a ValueError, and no other exception."""
    try:
        marker = Marker.parse(text)
    except ValueError:
        return
    assert marker.image_ids


@pytest.mark.parametrize("status", [400, 403, 404])
def test_marker_that_is_gone(images, requests_mock, status):
    """A deleted or invisible marker is replaced by the next image, and then by the time."""
    gone, next_one = record(9)["id"], record(8)["id"]
    answers = [{"status_code": status}] * 2 + [
        {"json": {"images": [community(8), community(7)]}},
        {"json": {"images": []}},
    ]
    requests_mock.get(f"{GLANCE}/v2/images", answers)
    page = image_lists.community(images, 10, Marker(False, NEW_YEAR, (gone, next_one)))
    assert names(page) == ["image-7"]  # number 8 was on the page before
    asked = [request.qs for request in requests_mock.request_history[:3]]
    assert [query.get("marker") for query in asked] == [[gone], [next_one], None]
    assert asked[2]["created_at"] == ["lt:2026-01-01t00:00:01z"]


def test_backwards_from_a_marker_that_is_gone(images, requests_mock):
    """Backwards from a missing marker, the time includes the marker's own second."""
    answers = [{"status_code": 404}, {"json": {"images": [community(9)]}}]
    requests_mock.get(f"{GLANCE}/v2/images", answers)
    marker = Marker(False, NEW_YEAR, (record(1)["id"],))
    page = image_lists.community(images, 10, marker, backwards=True)
    assert names(page) == ["image-9"]
    assert requests_mock.last_request.qs["created_at"] == ["gte:2026-01-01t00:00:00z"]


def test_image_that_was_hidden_after_its_page_was_read_is_among_the_hidden(images, listing):
    """An image hidden after its page was read is listed at its place among the hidden images."""
    listing({"images": []}, {"images": [community(9, os_hidden=True)]})
    page = image_lists.community(images, 10, Marker(False, NEW_YEAR, (record(9)["id"],)))
    assert names(page) == ["image-9"]


def test_failure_is_no_marker_that_is_gone(images, requests_mock):
    """After another failure, neither the next image nor the time replaces the marker."""
    requests_mock.get(f"{GLANCE}/v2/images", status_code=401)
    marker = Marker(False, NEW_YEAR, (record(9)["id"], record(8)["id"]))
    assert refusal(image_lists.community, images, 10, marker).reason is Reason.UNAUTHENTICATED
    assert requests_mock.call_count == 1


def test_list_that_is_forbidden_is_said(images, requests_mock):
    """A forbidden list is not taken for a missing marker."""
    requests_mock.get(f"{GLANCE}/v2/images", status_code=403)
    marker = Marker(False, NEW_YEAR, (record(1)["id"],))
    assert refusal(image_lists.community, images, 10, marker).reason is Reason.FORBIDDEN
    assert "marker" not in requests_mock.last_request.qs


# -- searches


@pytest.mark.parametrize("search", ["x" * 256, "\x07", "\u200b\u202e"])
def test_search_that_cannot_match_asks_nobody(images, requests_mock, search):
    """A search sends no request if its text is too long for a name or entirely invisible."""
    for find in (image_lists.all_shared, image_lists.community, image_lists.shared_with_project):
        page = find(images, 10, search=search)
        assert page.items == []
        assert page.complete
    assert not requests_mock.called


@pytest.mark.parametrize("search", ["ÄPFEL", "a\u0308pfel", "äpf", "Ä"])
def test_search_finds_any_form_of_the_name(images, listing, search):
    """A search ignores Unicode composition and case."""
    found = [
        community(1, name="Äpfel"),
        community(2, name="A\u0308PFEL"),
        community(3, name="Apfel"),
    ]
    listing({"images": found}, {"images": []})
    assert names(image_lists.community(images, 10, search=search)) == ["Äpfel", "A\u0308PFEL"]


def test_search_for_an_id_asks_for_it(images, listing, requests_mock):
    """A search for an ID requests it within the list, in either case, and ignores names."""
    typed = str(uuid.UUID(int=0xABC)).upper()
    listing({"images": [community(1, id=typed.lower())]}, {"images": []})
    assert names(image_lists.community(images, 10, search=typed)) == ["image-1"]
    for request in requests_mock.request_history:
        assert request.qs["id"] == [f"in:{typed},{typed.lower()}".lower()]


def test_search_for_an_id_that_a_name_has(images, listing):
    """If no image has the ID, images with the ID in their names are found."""
    other = str(uuid.UUID(int=7))
    listing({"images": []}, {"images": []}, {"images": [community(1, name=f"of {other}")]})
    assert names(image_lists.community(images, 10, search=other)) == [f"of {other}"]


@pytest.mark.parametrize(
    ("image_format", "asked", "found"),
    [
        ("ova", "vmdk", ["ova"]),
        ("vmdk", "vmdk", ["vmdk"]),
        ("docker", "raw", ["docker"]),
        ("raw", "raw", ["raw"]),
    ],
)
def test_formats_are_horizons(images, listing, requests_mock, image_format, asked, found):
    """OVA and Docker, which are container formats in Glance, are requested by their disk format."""
    kinds = {
        "vmdk": [("vmdk", "vmdk", "bare"), ("ova", "vmdk", "ova")],
        "raw": [("raw", "raw", "bare"), ("docker", "raw", "docker")],
    }[asked]
    listed = [
        community(number, name=name, disk_format=disk, container_format=container)
        for number, (name, disk, container) in enumerate(kinds)
    ]
    listing({"images": listed}, {"images": []})
    assert names(image_lists.community(images, 10, image_format=image_format)) == found
    assert requests_mock.request_history[0].qs["disk_format"] == [asked]


# -- costs


def test_page_of_own_images_looks_nothing_up(images, listing, requests_mock):
    """The project's own images are left out before the look-ups."""
    listing({"images": [record(number, MINE) for number in range(5)]}, {"images": []})
    assert image_lists.shared_with_project(images, 10).items == []
    assert requests_mock.call_count == 2


def test_as_many_are_looked_up_as_the_page_has(images, requests_mock):
    """A page looks up its images, and one more to know whether another page follows."""
    member = {"member_id": MINE, "status": "pending"}
    listed = [record(number, OTHER) for number in range(9)]
    requests_mock.get(f"{GLANCE}/v2/images", json={"images": listed})
    for item in listed:
        requests_mock.get(f"{GLANCE}/v2/images/{item['id']}/members/{MINE}", json=member)
    page = image_lists.shared_with_project(images, 3)
    assert len(page.items) == 3
    assert page.next_marker.image_ids == tuple(record(number)["id"] for number in (2, 1, 0))
    assert requests_mock.call_count == 1 + 4


@pytest.fixture
def shared_images(requests_mock):
    """Return a function that fills Glance with images, some with a status of the project.

    That function returns a list that collects the limits of the requested lists.
    """

    def shared_images(count, statuses, owner=OTHER, hidden=()):
        numbers = range(count, 0, -1)  # newest first
        listed = [
            record(number, owner, os_hidden=number in hidden, created_at=created(number))
            for number in numbers
        ]
        asked = []

        def answer(request, _context):
            asked.append(int(request.qs["limit"][0]))
            newest_first = "desc" in request.qs["sort"][0]
            part = [
                item
                for item in (listed if newest_first else listed[::-1])
                if str(item["os_hidden"]).lower() == request.qs["os_hidden"][0]
            ]
            ids = [item["id"] for item in part]
            start = ids.index(request.qs["marker"][0]) + 1 if "marker" in request.qs else 0
            end = start + asked[-1]
            link = {"next": f"/v2/images?marker={ids[end - 1]}"} if end < len(part) else {}
            return {"images": part[start:end], **link}

        requests_mock.get(f"{GLANCE}/v2/images", json=answer)
        for number in numbers:
            url = f"{GLANCE}/v2/images/{record(number)['id']}/members/{MINE}"
            if number in statuses:
                requests_mock.get(url, json={"member_id": MINE, "status": statuses[number]})
            else:
                requests_mock.get(url, status_code=404)
        return asked

    return shared_images


def created(number):
    """Return the creation time of an image; no two images share a second."""
    return f"2026-01-01T00:{number // 60:02}:{number % 60:02}Z"


def shared(page):
    """Return the names of shared images with the project's member statuses."""
    return [(item.image.name, item.member.status) for item in page.items]


def lookups(requests_mock):
    """Return the number of members that were looked up."""
    return sum("/members/" in request.path for request in requests_mock.request_history)


# -- pages


def test_pages_lead_forwards_and_back(images, shared_images):
    """Each image is on one page, and going back shows the same pages."""
    shared_images(5, dict.fromkeys(range(1, 6), "pending"))
    first = image_lists.shared_with_project(images, 2)
    assert shared(first) == [("image-5", "pending"), ("image-4", "pending")]
    assert first.previous_marker is None
    second = image_lists.shared_with_project(images, 2, first.next_marker)
    assert [name for name, _status in shared(second)] == ["image-3", "image-2"]
    third = image_lists.shared_with_project(images, 2, second.next_marker)
    assert [name for name, _status in shared(third)] == ["image-1"]
    assert third.next_marker is None
    assert second.next_marker.image_ids == (record(2)["id"],)  # no image of another second
    back = image_lists.shared_with_project(images, 2, third.previous_marker, backwards=True)
    assert shared(back) == shared(second)
    assert back.next_marker is not None
    begin = image_lists.shared_with_project(images, 2, back.previous_marker, backwards=True)
    assert shared(begin) == shared(first)
    assert begin.previous_marker is None
    assert all(page.complete for page in (first, second, third, back, begin))


def test_page_of_just_as_many_as_there_are_is_the_last(images, shared_images):
    shared_images(3, dict.fromkeys((1, 2, 3), "pending"))
    page = image_lists.shared_with_project(images, 3)
    assert len(page.items) == 3
    assert page.next_marker is None


def test_hidden_images_follow_the_others(images, shared_images):
    """Hidden images follow the visible ones, and going back leads to the visible ones."""
    shared_images(4, dict.fromkeys(range(1, 5), "accepted"), hidden=(4, 2))
    first = image_lists.shared_with_project(images, 3)
    assert [item.image.name for item in first.items] == ["image-3", "image-1", "image-4"]
    assert first.items[-1].image.hidden
    second = image_lists.shared_with_project(images, 3, first.next_marker)
    assert [item.image.name for item in second.items] == ["image-2"]
    back = image_lists.shared_with_project(images, 3, second.previous_marker, backwards=True)
    assert shared(back) == shared(first)


# -- images that other projects share


@pytest.mark.parametrize(
    ("status", "asked", "found"),
    [("", "all", [3, 2]), ("pending", "pending", [2]), ("rejected", "rejected", [])],
)
def test_images_with_one_answer_of_the_project(
    images, requests_mock, shared_images, status, asked, found
):
    """Each member's status is looked up, because Glance ignores the filter for an administrator."""
    shared_images(3, {3: "accepted", 2: "pending"})
    page = image_lists.shared_with_project(images, 10, status=status)
    assert [item.image.name for item in page.items] == [f"image-{number}" for number in found]
    queries = [item.qs for item in requests_mock.request_history if "/members/" not in item.path]
    assert {query["member_status"][0] for query in queries} == {asked}
    assert {query["visibility"][0] for query in queries} == {"shared"}


@pytest.mark.parametrize("owner", ["", OTHER])
def test_images_of_one_project(images, requests_mock, shared_images, owner):
    """An empty owner is not sent, because Glance would only list images without an owner."""
    shared_images(1, {1: "pending"})
    assert image_lists.shared_with_project(images, 10, owner=owner).items
    assert requests_mock.request_history[0].qs.get("owner", [""]) == [owner]


def test_images_that_are_found_by_their_names_alone_are_looked_up(
    images, requests_mock, shared_images
):
    """Only images with matching names cost a look-up, because the names come with the list."""
    shared_images(5, dict.fromkeys(range(1, 6), "pending"))
    page = image_lists.shared_with_project(images, 10, search="IMAGE-4")
    assert shared(page) == [("image-4", "pending")]
    assert lookups(requests_mock) == 1


@pytest.fixture
def bounded(settings, user_request):
    """Return a function that returns a client of Glance with this limit of look-ups."""

    def bounded(scan_limit):
        settings.XLOUD_IMAGES_PANEL = {"scan_limit": scan_limit, "max_workers": 2}
        return Glance(connection(user_request))

    return bounded


def test_scan_stops_after_so_many_look_ups(bounded, requests_mock, shared_images):
    """A scan stops at the limit of look-ups, and the next page goes on after the last of them."""
    glance = bounded(7)
    shared_images(20, {18: "pending", 3: "pending"})
    page = image_lists.shared_with_project(glance, 1)
    assert shared(page) == [("image-18", "pending")]
    assert not page.complete
    assert lookups(requests_mock) == 7
    assert page.next_marker.image_ids[0] == record(14)["id"]
    rest = image_lists.shared_with_project(glance, 1, page.next_marker)
    assert shared(rest) == []
    assert not rest.complete


def test_page_that_is_full_at_the_end_of_a_scan_is_complete(bounded, shared_images):
    shared_images(20, dict.fromkeys(range(1, 21), "pending"))
    page = image_lists.shared_with_project(bounded(3), 2)
    assert page.complete
    assert page.next_marker.image_ids[0] == record(19)["id"]


def test_own_image_is_not_found_by_its_name(images, requests_mock, shared_images):
    """A search does not find own images, because the list only has images of other projects."""
    shared_images(2, {1: "accepted", 2: "accepted"}, owner=MINE)
    assert image_lists.shared_with_project(images, 10, search="image").items == []
    assert lookups(requests_mock) == 0


def test_scan_asks_for_twice_as_many_each_time(images, shared_images):
    """A scan begins with 100 images, which mostly fill a page, and doubles up to Glance's 1,000."""
    asked = shared_images(3500, {}, owner=MINE)
    page = image_lists.shared_with_project(images, 10)
    assert asked == [100, 200, 400, 800, 1000, 1000, 1000]
    assert page.complete


def test_page_of_many_rows_is_one_list(images, shared_images):
    """A page of many rows takes one list, with one image more than the rows."""
    asked = shared_images(300, {})
    page = image_lists.all_shared(images, 150)
    assert len(page.items) == 150
    assert asked == [151]
    assert page.next_marker.image_ids[0] == record(151)["id"]


# -- all shared images, and community images


def test_image_that_is_excluded_is_left_out(images, shared_images):
    """The excluded image, which access is copied to, is left out."""
    shared_images(3, {})
    assert names(image_lists.all_shared(images, 10, exclude=record(2)["id"])) == [
        "image-3",
        "image-1",
    ]


def test_filters_of_glance_are_its_own(images, listing, requests_mock):
    listing({"images": []})
    image_lists.community(images, 10, owner=OTHER, size_min=1, size_max=9)
    query = requests_mock.request_history[0].qs
    assert [query[name] for name in ("owner", "size_min", "size_max")] == [[OTHER], ["1"], ["9"]]
    assert query["visibility"] == ["community"]
    assert "disk_format" not in query


def test_search_for_an_id_goes_on_by_name(images, listing, requests_mock):
    """The second page of a search for an ID only searches names."""
    listing({"images": [community(1, name=f"of {IMAGE_ID}")]})
    marker = Marker(False, NEW_YEAR, (record(9)["id"],))
    page = image_lists.community(images, 10, marker, search=IMAGE_ID)
    assert names(page) == [f"of {IMAGE_ID}"]
    assert "id" not in requests_mock.last_request.qs
