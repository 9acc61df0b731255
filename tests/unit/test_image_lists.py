# SPDX-License-Identifier: Apache-2.0
"""Markers, searches, and what they ask of Glance."""

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


def community(number, **more):
    """Return a community image as Glance lists it."""
    return record(number, visibility="community", **more)


def names(page):
    """Return the names of the images on a page."""
    return [image.name for image in page.items]


@pytest.fixture
def images(user_request):
    """Glance as the panel sees it."""
    return Glance(connection(user_request))


@pytest.fixture
def listing(requests_mock):
    """Return a function that has Glance answer these pages of its list, one after another."""

    def listing(*pages):
        requests_mock.get(f"{GLANCE}/v2/images", [{"json": page} for page in pages])

    return listing


# -- markers


@given(st.booleans(), st.integers(0, 9_999_999_999), st.lists(image_ids, min_size=1, max_size=20))
def test_marker_comes_back_from_its_url(hidden, second, ids):
    """Whatever the ID; and the URL is no longer than what browsers and proxies take."""
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
    """Nothing of it reaches Glance."""
    with pytest.raises(ValueError, match="not a marker"):
        Marker.parse(text)


@given(st.text())
def test_any_text_is_a_marker_or_not(text):
    """No other exception comes of it."""
    try:
        marker = Marker.parse(text)
    except ValueError:
        return
    assert marker.image_ids


@pytest.mark.parametrize("status", [400, 403, 404])
def test_marker_that_is_gone(images, requests_mock, status):
    """Deleted, or no longer visible: the next one, and then the time, stand for it."""
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
    """The time includes the second itself."""
    answers = [{"status_code": 404}, {"json": {"images": [community(9)]}}]
    requests_mock.get(f"{GLANCE}/v2/images", answers)
    marker = Marker(False, NEW_YEAR, (record(1)["id"],))
    page = image_lists.community(images, 10, marker, backwards=True)
    assert names(page) == ["image-9"]
    assert requests_mock.last_request.qs["created_at"] == ["gte:2026-01-01t00:00:00z"]


def test_list_that_is_forbidden_is_said(images, requests_mock):
    """A prohibition is not taken for a marker that is gone."""
    requests_mock.get(f"{GLANCE}/v2/images", status_code=403)
    marker = Marker(False, NEW_YEAR, (record(1)["id"],))
    assert refusal(image_lists.community, images, 10, marker).reason is Reason.FORBIDDEN
    assert "marker" not in requests_mock.last_request.qs


# -- searches


@pytest.mark.parametrize("search", ["x" * 256, "\x07", "\u200b\u202e"])
def test_search_that_cannot_match_asks_nobody(images, requests_mock, search):
    """No name is that long, and nobody sees characters without a shape."""
    for find in (image_lists.shared, image_lists.community, image_lists.shared_with_project):
        page = find(images, 10, search=search)
        assert page.items == []
        assert page.complete
    assert not requests_mock.called


@pytest.mark.parametrize("search", ["ÄPFEL", "a\u0308pfel", "äpf", "Ä"])
def test_search_finds_any_form_of_the_name(images, listing, search):
    """Composed or not, in capitals or not."""
    found = [
        community(1, name="Äpfel"),
        community(2, name="A\u0308PFEL"),
        community(3, name="Apfel"),
    ]
    listing({"images": found}, {"images": []})
    assert names(image_lists.community(images, 10, search=search)) == ["Äpfel", "A\u0308PFEL"]


def test_search_for_an_id_asks_for_it(images, listing, requests_mock):
    """In any case, among the images of the list; the name is not looked at."""
    typed = str(uuid.UUID(int=0xABC)).upper()
    listing({"images": [community(1, id=typed.lower())]}, {"images": []})
    assert names(image_lists.community(images, 10, search=typed)) == ["image-1"]
    for request in requests_mock.request_history:
        assert request.qs["id"] == [f"in:{typed},{typed.lower()}".lower()]


def test_search_for_an_id_that_a_name_has(images, listing):
    """Where there is no such image, there may be one that is called so."""
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
    """Horizon's OVA and Docker are container formats in Glance, with a disk format each."""
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
    """They are left out before."""
    listing({"images": [record(number, MINE) for number in range(5)]}, {"images": []})
    assert image_lists.shared_with_project(images, 10).items == []
    assert requests_mock.call_count == 2


def test_as_many_are_looked_up_as_the_page_has(images, requests_mock):
    """And one more, which tells whether there is another page."""
    member = {"member_id": MINE, "status": "pending"}
    listed = [record(number, OTHER) for number in range(9)]
    requests_mock.get(f"{GLANCE}/v2/images", json={"images": listed})
    for item in listed:
        requests_mock.get(f"{GLANCE}/v2/images/{item['id']}/members/{MINE}", json=member)
    page = image_lists.shared_with_project(images, 3)
    assert len(page.items) == 3
    assert page.next_marker.image_ids == tuple(record(number)["id"] for number in (2, 1, 0))
    assert requests_mock.call_count == 1 + 4
