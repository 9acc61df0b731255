"""What a change of access is, and how it is carried out."""

import pytest

from xloud_images_panel import texts
from xloud_images_panel.access import Change, Invalid, Outcome, Result, Verb, carry_out
from xloud_images_panel.admin import outcome
from xloud_images_panel.glance import Member
from xloud_images_panel.services import Reason, ServiceError


class Images:
    """A Glance that fails as it is told."""

    def __init__(self, statuses=None, **failures):
        self.calls = []
        self.statuses = statuses or {}
        self.failures = failures

    def _call(self, name, project_id):
        self.calls.append((name, project_id))
        if error := self.failures.get(name):
            raise error

    def member(self, image_id, project_id):
        status = self.statuses.get(project_id)
        return Member(project_id, status) if status else None

    def members(self, image_id):
        if error := self.failures.get("members"):
            raise error
        return [Member(*item) for item in self.statuses.items()]

    def add_member(self, image_id, project_id):
        self._call("add", project_id)
        return project_id not in self.statuses and project_id != "vanished"

    def remove_member(self, image_id, project_id):
        self._call("remove", project_id)
        return True

    def set_member_status(self, image_id, project_id, status):
        self._call("status", project_id)


@pytest.mark.parametrize(
    ("add", "remove"),
    [((), ()), (("a", "a"), ()), (("a",), ("a",)), (("",), ()), ((), ("",)), ((), ("x" * 256,))],
)
def test_change_that_must_not_be_sent_is_refused(add, remove):
    """Empty, twice, contradicting, nameless or too long."""
    with pytest.raises(Invalid):
        Change(add, remove)


def test_removes_come_first():
    """A swap at the quota needs the place."""
    images = Images()
    carry_out(Change(("a",), ("b",)), "image", images, accept=True)
    assert images.calls == [("remove", "b"), ("add", "a"), ("status", "a")]


def test_status_that_a_project_has_set_is_left():
    """Only a Pending one is accepted on behalf."""
    images = Images({"no": "rejected", "wait": "pending"})
    done = carry_out(Change(("no", "wait")), "image", images, accept=True)
    assert [result.status for result in done.results] == ["rejected", "accepted"]
    assert ("status", "no") not in images.calls


def test_failure_of_one_does_not_stop_the_others():
    """Each project has its own result."""
    images = Images(remove=ServiceError("Glance", Reason.FORBIDDEN, 403))
    done = carry_out(Change(("a",), ("b",)), "image", images, accept=False)
    assert [result.project_id for result in done.failed] == ["b"]
    told = outcome.tell(done, "golden", {"a": "Team A"})
    assert told.messages == [("success", '"golden" is now shared with Team A.')]
    assert [failure.text for failure in told.failures] == [
        "1 project was not removed: The image service (Glance) did not allow it."
    ]


def test_added_but_not_accepted_is_said():
    """The project has access; that it could not be accepted for is a warning."""
    images = Images(status=ServiceError("Glance", Reason.FORBIDDEN, 403))
    done = carry_out(Change(("a",)), "image", images, accept=True)
    assert not done.failed
    levels = [level for level, _text in outcome.tell(done, "golden", {}).messages]
    assert levels == ["success", "warning"]


def test_member_that_somebody_removed_in_between_is_no_success():
    """A conflict whose member is gone by the next call."""
    done = carry_out(Change(("vanished",)), "image", Images(), accept=True)
    assert done.failed[0].error.reason is Reason.CONFLICT


def test_many_names_are_counted():
    """A message names five and counts the rest."""
    text = texts.enumerated([f"p{number}" for number in range(8)])
    assert text == "p0, p1, p2, p3, p4 and 3 more"


TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def test_names_do_not_turn_sentences_around():
    """Marks that would are left out of them; Hebrew stays, with the marks that it may need."""
    name, seen = f"a{TURNING}\u200f\u05d0b", "a\u200f\u05d0b"
    assert texts.enumerated([name]) == seen
    done = carry_out(Change(("x",), ("y",)), "image", Images(), accept=True)
    assert [text for _level, text in outcome.tell(done, name, {"x": name}).messages] == [
        f'"{seen}" is now shared with {seen}.',
        f'"{seen}" is no longer shared with y.',
    ]
    assert texts.shared_again(name, [name]) == (
        f'"{seen}" is shared again: 1 project has access from before: {seen}.'
    )


LOST = ServiceError("Glance", Reason.UNREACHABLE)


def test_change_whose_answer_got_lost_is_found_out():
    """Glance did it and could not say so: its list of members says it."""
    images = Images({"a": "accepted", "c": "pending"}, add=LOST, remove=LOST)
    done = carry_out(Change(("a", "x"), ("b", "c")), "image", images, accept=True)
    told = {result.project_id: result.done for result in done.results}
    assert told == {"a": True, "x": False, "b": True, "c": False}
    assert not any(result.unsure for result in done.results)


def test_change_whose_answer_got_lost_for_good_is_not_called_failed():
    """Nobody knows, and that is said."""
    images = Images(add=LOST, members=LOST)
    done = carry_out(Change(("a",)), "image", images, accept=True)
    told = outcome.tell(done, "golden", {})
    assert told.unsure
    [failure] = told.failures
    assert failure.text.startswith("It is not known whether 1 project was added: ")
    assert failure.mendable
    assert told.left[0].reason == "not known"


def test_what_was_never_sent_is_not_in_doubt():
    """A service that was down already was not asked."""
    down = ServiceError("Glance", Reason.TIMED_OUT, tries=0)
    done = carry_out(Change(("a",)), "image", Images(add=down, members=down), accept=True)
    assert not done.failed[0].unsure


def test_removed_member_that_is_still_listed_is_no_success():
    """Glance says that there is no such member, and lists it."""

    class Contradicting(Images):
        def remove_member(self, image_id, project_id):
            return False

    done = carry_out(Change(remove=("a",)), "image", Contradicting({"a": "pending"}), accept=True)
    assert done.failed[0].error.reason is Reason.BROKEN


def test_removal_that_could_not_be_checked_is_not_called_done():
    """Of a member that Glance has twice one row may be left."""
    images = Images({"a": "pending"}, members=LOST)
    done = carry_out(Change(remove=("a",)), "image", images, accept=True)
    assert done.failed[0].unsure


@pytest.mark.parametrize("reason", [Reason.MISSING, Reason.FORBIDDEN])
def test_removal_from_an_image_that_is_not_shared_any_more_is_done(reason):
    """Deleted or made private meanwhile: nobody has access as a member."""
    images = Images(members=ServiceError("Glance", reason))
    done = carry_out(Change(remove=("a",)), "image", images, accept=True)
    assert not done.failed


def test_member_with_more_rows_than_are_removed_at_once_is_no_success():
    """However often it is removed, Glance lists it."""
    done = carry_out(Change(remove=("a",)), "image", Images({"a": "pending"}), accept=True)
    assert done.failed[0].error.reason is Reason.BROKEN
    assert not done.failed[0].unsure


def test_what_the_second_look_tells_is_sure():
    """Glance does not list the members at first, and does when it is asked again."""

    class SlowToTell(Images):
        looks = 0

        def members(self, image_id):
            self.looks += 1
            if self.looks == 1:
                raise LOST
            return super().members(image_id)

    images = SlowToTell({"here": "pending"}, add=LOST)
    done = carry_out(Change(("here", "gone")), "image", images, accept=False)
    assert {result.project_id: result.done for result in done.results} == {
        "here": True,
        "gone": False,
    }
    assert not any(result.unsure for result in done.results)


def test_result_is_on_record_before_the_next_begins():
    """A worker that is killed then has left it."""
    images = Images(remove=ServiceError("Glance", Reason.FORBIDDEN, 403))
    done = carry_out(Change(("a",), ("b",)), "image", images, False, images.calls.append)
    removed, added = done.results
    assert images.calls == [("remove", "b"), removed, ("add", "a"), added]


def test_result_that_turns_out_otherwise_is_on_record_as_it_is():
    """The first is not known, the second is; one that was known is told once more."""
    record = []
    images = Images({"a": "pending"}, add=LOST)
    done = carry_out(Change(("a",), ("b",)), "image", images, False, record.append)
    assert record == list(done.results)

    record.clear()
    done = carry_out(Change(remove=("a",)), "image", Images({"a": "x"}), False, record.append)
    assert [result.done for result in record] == [True, False]


def test_reasons_that_differ_are_told_apart():
    """Each project that could not be accepted for is named with its own reason."""
    results = tuple(
        Result(project_id, Verb.ADD, status="pending", error=ServiceError("Glance", reason))
        for project_id, reason in (("a", Reason.FORBIDDEN), ("b", Reason.REFUSED))
    )
    told = [text for level, text in outcome.tell(Outcome(results), "golden", {}).messages]
    assert any("behalf of a," in text and "did not allow it" in text for text in told)
    assert any("behalf of b," in text and "refused the request" in text for text in told)


def test_status_that_could_not_be_read_is_not_called_pending():
    """A project that was a member before may have decided already."""

    class Silent(Images):
        def member(self, image_id, project_id):
            raise ServiceError("Glance", Reason.FORBIDDEN, 403)

    done = carry_out(Change(("before",)), "image", Silent({"before": "rejected"}), accept=True)
    assert [result.project_id for result in done.failed] == ["before"]
    assert outcome.tell(done, "golden", {}).messages == []
