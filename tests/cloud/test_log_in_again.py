# SPDX-License-Identifier: Apache-2.0
"""A session that has ended leads to the login page and back, without a change.

Either Horizon notices the end, or a service that refuses the token.
``tests/browser/test_log_in_again.py`` tests how the browser handles the answers.
"""

import datetime
import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.cloud.login_page import comes_back_to, reason
from tests.cloud.pages import selected, shown
from tests.faults import FAULTS, WRITES

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}
(UNAUTHENTICATED,) = (fault for fault in FAULTS if fault.name == "401")
TAB = "/project/images/shared/"


def left(response):
    """Return the IDs of the remaining selected projects in a dialog."""
    return list(selected(response.content.decode()))


@pytest.fixture
def dialog(image):
    """The address of an image's dialog."""
    return f"/admin/images/{image.id}/access/"


# -- a service refuses the token


@pytest.mark.parametrize("service", ["Glance", "Keystone"])
@pytest.mark.parametrize("kwargs", [{}, AJAX], ids=["page", "ajax"])
@pytest.mark.parametrize("what", ["open", "search", "confirm"])
def test_dialog_before_anything_was_changed(
    admin, break_down, dialog, kwargs, members, project_id, service, what
):
    """After any request of the dialog, the login page has the reason and leads back there."""
    break_down(service, UNAUTHENTICATED)
    if what == "confirm":
        response = admin.post(dialog, {"add": project_id("research")}, **kwargs)
    else:
        part = "projects/?search=research" if what == "search" else ""
        response = admin.get(dialog + part, **kwargs)
    assert comes_back_to(response) == dialog
    assert f"({service}) did not accept your session. Log in again." in reason(response)
    assert ("Nothing was changed." in reason(response)) == (what == "confirm")
    assert members() == {}


def test_images_to_copy_from(admin, break_down, dialog, image):
    """Copy access from image also returns to the dialog, after its search and after its choice."""
    break_down("Glance", UNAUTHENTICATED)
    search = admin.get(f"{dialog}images/", {"search": "golden"}, **AJAX)
    copy = admin.post(f"{dialog}copy/", {"source": image.id}, **AJAX)
    assert [comes_back_to(search), comes_back_to(copy)] == [dialog, dialog]


def test_first_write_is_refused(admin, break_down, dialog, members, project_id):
    """A token revoked between checks and first write leads to the login page, without a change."""
    break_down("Glance", UNAUTHENTICATED, methods=WRITES)
    change = {"add": [project_id("research"), project_id("app-team-a")]}
    response = admin.post(dialog, change, **AJAX)
    assert comes_back_to(response) == dialog
    assert members() == {}


def test_in_the_middle_of_a_change(admin, break_down, dialog, members, project_id):
    """If the session ends halfway, the dialog lists done and failed changes, with a login link."""
    done, rest = project_id("research"), project_id("app-team-a")
    break_down("Glance", UNAUTHENTICATED, methods=WRITES, first=2)

    response = admin.post(dialog, {"add": [done, rest]}, **AJAX)

    assert response.status_code == 200
    page = html.unescape(response.content.decode())
    assert "is now shared with research." in page
    assert left(response) == [rest]
    assert "(Glance) did not accept your session. Log in again." in page
    link = re.search(r'<a [^>]*href="([^"]+)"[^>]*data-role="log-in-again"', page)[1]
    assert parse_qs(urlsplit(link).query)["next"] == [dialog]
    assert set(members()) == {done}

    break_down.heal()
    assert admin.post(dialog, {"add": left(response)}, **AJAX).status_code == 204
    assert set(members()) == {done, rest}


def test_other_failures_have_no_link_to_the_login_page(admin, break_down, dialog, project_id):
    """Other failures have no link to the login page, because a new login would not help."""
    (refused,) = (fault for fault in FAULTS if fault.name == "403")
    break_down("Glance", refused, methods=WRITES)
    response = admin.post(dialog, {"add": project_id("research")}, **AJAX)
    assert response.status_code == 200
    assert "log-in-again" not in response.content.decode()


def test_image_that_was_created_already(admin, break_down, connection, project_id):
    """If the session ends after a creation, the new image's Manage Access opens with the link."""
    break_down("Glance", UNAUTHENTICATED, methods=WRITES)
    form = {
        "name": "created-already",
        "source_type": "file",
        "image_file": SimpleUploadedFile("disk.raw", bytes(512)),
        "disk_format": "raw",
        "visibility": "shared",
        "add": project_id("research"),
    }
    response = admin.post("/admin/images/create/", form, **AJAX)
    [image] = connection.image.images(name="created-already")
    connection.image.delete_image(image)
    assert response.status_code == 200
    assert "log-in-again" in response.content.decode()
    assert left(response) == [project_id("research")]


def test_image_that_is_yet_to_be_created(admin, break_down):
    """In Create Image, the project table reports the failure, so the filled form is not lost."""
    break_down("Keystone", UNAUTHENTICATED)
    response = admin.get("/admin/images/access/projects/rows/?search=research", **AJAX)
    assert response.status_code == 200
    assert "did not accept your session" in response.content.decode()


@pytest.mark.parametrize(
    ("service", "path"),
    [
        ("Glance", f"{TAB}?name=golden&access=pending"),
        ("Glance", "/project/images/community/?name=golden"),
        ("Glance", TAB + "{}/"),
        ("Keystone", TAB),
    ],
)
def test_tabs(admin, break_down, connection, image, path, project_id, service):
    """The login page leads back to the same page, with its filters."""
    connection.image.add_member(image.id, member_id=project_id("admin"))
    path = path.format(image.id)
    break_down(service, UNAUTHENTICATED)
    response = admin.get(path)
    assert comes_back_to(response) == path
    assert f"({service}) did not accept your session" in reason(response)


@pytest.mark.parametrize("which", [{}, {"methods": WRITES}], ids=["every call", "each write"])
@pytest.mark.parametrize("action", ["accept", "reject"])
def test_answers(action, break_down, connection, image, login, members, project_id, which):
    """Accept and Reject change nothing, and the login page leads back to the tab."""
    team = project_id("app-team-a")
    connection.image.add_member(image.id, member_id=team)
    break_down("Glance", UNAUTHENTICATED, **which)
    ann = login("ann")
    form = {"action": f"shared_images__{action}__{image.id}", **shown(ann)}
    response = ann.post(f"{TAB}?name=golden", form)
    assert comes_back_to(response) == f"{TAB}?name=golden"
    assert "Nothing was changed." in reason(response)
    assert members() == {team: "pending"}


def test_answers_in_the_middle(break_down, login, make):
    """If the session ends between two answers, the next visit to the tab reports both results."""
    images = [make(name, shared_with=["app-team-a"]) for name in ("middle-1", "middle-2")]
    ann = login("ann")
    form = {
        "action": "shared_images__accept",
        "object_ids": [image.id for image in images],
        **shown(ann),
    }
    break_down("Glance", UNAUTHENTICATED, methods=WRITES, first=2)
    response = ann.post(TAB, form)
    assert response["Location"] == TAB
    break_down("Glance", UNAUTHENTICATED)
    assert comes_back_to(ann.get(TAB)) == TAB

    break_down.heal()
    page = html.unescape(ann.get(TAB).content.decode())
    assert "Accepted for app-team-a: middle-1." in page
    assert "Not accepted: middle-2. The image service (Glance) did not accept" in page


# -- Horizon itself finds that the session has ended


@pytest.fixture
def expired(login, logins):
    """An administrator's client whose token has expired by its date."""
    logins.pop(("admin", None), None)
    client = login("admin")
    logins.pop(("admin", None))  # no other test may use this session
    session = client.session
    token = session["token"]
    token.expires = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=1)
    session["token"] = token
    session.save()
    return client


@pytest.mark.parametrize("kwargs", [{}, AJAX], ids=["page", "ajax"])
def test_token_that_has_expired_by_its_date(dialog, expired, kwargs, members, project_id):
    """With an expired token, Horizon redirects to the login page before any request or change."""
    assert comes_back_to(expired.get(dialog, **kwargs)) == dialog
    change = {"add": project_id("research")}
    assert comes_back_to(expired.post(dialog, change, **kwargs)) == dialog
    assert comes_back_to(expired.get(TAB, **kwargs)) == TAB
    assert comes_back_to(expired.post(TAB, {"action": "x"}, **kwargs)) == TAB
    assert members() == {}
