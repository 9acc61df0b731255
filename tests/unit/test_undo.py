# SPDX-License-Identifier: Apache-2.0
"""Accepting on behalf, asking again, and undoing a change."""

import pytest
import tenacity

from tests.unit.test_apply import Doubling, Images, MariaDB, second  # noqa: F401
from xloud_images_panel.access import reconcile, threads
from xloud_images_panel.access.apply import carry_out
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import Member
from xloud_images_panel.access.outcome import Outcome, Result
from xloud_images_panel.access.plan import Change, Verb
from xloud_images_panel.access.undo import Done, done_by, undo

FORBIDDEN = ServiceError("Glance", Reason.FORBIDDEN, 403)
LOST = ServiceError("Glance", Reason.UNREACHABLE)


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Skip the wait for the next second."""
    monkeypatch.setattr(reconcile, "NEXT_SECOND", tenacity.wait_none())


def told(outcome):
    """Return the results by project, as tuples."""
    return [
        (item.project_id, item.verb, item.status, item.changed, item.error)
        for item in outcome.results
    ]


# -- accepting on behalf of members


def test_pending_member_is_accepted_for():
    """A pending member is accepted for without a removal, whatever the setting for additions."""
    images = Images({"a": "pending"})
    done = carry_out(Change(accept_for=("a",)), "image", images, accept=False)
    assert images.calls == [("status", "a")]
    assert told(done) == [("a", Verb.ACCEPT_FOR, "accepted", True, None)]


@pytest.mark.parametrize("status", ["accepted", "rejected"])
def test_answer_of_a_project_is_not_overruled(status):
    """An answer that a project gave since the dialog was opened is not overruled."""
    images = Images({"a": status})
    done = carry_out(Change(accept_for=("a",)), "image", images, accept=True)
    assert images.calls == []
    assert told(done) == [("a", Verb.ACCEPT_FOR, status, False, None)]


def test_accepting_for_nobody_lets_nobody_in():
    """Accepting for a member that somebody else removed is a conflict and adds nobody."""
    images = Images()
    (result,) = carry_out(Change(accept_for=("a",)), "image", images, accept=True).results
    assert images.statuses == []
    assert (result.done, result.error.reason) == (False, Reason.CONFLICT)


def test_acceptance_that_glance_refuses_is_told():
    """If Glance refuses an acceptance, the member stays pending."""
    images = Images({"a": "pending"}, status=FORBIDDEN)
    done = carry_out(Change(accept_for=("a",)), "image", images, accept=False)
    assert told(done) == [("a", Verb.ACCEPT_FOR, "pending", False, FORBIDDEN)]


# -- asking again


def test_rejected_member_is_asked_again():
    """A rejected member that is asked again is pending, even if added projects are accepted for."""
    images = Images({"a": "rejected", "b": "pending"})
    done = carry_out(Change(add=("c",), ask_again=("a",)), "image", images, accept=True)
    assert dict(images.statuses) == {"b": "pending", "a": "pending", "c": "accepted"}
    assert [item[:4] for item in told(done)] == [
        ("a", Verb.ASK_AGAIN, "pending", True),
        ("c", Verb.ADD, "accepted", True),
    ]


def test_project_that_has_accepted_since_is_not_asked_again():
    """A project that has accepted since keeps the image, and the user reads about its answer."""
    images = Images({"a": "accepted"})
    done = carry_out(Change(ask_again=("a",)), "image", images, accept=True)
    assert images.calls == []
    ((project_id, verb, status, changed, error),) = told(done)
    assert (project_id, verb, status, changed) == ("a", Verb.ASK_AGAIN, "", False)
    assert str(error) == "Glance: conflict answered since"


def test_project_that_was_asked_again_already_is_not_asked_twice():
    """A project that is pending already, as after a repeated slice, is not asked again."""
    images = Images({"a": "pending"})
    done = carry_out(Change(ask_again=("a",)), "image", images, accept=True)
    assert images.calls == []
    assert told(done) == [("a", Verb.ASK_AGAIN, "pending", False, None)]


def test_nobody_is_asked_again_where_glance_does_not_list_the_members():
    """Without a list nobody is asked again, because members may have answered since."""
    images = Images({"a": "rejected"}, list=LOST)
    done = carry_out(Change(ask_again=("a",)), "image", images, accept=True)
    assert images.calls == []
    assert told(done) == [("a", Verb.ASK_AGAIN, "", False, LOST)]


def test_asking_nobody_again_lets_nobody_in():
    """Asking again a member that somebody else removed is a conflict and adds nobody."""
    images = Images()
    (result,) = carry_out(Change(ask_again=("a",)), "image", images, accept=True).results
    assert images.statuses == []
    assert not result.done
    assert str(result.error) == "Glance: conflict no member any more"


def test_member_that_cannot_be_removed_stays_what_it_was():
    """A member that cannot be removed keeps its status and is not added a second time."""
    images = Images({"a": "rejected"}, remove=FORBIDDEN)
    done = carry_out(Change(ask_again=("a",)), "image", images, accept=True)
    assert told(done) == [("a", Verb.ASK_AGAIN, "", False, FORBIDDEN)]
    assert images.statuses == [("a", "rejected")]


def test_member_of_which_a_row_is_left_is_not_added_again(second):  # noqa: F811
    """A member with a row left was not removed completely, so it is not asked again."""

    class Refusing(MariaDB):
        def remove_member(self, image_id, project_id):
            if self.calls:
                raise FORBIDDEN
            return super().remove_member(image_id, project_id)

    images = second(Refusing())
    images.rows = [Member("a", "rejected")] * 2
    done = carry_out(Change(ask_again=("a",)), "image", images, accept=True)
    assert told(done) == [("a", Verb.ASK_AGAIN, "", False, FORBIDDEN)]
    assert images.calls == [("remove", "a")]


def test_member_that_glance_has_twice_is_asked_once(second):  # noqa: F811
    """A member with two rows is asked once, after both rows were removed."""
    images = second(MariaDB())
    images.rows = [Member("a", "rejected")] * 2
    done = carry_out(Change(ask_again=("a",)), "image", images, accept=True)
    assert told(done) == [("a", Verb.ASK_AGAIN, "pending", True, None)]
    assert images.statuses == [("a", "pending")]


def test_member_that_somebody_else_adds_in_between_was_asked_again():
    """A removed member that somebody else adds in between was asked again: it can answer again."""

    class Helped(Images):
        def add_member(self, image_id, project_id):
            super().add_member(image_id, project_id)
            return False

    done = carry_out(Change(ask_again=("a",)), "image", Helped({"a": "rejected"}), accept=True)
    assert told(done) == [("a", Verb.ASK_AGAIN, "pending", True, None)]


def test_requests_of_asking_again_are_on_record():
    """The record of asking again has the requests of both the removal and the addition."""

    class Numbering(Images):
        def _call(self, name, project_id):
            threads.note_request_id(name)
            super()._call(name, project_id)

    images = Numbering({"a": "rejected"})
    (result,) = carry_out(Change(ask_again=("a",)), "image", images, accept=True).results
    assert result.request_ids == ("remove", "add")


def test_access_that_was_lost_by_asking_is_told():
    """If asking again only removes a member, removal and failed addition are separate results."""
    images = Images({"a": "rejected"}, add=FORBIDDEN)
    done = carry_out(Change(ask_again=("a",)), "image", images, accept=True)
    assert told(done) == [
        ("a", Verb.REMOVE, "", True, None),
        ("a", Verb.ADD, "", False, FORBIDDEN),
    ]


# -- undo

BEFORE = {"gone": "rejected", "waits": "pending", "no": "rejected", "other": "accepted"}
CHANGE = Change(("new",), ("gone",), ("waits",), ("no",))


def changed():
    """Return a Glance after a change of each kind, and the steps that the change made."""
    images = Images(BEFORE)
    outcome = carry_out(CHANGE, "image", images, accept=True)
    images.calls.clear()
    return images, done_by(outcome, BEFORE)


def test_what_a_change_did_is_known_by_its_statuses():
    """Each step of a change has the project's status before and after it."""
    _images, changes = changed()
    assert {item.project_id: (item.before, item.after) for item in changes} == {
        "new": ("", "accepted"),
        "gone": ("rejected", ""),
        "waits": ("pending", "accepted"),
        "no": ("rejected", "pending"),
    }


def test_what_failed_or_was_so_already_is_not_undone():
    """Failed or unnecessary steps are not undone, because the change did not make them."""
    images = Images({"b": "accepted"}, status=FORBIDDEN, remove=FORBIDDEN)
    outcome = carry_out(Change(("b",), ("a",)), "image", images, accept=False)
    assert done_by(outcome, {"a": "accepted", "b": "accepted"}) == []


@pytest.mark.parametrize(
    "result",
    [
        pytest.param(Result("a", Verb.REMOVE, error=FORBIDDEN), id="a row of it is left"),
        pytest.param(
            Result("a", Verb.ADD, status="pending", error=LOST, uncertain=True),
            id="nobody knows its status",
        ),
        pytest.param(
            Result("a", Verb.ADD, changed=False, status="rejected"), id="somebody else did it"
        ),
    ],
)
def test_what_is_not_known_to_be_done_is_not_undone(result):
    """A step not known to be done is not undone: undo compares the members with its result."""
    assert done_by(Outcome((result,)), {"a": "accepted"}) == []


def test_undo_of_an_addition_that_found_a_pending_member_leaves_it_pending():
    """Undoing an addition makes a member that somebody else had added pending again."""
    images = Images({"a": "pending"})
    changes = done_by(carry_out(Change(("a",)), "image", images, accept=True), {})
    undo(changes, "image", images)
    assert dict(images.statuses) == {"a": "pending"}


def test_addition_whose_acceptance_followed_is_undone_in_two_steps():
    """An addition and its acceptance by a later slice of a plan are undone in two steps."""
    images = Images()
    first = done_by(carry_out(Change(("a",)), "image", images, accept=False), {})
    then = done_by(carry_out(Change(("a",)), "image", images, accept=True), {"a": "pending"})
    undo(then, "image", images)
    undo(first, "image", images)
    assert images.statuses == []


def test_undo_gives_each_project_what_it_had():
    """Undo restores statuses too, even those that a project set itself, and sets each once."""
    images, changes = changed()
    outcome = undo(changes, "image", images)
    assert dict(images.statuses) == BEFORE
    written = [project_id for call, project_id in images.calls if call == "status"]
    assert sorted(written) == ["gone", "no", "waits"]
    assert not outcome.failed
    assert not outcome.not_accepted


def test_undo_frees_places_first():
    """Undo removes first, because at the quota nothing could be added otherwise."""
    images, changes = changed()
    undo(changes, "image", images)
    assert images.calls[0] == ("remove", "new")


def test_undo_leaves_what_somebody_else_has_changed_since():
    """Undo leaves projects that somebody else has changed since, and names them with the reason."""
    images, changes = changed()
    images.rows = [
        Member(row.project_id, "rejected" if row.project_id == "new" else row.status)
        for row in images.rows
    ] + [Member("gone", "pending")]
    outcome = undo(changes, "image", images)
    statuses = dict(images.statuses)
    assert (statuses["new"], statuses["gone"]) == ("rejected", "pending")
    assert [
        (item.project_id, item.verb, item.changed, str(item.error)) for item in outcome.failed
    ] == [
        ("gone", Verb.ADD, False, "Glance: conflict changed since"),
        ("new", Verb.REMOVE, False, "Glance: conflict changed since"),
    ]
    assert (statuses["waits"], statuses["no"]) == ("pending", "rejected")


def test_undo_that_is_sent_twice_is_done():
    """An undo that is sent again after a lost answer is done and writes nothing."""
    images, changes = changed()
    undo(changes, "image", images)
    images.calls.clear()
    outcome = undo(changes, "image", images)
    assert images.calls == []
    assert not outcome.failed
    assert not any(item.changed for item in outcome.results)


def test_undo_that_glance_refuses_is_told():
    """If Glance refuses a step of an undo, its project has the error as its own result."""
    images, changes = changed()
    images.failures = {"add": FORBIDDEN}
    outcome = undo(changes, "image", images)
    assert [(item.project_id, item.error) for item in outcome.failed] == [("gone", FORBIDDEN)]


def test_status_that_could_not_be_restored_is_told():
    """If a status cannot be restored, a removed project still has access again, as pending."""
    images, changes = changed()
    images.failures = {"status": FORBIDDEN}
    outcome = undo(changes, "image", images)
    lacking = {item.project_id: item.changed for item in outcome.not_accepted}
    assert lacking == {"gone": True, "waits": False, "no": False}


def test_status_that_could_not_be_restored_in_the_last_row_is_told(second):  # noqa: F811
    """A status that cannot be restored is reported, even if only another user's row stays."""

    class Refusing(Doubling):
        def remove_member(self, image_id, project_id):
            self.rows = [row for row in self.rows if row.status != "rejected"]
            self.failures = {"status": FORBIDDEN}
            return True

    outcome = undo([Done("a", "rejected", "")], "image", second(Refusing()))
    assert [(item.status, item.error) for item in outcome.not_accepted] == [("pending", FORBIDDEN)]


def test_undo_does_nothing_where_glance_does_not_list_the_members():
    """Undo does nothing without a list, because the panel cannot know what has changed since."""
    images, changes = changed()
    images.failures = {"list": LOST}
    with pytest.raises(ServiceError):
        undo(changes, "image", images)
    assert images.calls == []


def test_undo_is_on_record():
    """Undo records each project once."""
    images, changes = changed()
    recorded = []
    outcome = undo([*changes, Done("x", "", "pending")], "image", images, recorded.append)
    assert recorded == list(outcome.results)
    assert len(recorded) == 5
