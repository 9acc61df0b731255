# SPDX-License-Identifier: Apache-2.0
"""Many projects at once in Manage Access: what the server answers, against the real services."""

import json
import re
import uuid

import pytest

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}


def url(image, part=""):
    """Return the address of an image's dialog, or of a part of it."""
    return f"/admin/images/{image.id}/access/{part}"


def text(response):
    """Return what a response says."""
    return response.content.decode()


def confirm(client, image, receipt=True, **changes):
    """Confirm changes as the browser sends them."""
    form = {"changes": json.dumps(changes), "accept": "on"}
    return client.post(url(image), form | ({"receipt": "1"} if receipt else {}), **AJAX)


@pytest.fixture
def family(bulk):
    """What the names of twelve projects have in common, and their IDs in order."""
    name = f"fam-{uuid.uuid4().hex[:8]}"
    ids = bulk.projects([f"{name}-{number:02}" for number in range(12)])
    yield name, ids
    bulk.remove_projects(ids)


# -- all that match


def all_of(client, image, **query):
    """Return what selecting all that match answers."""
    return client.get(url(image, "all/"), query, **AJAX).json()


def test_all_that_match_but_for_those_that_have_access(admin, connection, family, image):
    """And for disabled ones; each is counted."""
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
    """Keystone's own query for tags loses matches."""
    _name, ids = family
    for project in ids[:3]:
        response = connection.identity.put(f"/projects/{project}/tags/all-of-us")
        assert response.status_code == 201
    answer = all_of(admin, image, search="tag:all-of-us")
    assert sorted(project["id"] for project in answer["projects"]) == sorted(ids[:3])
    assert all_of(admin, image, search="tag:all-of")["projects"] == []


def test_more_than_an_image_may_have_are_not_selected(admin, family, image, settings):
    """As far as the quota is known."""
    settings.XLOUD_IMAGES_PANEL = {"member_quota": 10}
    name, _ids = family
    answer = all_of(admin, image, search=name)
    assert answer["projects"] == []
    assert answer["failed"]
    assert "12 projects match, and one image can be shared with 10 projects" in answer["told"]


def test_all_of_an_image_that_is_not_shared(admin, connection, image):
    """Says so."""
    connection.image.update_image(image.id, visibility="private")
    assert "is Private" in all_of(admin, image, search="x")["told"]


def test_all_says_that_keystone_is_down(admin, down, image):
    """Nothing is selected, and nothing is called a match."""
    down("identity")
    answer = all_of(admin, image, search="team")
    assert (answer["projects"], answer["failed"]) == ([], True)
    assert "Keystone" in answer["told"]


@pytest.mark.parametrize("query", [{"status": "half"}, {"domain_id": "a/b"}, {"cursor": "x:y"}])
def test_query_that_makes_no_sense(admin, image, query):
    """It is not put to Keystone."""
    assert admin.get(url(image, "all/"), query, **AJAX).status_code == 400


def test_members_by_their_answer(admin, connection, image, project_id):
    """For accepting on behalf of all of them."""
    for name in ("research", "app-team-a"):
        connection.image.add_member(image.id, member_id=project_id(name))
    connection.image.update_member(project_id("research"), image.id, status="rejected")
    answer = all_of(admin, image, status="pending")
    assert answer["projects"] == [{"id": project_id("app-team-a"), "name": "app-team-a"}]


# -- a pasted list


def pasted(client, image, lines):
    """Return what a pasted list answers."""
    return client.post(url(image, "list/"), {"list": "\n".join(lines)}, **AJAX).json()


def test_pasted_names_and_ids(admin, connection, image, project_id):
    """What has access is counted; what is unknown comes back."""
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
    """A thousand are looked for; all the others stay in the box."""
    answer = pasted(admin, image, [f"nobody-{number}" for number in range(10_000)])
    assert answer["projects"] == []
    assert len(answer["left"].splitlines()) == 10_000
    assert "9000 more than can be looked for at once" in answer["told"]


@pytest.mark.parametrize("line", ["<script>alert(1)</script>", "%", "a\x00b", "\u202e", "x" * 5000])
def test_anything_can_be_in_a_list(admin, image, line):
    """It is no project, and nothing breaks."""
    answer = pasted(admin, image, [line, "app-team-a"])
    assert len(answer["projects"]) == 1
    assert "1 is no project" in answer["told"]


def test_list_says_that_keystone_is_down(admin, down, image):
    """Nobody is called unknown."""
    down("identity")
    answer = pasted(admin, image, ["app-team-a"])
    assert answer["failed"]
    assert "left" not in answer


# -- one field


def test_thousand_changes_are_one_field(admin, image, members):
    """Django takes a thousand fields; they are refused for what they are."""
    ids = [f"{number:032x}" for number in range(1500)]
    response = confirm(admin, image, add=ids)
    assert "and 1495 more" in text(response)
    assert members() == {}


@pytest.mark.parametrize(
    "changes",
    ["[]", "{", '{"add": "x"}', '{"add": [1]}', '{"grant": ["x"]}', "null", '{"add": null}', "1"],
)
def test_what_the_dialog_does_not_send_is_refused(admin, image, members, changes):
    """Whatever a tampered form has in the field."""
    response = admin.post(url(image), {"changes": changes}, **AJAX)
    assert response.status_code == 200
    assert "alert-danger" in text(response)
    assert members() == {}


def test_each_kind_of_change(admin, connection, image, members, project_id):
    """In one form, with a receipt that counts them."""
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
    """Those that projects have given themselves, too."""
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
    """The members are not as the change left them."""
    page = text(confirm(admin, image, add=[project_id("app-team-a")]))
    undo(admin, image, page)
    assert "the access was changed since" in text(undo(admin, image, page))
    assert members() == {}


@pytest.mark.parametrize("receipt", ["", "x", "x:y:z"])
def test_receipt_that_was_made_up(admin, image, members, project_id, receipt):
    """It is signed."""
    page = text(confirm(admin, image, add=[project_id("app-team-a")]))
    answer = text(undo(admin, image, page, receipt=receipt))
    assert "there is no such change to undo." in answer
    assert len(members()) == 1


def test_receipt_is_for_its_image(admin, image, make, members, project_id):
    """Another one's access is another matter."""
    page = text(confirm(admin, image, add=[project_id("app-team-a")]))
    answer = text(undo(admin, make("other", shared_with=["app-team-a"]), page))
    assert "there is no such change to undo." in answer


def test_project_that_is_gone_is_not_added_again(admin, connection, image, members, project_id):
    """Glance would take its ID."""
    gone = connection.identity.create_project(name=f"gone-{uuid.uuid4().hex[:8]}")
    connection.image.add_member(image.id, member_id=gone.id)
    page = text(confirm(admin, image, remove=[gone.id]))
    connection.identity.delete_project(gone)
    answer = text(undo(admin, image, page))
    assert f"there is no project with the ID {gone.id}" in answer
    assert members() == {}


def test_undo_of_an_image_that_is_no_longer_shared(admin, connection, image, project_id):
    """Says so, and the receipt stays."""
    page = text(confirm(admin, image, add=[project_id("app-team-a")]))
    connection.image.update_image(image.id, visibility="private")
    answer = text(undo(admin, image, page))
    assert "data-refused" in answer
    assert "is Private" in answer


@pytest.mark.parametrize("user", ["pat", "ann", "rita"])
def test_undo_is_for_administrators(admin, image, login, members, project_id, user):
    """Also with a receipt of theirs."""
    page = text(confirm(admin, image, add=[project_id("app-team-a")]))
    assert undo(login(user), image, page).status_code == 403
    assert len(members()) == 1


def test_script_without_a_receipt_gets_messages(admin, image, project_id):
    """As before there were receipts."""
    response = confirm(admin, image, receipt=False, add=[project_id("app-team-a")])
    assert response.status_code == 204
    assert "is now shared with" in response["X-Horizon-Messages"]
