# SPDX-License-Identifier: Apache-2.0
"""Manage Access through Horizon's own URLs, against the real Keystone and Glance."""

import html
import re
import uuid

import pytest

from tests.cloud.pages import selected
from tests.faults import FAULTS

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}


def url(image_id):
    """Return the address of an image's dialog."""
    return f"/admin/images/{image_id}/access/"


def text(response):
    """Return the text of a response."""
    return response.content.decode()


def test_dialog_lists_members_first_with_their_status(admin, connection, image, project_id):
    """The dialog lists members above other projects, with their status."""
    connection.image.add_member(image.id, member_id=project_id("research"))
    page = text(admin.get(url(image.id), **AJAX))
    assert 'value="golden"' in page
    assert page.index('data-name="research"') < page.index('data-name="admin"')
    assert "Pending" in page


def test_members_of_an_image_that_is_not_shared_any_more(admin, connection, image):
    """Glance hides a private image's members, and a search in its open dialog gives the reason."""
    connection.image.update_image(image.id, visibility="private")
    page = text(admin.get(f"{url(image.id)}projects/", {"search": "research"}, **AJAX))
    assert "The visibility of the image &quot;golden&quot; is Private." in page


@pytest.mark.parametrize("visibility", ["shared", "private"])
def test_forbidden_is_not_called_not_shared(admin, break_down, connection, image, visibility):
    """A 403 from Glance is not called "not shared", because it can have other reasons."""
    connection.image.update_image(image.id, visibility=visibility)
    (refused,) = (fault for fault in FAULTS if fault.name == "403")
    break_down("Glance", refused, **({} if visibility == "private" else {"first": 2}))
    page = text(admin.get(f"{url(image.id)}projects/", {"search": "research"}, **AJAX))
    assert "The image service (Glance) did not allow it." in page


def test_confirm_adds_and_accepts_on_behalf(admin, image, members, project_id):
    """An added project is Accepted when the administrator accepts on its behalf."""
    response = admin.post(url(image.id), {"add": project_id("research"), "accept": "on"}, **AJAX)
    assert response.status_code == 204
    assert "research" in response["X-Horizon-Messages"]
    assert members() == {project_id("research"): "accepted"}


def test_confirm_without_accepting_leaves_pending(admin, image, members, project_id):
    """Without accepting on behalf, the project decides itself."""
    admin.post(url(image.id), {"add": project_id("research")}, **AJAX)
    assert members() == {project_id("research"): "pending"}


def test_confirm_changes_only_what_it_names(admin, connection, image, members, project_id):
    """Confirm keeps a member that another user has added since the dialog opened."""
    connection.image.add_member(image.id, member_id=project_id("app-team-a"))
    connection.image.add_member(image.id, member_id=project_id("app-team-b"))
    change = {"add": project_id("research"), "remove": project_id("app-team-a")}
    assert admin.post(url(image.id), change, **AJAX).status_code == 204
    assert set(members()) == {project_id("research"), project_id("app-team-b")}


def test_last_member_can_be_removed(admin, connection, image, members, project_id):
    """The last member can be removed, because an image may be shared with nobody."""
    connection.image.add_member(image.id, member_id=project_id("app-team-a"))
    admin.post(url(image.id), {"remove": project_id("app-team-a")}, **AJAX)
    assert members() == {}


def test_confirm_on_the_page_of_its_own_returns_to_the_list(admin, image, members, project_id):
    """Without AJAX, the response is Horizon's list with the message."""
    response = admin.post(url(image.id), {"add": project_id("research")}, follow=True)
    assert response.redirect_chain[-1][0] == "/admin/images/"
    assert "is now shared with research" in text(response)


# Glance accepts any text as a member, and finds these by their path.
ODD = ("nobody at all", " ", "a:b@c+d.e-f_g", "x" * 255)
# Glance does not find these, or a proxy would turn them into another address.
STUCK = (
    "nobody {$ 1 + 1 $}", "nobody\nat all", "no\r\nbody", "\t", '"no" & <body>', "../../x", ".",
    "á",
)  # fmt: skip


def test_odd_members_can_be_removed(admin, connection, image, members):
    """An odd member is shown as no project, ticked, and is removed when unticked."""
    for member in ODD:
        connection.image.add_member(image.id, member_id=member)
    page = text(admin.get(url(image.id), **AJAX))
    ids = [html.unescape(item) for item in re.findall(r'data-project="([^"]*)"', page)]
    assert set(ODD) <= set(ids)
    assert page.count(">Not a project<") == len(ODD)
    assert admin.post(url(image.id), {"remove": ODD}, **AJAX).status_code == 204
    assert members() == {}


def test_members_that_glance_cannot_be_asked_for_are_shown_and_refused(
    admin, connection, image, members, project_id
):
    """A member that Glance cannot address has a disabled box; its row says where to remove it.

    A change that includes such a member is refused as a whole. The IDs are submitted unchanged,
    except for line breaks, which a browser changes.
    """
    for member in STUCK:
        connection.image.add_member(image.id, member_id=member)
    page = text(admin.get(url(image.id), **AJAX))
    rows = re.findall(r"<tr data-project=.*?</tr>", page, re.DOTALL)
    stuck = [row for row in rows if "Can only be removed in Glance&#x27;s database" in row]
    assert len(stuck) == len(STUCK)
    assert all("checked disabled" in row and ">Not a project<" in row for row in stuck)
    for member in STUCK:
        sent = member.replace("\r\n", "\n").replace("\n", "\r\n")
        change = {"remove": sent, "add": project_id("research")}
        refused = text(admin.post(url(image.id), change, **AJAX))
        assert "Nothing was changed: " in refused
        assert "Can only be removed in Glance&#x27;s database" in refused
    assert set(members()) == set(STUCK)


def test_project_that_never_was_one_is_not_called_deleted(admin, connection, image):
    """A member that is a name instead of an ID is shown as "Not a project", not as deleted."""
    connection.image.add_member(image.id, member_id="app-team-a")
    page = text(admin.get(url(image.id), **AJAX))
    assert ">Not a project<" in page
    assert ">Deleted<" not in page


def test_capitals_are_a_member_of_their_own_where_the_database_tells_them_apart(
    admin, connection, image, members, project_id
):
    """SQLite distinguishes case, so a project whose ID is a member in capitals can be added."""
    research = project_id("research")
    connection.image.add_member(image.id, member_id=research.upper())
    found = text(admin.get(f"{url(image.id)}projects/", {"search": "research"}, **AJAX))
    assert "checked" not in found
    response = admin.post(url(image.id), {"add": research}, **AJAX)
    assert "is now shared with research" in response["X-Horizon-Messages"]
    assert set(members()) == {research, research.upper()}
    assert admin.post(url(image.id), {"remove": research.upper()}, **AJAX).status_code == 204
    assert set(members()) == {research}


def test_rejected_stays_rejected(admin, connection, image, members, project_id):
    """Adding a project again does not override its own decision."""
    research = project_id("research")
    connection.image.add_member(image.id, member_id=research)
    connection.image.update_member(research, image.id, status="rejected")
    response = admin.post(url(image.id), {"add": research, "accept": "on"}, **AJAX)
    assert "rejected this image before" in response["X-Horizon-Messages"]
    assert members() == {research: "rejected"}


def test_removes_before_it_adds_so_that_a_swap_fits_the_quota(
    admin, connection, image, members, project_id
):
    """With 128 members, the quota, one member can be replaced by another."""
    for number in range(127):
        connection.image.add_member(image.id, member_id=f"filler-{number}")
    connection.image.add_member(image.id, member_id=project_id("app-team-a"))
    change = {"add": project_id("research"), "remove": project_id("app-team-a")}
    assert admin.post(url(image.id), change, **AJAX).status_code == 204
    over = admin.post(url(image.id), {"add": project_id("app-team-b")}, **AJAX)
    assert "quota of 128 projects" in text(over)
    assert selected(text(over)) == {project_id("app-team-b"): "add"}
    assert "app-team-b" not in members()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, "nothing to change"),
        ({"add": ["x" * 300]}, "too long"),
        ({"add": [""]}, "empty"),
        ({"add": ["0" * 32]}, "no project with the ID"),
        ({"remove": ["no/such"]}, "no project with the ID"),
    ],
)
def test_bad_project_ids_are_refused(admin, image, members, change, reason):
    """For a bad project ID, the dialog names the error, and nothing is sent."""
    response = admin.post(url(image.id), change, **AJAX)
    assert response.status_code == 200
    assert reason in text(response)
    assert members() == {}


def test_duplicate_and_contradicting_ids_are_refused(admin, image, members, project_id):
    """An ID named twice is refused: two simultaneous additions would create two rows in Glance."""
    research = project_id("research")
    for change in ({"add": [research, research]}, {"add": [research], "remove": [research]}):
        assert "named twice" in text(admin.post(url(image.id), change, **AJAX))
    assert members() == {}


def test_owner_is_shown_and_refused(admin, image, members, project_id):
    """The owner's row has no box, and its ID is refused."""
    page = text(admin.get(url(image.id), **AJAX))
    row = page[page.index('data-name="platform"') :]
    assert "disabled" in row[: row.index("</tr>")]
    refused = admin.post(url(image.id), {"add": project_id("platform")}, **AJAX)
    assert "owner of an image has access" in text(refused)
    assert members() == {}


def test_deleted_and_disabled_projects_are_shown_and_can_be_removed(
    admin, connection, image, members
):
    """Projects that Keystone no longer knows keep their access until it is removed."""
    gone, off = (
        connection.identity.create_project(name=f"{name}-{uuid.uuid4().hex[:8]}")
        for name in ("gone", "off")
    )
    for project in (gone, off):
        connection.image.add_member(image.id, member_id=project.id)
    connection.identity.delete_project(gone)
    connection.identity.update_project(off, is_enabled=False)
    page = text(admin.get(url(image.id), **AJAX))
    assert ">Deleted<" in page
    assert ">Disabled<" in page
    found = text(admin.get(f"{url(image.id)}projects/", {"search": gone.id}, **AJAX))
    assert ">Deleted<" in found
    admin.post(url(image.id), {"remove": [gone.id, off.id]}, **AJAX)
    connection.identity.delete_project(off)
    assert members() == {}


def test_search_finds_part_of_a_name_in_any_case(admin, image):
    """A search finds part of a name in any case, with one page of Keystone's own filter."""
    page = text(admin.get(f"{url(image.id)}projects/", {"search": "ESEAR"}, **AJAX))
    assert page.count("<tr data-project") == 1
    assert "research" in page


def test_search_finds_an_exact_id_and_a_domain(admin, connection, image, project_id):
    """A whole ID finds its project, a domain finds its projects."""
    project = connection.identity.find_project("observatory")
    for query in ({"search": project.id}, {"domain_id": project.domain_id}):
        page = text(admin.get(f"{url(image.id)}projects/", query, **AJAX))
        assert page.count("<tr data-project") == 1
        assert 'data-name="observatory (partners)"' in page


def test_domain_is_not_found_as_a_project(admin, connection, image, members):
    """Images cannot be shared with a domain, which Keystone returns by its ID as a project."""
    domain = connection.identity.find_domain("partners").id
    url = f"/admin/images/{image.id}/access/"
    rows = admin.get(f"{url}projects/", {"search": domain}, **AJAX).context["page"].rows
    assert rows == []
    response = admin.post(url, {"add": domain}, **AJAX)
    assert f"there is no project with the ID {domain}" in response.content.decode()
    assert members() == {}


def test_page_after_a_project_that_was_deleted(admin, connection, image):
    """If the cursor's project was deleted, the table starts again, with a message."""
    url = f"/admin/images/{image.id}/access/projects/"
    response = admin.get(url, {"cursor": f"projects:{'f' * 32}"}, **AJAX)
    assert "The list has changed; this is its first page." in response.content.decode()
    assert response.context["page"].rows


def test_search_without_a_match_says_so(admin, image):
    """A search without a match shows a sentence in the empty table."""
    page = text(admin.get(f"{url(image.id)}projects/", {"search": "nobody-at-all"}, **AJAX))
    assert "No project matches." in page


def test_bad_cursor_is_refused(admin, image):
    """Only cursors that a page contained are accepted."""
    for cursor in ("x", "members:-1", "members:abc", "projects:../../x"):
        response = admin.get(f"{url(image.id)}projects/", {"cursor": cursor}, **AJAX)
        assert response.status_code == 400


def test_every_project_can_be_found_by_paging(admin, bulk, connection, image):
    """The pages together show each project once."""
    made = bulk.projects([f"paged-{number}-{uuid.uuid4().hex[:6]}" for number in range(45)])
    try:
        seen, cursor = [], None
        while cursor != "":
            page = admin.get(f"{url(image.id)}projects/", {"cursor": cursor or ""}, **AJAX)
            seen += [row.project.id for row in page.context["page"].rows]
            cursor = page.context["page"].cursor
        assert len(seen) == len(set(seen))
        assert set(seen) == {project.id for project in connection.identity.projects()}
    finally:
        bulk.remove_projects(made)


def test_more_members_than_a_page_holds_come_in_pages(admin, image, members, connection, settings):
    """Many members come in pages, which keep the dialog small for any number of projects."""
    settings.XLOUD_IMAGES_PANEL = {"members_per_page": 2}
    for number in range(5):
        connection.image.add_member(image.id, member_id=f"member-{number}")
    seen, cursor = [], ""
    for _page in range(3):
        page = admin.get(f"{url(image.id)}projects/", {"cursor": cursor}, **AJAX).context["page"]
        seen += [row.project.id for row in page.rows if row.status]
        cursor = page.cursor
    assert seen == [f"member-{number}" for number in range(5)]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("kwargs", [{}, AJAX], ids=["page", "ajax"])
@pytest.mark.parametrize("path", ["", "projects/"])
@pytest.mark.parametrize("user", ["pat", "ann", "rita", "bob"])
def test_only_administrators_get_in(login, image, members, project_id, user, path, kwargs, method):
    """Members and readers, including the owner's own, get 403 for every request."""
    response = getattr(login(user), method)(
        url(image.id) + path, {"add": project_id("research")}, **kwargs
    )
    assert response.status_code == 403
    assert members() == {}


@pytest.mark.parametrize("method", ["get", "post"])
def test_somebody_not_logged_in_is_sent_to_the_login_page(client, image, method):
    """The dialog requires a login."""
    response = getattr(client, method)(url(image.id), headers={"host": "127.0.0.1"})
    assert response.status_code == 302
    assert "/auth/login/" in response["Location"]


@pytest.mark.parametrize("image_id", ["not-an-id", str(uuid.UUID(int=5)), "%00", "a" * 2000])
def test_unknown_images_lead_back_to_the_list(admin, image_id):
    """An unknown image leads to the list with a message, or to a message on the open page."""
    response = admin.get(url(image_id), follow=True)
    assert response.redirect_chain[-1][0] == "/admin/images/"
    assert "There is no image with this ID" in text(response)
    response = admin.get(url(image_id), **AJAX)
    assert response.status_code == 409
    assert "There is no image" in response["X-Horizon-Messages"]
    assert "There is no image" in text(admin.get(f"{url(image_id)}projects/", **AJAX))


def test_image_that_is_not_shared_says_how_it_could_be(admin, connection, image):
    """The dialog does not open for a private image, and a message says how to share it."""
    connection.image.update_image(image.id, visibility="private")
    assert "Set it to Shared" in text(admin.get(url(image.id), follow=True))


@pytest.mark.parametrize("fate", ["private", "deleted"])
def test_image_that_changed_meanwhile_is_said_in_the_dialog(
    admin, connection, image, project_id, fate
):
    """If the image was made private or deleted, the dialog says so and keeps the selection."""
    if fate == "private":
        connection.image.update_image(image.id, visibility="private")
    else:
        connection.image.delete_image(image.id)
    page = text(admin.post(url(image.id), {"add": project_id("research")}, **AJAX))
    assert ("Set it to Shared" if fate == "private" else "Nothing was changed") in page
    assert project_id("research") in selected(page)


def test_members_can_be_removed_while_keystone_is_down(
    admin, connection, image, members, project_id, down
):
    """Without Keystone, the dialog names the service, shows members' IDs, and removes members."""
    connection.image.add_member(image.id, member_id=project_id("research"))
    down("identity")
    page = text(admin.get(url(image.id), **AJAX))
    assert "The identity service (Keystone) could not be reached." in page
    assert f'data-project="{project_id("research")}"' in page
    assert admin.post(url(image.id), {"remove": project_id("research")}, **AJAX).status_code == 204
    refused = text(admin.post(url(image.id), {"add": project_id("app-team-a")}, **AJAX))
    assert "The identity service (Keystone) could not be reached." in refused
    assert members() == {}


def test_dialog_says_that_glance_is_down(admin, image, down):
    """The message names Glance as the service that could not be reached."""
    down("image")
    response = admin.get(url(image.id), **AJAX)
    assert "The image service (Glance) could not be reached." in response["X-Horizon-Messages"]


def test_admin_table_has_the_visibility_and_the_action(admin, image):
    """Horizon's Python table shows Shared in place of "Public: No"."""
    page = text(admin.get("/admin/images/"))
    assert "<th" in page
    assert "Visibility" in page
    assert url(image.id) in page


def test_details_page_has_the_action(admin, image):
    """Manage Access is among the actions on an image's details."""
    assert url(image.id) in text(admin.get(f"/admin/images/{image.id}/detail/"))


def test_project_that_is_deleted_after_the_dialog_was_open_is_shown_so(admin, connection, image):
    """Names are cached, but a deleted project is detected in a cloud with one page of projects."""
    project = connection.identity.create_project(name=f"gone-{uuid.uuid4().hex[:8]}")
    connection.image.add_member(image.id, member_id=project.id)
    assert ">Deleted<" not in text(admin.get(url(image.id), **AJAX))
    connection.identity.delete_project(project)
    assert ">Deleted<" in text(admin.get(url(image.id), **AJAX))


def test_removal_that_somebody_else_made_keeps_nothing_from_being_done(
    admin, connection, image, members, project_id
):
    """A deleted project that is not a member any more needs no removal."""
    gone = connection.identity.create_project(name=f"gone-{uuid.uuid4().hex[:8]}")
    connection.identity.delete_project(gone)
    change = {"add": project_id("research"), "remove": gone.id}
    assert admin.post(url(image.id), change, **AJAX).status_code == 204
    assert set(members()) == {project_id("research")}


def test_member_is_not_called_deleted_while_keystone_is_down(
    admin, connection, image, project_id, down
):
    """Without Keystone, a member found by its ID is shown without claims about its project."""
    connection.image.add_member(image.id, member_id=project_id("research"))
    down("identity")
    page = text(admin.get(f"{url(image.id)}projects/", {"search": project_id("research")}, **AJAX))
    assert "<tr data-project" in page
    assert "could not be reached" in page
    assert ">Deleted<" not in page
