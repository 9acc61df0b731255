# SPDX-License-Identifier: Apache-2.0
"""A plan during other users' changes, with the real Keystone and Glance.

Nothing is lost or doubled, each image has its own result, and the audit trail agrees.
"""

import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.cloud import plans
from tests.cloud.pages import selected
from tests.cloud.plans import cells
from xloud_images_panel.dashboard.catalogue import slice_of_time
from xloud_images_panel.services import glance

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}
GONE = "There is no image with this ID"
# The maximum of slices for a small plan, including those that only met another change.
MOST_SLICES = 200


def states(answer):
    """Return the state of each cell, by image and project."""
    return {key: cell["state"] for key, cell in cells(answer).items()}


def each(verb, images, projects):
    """Return the same change for several images."""
    return [(image, verb, list(projects)) for image in images]


def carry_out(client, changes):
    """Send slices as a browser whose user presses Retry; return the result of each cell."""
    answers = {}
    for _slice in range(MOST_SLICES):
        left = [
            (image, verb, rest)
            for image, verb, ids in changes
            if (rest := [item for item in ids if (image.id, item) not in answers])
        ]
        if not left:
            return answers
        found = cells(plans.run(client, *left))
        answers |= {
            key: cell
            for key, cell in found.items()
            if cell["state"] == "done" or not cell["mendable"]
        }
    raise AssertionError(f"not finished: {left}")


def at_once(*works):
    """Run functions in threads that start together, and return their results."""
    start = threading.Barrier(len(works), timeout=30)

    def begin(work):
        start.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(begin, works))


@pytest.fixture
def one_by_one(monkeypatch):
    """Make each piece of a slice one project, so that other changes fit in between."""
    monkeypatch.setattr(slice_of_time.Clock, "FEWEST", 1)
    monkeypatch.setattr(slice_of_time.Clock, "MOST", 1)


@pytest.fixture
def before_write(monkeypatch):
    """Return a function that registers an action before a write, numbered from 1."""

    def before_write(number, act):
        add_member, numbers = glance.Glance.add_member, iter(range(1, 1000))

        def add(self, image_id, project_id):
            if next(numbers) == number:
                act()
            return add_member(self, image_id, project_id)

        monkeypatch.setattr(glance.Glance, "add_member", add)

    return before_write


@pytest.fixture
def teams(bulk):
    """The IDs of four projects."""
    ids = bulk.projects([f"plan-{uuid.uuid4().hex[:8]}" for _number in range(4)])
    yield ids
    bulk.remove_projects(ids)


# -- plan against plan


def test_plans_with_images_in_common_add_up(browsers, make, project_id, rows_of, teams):
    """Two administrators change access at the same time, and both get all their changes."""
    images = [make(f"image-{number}", shared_with=["research"]) for number in range(4)]
    research, (first, second) = project_id("research"), browsers(2)
    mine = each("add", images[:3], teams[:2])
    theirs = each("remove", images[1:], [research]) + each("add", images[1:], teams[2:])
    answers = at_once(lambda: carry_out(first, mine), lambda: carry_out(second, theirs))
    assert {cell["state"] for answer in answers for cell in answer.values()} == {"done"}
    assert [rows_of(image) for image in images] == [
        sorted([research, *teams[:2]]),
        sorted(teams),
        sorted(teams),
        sorted(teams[2:]),
    ]


def test_the_same_plan_twice_at_once_is_done_once(browsers, lines, make, rows_of, teams):
    """Each project is in Glance once, and page and trail name one administrator who added it."""
    images = [make("one"), make("two")]
    plan = each("add", images, teams)
    answers = at_once(*(lambda client=client: carry_out(client, plan) for client in browsers(2)))
    changed = Counter(key for answer in answers for key, cell in answer.items() if cell["changed"])
    wanted = {(image.id, item): 1 for image in images for item in teams}
    assert changed == wanted
    assert [rows_of(image) for image in images] == [sorted(teams)] * 2
    done = [line for line in lines() if line["result"] == "done"]
    assert Counter((line["image"]["id"], line["member"]) for line in done) == wanted


def test_plan_goes_on_with_the_images_that_nobody_else_is_changing(
    browsers, lines, make, meeting, rows_of, teams
):
    """A slice fails only for an image that another slice is changing, with one trail line."""
    (first, second), (common, other) = browsers(2), (make("common"), make("other"))
    answers = []
    meeting(lambda: answers.append(plans.run(second, *each("add", [common, other], teams[2:]))))
    plans.run(first, *each("add", [common], teams[:2]))
    found = cells(answers[0])
    assert all("Somebody else" in found[common.id, item]["why"] for item in teams[2:])
    assert all(found[common.id, item]["mendable"] for item in teams[2:])
    assert all(found[other.id, item]["state"] == "done" for item in teams[2:])
    assert (rows_of(common), rows_of(other)) == (sorted(teams[:2]), sorted(teams[2:]))
    [refused] = [line for line in lines() if line["result"] == "refused"]
    assert (refused["image"], refused["reason"]) == ({"id": common.id}, "busy")


def test_undo_of_an_image_that_is_being_changed_can_be_tried_again(
    browsers, image, make, meeting, rows_of, teams
):
    """Undo of a busy image returns its receipt for another try; the other images are undone."""
    (first, second), other = browsers(2), make("other")
    receipts = plans.run(second, *each("add", [image, other], teams[:1]))["receipts"]
    answers = []
    meeting(lambda: answers.append(plans.send(second, plans.UNDO, receipts=receipts[::-1])))
    plans.run(first, *each("add", [image], teams[1:2]))
    [answer] = answers
    assert states(answer) == {(other.id, teams[0]): "done", (image.id, teams[0]): "failed"}
    assert answer["again"] == receipts[:1]
    assert rows_of(image) == sorted(teams[:2])
    again = plans.send(second, plans.UNDO, receipts=answer["again"])
    assert states(again) == {(image.id, teams[0]): "done"}
    assert (rows_of(image), rows_of(other)) == (teams[1:2], [])


# -- plan against dialog


def test_dialog_of_an_image_that_a_plan_is_at_is_told_to_wait(
    browsers, image, meeting, rows_of, teams
):
    """A dialog whose image a plan is changing keeps its selection, and a later Confirm succeeds."""
    first, second = browsers(2)
    url, form, answers = f"/admin/images/{image.id}/access/", {"add": teams[1]}, []
    meeting(lambda: answers.append(second.post(url, form, **AJAX).content.decode()))
    assert set(states(plans.run(first, (image, "add", teams[:1]))).values()) == {"done"}
    assert "is being changed by somebody else" in answers[0]
    assert selected(answers[0]) == {teams[1]: "add"}
    assert second.post(url, form, **AJAX).status_code == 204
    assert rows_of(image) == sorted(teams[:2])


def test_plan_passes_over_an_image_whose_dialog_is_confirmed(
    browsers, make, meeting, rows_of, teams
):
    """A plan skips an image whose dialog is being confirmed, and the next slice changes it."""
    (first, second), images = browsers(2), [make("one"), make("two")]
    plan, answers = each("add", images, teams[:1]), []
    meeting(lambda: answers.append(plans.run(second, *plan)))
    url = f"/admin/images/{images[0].id}/access/"
    assert first.post(url, {"add": teams[1]}, **AJAX).status_code == 204
    assert states(answers[0]) == {
        (images[0].id, teams[0]): "failed",
        (images[1].id, teams[0]): "done",
    }
    carry_out(second, plan)
    assert [rows_of(image) for image in images] == [sorted(teams[:2]), teams[:1]]


@pytest.mark.usefixtures("one_by_one")
def test_dialog_gets_in_between_two_pieces_of_a_slice(browsers, image, monkeypatch, rows_of, teams):
    """Between two pieces a dialog gets the lock; its projects are accepted, and Undo keeps them."""
    first, second = browsers(2)
    url = f"/admin/images/{image.id}/access/"
    ended, statuses = slice_of_time.Clock.ended, []

    def end(clock, items):
        ended(clock, items)
        if not statuses:
            statuses.append(second.post(url, {"add": teams[1:3]}, **AJAX).status_code)

    monkeypatch.setattr(slice_of_time.Clock, "ended", end)
    answer = plans.run(first, (image, "add", teams))
    did = [cells(answer)[image.id, item]["did"] for item in teams]
    assert statuses == [204]
    assert did == ["add", "accept-for", "accept-for", "add"]
    assert rows_of(image) == sorted(teams)
    plans.send(first, plans.UNDO, receipts=answer["receipts"][::-1])
    assert rows_of(image) == sorted(teams[1:3])


@pytest.mark.usefixtures("one_by_one")
def test_undo_gives_back_what_a_project_has_answered_between_two_pieces(
    admin, connection, image, members, monkeypatch, project_id, teams
):
    """Undo restores a project's status before the removal, even if it answered half-way."""
    research = project_id("research")
    for item in (teams[0], research):
        connection.image.add_member(image.id, member_id=item)
    ended, answered = slice_of_time.Clock.ended, []

    def end(clock, items):
        ended(clock, items)
        if not answered:
            answered.append(connection.image.update_member(research, image.id, status="rejected"))

    monkeypatch.setattr(slice_of_time.Clock, "ended", end)
    answer = plans.run(admin, (image, "remove", [teams[0], research]))
    assert members() == {}
    plans.send(admin, plans.UNDO, receipts=answer["receipts"][::-1])
    assert members() == {teams[0]: "pending", research: "rejected"}


# -- the image changes half-way


@pytest.fixture
def delete_or_hide(connection):
    """Return the ways to withdraw an image half-way, by the resulting message of its cells."""
    return {
        GONE: lambda image: connection.image.delete_image(image.id),
        "is Private": lambda image: connection.image.update_image(image.id, visibility="private"),
    }


@pytest.mark.usefixtures("one_by_one")
@pytest.mark.parametrize("says", [GONE, "is Private"])
def test_image_that_goes_half_way_says_so_and_the_others_are_done(
    admin, before_write, delete_or_hide, lines, make, rows_of, says, teams
):
    """If an image goes half-way, earlier changes stay; the rest is unsent, with one trail line."""
    image, other = make("goes"), make("stays")
    before_write(2, lambda: delete_or_hide[says](image))
    found = cells(plans.run(admin, *each("add", [image, other], teams)))
    of_image = [found[image.id, item] for item in teams]
    assert [cell["state"] for cell in of_image] == ["done", *["failed"] * 3]
    assert all(says in cell["why"] for cell in of_image[1:])
    assert not any(cell["mendable"] for cell in of_image[1:])
    assert rows_of(other) == sorted(teams)
    told = [
        (line["action"], line["result"], line.get("member", ""))
        for line in lines()
        if line["image"]["id"] == image.id
    ]
    assert told == [
        ("add", "done", teams[0]),
        ("add", "failed", teams[1]),
        ("manage access", "refused", ""),
    ]


@pytest.mark.parametrize("says", [GONE, "is Private"])
def test_image_that_goes_within_a_piece_says_why(
    admin, before_write, delete_or_hide, image, lines, says, settings, teams
):
    """An image that goes within a piece says why, even for changes already sent to Glance."""
    settings.XLOUD_IMAGES_PANEL = {"plan_workers": 1}
    before_write(3, lambda: delete_or_hide[says](image))
    found = cells(plans.run(admin, (image, "add", teams)))
    assert [found[image.id, item]["state"] for item in teams] == ["done"] * 2 + ["failed"] * 2
    assert all(says in found[image.id, item]["why"] for item in teams[2:])
    results = {line["member"]: line["result"] for line in lines() if "member" in line}
    assert [results[item] for item in teams] == ["done"] * 2 + ["failed"] * 2


@pytest.mark.usefixtures("one_by_one")
def test_image_that_becomes_private_half_way_keeps_what_was_to_be_removed(
    admin, connection, image, members, monkeypatch, teams
):
    """If an image becomes private half-way, its members remain, and the message says so."""
    for item in teams:
        connection.image.add_member(image.id, member_id=item)
    remove_member, removed = glance.Glance.remove_member, []

    def remove(self, image_id, project_id):
        removed.append(project_id)
        if len(removed) == 2:
            connection.image.update_image(image_id, visibility="private")
        return remove_member(self, image_id, project_id)

    monkeypatch.setattr(glance.Glance, "remove_member", remove)
    found = cells(plans.run(admin, (image, "remove", teams)))
    connection.image.update_image(image.id, visibility="shared")
    done = [item for item in teams if found[image.id, item]["state"] == "done"]
    assert done == teams[:1]
    assert set(members()) == set(teams[1:])
    assert all("is Private" in found[image.id, item]["why"] for item in teams[1:])


@pytest.mark.usefixtures("one_by_one")
def test_glance_that_restarts_half_way_loses_and_doubles_nothing(
    admin, before_write, cloud, make, rows_of, teams
):
    """If Glance restarts half-way, slices without an answer leave their changes to later ones."""
    images, restarts = [make("one"), make("two")], []

    def restart():
        assert 0 < len(rows_of(images[0])) < len(teams)
        cloud.restart("glance")
        restarts.append(True)

    before_write(3, restart)
    answers = carry_out(admin, each("add", images, teams))
    assert restarts
    assert {cell["state"] for cell in answers.values()} == {"done"}
    assert [rows_of(image) for image in images] == [sorted(teams)] * 2


# -- a project is deleted half-way


def test_project_that_is_deleted_half_way_is_added_no_more(
    admin, connection, make, members_of, monkeypatch, teams
):
    """A project deleted half-way fails for the second image only; the other project is added."""
    images = [make("one"), make("two")]
    ended, deleted = slice_of_time.Clock.ended, []

    def end(clock, items):
        ended(clock, items)
        if not deleted:
            deleted.append(connection.identity.delete_project(teams[0]))

    monkeypatch.setattr(slice_of_time.Clock, "ended", end)
    monkeypatch.setattr(slice_of_time, "SECONDS", 0)  # one slice for each image
    found = [cells(plans.run(admin, *each("add", [image], teams[:2]))) for image in images]
    assert {cell["state"] for cell in found[0].values()} == {"done"}
    assert "no project with the ID" in found[1][images[1].id, teams[0]]["why"]
    assert found[1][images[1].id, teams[1]]["state"] == "done"
    assert [set(members_of(image)) for image in images] == [set(teams[:2]), {teams[1]}]


def test_project_that_is_deleted_half_way_is_removed_from_all_images(
    admin, bulk, connection, lines, make, members_of, teams
):
    """A project deleted half-way is still a member of the second image, and can be removed."""
    images = [make("one"), make("two")]
    for image in images:
        bulk.members([(image.id, teams[0], "accepted")])
    plans.run(admin, (images[0], "remove", teams[:1]))
    connection.identity.delete_project(teams[0])
    answer = plans.run(admin, *each("remove", images, teams[:1]))
    assert set(states(answer).values()) == {"done"}
    assert [members_of(image) for image in images] == [{}, {}]
    assert [line["result"] for line in lines()] == ["done", "unchanged", "done"]
