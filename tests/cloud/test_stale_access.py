# SPDX-License-Identifier: Apache-2.0
"""Stale Access with the real services: the findings, and their removal."""

import uuid

import pytest

from tests.faults import FAULTS
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.dashboard.catalogue import slice_of_time
from xloud_images_panel.services import existence

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}
URL = "/admin/images/access/stale/"
FORBIDDEN = next(fault for fault in FAULTS if fault.name == "403")


@pytest.fixture
def stale(admin, project_id):
    """Return a function that returns why members of platform's image are stale, by their ID."""

    def stale(image):
        query = {"ids": image.id, "owners": project_id("platform")}
        answer = admin.get(f"{URL}members/", query, **AJAX).json()
        return {item["member"]: item["kind"] for item in answer["rows"][image.id]}

    return stale


@pytest.fixture
def remove(admin):
    """Return a function that removes members of an image, given with the reasons shown."""

    def remove(image, members, **more):
        form = {"image": image.id, "member": [*members], "kind": [*members.values()], **more}
        return admin.post(f"{URL}remove/", form, **AJAX).json()

    return remove


@pytest.fixture
def deleted(connection):
    """The ID of a deleted project."""
    project = connection.identity.create_project(name=f"gone-{uuid.uuid4().hex[:8]}")
    connection.identity.delete_project(project)
    return project.id


@pytest.fixture
def disabled(connection):
    """The ID of a disabled project."""
    name = f"off-{uuid.uuid4().hex[:8]}"
    project = connection.identity.create_project(name=name, is_enabled=False)
    yield project.id
    connection.identity.delete_project(project)


@pytest.fixture
def share(connection, image):
    """Return a function that makes any text a member of the image."""

    def share(*members):
        for member in members:
            connection.image.add_member(image.id, member_id=member)

    return share


def test_each_kind_is_found(deleted, disabled, image, project_id, share, stale):
    """Each kind of stale member is found, and an enabled project is not among them."""
    owner = project_id("platform")
    share(deleted, disabled, owner, "research", project_id("research"))
    assert stale(image) == {
        deleted: "deleted",
        disabled: "disabled",
        owner: "owner",
        "research": "no project",
    }


def test_nothing_is_stale_while_keystone_forbids(break_down, deleted, image, share, stale):
    """Nothing is stale while Keystone refuses, because a refusal proves nothing about a project."""
    share(deleted)
    break_down("Keystone", FORBIDDEN)
    assert stale(image) == {}


def test_stale_members_are_removed(deleted, disabled, image, members, remove, share):
    """Each member is removed for the reason that was shown."""
    share(deleted, disabled)
    answer = remove(image, {deleted: "deleted", disabled: "disabled"})
    assert answer == {"done": [deleted, disabled], "failed": {}, "left": []}
    assert members() == {}


def test_removal_is_on_the_trail(deleted, image, lines, remove, share):
    """A stale member's removal leaves the same line on the trail as other removals."""
    share(deleted)
    remove(image, {deleted: "deleted"})
    assert [(line["action"], line["member"], line["result"]) for line in lines()] == [
        ("remove", deleted, "done")
    ]


def test_refusals_are_on_the_trail(connection, deleted, image, lines, project_id, remove, share):
    """Refused removals, of a member that is not stale or of an unshared image, are on the trail."""
    share(project_id("research"))
    remove(image, {project_id("research"): "deleted"})
    connection.image.update_image(image.id, visibility="private")
    remove(image, {deleted: "deleted"})
    assert [line["reason"] for line in lines()] == ["not valid"] * 2


def test_policy_can_keep_images_of_other_projects_out(
    deleted, image, lines, members, remove, rules, share
):
    """A policy that requires the owner's project refuses an administrator of another project."""
    share(deleted)
    rules(image={"delete_member": "role:admin and project_id:%(project_id)s"})
    assert "not change it" in remove(image, {deleted: "deleted"})["told"]
    assert list(members()) == [deleted]
    assert [line["reason"] for line in lines()] == ["policy"]


def test_project_that_is_well_is_not_removed(image, members, project_id, remove, share):
    """A project that is well is not removed, whatever reason the browser sends."""
    research = project_id("research")
    share(research)
    answer = remove(image, {research: "deleted"})
    assert answer["done"] == []
    assert "not stale" in answer["failed"][research]
    assert members() == {research: "pending"}


def test_project_that_was_enabled_is_not_removed(
    connection, disabled, image, members, remove, share
):
    """A project is checked again right before the removal, and stays if it was enabled."""
    share(disabled)
    connection.identity.update_project(disabled, is_enabled=True)
    answer = remove(image, {disabled: "disabled"})
    assert list(answer["failed"]) == [disabled]
    assert members() == {disabled: "pending"}


def test_nothing_is_removed_while_keystone_forbids(
    break_down, deleted, image, members, remove, share
):
    """While Keystone refuses, an unknown project is not treated as deleted."""
    share(deleted)
    break_down("Keystone", FORBIDDEN)
    assert list(remove(image, {deleted: "deleted"})["failed"]) == [deleted]
    break_down.heal()
    assert members() == {deleted: "pending"}


def test_member_that_somebody_else_removed_is_done(deleted, image, remove):
    """A member that somebody else has removed counts as done."""
    assert remove(image, {deleted: "deleted"}) == {"done": [deleted], "failed": {}, "left": []}


def test_slice_leaves_what_it_has_no_time_for(image, members, monkeypatch, remove, share):
    """A slice always looks at the first few members; the page sends the others again."""
    monkeypatch.setattr(slice_of_time, "SECONDS", 0)
    strange = [f"strange-{number}" for number in range(10)]
    share(*strange)
    answer = remove(image, dict.fromkeys(strange, "no project"))
    assert (len(answer["done"]), len(answer["left"])) == (8, 2)
    assert {*answer["done"], *answer["left"]} == {*strange}
    assert {*members()} == {*answer["left"]}


def test_second_piece_that_fails_keeps_what_the_first_has_removed(
    image, members, monkeypatch, remove, share
):
    """If a later piece fails, its members stay, and the answer has the reason for each."""
    strange = [f"strange-{number}" for number in range(10)]
    share(*strange)
    look_up, looked_up = existence.look_up, []

    def once(keystone, asked):
        looked_up.append(asked)
        if len(looked_up) > 1:
            raise ServiceError("Keystone", Reason.UNREACHABLE, 503)
        return look_up(keystone, asked)

    monkeypatch.setattr(existence, "look_up", once)
    answer = remove(image, dict.fromkeys(strange, "no project"))
    assert {*members()} == {*answer["failed"]} == {*strange} - {*answer["done"]}
    assert len(answer["done"]) == 8


def test_double_row_is_merged(connection, doubled, project_id, remove, stale):
    """A merge leaves one row with the stronger answer, so the project keeps its access."""
    research = project_id("research")
    assert stale(doubled) == {research: "double"}
    assert remove(doubled, {research: "double"}) == {"done": [research], "failed": {}, "left": []}
    rows = list(connection.image.members(doubled.id))
    assert [(row.member_id, row.status) for row in rows] == [(research, "accepted")]


def test_image_that_is_not_shared_any_more(connection, deleted, image, remove, share):
    """For an image that is no longer shared, nothing is removed, and the answer has the reason."""
    share(deleted)
    connection.image.update_image(image.id, visibility="private")
    assert "Set it to Shared" in remove(image, {deleted: "deleted"})["told"]


def test_other_region_than_the_page_has(deleted, image, members, remove, share):
    """A page of another region removes nothing, because both regions may have the same image."""
    share(deleted)
    answer = remove(image, {deleted: "deleted"}, made_for_region="elsewhere")
    assert "Nothing was changed" in answer["told"]
    assert members() == {deleted: "pending"}


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"image": "x", "member": "a", "kind": "deleted"},
        {"image": str(uuid.uuid4()), "member": ["a", "b"], "kind": "deleted"},
        {"image": str(uuid.uuid4()), "member": ["a", "a"], "kind": ["deleted"] * 2},
        {"image": str(uuid.uuid4()), "member": [*map(str, range(101))], "kind": ["deleted"] * 101},
    ],
)
def test_form_that_no_page_sends(admin, form):
    """The server refuses an invalid form without a request to a service."""
    assert admin.post(f"{URL}remove/", form).status_code == 400


def test_owner_is_named_once_for_several_images(admin, make, project_id):
    """An empty entry repeats the owner before it, so that a query has room for more images."""
    platform, research = project_id("platform"), project_id("research")
    images = [
        make(name, owner=owner, shared_with=["platform", "research"])
        for name, owner in (("one", "platform"), ("two", "platform"), ("three", "research"))
    ]
    query = {"ids": ",".join(image.id for image in images), "owners": f"{platform},,{research}"}
    rows = admin.get(f"{URL}members/", query, **AJAX).json()["rows"]
    found = [[item["member"] for item in rows[image.id]] for image in images]
    assert found == [[platform], [platform], [research]]


@pytest.mark.parametrize("owners", ["a,b", "a" * 32 + ",b"])
def test_query_that_no_page_sends(admin, owners):
    """A query without one owner for each image is refused."""
    query = {"ids": str(uuid.uuid4()), "owners": owners}
    assert admin.get(f"{URL}members/", query).status_code == 400
