# SPDX-License-Identifier: Apache-2.0
"""Input that no browser sends gets a refusal or a message, never a traceback or a stray call."""

import copy
import json
import logging
import re
from urllib.parse import quote, urlsplit

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.cloud.pages import selected, shown
from tests.cloud.test_who_gets_in import ADMIN_URLS, PROJECT_URLS
from tests.environment import CLOUD
from xloud_images_panel.services import transport

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}
SOME_IMAGE = "11111111-1111-1111-1111-111111111111"
UUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
#: Addresses that calls to the services may have; queries are encoded, paths are not.
ADDRESSES = re.compile(
    rf"/v2/images(/{UUID}(/members(/[A-Za-z0-9_-]{{1,64}})?)?)?"
    r"|/v2/schemas/image|/v3/projects(/[A-Za-z0-9_-]{1,64})?|/v3/domains"
)
NASTY = (
    "../../v3/projects", "..%2f..%2f", "%00", "\x00", "a" * 20_000, "\U0001f4a5" * 300, "\u202e",
    "\r\nX-Injected: 1", "{{ 7 * 7 }}", "{$ 1 $}", "<script>", "' OR 1=1 --", "-1", "1e309", "NaN",
    "9" * 30, "None", "true", "[]", "members:-1", "members:٣", "projects:../x", "hidden:x",
    "n.1." + "a" * 22, "hidden:../../v2", "00000000-0000-0000-0000-000000000000", "0" * 32, " ", "",
)  # fmt: skip
# Horizon's own Edit Image in Project is included, because only its path is the panel's.
EVERYTHING = [("admin", name) for name in ADMIN_URLS if name] + [
    ("project", name) for name in PROJECT_URLS if name
]
hostile = st.one_of(
    st.sampled_from(NASTY), st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
)


def hammered(examples):
    """Return a decorator that runs a property test with this many examples, the same each time."""
    return hypothesis_settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


def address(dashboard, name, image_id):
    """Return the address of one of the panel's URLs."""
    try:
        return reverse(f"horizon:{dashboard}:images:{name}")
    except NoReverseMatch:
        path = reverse(f"horizon:{dashboard}:images:{name}", args=[SOME_IMAGE])
        return path.replace(SOME_IMAGE, quote(image_id, safe=""))


@pytest.fixture
def asked(monkeypatch):
    """The paths of calls to the services; the test fails if a path has more than identifiers."""
    asked = []
    request = transport.Session.request

    def spy(self, url, method, **kwargs):
        endpoint = kwargs.get("endpoint_override") or self.auth.get_endpoint(self)
        path = urlsplit(url).path
        if not urlsplit(url).netloc:
            path = urlsplit(endpoint).path.rstrip("/") + "/" + path.lstrip("/")
        asked.append(path)
        return request(self, url, method, **kwargs)

    monkeypatch.setattr(transport.Session, "request", spy)
    yield asked
    assert [path for path in asked if not ADDRESSES.fullmatch(path)] == []


@pytest.fixture(autouse=True)
def quickly(settings):
    """Allow one try, so that calls refused because of hostile input are not repeated."""
    settings.XLOUD_IMAGES_PANEL = {"tries": 1}


@pytest.mark.parametrize(
    ("dashboard", "name"),
    EVERYTHING,
)
def test_image_ids(admin, asked, dashboard, name):
    """Text that is not an image's ID never becomes part of a call."""

    @hammered(6)
    @given(hostile.filter(lambda text: "/" not in text and text not in ("", ".", "..")))
    def check(image_id):
        for method in ("get", "post"):
            response = getattr(admin, method)(address(dashboard, name, image_id), **AJAX)
            assert response.status_code < 500

    check()


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/admin/images/{}/access/projects/", ("search", "domain_id", "cursor")),
        ("/admin/images/access/projects/rows/", ("search", "domain_id", "cursor")),
        ("/admin/images/{}/access/images/", ("search",)),
        ("/project/images/shared/", ("name", "access", "before", "after")),
        (
            "/project/images/community/",
            ("name", "owner", "disk_format", "size_min", "size_max", "before", "after"),
        ),
    ],
)
def test_query_parameters(admin, asked, image, names, path):
    """Invalid filters, cursors and markers lead to a page or a 400."""

    @hammered(30)
    @given(st.dictionaries(st.sampled_from(names), hostile, min_size=1, max_size=2))
    def check(query):
        response = admin.get(path.format(image.id), query, **AJAX)
        assert response.status_code in (200, 400)

    check()


def test_changes(admin, asked, image, members):
    """For hostile project IDs the dialog names the error, and nothing changes."""

    @hammered(12)
    @given(
        st.lists(hostile, max_size=3),
        st.lists(hostile, max_size=3),
        st.sampled_from(["", "x", "on"]),
    )
    def check(add, remove, accept):
        change = {"add": add, "remove": remove, "accept": accept}
        for path in ("access", "access/copy"):
            response = admin.post(f"/admin/images/{image.id}/{path}/", change, **AJAX)
            assert response.status_code == 200

    check()
    assert members() == {}


def test_sources_to_copy_from(admin, asked, image):
    """The source image's ID is checked like the target's."""

    @hammered(20)
    @given(hostile)
    def check(source):
        response = admin.post(f"/admin/images/{image.id}/access/copy/", {"source": source}, **AJAX)
        assert response.status_code == 200

    check()


def test_answers(login, asked):
    """Unknown actions and invalid images lead to a message on the tab."""
    ann = login("ann")

    @hammered(8)
    @given(st.sampled_from(["accept", "reject", "x"]) | hostile, st.lists(hostile, max_size=3))
    def check(action, ids):
        for data in (
            {"action": f"shared_images__{action}", "object_ids": ids},
            {"action": f"shared_images__{action}__{ids[0] if ids else ''}"},
            {"action": action},
        ):
            data |= shown(ann)
            assert ann.post("/project/images/shared/", data).status_code < 500

    check()


def test_more_projects_than_anybody_selects(admin, asked, image, members):
    """More fields than Django accepts (DATA_UPLOAD_MAX_NUMBER_FIELDS) are a bad request."""
    ids = [f"{number:032x}" for number in range(10_000)]
    response = admin.post(f"/admin/images/{image.id}/access/", {"add": ids}, **AJAX)
    assert response.status_code == 400
    assert members() == {}


def test_many_projects_that_do_not_exist(admin, asked, image, members, project_id):
    """Nothing changes; the message names some projects, counts the rest, and keeps all selected."""
    ids = [f"{number:032x}" for number in range(120)]
    add = [project_id("research"), *ids]
    response = admin.post(f"/admin/images/{image.id}/access/", {"add": add}, **AJAX)
    page = response.content.decode()
    assert response.status_code == 200
    assert f"Nothing was changed: there is no project with the ID {ids[0]}, {ids[1]}" in page
    assert "and 115 more." in page
    assert selected(page) == dict.fromkeys(add, "add")
    assert members() == {}


# -- methods


@pytest.mark.parametrize(("dashboard", "name"), EVERYTHING)
def test_looking_changes_nothing(admin, connection, image, members, dashboard, name, project_id):
    """GET and HEAD ignore a POST's fields in the query."""
    research = project_id("research")
    connection.image.add_member(image.id, member_id=project_id("admin"))
    query = {
        "add": research,
        "remove": project_id("admin"),
        "accept": "on",
        "source": image.id,
        "action": f"shared_images__accept__{image.id}",
        "object_ids": image.id,
    }
    for method in ("get", "head"):
        response = getattr(admin, method)(address(dashboard, name, image.id), query, **AJAX)
        assert response.status_code < 500
    assert members() == {project_id("admin"): "pending"}


@pytest.mark.parametrize(("dashboard", "name"), EVERYTHING)
@pytest.mark.parametrize("kwargs", [{}, AJAX], ids=["page", "ajax"])
def test_posts_need_the_token_of_the_page(
    login, image, members, dashboard, name, kwargs, project_id
):
    """Every POST needs a CSRF token, so other sites cannot submit forms for an administrator."""
    client = Client(HTTP_HOST="127.0.0.1", enforce_csrf_checks=True)
    client.cookies = copy.deepcopy(login("admin").cookies)
    form = {"add": project_id("research")}
    response = client.post(address(dashboard, name, image.id), form, **kwargs)
    # Horizon redirects to the login page, and its scripts follow.
    leads_to = response.get("Location") or response["X-Horizon-Location"]
    assert leads_to.startswith("/auth/login/?csrf_failure=")
    assert members() == {}


# -- policy


@pytest.fixture
def nobody_may_add(rules):
    """An operator's policy for Glance that forbids every user to add members."""
    rules(image={"add_member": "!"})


@pytest.mark.parametrize("name", ["manage_access", "access_projects", "access_copy"])
def test_policy_that_forbids_adding(admin, image, members, name, nobody_may_add, project_id):
    """A policy that forbids adding closes the dialog's changes to administrators too."""
    form = {"add": project_id("research")}
    assert admin.post(address("admin", name, image.id), form, **AJAX).status_code == 403
    assert members() == {}


def test_policy_that_forbids_adding_leaves_the_dialog_to_be_read(admin, image, nobody_may_add):
    """Under a policy that forbids adding, the dialog shows who has access and offers no changes."""
    page = admin.get(address("admin", "manage_access", image.id), **AJAX).content.decode()
    assert "You may see who has access, and not change it" in page
    assert "Confirm" not in page


# -- logs


def test_no_token_and_no_password_is_logged(admin, caplog, cloud, down, image, login, project_id):
    """No token or password is logged, even at DEBUG, where the clients log every request."""
    caplog.set_level(logging.DEBUG)
    access = f"/admin/images/{image.id}/access/"
    tokens = {client.session["token"].id for client in (admin, login("ann"))}
    admin.get(access, **AJAX)
    admin.get(f"{access}projects/", {"search": "a"}, **AJAX)
    admin.post(access, {"add": [project_id("app-team-a")]}, **AJAX)
    ann = login("ann")
    action = {"action": f"shared_images__accept__{image.id}", **shown(ann)}
    ann.post("/project/images/shared/", action, follow=True)
    admin.post(access, {"remove": [project_id("app-team-a"), "0" * 32]}, **AJAX)
    down("image")
    admin.get(access, **AJAX)
    logs = caplog.text + "".join(
        path.read_text(errors="replace") for path in CLOUD.logs.glob("*.log")
    )
    assert "xloud_images_panel.audit" in caplog.text
    assert "keystoneauth" in caplog.text
    for secret in (*tokens, cloud.password):
        # The password "secret" is also a word; as a value it is quoted.
        assert secret not in logs if len(secret) > 20 else f'"{secret}"' not in logs


HALF = "\ud800"  # JSON can have half of a surrogate pair, and UTF-8 cannot
CHANGES = [{"image": SOME_IMAGE, "verb": "add", "projects": [HALF]}]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("slice", {"changes": CHANGES}),
        ("slice/undo", {"receipts": [HALF]}),
        ("sheet", {"changes": CHANGES}),
        ("file/look-up", {"images": [HALF]}),
        ("file/look-up", {"projects": [HALF]}),
        ("file/look-up", {"tags": [HALF]}),
    ],
)
def test_text_that_no_service_can_be_sent(admin, asked, path, content):
    """Text that UTF-8 cannot encode is refused with a sentence, and sent to no service."""
    response = admin.post(
        f"/admin/images/access/{path}/",
        json.dumps({"region": "RegionOne", **content}),
        content_type="application/json",
        **AJAX,
    )
    assert "cannot read the request" in response.json()["refused"]


def test_text_in_a_dialog_that_no_service_can_be_sent(admin, asked, image, members):
    """A selection that UTF-8 cannot encode changes nothing, and the dialog is shown again."""
    changes = json.dumps({"add": [HALF]})
    response = admin.post(f"/admin/images/{image.id}/access/", {"changes": changes}, **AJAX)
    assert response.status_code == 200
    assert members() == {}
