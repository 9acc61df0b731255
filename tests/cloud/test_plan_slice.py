# SPDX-License-Identifier: Apache-2.0
"""A plan, sent in slices, with the real Keystone and Glance."""

import json

import pytest
from django.test import Client

from tests.cloud import plans
from tests.cloud.login_page import leads_to_login
from tests.cloud.pages import shown
from tests.cloud.plans import SLICE as URL
from tests.cloud.plans import UNDO as UNDO_URL
from tests.cloud.plans import cells
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.dashboard import made_for
from xloud_images_panel.dashboard.catalogue import slice_of_time
from xloud_images_panel.dashboard.manage_access import image_access
from xloud_images_panel.services import glance

MISSING = "01234567-89ab-cdef-0123-456789abcdef"


@pytest.fixture
def post(admin):
    """Return a function that sends JSON as the administrator, and returns the answer's JSON."""
    return lambda url=URL, **content: plans.send(admin, url, **content)


@pytest.fixture
def run(admin):
    """Return a function that sends a slice of changes, and returns its answer."""
    return lambda *changes, accept=True: plans.run(admin, *changes, accept=accept)


def refusal(line):
    """Return the refused action and the reason from a line of the trail."""
    assert line["result"] == "refused"
    return line["action"], line["reason"]


# -- changes that are made


def test_each_project_of_each_image_is_answered(run, make, members_of, project_id):
    """Cells of added, removed and accepted projects have the current status."""
    research, team, pending = map(project_id, ("research", "app-team-a", "app-team-b"))
    first, second = make("one", shared_with=["app-team-a"]), make("two", shared_with=["app-team-b"])
    answer = run(
        (first, "remove", [team]), (first, "add", [research]), (second, "accept-for", [pending])
    )
    found = {key: (cell["state"], cell["status"]) for key, cell in cells(answer).items()}
    assert found == {
        (first.id, team): ("done", ""),
        (first.id, research): ("done", "accepted"),
        (second.id, pending): ("done", "accepted"),
    }
    assert members_of(first) == {research: "accepted"}
    assert members_of(second) == {pending: "accepted"}


def test_without_accept_an_added_project_decides_itself(run, image, members, project_id):
    """Without accepting on behalf, an added project decides itself, as in the dialog."""
    research = project_id("research")
    answer = run((image, "add", [research]), accept=False)
    assert cells(answer)[image.id, research]["status"] == "pending"
    assert members() == {research: "pending"}


def test_what_is_so_already_is_done_and_not_changed(run, image, connection, project_id):
    """Access that exists already counts as done, so a slice with a lost answer can be resent."""
    research = project_id("research")
    connection.image.add_member(image.id, member_id=research)
    cell = cells(run((image, "add", [research]), accept=False))[image.id, research]
    assert (cell["state"], cell["changed"]) == ("done", False)


@pytest.mark.parametrize(("workers", "pauses"), [(1, True), (2, False)])
def test_page_leaves_time_to_others_where_a_plan_has_one_thread(
    run, image, pauses, project_id, settings, workers
):
    """With one thread, the answer has the milliseconds to wait before the next slice."""
    settings.XLOUD_IMAGES_PANEL = {"plan_workers": workers}
    assert (run((image, "add", [project_id("research")]))["pause"] > 0) is pauses


def test_nothing_begins_when_the_time_is_over(run, make, members_of, monkeypatch, project_id):
    """A slice always starts its first image; without time, the others wait for the next slice."""
    monkeypatch.setattr(slice_of_time, "SECONDS", 0)
    images = [make("one"), make("two")]
    research = project_id("research")
    answer = run(*((image, "add", [research]) for image in images))
    assert set(cells(answer)) == {(images[0].id, research)}
    assert [list(members_of(image)) for image in images] == [[research], []]


def test_slice_can_end_within_an_image(run, image, connection, monkeypatch, members, project_id):
    """A slice can end within an image: removals come first, and missing cells are unchanged."""
    monkeypatch.setattr(slice_of_time, "SECONDS", 0)
    monkeypatch.setattr(slice_of_time.Clock, "FEWEST", 1)
    team, research, other = map(project_id, ("app-team-a", "research", "app-team-b"))
    connection.image.add_member(image.id, member_id=team)
    answer = run((image, "add", [research, other]), (image, "remove", [team]))
    assert {project for _image, project in cells(answer)} == {team, research}
    assert set(members()) == {research}


def test_each_project_is_on_the_trail(run, make, lines, project_id):
    """Each project of each image has one line on the trail."""
    research, images = project_id("research"), [make("one"), make("two")]
    run(*((image, "add", [research]) for image in images))
    found = [(line["image"]["id"], line["action"], line["result"]) for line in lines()]
    assert found == [(image.id, "add", "done") for image in images]


# -- changes that are not made


def test_projects_that_must_not_be_sent_fail_alone(run, image, members, project_id):
    """The owner and an unknown project fail; the others are done."""
    owner, research, nobody = project_id("platform"), project_id("research"), "0" * 32
    found = cells(run((image, "add", [owner, nobody, research])))
    assert "owner" in found[image.id, owner]["why"]
    assert "no project with the ID" in found[image.id, nobody]["why"]
    assert not found[image.id, owner]["mendable"]
    assert found[image.id, research]["state"] == "done"
    assert set(members()) == {research}


@pytest.mark.parametrize("visibility", ["private", "public"])
def test_image_that_is_not_shared_any_more_fails_alone(
    run, make, connection, members_of, project_id, visibility
):
    """An image whose visibility changed half-way fails; the other images are done."""
    first, second, research = make("one"), make("two"), project_id("research")
    connection.image.update_image(first.id, visibility=visibility)
    found = cells(run((first, "add", [research]), (second, "add", [research])))
    assert "Set it to Shared" in found[first.id, research]["why"]
    assert found[second.id, research]["state"] == "done"
    assert set(members_of(second)) == {research}


def test_image_that_becomes_private_within_a_slice_is_not_called_done(
    run, image, connection, monkeypatch, project_id
):
    """A change is not done if the image becomes private between the check and the write."""
    add_member = glance.Glance.add_member

    def private_first(self, image_id, project):
        connection.image.update_image(image_id, visibility="private")
        return add_member(self, image_id, project)

    monkeypatch.setattr(glance.Glance, "add_member", private_first)
    assert (
        cells(run((image, "add", [project_id("research")])))[image.id, project_id("research")][
            "state"
        ]
        == "failed"
    )


def test_deleted_image_fails_alone(run, make, connection, project_id):
    """A deleted image fails; the other images are done."""
    first, second, research = make("one"), make("two"), project_id("research")
    connection.image.delete_image(first.id)
    found = cells(run((first, "add", [research]), (second, "add", [research])))
    assert "There is no image with this ID" in found[first.id, research]["why"]
    assert found[second.id, research]["state"] == "done"


def test_policy_can_keep_images_of_other_projects_out(
    run, make, connection, lines, members_of, project_id, rules
):
    """With a rule about the owner, only the administrator's own image is changed."""
    others, own = make("others"), make("own", owner="admin")
    research = project_id("research")
    rules(image={"add_member": "role:admin and project_id:%(project_id)s"})
    found = cells(run((others, "add", [research]), (own, "add", [research])))
    assert "not change it" in found[others.id, research]["why"]
    assert found[own.id, research]["state"] == "done"
    assert members_of(others) == {}
    assert [(line["image"]["id"], line.get("reason")) for line in lines()] == [
        (others.id, "policy"),
        (own.id, None),
    ]


def test_image_that_has_no_time_is_left(run, make, members_of, monkeypatch, project_id):
    """Cells of an image that ran out of time are left to the next slice, and are not failures."""
    first, second, research = make("one"), make("two"), project_id("research")
    read = image_access.ImageAccess.image.fget

    def late(access):
        if access.image_id == second.id:
            raise ServiceError("Glance", Reason.OUT_OF_TIME, bound=3.0, tries=0)
        return read(access)

    monkeypatch.setattr(image_access.ImageAccess, "image", property(late))
    found = cells(run((first, "add", [research]), (second, "add", [research])))
    assert list(found) == [(first.id, research)]
    assert members_of(second) == {}


def test_somebody_elses_change_is_told_of_its_image_alone(run, make, monkeypatch, post, project_id):
    """An image that another administrator is changing fails alone, and a retry can help."""
    first, second, research = make("one"), make("two"), project_id("research")
    add_member, others = glance.Glance.add_member, []

    def add(self, image_id, project):
        if not others:
            others.append(None)
            others[0] = run((first, "add", [project_id("app-team-a")]))
        return add_member(self, image_id, project)

    monkeypatch.setattr(glance.Glance, "add_member", add)
    found = cells(run((first, "add", [research]), (second, "add", [research])))
    assert {cell["state"] for cell in found.values()} == {"done"}
    [busy] = others[0]["cells"]
    assert "Somebody else is changing" in busy["why"]
    assert busy["mendable"]


def test_quota_is_told_per_project(run, image, bulk, project_id):
    """Projects within the quota are added; the rest get the reason, and the quota is known."""
    bulk.members((image.id, f"{number:032x}", "accepted") for number in range(127))
    answer = run((image, "add", [project_id("research"), project_id("app-team-a")]))
    failed = [cell for cell in answer["cells"] if cell["state"] == "failed"]
    assert len(failed) == 1
    assert "quota of 128 projects" in failed[0]["why"]
    assert not failed[0]["mendable"]
    assert answer["quota"] == 128


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"changes": []},
        {"changes": [{"image": "../x", "verb": "add", "projects": ["a"]}]},
        {"changes": [{"image": MISSING, "verb": "own", "projects": ["a"]}]},
        {"changes": [{"image": MISSING, "verb": "add", "projects": ["a", "a"]}]},
        {"changes": [{"image": MISSING, "verb": "add", "projects": [1]}]},
        {"changes": [{"image": MISSING, "verb": "add", "projects": [f"{n}" for n in range(1001)]}]},
    ],
    ids=["nothing", "empty", "no ID", "no verb", "twice", "no text", "too many"],
)
def test_what_no_page_sends_is_refused(post, content, lines):
    """An invalid request is refused with a sentence, and the refusal is on the trail."""
    assert "cannot read the request" in post(**content)["refused"]
    assert [refusal(line) for line in lines()] == [("manage access", "not valid")]


def test_plan_of_another_region_is_not_carried_out(post, image, lines, members, project_id):
    """A plan from a tab opened before a switch of the region is refused."""
    change = {"image": image.id, "verb": "add", "projects": [project_id("research")]}
    assert "region" in post(region="elsewhere", changes=[change])["refused"]
    assert [refusal(line) for line in lines()] == [("manage access", "project or region switched")]
    assert members() == {}


def test_slice_needs_the_pages_token(admin, image, members, project_id):
    """A slice needs a CSRF token, so other sites cannot run a plan in an administrator's name."""
    client = Client(HTTP_HOST="127.0.0.1", enforce_csrf_checks=True)
    client.cookies = admin.cookies
    change = {"image": image.id, "verb": "add", "projects": [project_id("research")]}
    plan = {"region": shown(admin)[made_for.REGION], "changes": [change]}
    for url in (URL, UNDO_URL):
        response = client.post(url, json.dumps(plan), content_type="application/json")
        assert "csrf_failure" in response.url
    assert members() == {}


def test_ended_session_leads_to_the_login_page(admin, image, monkeypatch, post, project_id):
    """If the session has ended, Horizon's header gives the page the address of the login page."""
    from xloud_images_panel.access.failure import Reason, ServiceError

    def refuse(self, image_id):
        raise ServiceError("Glance", Reason.UNAUTHENTICATED, 401)

    monkeypatch.setattr(glance.Glance, "image", refuse)
    change = {"image": image.id, "verb": "add", "projects": [project_id("research")]}
    response = admin.post(
        URL,
        json.dumps({"region": shown(admin)[made_for.REGION], "changes": [change]}),
        content_type="application/json",
        headers={"x-requested-with": "XMLHttpRequest"},
    )
    assert leads_to_login(response)


# -- undo


def test_undo_gives_each_project_what_it_had(run, post, make, connection, members_of, project_id):
    """Undo restores each project's access and answer, on every image."""
    research, team = project_id("research"), project_id("app-team-a")
    images = [make("one", shared_with=["app-team-a"], status="rejected"), make("two")]
    answer = run((images[0], "remove", [team]), *((image, "add", [research]) for image in images))
    undone = post(UNDO_URL, receipts=answer["receipts"][::-1])
    assert undone["through"] == len(answer["receipts"])
    assert {cell["state"] for cell in undone["cells"]} == {"done"}
    assert [members_of(image) for image in images] == [{team: "rejected"}, {}]


def test_acceptance_of_a_pending_member_is_told_and_undone(
    run, post, make, members_of, project_id, lines
):
    """A plan only accepts for a project that another user has added, and Undo reverts just that."""
    team = project_id("app-team-a")
    image = make("one", shared_with=["app-team-a"])
    answer = run((image, "add", [team]))
    assert cells(answer)[image.id, team]["did"] == "accept-for"
    assert [(line["action"], line["result"]) for line in lines()] == [("accept-for", "done")]
    post(UNDO_URL, receipts=answer["receipts"])
    assert members_of(image) == {team: "pending"}


def test_undo_leaves_alone_what_somebody_else_has_changed_since(
    run, post, image, connection, members, project_id
):
    """Undo leaves a project alone that somebody else has changed since; its cell has the reason."""
    research = project_id("research")
    answer = run((image, "add", [research]))
    connection.image.update_member(research, image.id, status="rejected")
    [cell] = post(UNDO_URL, receipts=answer["receipts"])["cells"]
    assert cell["state"] == "failed"
    assert "changed since" in cell["why"]
    assert members() == {research: "rejected"}


def test_undo_is_on_the_trail(run, post, make, lines, project_id):
    """Undo leaves a line for each project of each image, even if it was undone before."""
    research, team = project_id("research"), project_id("app-team-a")
    one, two = make("one"), make("two", shared_with=["app-team-a"])
    receipts = run((one, "add", [research]), (two, "remove", [team]))["receipts"]
    before = len(lines())
    for _twice in range(2):
        post(UNDO_URL, receipts=receipts)
    found = [(line["image"]["id"], line["action"], line["result"]) for line in lines()[before:]]
    assert found == [
        (one.id, "remove", "done"),
        (two.id, "add", "done"),
        (one.id, "remove", "unchanged"),
        (two.id, "add", "unchanged"),
    ]


def test_undo_takes_no_receipt_but_ours(post, image, lines):
    """A browser cannot forge a receipt."""
    assert "no such change" in post(UNDO_URL, receipts=["made:up"])["refused"]
    assert [refusal(line) for line in lines()] == [("undo", "not valid")]
