# SPDX-License-Identifier: Apache-2.0
"""The Python panel's Edit Image, and projects that regain access when an image is shared again."""

import json

import pytest
from openstack_dashboard.api import glance as horizon_glance

from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.dashboard import restored
from xloud_images_panel.services import glance, transport

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}
# The image's owner is the project platform; pat is a member of it.
EDITORS = pytest.mark.parametrize(("user", "panel"), [("admin", "admin"), ("pat", "project")])


def text(response):
    """Return the text of a response."""
    return response.content.decode()


def again_url(image):
    """Return the address to which the AngularJS panel reports that an image became shared."""
    return f"/project/images/{image.id}/shared-again/"


@pytest.fixture
def edit(login, image):
    """Return a function that edits the image as a user in Project or in Admin."""

    def edit(user, panel, **more):
        sent = {"image_id": image.id, "name": "golden", "disk_format": "raw", **more}
        return login(user).post(f"/{panel}/images/{image.id}/update/", sent, follow=True)

    return edit


@pytest.fixture
def visibility(connection, image):
    """Return a function that asks Glance for the image's visibility."""
    return lambda: connection.image.get_image(image.id).visibility


@pytest.fixture
def came_back(connection, image, project_id):
    """Make the image private; its members are research and a deleted project."""
    for member in (project_id("research"), "0" * 32):
        connection.image.add_member(image.id, member_id=member)
    connection.image.update_image(image.id, visibility="private")


def note(admin, image):
    """Return whether the dialog has the note about projects that regained access."""
    return 'data-role="returned"' in text(admin.get(f"/admin/images/{image.id}/access/", **AJAX))


@EDITORS
@pytest.mark.parametrize("before", ["private", "shared", "community", "public"])
def test_form_has_the_visibility_of_the_image(login, connection, image, user, panel, before):
    """The form selects the current visibility, even if the user may not set it."""
    connection.image.update_image(image.id, visibility=before)
    page = text(login(user).get(f"/{panel}/images/{image.id}/update/", **AJAX))
    assert f'<option value="{before}" selected' in page
    assert 'name="is_public"' not in page


@EDITORS
@pytest.mark.parametrize("before", ["private", "shared", "community"])
def test_editing_something_else_keeps_the_visibility(
    edit, connection, image, visibility, user, panel, before
):
    """Editing something else keeps the visibility, because the form submits the original one."""
    connection.image.update_image(image.id, visibility=before)
    page = edit(user, panel, name="renamed", visibility=before)
    assert "Image was successfully updated." in text(page)
    assert connection.image.get_image(image.id).name == "renamed"
    assert visibility() == before


@EDITORS
def test_sets_the_visibilities_that_the_user_may_set(edit, visibility, user, panel):
    """Administrators may set every visibility, the owner's users all but Public."""
    for wanted in ("private", "community", "shared"):
        edit(user, panel, visibility=wanted)
        assert visibility() == wanted
    page = text(edit(user, panel, visibility="public"))
    assert visibility() == ("public" if user == "admin" else "shared")
    assert ("Select a valid choice" in page) == (user != "admin")


def test_visibility_that_somebody_else_set_meanwhile_stays(edit, connection, image, visibility):
    """Saving a name does not restore the visibility that the form was opened with."""
    connection.image.update_image(image.id, visibility="shared")
    edit("admin", "admin", visibility="private", visibility_before="private", name="renamed")
    assert visibility() == "shared"
    edit("admin", "admin", visibility="private", visibility_before="shared")
    assert visibility() == "private"


@EDITORS
@pytest.mark.parametrize("before", ["private", "shared", "community", "public"])
@pytest.mark.parametrize("more", [{}, {"visibility": ""}])
def test_visibility_that_is_not_sent_is_not_changed(
    edit, connection, image, visibility, user, panel, before, more
):
    """A form without the field, such as one of Horizon's tests, keeps the visibility."""
    connection.image.update_image(image.id, visibility=before)
    page = edit(user, panel, name="renamed", **more)
    assert "Image was successfully updated." in text(page)
    assert connection.image.get_image(image.id).name == "renamed"
    assert visibility() == before


@pytest.mark.parametrize("panel", ["admin", "project"])
@pytest.mark.parametrize(
    ("before", "sent", "after"),
    [
        ("private", "on", "public"),
        ("shared", "True", "public"),
        ("public", "True", "public"),
        ("public", "False", "private"),
        ("shared", "False", "shared"),
        ("community", "", "community"),
    ],
)
def test_horizons_own_field_is_understood(
    edit, connection, image, visibility, panel, before, sent, after
):
    """Yes for "Public" publishes an image; No only makes a public image private."""
    connection.image.update_image(image.id, visibility=before)
    edit("admin", panel, is_public=sent)
    assert visibility() == after


def test_visibility_counts_before_horizons_own_field(edit, visibility):
    """In a form with both fields, the visibility counts, because it is more precise."""
    edit("admin", "admin", visibility="community", is_public="on")
    assert visibility() == "community"


def test_horizons_own_field_is_for_who_may_publish(edit, visibility):
    """Users who may not publish get the same error from Horizon's field as from the visibility."""
    assert "Select a valid choice" in text(edit("pat", "project", is_public="on"))
    assert visibility() == "shared"


def test_visibility_of_a_newer_glance_is_kept(login, image, monkeypatch):
    """The form keeps a visibility that the panel does not know."""
    image_get = horizon_glance.image_get

    def newer(request, image_id):
        found = image_get(request, image_id)
        found._apiresource["visibility"] = "partners"
        return found

    monkeypatch.setattr(horizon_glance, "image_get", newer)
    page = text(login("admin").get(f"/admin/images/{image.id}/update/", **AJAX))
    assert '<option value="partners" selected' in page


@pytest.mark.parametrize("user", ["ann", "rita", "bob"])
def test_who_may_not_edit_changes_nothing(edit, visibility, user):
    """Other projects' users change nothing: Glance decides, and Admin is closed to them."""
    edit(user, "project", visibility="private")
    assert edit(user, "admin", visibility="private").status_code == 403
    assert visibility() == "shared"


# -- projects that regain access


@EDITORS
def test_says_who_has_access_from_before(admin, edit, image, came_back, project_id, user, panel):
    """Administrators see the projects' names, others IDs; Manage Access has the note as well."""
    page = text(edit(user, panel, visibility="shared"))
    named = "research" if user == "admin" else project_id("research")
    assert "is shared again: 2 projects have access from before: " in page
    assert named in page
    assert "0" * 32 in page
    dialog = text(admin.get(f"/admin/images/{image.id}/access/", **AJAX))
    assert "2 projects have access from before" in dialog
    assert "research" in dialog[dialog.index("2 projects have access") :][:300]


def test_note_goes_with_a_change_of_access(admin, edit, image, came_back, project_id):
    """The note survives a visit and a failed change; a successful change removes it."""
    edit("admin", "admin", visibility="shared")
    url = f"/admin/images/{image.id}/access/"
    assert note(admin, image)
    admin.post(url, {"add": "no-such-project"}, **AJAX)
    assert note(admin, image)
    admin.post(url, {"remove": project_id("research")}, **AJAX)
    assert not note(admin, image)


def test_note_names_only_who_still_has_access(
    admin, connection, edit, image, came_back, project_id
):
    """The note does not count projects removed since then by the command line."""
    edit("admin", "admin", visibility="shared")
    connection.image.remove_member(project_id("research"), image.id)
    page = text(admin.get(f"/admin/images/{image.id}/access/", **AJAX))
    assert "1 project has access from before" in page
    connection.image.remove_member("0" * 32, image.id)
    assert not note(admin, image)


def test_nothing_is_said_where_nobody_comes_back(admin, connection, edit, image):
    """There is no message for an image without members, nor for one that stays shared."""
    connection.image.update_image(image.id, visibility="private")
    assert "is shared again" not in text(edit("admin", "admin", visibility="shared"))
    connection.image.add_member(image.id, member_id="0" * 32)
    assert "is shared again" not in text(edit("admin", "admin", visibility="shared"))
    assert not note(admin, image)


def test_edit_succeeds_where_the_members_cannot_be_listed(edit, came_back, monkeypatch, visibility):
    """An edit succeeds without the message, because Manage Access shows who has access."""

    def broken(*_args):
        raise ServiceError("Glance", Reason.BROKEN)

    monkeypatch.setattr(glance.Glance, "members", broken)
    page = text(edit("admin", "admin", visibility="shared"))
    assert "Image was successfully updated." in page
    assert "is shared again" not in page
    assert visibility() == "shared"


# -- the AngularJS panel, which edits through Horizon's API


@pytest.fixture
def share_again(connection, login):
    """Return a function that acts as the AngularJS panel when an image becomes shared."""

    def share_again(user, image):
        client = login(user)
        assert client.post(f"{again_url(image)}before/", **AJAX).status_code == 204
        connection.image.update_image(image.id, visibility="shared")
        return client.post(again_url(image), **AJAX)

    return share_again


@pytest.mark.parametrize("user", ["admin", "pat"])
def test_angularjs_panel_is_told_who_came_back(admin, image, came_back, share_again, user):
    """The answer has the sentence, and Manage Access has the note."""
    response = share_again(user, image)
    assert "2 projects have access from before" in json.loads(text(response))["message"]
    assert note(admin, image)


def test_nothing_to_tell_is_no_content(connection, image, share_again):
    """An image without members gets a 204."""
    connection.image.update_image(image.id, visibility="private")
    assert share_again("pat", image).status_code == 204


@pytest.mark.parametrize("user", ["admin", "pat"])
def test_note_needs_a_change_that_was_seen(login, admin, connection, image, project_id, user):
    """A report alone is not enough: an image that was shared all the time gets no note."""
    connection.image.add_member(image.id, member_id=project_id("research"))
    client = login(user)
    assert client.post(f"{again_url(image)}before/", **AJAX).status_code == 409
    assert client.post(again_url(image), **AJAX).status_code == 204
    assert not note(admin, image)


def test_sight_of_somebody_else_does_not_count(login, admin, connection, image, came_back):
    """The sight of an unshared image counts once, for one user, until the image is seen shared."""
    before = f"{again_url(image)}before/"
    login("pat").post(before, **AJAX)
    connection.image.update_image(image.id, visibility="shared")
    assert admin.post(again_url(image), **AJAX).status_code == 204
    assert login("pat").post(again_url(image), **AJAX).status_code == 200
    assert login("pat").post(again_url(image), **AJAX).status_code == 204
    connection.image.update_image(image.id, visibility="private")
    admin.post(before, **AJAX)
    connection.image.update_image(image.id, visibility="shared")
    assert admin.post(before, **AJAX).status_code == 409
    assert admin.post(again_url(image), **AJAX).status_code == 204


@pytest.fixture
def loose_policy(rules):
    """An operator's policy for Glance that allows every user everything."""
    names = ("modify_image", "get_members", "context_is_admin", "get_image")
    rules(image=dict.fromkeys(names, "@"))


@pytest.mark.parametrize("user", ["ann", "rita", "bob"])
def test_policy_cannot_let_others_note_anything(
    admin, connection, image, login, loose_policy, project_id, user
):
    """Even under a policy that allows everything, receiving projects' users cannot leave a note."""
    for project in ("app-team-a", "app-team-b"):
        connection.image.add_member(image.id, member_id=project_id(project))
    for step in ("", "before/"):
        assert login(user).post(again_url(image) + step, **AJAX).status_code == 403
    assert not note(admin, image)


@pytest.mark.parametrize("many", [20, 2_000])
def test_sentence_is_true_of_any_number_of_projects(
    admin, bulk, connection, image, count_calls, many, share_again
):
    """The sentence has five names and counts all projects; the dialog counts up to a limit."""
    bulk.members([(image.id, f"{number:032x}", "pending") for number in range(many)])
    connection.image.update_image(image.id, visibility="private")
    response = share_again("admin", image)
    assert count_calls("/v3/projects") <= 5
    told = json.loads(text(response))["message"]
    assert f"is shared again: {many} projects have access from before: {0:032x}, " in told
    assert f"and {many - 5} more." in told
    page = text(admin.get(f"/admin/images/{image.id}/access/", **AJAX))
    at_least = f"At least {restored.MOST_NOTED} projects have access from before"
    if many > restored.MOST_NOTED:
        assert at_least in page
        assert f"{many} projects have access" not in page
    else:
        assert f"{many} projects have access from before" in page


@pytest.fixture
def count_calls(monkeypatch):
    """Return a function that counts the panel's calls whose address contains a text."""
    calls = []
    request = transport.Session.request

    def counted(self, url, method, **kwargs):
        calls.append(url)
        return request(self, url, method, **kwargs)

    monkeypatch.setattr(transport.Session, "request", counted)
    return lambda part: len([url for url in calls if part in url])


@pytest.mark.parametrize("user", ["ann", "rita", "bob"])
def test_only_who_may_edit_the_image_is_told(login, connection, image, project_id, user):
    """A receiving project does not learn about the other ones."""
    for project in ("app-team-a", "app-team-b", "research"):
        connection.image.add_member(image.id, member_id=project_id(project))
    response = login(user).post(again_url(image), **AJAX)
    assert response.status_code == 403
    assert project_id("research") not in text(response)


def test_stranger_is_sent_to_the_login_page(client, image):
    """Both methods require a login."""
    for method in ("get", "post"):
        response = getattr(client, method)(again_url(image), headers={"host": "127.0.0.1"})
        assert response.status_code == 302
        assert "/auth/login/" in response["Location"]


def test_what_cannot_be_told_has_a_status(login, connection, image, down, settings):
    """Private image, unknown image, unreachable Glance and GET have different statuses."""
    settings.XLOUD_IMAGES_PANEL = {"tries": 1}
    pat = login("pat")
    assert pat.get(again_url(image), **AJAX).status_code == 405
    assert pat.post("/project/images/not-an-id/shared-again/", **AJAX).status_code == 404
    connection.image.update_image(image.id, visibility="private")
    assert pat.post(again_url(image), **AJAX).status_code == 409
    down("image")
    response = pat.post(again_url(image), **AJAX)
    assert response.status_code == 502
    assert "could not be reached" in json.loads(text(response))["message"]


def test_ids_stand_for_names_that_cannot_be_had(
    image, came_back, down, project_id, settings, share_again
):
    """While Keystone is down, the projects' IDs are shown."""
    settings.XLOUD_IMAGES_PANEL = {"tries": 1, "names_lifetime": 0}
    research = project_id("research")
    down("identity")
    assert research in json.loads(text(share_again("admin", image)))["message"]
