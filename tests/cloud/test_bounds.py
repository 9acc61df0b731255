# SPDX-License-Identifier: Apache-2.0
"""Limits of a single request's cost and their messages, against the real Keystone and Glance."""

import uuid
from types import SimpleNamespace

import pytest
from django.contrib.messages import get_messages

from tests.cloud.test_accept_reject import TAB, act, status, text  # noqa: F401
from xloud_images_panel.dashboard import scan_lease
from xloud_images_panel.dashboard.settings import MIB
from xloud_images_panel.services import transport

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}
COMMUNITY = "/project/images/community/"

pytestmark = pytest.mark.usefixtures("without_menus")


def weighing(properties):
    """Return properties for an image, each of 60,000 characters."""
    return {f"p{number}": "x" * 60_000 for number in range(properties)}


@pytest.fixture
def small_answers(settings):
    """Limit the size of an answer to one MiB."""
    settings.XLOUD_IMAGES_PANEL = {"largest_answer": MIB}


@pytest.fixture
def limits(monkeypatch):
    """Return the limits of Glance's list requests, in order."""
    asked, request = [], transport.Session.request

    def spy(self, url, method, *args, **kwargs):
        if "/images?" in url:
            asked.append(int(url.split("limit=")[1].split("&")[0]))
        return request(self, url, method, *args, **kwargs)

    monkeypatch.setattr(transport.Session, "request", spy)
    return asked


def listed(client, url=TAB, **query):
    """Return the names on one page of a tab, and the text of the page."""
    page = client.get(url, query)
    return sorted(row.image.name for row in page.context["table"].data), text(page)


# -- answers that are too large


def test_images_that_are_too_large_together_are_listed_in_parts(login, make, small_answers, limits):
    """Images too large for one answer are listed in parts: each once, and none is missing."""
    names = [f"heavy-{number}" for number in range(6)]
    for name in names:
        make(name, shared_with=["app-team-a"], **weighing(6))
    found, said = listed(login("ann"), name="heavy")
    assert found == names
    assert "not shown" not in said
    assert min(limits) < 6


def test_image_that_is_too_large_alone_does_not_hide_the_others(login, make, small_answers):
    """The page skips an image that is too large and says so; Glance names the next image."""
    make("weight-1", shared_with=["app-team-a"])
    make("weight-2", shared_with=["app-team-a"], **weighing(20))
    make("weight-3", shared_with=["app-team-a"])
    found, said = listed(login("ann"), name="weight")
    assert found == ["weight-1", "weight-3"]
    assert "1 image is not shown: its properties are more than the dashboard reads." in said


def test_image_to_copy_from_that_is_too_large_is_missed(admin, make, image, small_answers):
    """Copy access omits an image that is too large, as the tabs do, and says so."""
    make("copied-1")
    make("copied-2", **weighing(20))
    page = text(admin.get(f"/admin/images/{image.id}/access/images/", {"search": "copied"}, **AJAX))
    assert "copied-1" in page
    assert "1 image is not shown" in page


def test_image_that_is_too_large_says_so(login, make, small_answers):
    """The details show a message instead of Horizon's page, which would read the whole image."""
    image = make("too-heavy", shared_with=["app-team-a"], **weighing(20))
    response = login("ann").get(f"{TAB}{image.id}/")
    assert [str(message) for message in get_messages(response.wsgi_request)] == [
        "The image service (Glance) answered with more than the dashboard reads (1 MiB)."
    ]


def test_badge_of_images_that_are_too_large(login, make, limits):
    """If images are too large, the badge shows many images instead of reading megabytes."""
    for number in range(3):
        make(f"badge-{number}", shared_with=["app-team-a"], **weighing(20))
    response = login("ann").get(f"{TAB}pending/")
    assert response.json() == {"count": 99, "more": True}
    assert limits == [100, 10]


# -- images in one answer


def test_more_images_than_a_page_has_are_not_answered(login, make, status, limits):  # noqa: F811
    """An answer for more images than a page has is refused with the limit, and changes nothing."""
    image = make("one-of-many", shared_with=["app-team-a"])
    others = [str(uuid.uuid4()) for _number in range(100)]
    page = act(login("ann"), "accept", image.id, *others)
    assert "At most 100 images can be answered at once; nothing was changed." in text(page)
    assert status(image) == "pending"


def test_a_page_of_images_is_answered(login, make, status):  # noqa: F811
    """Invalid IDs and duplicates do not count towards the limit of images in one answer."""
    image = make("one-of-few", shared_with=["app-team-a"])
    others = [f"no-image-{number}" for number in range(100)]
    page = act(login("ann"), "accept", image.id, *others, image.id)
    assert "Accepted for app-team-a: one-of-few." in text(page)
    assert "no-image" not in text(page)
    assert status(image) == "accepted"


def test_an_answer_without_an_image_says_so(login):
    """A form without a valid image ID gets the message that no image was selected."""
    assert "No image was selected." in text(act(login("ann"), "accept", "no-image"))


# -- concurrent searches


@pytest.fixture
def searching(monkeypatch):
    """Return a function that simulates a running search by a client's user."""
    monkeypatch.setattr(scan_lease, "LONGEST_WAIT", 0)

    def searching(client):
        request = client.get(f"{COMMUNITY}").wsgi_request
        user = SimpleNamespace(id=request.user.id, services_region=request.user.services_region)
        return scan_lease.scanning(SimpleNamespace(user=user))

    return searching


RUNNING = "Another search of yours is still running. Try again in a moment."


@pytest.mark.parametrize(("url", "query"), [(TAB, {"name": "x"}), (COMMUNITY, {"name": "x"})])
def test_second_search_of_a_user_says_that_there_is_a_first(login, searching, limits, url, query):
    """A user's second search keeps its text in the form, and Glance gets no request."""
    ann = login("ann")
    with searching(ann):
        page = ann.get(url, query)
        assert RUNNING in text(page)
        assert page.context["query"] == query
        assert limits == []
    assert RUNNING not in text(ann.get(url, query))


def test_second_search_for_an_image_to_copy_from(admin, searching, image):
    """While another search runs, a message replaces the images to copy from."""
    url = f"/admin/images/{image.id}/access/images/"
    with searching(admin):
        assert RUNNING in text(admin.get(url, {"search": "x"}, **AJAX))
    assert RUNNING not in text(admin.get(url, {"search": "x"}, **AJAX))


def test_what_is_no_search_does_not_wait_for_one(login, searching, make):
    """A running search does not affect the badge, the tab before a search, or other users."""
    make("waits", shared_with=["app-team-a"])
    ann, rita = login("ann"), login("rita")
    with searching(ann):
        assert ann.get(f"{TAB}pending/").json()["count"] >= 1
        assert RUNNING not in text(ann.get(COMMUNITY))
        assert listed(rita, name="waits")[0] == ["waits"]


# -- time


def test_list_that_takes_longer_than_reading_may_says_so(login, settings):
    """A list that takes too long to read shows a message with the limit in seconds."""
    settings.XLOUD_IMAGES_PANEL = {"reading_time": 1e-9}
    said = listed(login("ann"), name="x")[1]
    assert (
        "The image service (Glance) was not finished after 0 seconds, when the dashboard stopped "
        "asking." in said
    )


# -- caching


@pytest.mark.parametrize(
    "url",
    [
        TAB,
        f"{TAB}pending/",
        f"{TAB}{{image}}/",
        COMMUNITY,
        "/admin/images/{image}/access/",
        "/admin/images/{image}/access/projects/",
        "/admin/images/{image}/access/images/",
        "/admin/images/access/projects/",
        "/admin/images/access/projects/rows/",
    ],
)
def test_pages_are_kept_by_nobody(admin, make, url):
    """The pages name other projects' images, so neither browsers nor proxies may store them."""
    image = make("kept-nowhere", shared_with=["admin"])
    response = admin.get(url.format(image=image.id))
    assert response.status_code in (200, 204)
    assert {"no-store", "private"} <= set(response["Cache-Control"].split(", "))
