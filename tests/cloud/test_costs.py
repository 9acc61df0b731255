# SPDX-License-Identifier: Apache-2.0
"""What the pages ask of Keystone and Glance: how many requests, which ones, how many rows.

Seconds differ from machine to machine and are measured by ``make bench``; what is
counted here does not. Horizon's own requests are counted with ours, because a page of
ours causes them.
"""

import re
from collections import Counter
from contextlib import ExitStack
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.core.cache import cache

from demo.bulk import Bulk
from tests.environment import CLOUD
from xloud_images_panel.dashboard.manage_access.checks import MOST_ASKED_ANEW
from xloud_images_panel.dashboard.manage_access.project_table import MOST_WAITED_FOR

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}
PAGE = 20  # Horizon's API_RESULT_PAGE_SIZE
SCAN_LIMIT = 500  # the setting's default
MEMBERS_PER_PAGE = 100  # the setting's default
SIZES = (50, 500, 3000)

SHARED = "/project/images/shared/"

# What Horizon asks for the menu of projects on each page, and with it once in a process.
HORIZON = {"keystone GET users/ID/projects", "keystone GET /"}


# Parts of a path that are no IDs.
_WORDS = {"domains", "images", "members", "projects", "users"}


@pytest.fixture
def cost(cloud, monkeypatch):
    """Return a function that calls another and counts the requests that it causes.

    It returns what the other function returned, and how many requests there were of each
    kind, such as ``keystone GET projects/ID``, without Horizon's own.
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
def bulk(connection):
    """Return what fills the databases."""
    bulk = Bulk(CLOUD, connection)
    yield bulk
    bulk.close()


@pytest.fixture
def cleanup():
    """Return a stack of things to do after the test, the last one first."""
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
    """Keep names of projects and domains from being cached, so that each request counts."""
    settings.XLOUD_IMAGES_PANEL = {"names_lifetime": 0}
    # What other tests left there. Not all of the cache: the logins are in it.
    for key in [key.removeprefix(":1:") for key in cache._cache if "xloud_images_panel:" in key]:
        cache.delete(key)


def url(image_id):
    """Return where the dialog of an image is."""
    return f"/admin/images/{image_id}/access/"


def rows(response):
    """Return the number of rows in the project table."""
    return response.content.decode().count("<tr data-project")


@pytest.mark.parametrize("size", SIZES)
def test_dialog_costs_the_same_among_any_number_of_projects(
    login, cost, many_projects, image, forgetful, size
):
    """It opens with five requests and one page of rows."""
    many_projects(size)
    admin = login("admin")
    response, sent = cost(admin.get, url(image), **AJAX)
    # The owner, unless it is on the first page.
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
    """However many have access, a page of them is looked up; the dialog waits for a few only."""
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

    # Those on the pages that are read anyway are not asked for.
    lookups = "keystone GET projects/ID"
    assert opened.get(lookups, 0) <= (0 if later else shown + 1)
    assert followed.get(lookups, 0) <= shown + 1
    assert opened.get("keystone GET projects", 0) <= 5
    assert followed.get("keystone GET projects", 0) <= 5


def test_opening_again_asks_for_no_member(login, cost, bulk, many_projects, image):
    """The names that were read a short while ago, for this image or another, are known."""
    # Few among many: the page of the others is full without a second request.
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
    """The second says that there are no more; of more than a thousand one page is asked for."""
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
    """The second page and the third cost what the first one does."""
    many_projects(size)
    admin = login("admin")
    cursor = admin.get(url(image), **AJAX).context["page"].cursor
    for _page in range(2):
        response, sent = cost(admin.get, f"{url(image)}projects/", {"cursor": cursor}, **AJAX)
        assert sent["keystone GET projects"] == 1
        assert "keystone GET projects/ID" not in sent
        assert 0 < rows(response) <= PAGE
        cursor = response.context["page"].cursor


@pytest.mark.parametrize("count", [1, 10, 100])
def test_confirm_costs_three_requests_for_an_added_project_and_one_for_a_removed(
    login, cost, bulk, many_projects, image, count
):
    """Seeing that it exists, adding and accepting are three requests, removing is one.

    Of more than a few projects, those that were seen in the dialog are not asked for again.
    The members are listed before, after the removals, and in the end.
    """
    projects = many_projects(2 * count)
    added, removed = projects[:count], projects[count:]
    bulk.members((image, project_id, "accepted") for project_id in removed)
    admin = login("admin")
    cursor = ""
    for _page in range(2 * count // PAGE + 1):  # as an administrator finds them in the dialog
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
    """However many images are shared with a project, one page of them is looked up."""
    images = many_images(size, "platform", prefix="!")
    bulk.members((image_id, project_ids["app-team-b"], "pending") for image_id in images)
    bob = login("bob")
    response, sent = cost(bob.get, SHARED)
    assert sent == {"glance GET images": 1, "glance GET images/ID/members/ID": PAGE + 1}
    assert response.content.decode().count("data-object-id") == PAGE


@pytest.mark.parametrize("size", SIZES)
def test_own_images_cost_a_member_no_lookup(login, cost, bulk, many_images, project_ids, size):
    """Glance lists a project's own images too: they are read over in a few large pages."""
    many_images(size, "app-team-b", prefix="!")
    [received] = many_images(1, "platform", prefix="!!")
    bulk.members([(received, project_ids["app-team-b"], "pending")])
    bob = login("bob")
    _response, sent = cost(bob.get, SHARED)
    assert sent["glance GET images/ID/members/ID"] == 1
    assert sent["glance GET images"] <= 12


@pytest.mark.parametrize("size", SIZES)
def test_administrator_costs_no_more_lookups_than_the_bound(login, cost, many_images, size):
    """Every shared image in the cloud may be one of the project: so many are looked up."""
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
    """Each request stays below the bound, and the last one finds what is far behind."""
    settings.XLOUD_IMAGES_PANEL = {"scan_limit": 100}
    images = many_images(250, "platform", prefix="!")
    last = min(images)  # created at the same moment, they are in the order of their IDs
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
