# SPDX-License-Identifier: Apache-2.0
"""The server's answers for many projects at once in Manage Access, with the real services."""

import json
import re
import uuid

import pytest

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}


def url(image, part=""):
    """Return the address of an image's dialog, or of a part of it."""
    return f"/admin/images/{image.id}/access/{part}"


def text(response):
    """Return the text of a response."""
    return response.content.decode()


def confirm(client, image, receipt=True, **changes):
    """Submit changes as the browser does."""
    form = {"changes": json.dumps(changes), "accept": "on"}
    return client.post(url(image), form | ({"receipt": "1"} if receipt else {}), **AJAX)


@pytest.fixture
def family(bulk):
    """The common part of the names of twelve projects, and their IDs in order."""
    name = f"fam-{uuid.uuid4().hex[:8]}"
    ids = bulk.projects([f"{name}-{number:02}" for number in range(12)])
    yield name, ids
    bulk.remove_projects(ids)


# -- all that match


def all_of(client, image, **query):
    """Return the answer to the selection of all matches."""
    return client.get(url(image, "all/"), query, **AJAX).json()


def test_all_that_match_but_for_those_that_have_access(admin, connection, family, image):
    """Projects with access and disabled projects are counted but not selected."""
    name, ids = family
    connection.image.add_member(image.id, member_id=ids[0])
    connection.identity.update_project(ids[1], is_enabled=False)
    answer = all_of(admin, image, search=name.upper())
    assert [project["id"] for project in answer["projects"]] == ids[2:]
    assert answer["projects"][0]["name"] == f"{name}-02"
    assert answer["told"] == (
        "10 projects are selected; 1 has access already; 1 is disabled and left out."
    )


def test_all_with_a_tag(admin, connection, family, image):
    """The panel filters by tags itself, because Keystone's own query for tags loses matches."""
    _name, ids = family
    for project in ids[:3]:
        response = connection.identity.put(f"/projects/{project}/tags/all-of-us")
        assert response.status_code == 201
    answer = all_of(admin, image, search="tag:all-of-us")
    assert sorted(project["id"] for project in answer["projects"]) == sorted(ids[:3])
    assert all_of(admin, image, search="tag:all-of")["projects"] == []


def test_more_than_an_image_may_have_are_not_selected(admin, family, image, settings):
    """More matches than a known quota allows are not selected."""
    settings.XLOUD_IMAGES_PANEL = {"member_quota": 10}
    name, _ids = family
    answer = all_of(admin, image, search=name)
    assert answer["projects"] == []
    assert answer["failed"]
    assert "12 projects match, and one image can be shared with 10 projects" in answer["told"]


def test_all_of_an_image_that_is_not_shared(admin, connection, image):
    """The answer says that the image is not shared."""
    connection.image.update_image(image.id, visibility="private")
    assert "is Private" in all_of(admin, image, search="x")["told"]


def test_all_says_that_keystone_is_down(admin, down, image):
    """While Keystone is down, nothing is selected, and nothing counts as a match."""
    down("identity")
    answer = all_of(admin, image, search="team")
    assert (answer["projects"], answer["failed"]) == ([], True)
    assert "Keystone" in answer["told"]


@pytest.mark.parametrize("query", [{"status": "half"}, {"domain_id": "a/b"}, {"cursor": "x:y"}])
def test_query_that_makes_no_sense(admin, image, query):
    """An invalid query is refused, and not sent to Keystone."""
    assert admin.get(url(image, "all/"), query, **AJAX).status_code == 400


def test_members_by_their_answer(admin, connection, image, project_id):
    """All members with one status can be selected, for example to accept on their behalf."""
    for name in ("research", "app-team-a"):
        connection.image.add_member(image.id, member_id=project_id(name))
    connection.image.update_member(project_id("research"), image.id, status="rejected")
    answer = all_of(admin, image, status="pending")
    assert answer["projects"] == [{"id": project_id("app-team-a"), "name": "app-team-a"}]


# -- a pasted list


def pasted(client, image, lines):
    """Return the answer to a pasted list."""
    return client.post(url(image, "list/"), {"list": "\n".join(lines)}, **AJAX).json()


def test_pasted_names_and_ids(admin, connection, image, project_id):
    """A pasted list selects new projects, counts those with access, and returns unknown lines."""
    connection.image.add_member(image.id, member_id=project_id("research"))
    answer = pasted(
        admin,
        image,
        [
            "app-team-a",
            project_id("app-team-b"),
            "research, platform",
            "partners/observatory",
            "no",
        ],
    )
    found = {project["id"] for project in answer["projects"]}
    assert found == {project_id(name) for name in ("app-team-a", "app-team-b", "observatory")}
    assert answer["left"] == "no"
    assert "2 have access already" in answer["told"]


def test_ten_thousand_lines_are_bounded(admin, image):
    """Only a thousand pasted lines are looked up; the others stay in the box."""
    answer = pasted(admin, image, [f"nobody-{number}" for number in range(10_000)])
    assert answer["projects"] == []
    assert len(answer["left"].splitlines()) == 10_000
    assert "9000 more than can be looked for at once" in answer["told"]


@pytest.mark.parametrize("line", ["<script>alert(1)</script>", "%", "a\x00b", "\u202e", "x" * 5000])
def test_anything_can_be_in_a_list(admin, image, line):
    """A hostile line is reported as no project, and does no harm."""
    answer = pasted(admin, image, [line, "app-team-a"])
    assert len(answer["projects"]) == 1
    assert "1 is no project" in answer["told"]


def test_list_says_that_keystone_is_down(admin, down, image):
    """While Keystone is down, no line is called unknown."""
    down("identity")
    answer = pasted(admin, image, ["app-team-a"])
    assert answer["failed"]
    assert "left" not in answer


# -- one field


def test_changes_are_one_field(admin, image, members, settings):
    """Changes are one field, so they may outnumber the fields that Django accepts."""
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 20
    ids = [f"{number:032x}" for number in range(30)]
    response = confirm(admin, image, add=ids)
    assert "and 25 more" in text(response)
    assert members() == {}


@pytest.mark.parametrize(
    "changes",
    ["[]", "{", '{"add": "x"}', '{"add": [1]}', '{"grant": ["x"]}', "null", '{"add": null}', "1"],
)
def test_what_the_dialog_does_not_send_is_refused(admin, image, members, changes):
    """Tampered contents of the field are refused."""
    response = admin.post(url(image), {"changes": changes}, **AJAX)
    assert response.status_code == 200
    assert "alert-danger" in text(response)
    assert members() == {}


def test_each_kind_of_change(admin, connection, image, members, project_id):
    """One form can have all kinds of changes, and the receipt counts them."""
    names = ("research", "app-team-a", "app-team-b")
    ids = {name: project_id(name) for name in (*names, "data-science")}
    for name in names:
        connection.image.add_member(image.id, member_id=ids[name])
    connection.image.update_member(ids["app-team-b"], image.id, status="rejected")
    page = text(
        confirm(
            admin,
            image,
            add=[ids["data-science"]],
            remove=[ids["research"]],
            **{"accept-for": [ids["app-team-a"]], "ask-again": [ids["app-team-b"]]},
        )
    )
    assert "golden: 1 added, 1 removed, 1 accepted for, 1 asked again" in page
    assert members() == {
        ids["data-science"]: "accepted",
        ids["app-team-a"]: "accepted",
        ids["app-team-b"]: "pending",
    }


# -- undo


def undo(client, image, page, **changed):
    """Press Undo in a receipt."""
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    return client.post(url(image, "undo/"), form | changed, **AJAX)


def test_undo_restores_answers(admin, connection, image, members, project_id):
    """Undo restores access, and a project's own answer too."""
    connection.image.add_member(image.id, member_id=project_id("research"))
    connection.image.update_member(project_id("research"), image.id, status="rejected")
    before = members()
    page = text(
        confirm(admin, image, add=[project_id("app-team-a")], remove=[project_id("research")])
    )
    answer = text(undo(admin, image, page))
    assert "Undone: access to" in answer
    assert "data-refused" not in answer
    assert members() == before


def test_undo_a_second_time_changes_nothing(admin, image, members, project_id):
    """A second Undo changes nothing, because the access is as it was before the change."""
    page = text(confirm(admin, image, add=[project_id("app-team-a")]))
    undo(admin, image, page)
    assert "is as it was before" in text(undo(admin, image, page))
    assert members() == {}


def test_undo_of_what_was_changed_since(admin, connection, image, members, project_id):
    """Undo leaves a member alone that is neither as the change left it nor as it was before."""
    team = project_id("app-team-a")
    page = text(confirm(admin, image, add=[team]))
    connection.image.update_member(team, image.id, status="rejected")
    assert "the access was changed since" in text(undo(admin, image, page))
    assert members() == {team: "rejected"}


@pytest.mark.parametrize("receipt", ["", "x", "x:y:z"])
def test_receipt_that_was_made_up(admin, image, members, project_id, receipt):
    """An invented receipt is refused, because receipts are signed."""
    page = text(confirm(admin, image, add=[project_id("app-team-a")]))
    answer = text(undo(admin, image, page, receipt=receipt))
    assert "there is no such change to undo." in answer
    assert len(members()) == 1


def test_receipt_is_for_its_image(admin, image, make, members, project_id):
    """A receipt does not undo changes of another image."""
    page = text(confirm(admin, image, add=[project_id("app-team-a")]))
    answer = text(undo(admin, make("other", shared_with=["app-team-a"]), page))
    assert "there is no such change to undo." in answer


def test_project_that_is_gone_is_not_added_again(admin, connection, image, members, project_id):
    """Undo checks that a project still exists, because Glance would accept its ID."""
    gone = connection.identity.create_project(name=f"gone-{uuid.uuid4().hex[:8]}")
    connection.image.add_member(image.id, member_id=gone.id)
    page = text(confirm(admin, image, remove=[gone.id]))
    connection.identity.delete_project(gone)
    answer = text(undo(admin, image, page))
    assert f"there is no project with the ID {gone.id}" in answer
    assert members() == {}


def test_project_that_is_gone_is_named_where_the_others_are_undone(
    admin, connection, image, members, project_id
):
    """Undo names a deleted project, and does not say that all is as it was before."""
    gone = connection.identity.create_project(name=f"gone-{uuid.uuid4().hex[:8]}")
    for member in (gone.id, project_id("research")):
        connection.image.add_member(image.id, member_id=member)
    page = text(confirm(admin, image, remove=[gone.id, project_id("research")]))
    connection.identity.delete_project(gone)
    answer = text(undo(admin, image, page))
    assert f"Not undone for {gone.id}: there is no project with the ID {gone.id}" in answer
    assert members() == {project_id("research"): "pending"}


def test_undo_of_an_image_that_is_no_longer_shared(admin, connection, image, project_id):
    """Undo for an image that is no longer shared says so, and the receipt stays."""
    page = text(confirm(admin, image, add=[project_id("app-team-a")]))
    connection.image.update_image(image.id, visibility="private")
    answer = text(undo(admin, image, page))
    assert "data-refused" in answer
    assert "is Private" in answer


@pytest.mark.parametrize("user", ["pat", "ann", "rita"])
def test_undo_is_for_administrators(admin, image, login, members, project_id, user):
    """Other users are refused even with a valid receipt."""
    page = text(confirm(admin, image, add=[project_id("app-team-a")]))
    assert undo(login(user), image, page).status_code == 403
    assert len(members()) == 1


def test_script_without_a_receipt_gets_messages(admin, image, project_id):
    """The response without a receipt is the same as before receipts existed."""
    response = confirm(admin, image, receipt=False, add=[project_id("app-team-a")])
    assert response.status_code == 204
    assert "is now shared with" in response["X-Horizon-Messages"]
