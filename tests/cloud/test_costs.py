# SPDX-License-Identifier: Apache-2.0
"""The number and kinds of the pages' requests to Keystone and Glance, and the number of rows.

``make bench`` measures seconds, which differ between machines; these counts do not. Horizon's own
requests count too, because the panel's page causes them.
"""

import re
from collections import Counter
from contextlib import ExitStack
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.core.cache import cache

from xloud_images_panel.dashboard.manage_access.checks import MOST_ASKED_ANEW
from xloud_images_panel.dashboard.manage_access.project_table import MOST_WAITED_FOR

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}
PAGE = 20  # Horizon's API_RESULT_PAGE_SIZE
SCAN_LIMIT = 500  # the setting's default
MEMBERS_PER_PAGE = 100  # the setting's default
SIZES = (50, 3000)

SHARED = "/project/images/shared/"

# Horizon's requests for the menu of projects: one on each page, and one per process.
HORIZON = {"keystone GET users/ID/projects", "keystone GET /"}


# Words in a path that are not IDs.
_WORDS = {"domains", "images", "members", "projects", "users"}


@pytest.fixture
def cost(cloud, monkeypatch):
    """Return a function that calls a function and counts the requests of the call.

    It returns the function's result, and the number of requests of each kind, such as
    ``keystone GET projects/ID``, without those for Horizon's menu.
    """
    services = {
        urlsplit(cloud.keystone_url).netloc: "keystone",
        urlsplit(cloud.glance_url).netloc: "glance",
    }
    send = requests.Session.send

    def cost(function, *args, horizon=True, most_projects=2 * PAGE, **kwargs):
        kinds = []

        def count(session, request, **options):
            response = send(session, request, **options)
            url = urlsplit(request.url)
            path = re.sub(r"^/v[23]/?", "", url.path) or "/"
            if path in ("projects", "images"):
                largest = {"projects": most_projects, "images": 1000}[path]
                assert 0 < int(parse_qs(url.query)["limit"][0]) <= largest
            path = re.sub(r"[^/]+", lambda m: m[0] if m[0] in _WORDS else "ID", path)
            kinds.append(f"{services[url.netloc]} {request.method} {path}")
            return response

        with monkeypatch.context() as patch:
            patch.setattr(requests.Session, "send", count)
            response = function(*args, **kwargs)
        if not horizon:
            assert not HORIZON & set(kinds)
        return response, Counter(kind for kind in kinds if kind not in HORIZON)

    return cost


@pytest.fixture
def connection(cloud):
    """Return the administrator's openstacksdk connection."""
    return cloud.connection("admin")


@pytest.fixture
def project_ids(connection):
    """Return the IDs of the demo's projects by name."""
    return {project.name: project.id for project in connection.identity.projects()}


@pytest.fixture
def cleanup():
    """Return a stack of cleanups that run after the test, in reverse order."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def many_projects(bulk, cleanup):
    """Return a function that creates projects and returns their IDs."""

    def many_projects(count):
        ids = bulk.projects([f"cost-{number:05}" for number in range(count)])
        cleanup.callback(bulk.remove_projects, ids)
        return ids

    return many_projects


@pytest.fixture
def many_images(bulk, cleanup, project_ids):
    """Return a function that creates shared images of a project and returns their IDs."""

    def many_images(count, owner, prefix=""):
        ids = bulk.images([f"{prefix}{number:05}" for number in range(count)], project_ids[owner])
        cleanup.callback(bulk.remove_images, ids)
        return ids

    return many_images


@pytest.fixture
def image(many_images):
    """Return the ID of a shared image of the project platform."""
    return many_images(1, "platform", prefix="golden-")[0]


@pytest.fixture
def forgetful(settings):
    """Keep names of projects and domains out of the cache, so that each request counts."""
    settings.XLOUD_IMAGES_PANEL = {"names_lifetime": 0}
    # Remove only other tests' names, because the rest of the cache holds the logins.
    for key in [key.removeprefix(":1:") for key in cache._cache if "xloud_images_panel:" in key]:
        cache.delete(key)


def url(image_id):
    """Return the address of an image's dialog."""
    return f"/admin/images/{image_id}/access/"


def rows(response):
    """Return the number of rows in the project table."""
    return response.content.decode().count("<tr data-project")


@pytest.mark.parametrize("size", SIZES)
def test_dialog_costs_the_same_among_any_number_of_projects(
    login, cost, many_projects, image, forgetful, size
):
    """The dialog opens with five requests and one page of rows, however many projects exist."""
    many_projects(size)
    admin = login("admin")
    response, sent = cost(admin.get, url(image), **AJAX)
    # The owner is looked up unless it is on the first page.
    assert sent.pop("keystone GET projects/ID", 0) <= 1
    assert sent == {
        "glance GET images/ID": 1,
        "glance GET images/ID/members": 1,
        "keystone GET projects": 1,
        "keystone GET domains": 1,
    }
    assert PAGE <= rows(response) <= PAGE + 1


@pytest.mark.parametrize("count", [1, 100, 1000])
def test_names_of_one_page_of_members_are_looked_up(
    login, cost, bulk, many_projects, image, forgetful, count
):
    """The dialog looks up one page of members, and waits for them only if they are few."""
    members = many_projects(1000 + count)[:count]
    bulk.members((image, project_id, "accepted") for project_id in members)
    admin = login("admin")
    shown = min(count, MEMBERS_PER_PAGE)

    response, opened = cost(admin.get, url(image), **AJAX)
    later = "data-unnamed" in response.content.decode()
    assert later == (count > MOST_WAITED_FOR)
    assert shown <= rows(response) <= MEMBERS_PER_PAGE + 1 + PAGE
    response, followed = cost(admin.get, f"{url(image)}projects/", **AJAX)
    assert "data-unnamed" not in response.content.decode()
    assert shown <= rows(response) <= MEMBERS_PER_PAGE + 1 + PAGE

    # Members on the pages that are read anyway need no look-up.
    lookups = "keystone GET projects/ID"
    assert opened.get(lookups, 0) <= (0 if later else shown + 1)
    assert followed.get(lookups, 0) <= shown + 1
    assert opened.get("keystone GET projects", 0) <= 5
    assert followed.get("keystone GET projects", 0) <= 5


def test_opening_again_asks_for_no_member(login, cost, bulk, many_projects, image):
    """A dialog opened again looks up no member: recent names, for any image, are cached."""
    # Few members among many projects, so that one request fills the page of other projects.
    members = many_projects(3000)[:20]
    bulk.members((image, project_id, "accepted") for project_id in members)
    admin = login("admin")
    admin.get(f"{url(image)}projects/", **AJAX)
    response, sent = cost(admin.get, url(image), **AJAX)
    assert "data-unnamed" not in response.content.decode()
    assert sent.pop("keystone GET projects") <= 5
    assert sent.keys() <= {
        "glance GET images/ID",
        "glance GET images/ID/members",
        "keystone GET domains",
    }
    assert rows(response) > 20


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("query", [{"search": "cost"}, {"domain_id": "default"}], ids=str)
def test_search_costs_two_requests_a_thousand(
    login, cost, many_projects, image, forgetful, size, query
):
    """The second request finds the end; with more than a thousand, one page is read as well."""
    many_projects(size)
    admin = login("admin")
    response, sent = cost(
        admin.get, f"{url(image)}projects/", query, horizon=False, most_projects=1000, **AJAX
    )
    assert sent == {
        "glance GET images/ID": 1,
        "glance GET images/ID/members": 1,
        "keystone GET projects": 3 if size > 1000 else 2,
        "keystone GET domains": 1,
    }
    assert rows(response) == PAGE


@pytest.mark.parametrize("size", SIZES)
def test_each_page_costs_one_request_for_projects(
    login, cost, many_projects, image, forgetful, size
):
    """The second and the third page cost as much as the first."""
    many_projects(size)
    admin = login("admin")
    cursor = admin.get(url(image), **AJAX).context["page"].cursor
    for _page in range(2):
        response, sent = cost(admin.get, f"{url(image)}projects/", {"cursor": cursor}, **AJAX)
        assert sent["keystone GET projects"] == 1
        assert "keystone GET projects/ID" not in sent
        assert 0 < rows(response) <= PAGE
        cursor = response.context["page"].cursor


@pytest.mark.parametrize("count", [1, MOST_ASKED_ANEW, 3 * MOST_ASKED_ANEW])
def test_confirm_costs_three_requests_for_an_added_project_and_one_for_a_removed(
    login, cost, bulk, many_projects, image, count
):
    """An added project needs a check, an addition and an acceptance; a removed one a removal.

    With more than a few projects, those seen in the dialog are not checked again. The members are
    listed before the changes, after the removals, and at the end.
    """
    projects = many_projects(2 * count)
    added, removed = projects[:count], projects[count:]
    bulk.members((image, project_id, "accepted") for project_id in removed)
    admin = login("admin")
    cursor = ""
    for _page in range(2 * count // PAGE + 1):  # like an administrator who finds them in the dialog
        query = {"search": "cost", "cursor": cursor}
        response = admin.get(f"{url(image)}projects/", query, **AJAX)
        cursor = response.context["page"].cursor
    response, sent = cost(
        admin.post, url(image), {"add": added, "remove": removed, "accept": "on"}, **AJAX
    )
    assert response.status_code == 204
    asked_anew = {"keystone GET projects/ID": count} if count <= MOST_ASKED_ANEW else {}
    assert sent == asked_anew | {
        "glance GET images/ID": 1,
        "glance GET images/ID/members": 3,
        "glance DELETE images/ID/members/ID": count,
        "glance POST images/ID/members": count,
        "glance PUT images/ID/members/ID": count,
    }


@pytest.mark.parametrize("size", SIZES)
def test_first_page_costs_a_member_the_lookups_of_that_page(
    login, cost, bulk, many_images, project_ids, size
):
    """One page of images is looked up, however many are shared with the project."""
    images = many_images(size, "platform", prefix="!")
    bulk.members((image_id, project_ids["app-team-b"], "pending") for image_id in images)
    bob = login("bob")
    response, sent = cost(bob.get, SHARED)
    assert sent == {"glance GET images": 1, "glance GET images/ID/members/ID": PAGE + 1}
    assert response.content.decode().count("data-object-id") == PAGE


@pytest.mark.parametrize("size", SIZES)
def test_own_images_cost_a_member_no_lookup(login, cost, bulk, many_images, project_ids, size):
    """The tab skips the project's own images, which Glance lists too, in a few large pages."""
    many_images(size, "app-team-b", prefix="!")
    [received] = many_images(1, "platform", prefix="!!")
    bulk.members([(received, project_ids["app-team-b"], "pending")])
    bob = login("bob")
    _response, sent = cost(bob.get, SHARED)
    assert sent["glance GET images/ID/members/ID"] == 1
    assert sent["glance GET images"] <= 12


@pytest.mark.parametrize("size", [50, SCAN_LIMIT])
def test_administrator_costs_no_more_lookups_than_the_bound(login, cost, many_images, size):
    """An administrator may see any shared image in the cloud, so look-ups stop at a bound."""
    many_images(size, "platform", prefix="!")
    admin = login("admin")
    response, sent = cost(admin.get, SHARED, {"name": "!"})
    lookups = sent["glance GET images/ID/members/ID"]
    assert lookups == min(size, SCAN_LIMIT)
    assert sent["glance GET images"] <= 12
    assert ("Look further" in response.content.decode()) == (size >= SCAN_LIMIT)


def test_administrator_goes_on_where_the_scan_stopped(
    login, cost, bulk, many_images, project_ids, settings
):
    """Each request continues the scan within the bound, and the last one finds a distant image."""
    settings.XLOUD_IMAGES_PANEL = {"scan_limit": 100}
    images = many_images(250, "platform", prefix="!")
    last = min(images)  # images with equal creation times are in the order of their IDs
    bulk.members([(last, project_ids["admin"], "pending")])
    admin = login("admin")
    query, found = {"name": "!"}, []
    for _request in range(3):
        assert not found
        response, sent = cost(admin.get, SHARED, query)
        assert sent["glance GET images/ID/members/ID"] <= 100
        found = [shared.image.id for shared in response.context["table"].data]
        query["after"] = response.context["table"].page.next_marker
    assert found == [last]
