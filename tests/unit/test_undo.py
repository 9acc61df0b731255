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
    """The member is not removed first; the setting for added projects does not matter."""
    images = Images({"a": "pending"})
    done = carry_out(Change(accept_for=("a",)), "image", images, accept=False)
    assert images.calls == [("status", "a")]
    assert told(done) == [("a", Verb.ACCEPT_FOR, "accepted", True, None)]


@pytest.mark.parametrize("status", ["accepted", "rejected"])
def test_answer_of_a_project_is_not_overruled(status):
    """The project has answered since the dialog was opened."""
    images = Images({"a": status})
    done = carry_out(Change(accept_for=("a",)), "image", images, accept=True)
    assert images.calls == []
    assert told(done) == [("a", Verb.ACCEPT_FOR, status, False, None)]


def test_accepting_for_nobody_lets_nobody_in():
    """Somebody else has removed the member."""
    images = Images()
    (result,) = carry_out(Change(accept_for=("a",)), "image", images, accept=True).results
    assert images.statuses == []
    assert (result.done, result.error.reason) == (False, Reason.CONFLICT)


def test_acceptance_that_glance_refuses_is_told():
    """The member stays pending."""
    images = Images({"a": "pending"}, status=FORBIDDEN)
    done = carry_out(Change(accept_for=("a",)), "image", images, accept=False)
    assert told(done) == [("a", Verb.ACCEPT_FOR, "pending", False, FORBIDDEN)]


# -- asking again


def test_rejected_member_is_asked_again():
    """It is pending then, even if added projects are accepted for."""
    images = Images({"a": "rejected", "b": "pending"})
    done = carry_out(Change(add=("c",), ask_again=("a",)), "image", images, accept=True)
    assert dict(images.statuses) == {"b": "pending", "a": "pending", "c": "accepted"}
    assert [item[:4] for item in told(done)] == [
        ("a", Verb.ASK_AGAIN, "pending", True),
        ("c", Verb.ADD, "accepted", True),
    ]


def test_project_that_has_accepted_since_is_not_asked_again():
    """The project keeps the image in its lists; the user reads that it has answered."""
    images = Images({"a": "accepted"})
    done = carry_out(Change(ask_again=("a",)), "image", images, accept=True)
    assert images.calls == []
    ((project_id, verb, status, changed, error),) = told(done)
    assert (project_id, verb, status, changed) == ("a", Verb.ASK_AGAIN, "", False)
    assert str(error) == "Glance: conflict answered since"


def test_project_that_was_asked_again_already_is_not_asked_twice():
    """A slice that is sent again finds it pending."""
    images = Images({"a": "pending"})
    done = carry_out(Change(ask_again=("a",)), "image", images, accept=True)
    assert images.calls == []
    assert told(done) == [("a", Verb.ASK_AGAIN, "pending", False, None)]


def test_nobody_is_asked_again_where_glance_does_not_list_the_members():
    """Nobody knows whether they have answered since."""
    images = Images({"a": "rejected"}, list=LOST)
    done = carry_out(Change(ask_again=("a",)), "image", images, accept=True)
    assert images.calls == []
    assert told(done) == [("a", Verb.ASK_AGAIN, "", False, LOST)]


def test_asking_nobody_again_lets_nobody_in():
    """Somebody else has removed the member."""
    images = Images()
    (result,) = carry_out(Change(ask_again=("a",)), "image", images, accept=True).results
    assert images.statuses == []
    assert not result.done
    assert str(result.error) == "Glance: conflict no member any more"


def test_member_that_cannot_be_removed_stays_what_it_was():
    """It is not added a second time."""
    images = Images({"a": "rejected"}, remove=FORBIDDEN)
    done = carry_out(Change(ask_again=("a",)), "image", images, accept=True)
    assert told(done) == [("a", Verb.ASK_AGAIN, "", False, FORBIDDEN)]
    assert images.statuses == [("a", "rejected")]


def test_member_of_which_a_row_is_left_is_not_added_again(second):  # noqa: F811
    """It was not removed completely, so it is not asked again."""

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
    """Both rows are removed before it is added."""
    images = second(MariaDB())
    images.rows = [Member("a", "rejected")] * 2
    done = carry_out(Change(ask_again=("a",)), "image", images, accept=True)
    assert told(done) == [("a", Verb.ASK_AGAIN, "pending", True, None)]
    assert images.statuses == [("a", "pending")]


def test_member_that_somebody_else_adds_in_between_was_asked_again():
    """It was removed, and can answer anew."""

    class Helped(Images):
        def add_member(self, image_id, project_id):
            super().add_member(image_id, project_id)
            return False

    done = carry_out(Change(ask_again=("a",)), "image", Helped({"a": "rejected"}), accept=True)
    assert told(done) == [("a", Verb.ASK_AGAIN, "pending", True, None)]


def test_requests_of_asking_again_are_on_record():
    """The record has the requests of both the removal and the addition."""

    class Numbering(Images):
        def _call(self, name, project_id):
            threads.note_request_id(name)
            super()._call(name, project_id)

    images = Numbering({"a": "rejected"})
    (result,) = carry_out(Change(ask_again=("a",)), "image", images, accept=True).results
    assert result.request_ids == ("remove", "add")


def test_access_that_was_lost_by_asking_is_told():
    """The removal and the failed addition are separate results."""
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
    """Each project has its status before and after the change."""
    _images, changes = changed()
    assert {item.project_id: (item.before, item.after) for item in changes} == {
        "new": ("", "accepted"),
        "gone": ("rejected", ""),
        "waits": ("pending", "accepted"),
        "no": ("rejected", "pending"),
    }


def test_what_failed_or_was_so_already_is_not_undone():
    """The change did not do these."""
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
    """An undo compares the members with what the change has left."""
    assert done_by(Outcome((result,)), {"a": "accepted"}) == []


def test_undo_of_an_addition_that_found_a_pending_member_leaves_it_pending():
    """Somebody else has added the project after the caller has read the members."""
    images = Images({"a": "pending"})
    changes = done_by(carry_out(Change(("a",)), "image", images, accept=True), {})
    undo(changes, "image", images)
    assert dict(images.statuses) == {"a": "pending"}


def test_addition_whose_acceptance_followed_is_undone_in_two_steps():
    """The first slice of a plan had no time to accept, and a later one did."""
    images = Images()
    first = done_by(carry_out(Change(("a",)), "image", images, accept=False), {})
    then = done_by(carry_out(Change(("a",)), "image", images, accept=True), {"a": "pending"})
    undo(then, "image", images)
    undo(first, "image", images)
    assert images.statuses == []


def test_undo_gives_each_project_what_it_had():
    """Statuses are restored too, even those that the project set itself; each is set once."""
    images, changes = changed()
    outcome = undo(changes, "image", images)
    assert dict(images.statuses) == BEFORE
    written = [project_id for call, project_id in images.calls if call == "status"]
    assert sorted(written) == ["gone", "no", "waits"]
    assert not outcome.failed
    assert not outcome.not_accepted


def test_undo_frees_places_first():
    """At the quota nothing could be added otherwise."""
    images, changes = changed()
    undo(changes, "image", images)
    assert images.calls[0] == ("remove", "new")


def test_undo_leaves_what_somebody_else_has_changed_since():
    """These projects are named, with the reason."""
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
    """The answer to the first one got lost; nothing is written the second time."""
    images, changes = changed()
    undo(changes, "image", images)
    images.calls.clear()
    outcome = undo(changes, "image", images)
    assert images.calls == []
    assert not outcome.failed
    assert not any(item.changed for item in outcome.results)


def test_undo_that_glance_refuses_is_told():
    """Each project has its own result."""
    images, changes = changed()
    images.failures = {"add": FORBIDDEN}
    outcome = undo(changes, "image", images)
    assert [(item.project_id, item.error) for item in outcome.failed] == [("gone", FORBIDDEN)]


def test_status_that_could_not_be_restored_is_told():
    """The project has access again, and its answer is pending."""
    images, changes = changed()
    images.failures = {"status": FORBIDDEN}
    outcome = undo(changes, "image", images)
    lacking = {item.project_id: item.changed for item in outcome.not_accepted}
    assert lacking == {"gone": True, "waits": False, "no": False}


def test_status_that_could_not_be_restored_in_the_last_row_is_told(second):  # noqa: F811
    """Another user adds the project at the same moment, and that row is the one that stays."""

    class Refusing(Doubling):
        def remove_member(self, image_id, project_id):
            self.rows = [row for row in self.rows if row.status != "rejected"]
            self.failures = {"status": FORBIDDEN}
            return True

    outcome = undo([Done("a", "rejected", "")], "image", second(Refusing()))
    assert [(item.status, item.error) for item in outcome.not_accepted] == [("pending", FORBIDDEN)]


def test_undo_does_nothing_where_glance_does_not_list_the_members():
    """The panel cannot know what has changed since."""
    images, changes = changed()
    images.failures = {"list": LOST}
    with pytest.raises(ServiceError):
        undo(changes, "image", images)
    assert images.calls == []


def test_undo_is_on_record():
    """Each project is recorded once."""
    images, changes = changed()
    recorded = []
    outcome = undo([*changes, Done("x", "", "pending")], "image", images, recorded.append)
    assert recorded == list(outcome.results)
    assert len(recorded) == 5
