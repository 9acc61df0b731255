# SPDX-License-Identifier: Apache-2.0
"""Carrying out a change of an image's members."""

import pytest
import tenacity

from xloud_images_panel.access import model, reconcile, threads
from xloud_images_panel.access.apply import carry_out, merge, without_doubles
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import Member
from xloud_images_panel.access.outcome import Outcome, Result
from xloud_images_panel.access.plan import Change, Verb
from xloud_images_panel.dashboard import texts
from xloud_images_panel.dashboard.manage_access import outcome
from xloud_images_panel.services.glance import Glance


class Images:
    """A fake Glance that keeps its members in rows and fails on request.

    :param rows: members with their statuses; a member may have several rows
    :param same: the database's normalization of a text before a comparison
    """

    def __init__(self, rows=(), same=str, **failures):
        self.calls = []
        self.rows = [Member(*row) for row in (rows.items() if isinstance(rows, dict) else rows)]
        self.same = same
        self.failures = failures

    workers = 4

    def _call(self, name, project_id):
        self.calls.append((name, project_id))
        if error := self.failures.get(name):
            raise error

    def _found(self, member):
        return [row for row in self.rows if self.same(row.project_id) == self.same(member)]

    def member(self, image_id, project_id):
        if error := self.failures.get("member"):
            raise error
        return next(iter(self._found(project_id)), None)

    def member_rows(self, image_id):
        if error := self.failures.get("list"):
            raise error
        return list(self.rows)

    same_member = Glance.same_member
    address = Glance.address

    def add_member(self, image_id, project_id):
        self._call("add", project_id)
        if project_id == "vanished" or self._found(project_id):
            return False
        self.rows.append(Member(project_id, "pending"))
        return True

    def remove_member(self, image_id, project_id):
        self._call("remove", project_id)
        for row in self._found(project_id)[:1]:
            self.rows.remove(row)
            return True
        return False

    def set_member_status(self, image_id, project_id, status):
        self._call("status", project_id)
        for row in self._found(project_id)[:1]:
            self.rows[self.rows.index(row)] = Member(row.project_id, status)

    @property
    def statuses(self):
        return [(row.project_id, row.status) for row in self.rows]


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Skip the wait for the next second."""
    monkeypatch.setattr(reconcile, "NEXT_SECOND", tenacity.wait_none())


def test_removes_come_first():
    """Removals run first, because a swap at the quota needs the place that a removal frees."""
    images = Images({"b": "pending"})
    carry_out(Change(("a",), ("b",)), "image", images, accept=True)
    assert images.calls == [("remove", "b"), ("add", "a"), ("status", "a")]


def test_status_that_a_project_has_set_is_left():
    """Only a pending project is accepted for; a status that a project has set stays."""
    images = Images({"no": "rejected", "wait": "pending"})
    done = carry_out(Change(("no", "wait")), "image", images, accept=True)
    assert [result.status for result in done.results] == ["rejected", "accepted"]
    assert ("status", "no") not in images.calls


def test_failure_of_one_does_not_stop_the_others():
    """A failure for one project does not stop the others; each has its own result."""
    images = Images(remove=ServiceError("Glance", Reason.FORBIDDEN, 403))
    done = carry_out(Change(("a",), ("b",)), "image", images, accept=False)
    assert [(result.project_id, result.changed) for result in done.failed] == [("b", False)]
    told = outcome.tell(done, "golden", {"a": "Team A"})
    assert told.messages == [("success", '"golden" is now shared with Team A.')]
    assert [failure.text for failure in told.failures] == [
        "1 project was not removed: The image service (Glance) did not allow it."
    ]


def test_added_but_not_accepted_is_said():
    """An addition without its acceptance is a success with a warning: the project has access."""
    images = Images(status=ServiceError("Glance", Reason.FORBIDDEN, 403))
    done = carry_out(Change(("a",)), "image", images, accept=True)
    assert not done.failed
    levels = [level for level, _text in outcome.tell(done, "golden", {}).messages]
    assert levels == ["success", "warning"]


def test_member_that_somebody_removed_in_between_is_no_success():
    """A conflict is a failure if the member is gone by the next call."""
    done = carry_out(Change(("vanished",)), "image", Images(), accept=True)
    assert done.failed[0].error.reason is Reason.CONFLICT


def test_many_names_are_counted():
    """A message names five projects and counts the rest."""
    text = texts.enumerated([f"p{number}" for number in range(8)])
    assert text == "p0, p1, p2, p3, p4 and 3 more"


TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def test_names_do_not_turn_sentences_around():
    """Names lose the marks that reverse text; Hebrew stays, with the marks that it may need."""
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


class Silent(Images):
    """A Glance that carries out each change but loses the answer."""

    def add_member(self, image_id, project_id):
        super().add_member(image_id, project_id)
        raise LOST

    def remove_member(self, image_id, project_id):
        super().remove_member(image_id, project_id)
        raise LOST


def test_change_whose_answer_got_lost_is_found_out():
    """A change whose answer was lost is done if Glance lists its result."""
    images = Silent({"b": "pending"})
    done = carry_out(Change(("a",), ("b",)), "image", images, accept=True)
    assert not done.failed
    assert [(result.changed, result.error) for result in done.results] == [(True, None)] * 2
    assert images.statuses == [("a", "accepted")]


def test_change_that_got_lost_on_its_way_is_found_out():
    """A change that never reached Glance is a certain failure, because the list lacks it."""
    images = Images({"b": "pending"}, add=LOST, remove=LOST)
    done = carry_out(Change(("a",), ("b",)), "image", images, accept=True)
    assert [(item.project_id, item.error, item.uncertain) for item in done.failed] == [
        ("b", LOST, False),
        ("a", LOST, False),
    ]
    assert images.calls == [("remove", "b"), ("add", "a")]


def test_change_whose_answer_got_lost_for_good_is_not_called_failed():
    """Without an answer or a list a change is uncertain, and its message reports that."""
    images = Images(add=LOST, list=LOST)
    done = carry_out(Change(("a",)), "image", images, accept=True)
    told = outcome.tell(done, "golden", {})
    assert told.uncertain
    [failure] = told.failures
    assert failure.text.startswith("It is not known whether 1 project was added: ")
    assert failure.mendable
    assert told.left[0].reason == "not known"


def test_what_was_never_sent_is_not_in_doubt():
    """A change is not uncertain if the service was already down and did not receive it."""
    down = ServiceError("Glance", Reason.TIMED_OUT, tries=0)
    done = carry_out(Change(("a",)), "image", Images(add=down, list=down), accept=True)
    assert not done.failed[0].uncertain


def test_removed_member_that_glance_still_has_is_no_success():
    """A removal fails if Glance denies that the member exists but still lists it."""

    class Contradicting(Images):
        def remove_member(self, image_id, project_id):
            return False

    done = carry_out(Change(remove=("a",)), "image", Contradicting({"a": "pending"}), accept=True)
    [result] = done.failed
    assert str(result.error) == "Glance: broken a member, and no member"
    assert not result.error.uncertain


def test_removal_that_could_not_be_checked_is_not_called_done():
    """A removal without a list is uncertain, because a second row of the member may be left."""
    images = Images({"a": "pending"}, list=LOST)
    done = carry_out(Change(remove=("a",)), "image", images, accept=True)
    assert done.failed[0].uncertain


@pytest.mark.parametrize(
    ("reason", "uncertain"), [(Reason.MISSING, False), (Reason.FORBIDDEN, True)]
)
def test_removal_from_an_image_that_is_not_shared_any_more_is_not_called_done(reason, uncertain):
    """Removing from an unshared image fails: Glance answers 404, but sharing restores members."""
    images = Images({"a": "pending"}, list=ServiceError("Glance", reason))
    done = carry_out(Change(remove=("a",)), "image", images, accept=True)
    assert [result.uncertain for result in done.failed] == [uncertain]


def test_member_with_more_rows_than_are_removed_at_once_is_no_success():
    """A removal fails if Glance still has the member after every attempt."""
    images = Images([("a", "pending")] * 20)
    done = carry_out(Change(remove=("a",)), "image", images, accept=True)
    assert done.failed[0].error.reason is Reason.BROKEN
    assert not done.failed[0].uncertain


def test_what_the_list_tells_is_sure():
    """If Glance answers no addition, the list shows which ones it made."""

    class Half(Images):
        def add_member(self, image_id, project_id):
            if project_id == "here":
                super().add_member(image_id, project_id)
            raise LOST

    done = carry_out(Change(("here", "gone")), "image", Half(), accept=False)
    assert {item.project_id: (item.done, item.changed) for item in done.results} == {
        "here": (True, True),
        "gone": (False, False),
    }
    assert not any(result.uncertain for result in done.results)


def test_status_whose_answer_got_lost_is_found_out():
    """A status is known from the list even if the answers to it and to the addition were lost."""

    class Mute(Silent):
        def set_member_status(self, image_id, project_id, status):
            super().set_member_status(image_id, project_id, status)
            raise LOST

    done = carry_out(Change(("a",)), "image", Mute(), accept=True)
    [result] = done.results
    assert (result.status, result.error, result.changed) == ("accepted", None, True)


def test_member_that_somebody_removed_after_it_was_added_is_no_success():
    """An added member that is missing from the final list is a conflict."""

    class Undone(Images):
        def set_member_status(self, image_id, project_id, status):
            super().set_member_status(image_id, project_id, status)
            self.rows.clear()

    done = carry_out(Change(("a",)), "image", Undone(), accept=True)
    [result] = done.failed
    assert (result.error.reason, result.changed, result.status) == (Reason.CONFLICT, False, "")


# -- a database that ignores capitals, accents and trailing blanks, as MariaDB does

ID = "ab" * 16
CAPITALS, ACCENTS, BLANK = ID.upper(), ID.replace("a", "á"), ID + " "


class MariaDB(Images):
    """A Glance that compares like MariaDB, and deletes at most one row of a member per second."""

    def __init__(self, *rows, **failures):
        super().__init__([(row, "pending") for row in rows], same=model.folded, **failures)
        self.now, self.deleted_at = 0, None

    def remove_member(self, image_id, project_id):
        if self._found(project_id):
            if self.now == self.deleted_at:
                raise ServiceError("Glance", Reason.BROKEN, 500, tries=5)
            self.deleted_at = self.now
        return super().remove_member(image_id, project_id)


@pytest.fixture
def second(monkeypatch):
    """Return a function that turns the panel's wait into one second of this Glance's clock."""

    def second(images):
        def wait(_state):
            images.now += 1
            return 0

        monkeypatch.setattr(reconcile, "NEXT_SECOND", wait)
        return images

    return second


@pytest.mark.parametrize("listed", [ID, CAPITALS, ACCENTS, BLANK])
def test_member_is_removed_in_whatever_writing(listed):
    """A path cannot contain an ID with accents, so the ID without accents finds the row."""
    images = MariaDB(listed)
    done = carry_out(Change(remove=(listed,)), "image", images, accept=True)
    assert not done.failed
    assert images.rows == []


@pytest.mark.parametrize("listed", [CAPITALS, BLANK])
def test_member_is_not_gone_while_another_writing_of_it_is_left(second, listed):
    """Both rows of a project give it access, so both are removed, in two seconds."""
    images = second(MariaDB(ID, listed))
    done = carry_out(Change(remove=(ID,)), "image", images, accept=True)
    assert not done.failed
    assert images.rows == []


def test_two_writings_are_removed_together(second):
    """Two rows are removed one by one, because Glance fails at both in the same second."""
    images = second(MariaDB(ID, CAPITALS))
    done = carry_out(Change(remove=(CAPITALS, ID)), "image", images, accept=True)
    assert not done.failed
    assert images.rows == []


def test_row_that_somebody_else_removed_in_this_second_is_waited_for(second):
    """A removal succeeds a second later if another removal made Glance answer 500 at first."""
    images = second(MariaDB(ID))
    images.deleted_at = images.now
    done = carry_out(Change(remove=(ID,)), "image", images, accept=True)
    assert [(result.changed, result.error) for result in done.results] == [(True, None)]
    assert images.rows == []


def test_member_that_glance_does_not_remove_at_all_keeps_its_access():
    """A removal that Glance answers with 500 every second is tried twice and fails."""
    images = Images({"a": "pending"}, remove=ServiceError("Glance", Reason.BROKEN, 500, tries=5))
    done = carry_out(Change(remove=("a",)), "image", images, accept=True)
    assert [result.uncertain for result in done.failed] == [False]
    assert len(images.calls) == 2


def test_member_with_accents_of_another_database_stays():
    """A member with accents stays where the database distinguishes it from the ID without them."""
    images = Images({ID: "pending", ACCENTS: "pending"})
    done = carry_out(Change(remove=(ACCENTS,)), "image", images, accept=True)
    assert done.failed[0].error.reason is Reason.UNADDRESSABLE
    assert images.calls == []


def test_member_with_accents_is_found_among_others_by_its_own_text():
    """A member with accents is compared by its text, because no path to Glance can contain it."""
    images = Images({"other": "pending", ACCENTS: "rejected"})
    done = carry_out(Change((ACCENTS,)), "image", images, accept=True)
    assert [(item.status, item.error) for item in done.results] == [("rejected", None)]


def test_writing_with_accents_and_one_without_are_removed_together(second):
    """Both rows are removed, although Glance cannot relate their texts once the first is gone."""
    images = second(MariaDB(ACCENTS, CAPITALS))
    done = carry_out(Change(remove=(ACCENTS,)), "image", images, accept=True)
    assert not done.failed
    assert images.rows == []


def test_project_that_is_a_member_in_another_writing_is_not_added():
    """A project that has access under its ID in capitals is not added, but accepted for."""
    images = MariaDB(CAPITALS)
    done = carry_out(Change((ID,)), "image", images, accept=True)
    told = outcome.tell(done, "golden", {ID: "dev"})
    assert told.messages == [("success", '"golden" is accepted on behalf of dev.')]
    assert images.statuses == [(CAPITALS, "accepted")]


# -- rows left by two simultaneous changes despite the lock


class Doubling(MariaDB):
    """A Glance where somebody else adds the same members at the same moment.

    :param other: returns the text that the other side adds for an ID
    :param status: the status of the other rows
    :param earlier: whether the other rows come first, so that Glance removes them first
    """

    def __init__(self, other=str, status="pending", *, earlier=False):
        super().__init__()
        self.other, self.status, self.earlier = other, status, earlier

    def add_member(self, image_id, project_id):
        first = ("add", project_id) not in self.calls
        added = super().add_member(image_id, project_id)
        if first:
            place = 0 if self.earlier else len(self.rows)
            self.rows.insert(place, Member(self.other(project_id), self.status))
        return added


@pytest.mark.parametrize("other", [str, str.upper])
@pytest.mark.parametrize("status", ["accepted", "rejected", "pending"])
@pytest.mark.parametrize("earlier", [False, True])
def test_second_row_is_gone_when_the_change_is_told(second, other, status, earlier):
    """One of two rows stays, with the stronger status, whichever row had it."""
    images = second(Doubling(other, status, earlier=earlier))
    done = carry_out(Change((ID,)), "image", images, accept=False)
    assert [row.status for row in images.rows] == [status]
    assert [result.status for result in done.results] == [status]


def test_members_that_only_look_alike_stay_two():
    """An ID in capitals stays a separate member where the database distinguishes capitals."""
    images = Doubling(str.upper)
    images.same = str
    carry_out(Change((ID,)), "image", images, accept=False)
    assert [row.project_id for row in images.rows] == [ID, CAPITALS]


def test_last_row_that_somebody_else_removes_is_added_again(second):
    """If another change also removed a row, so that none is left, the member is added again."""

    class Both(Doubling):
        def remove_member(self, image_id, project_id):
            super().remove_member(image_id, project_id)
            self.rows.clear()
            return True

    images = second(Both(status="accepted"))
    carry_out(Change((ID,)), "image", images, accept=False)
    assert images.statuses == [(ID, "accepted")]


def test_second_row_of_an_addition_whose_answer_got_lost_is_gone(second):
    """A second row is removed even after a lost answer; the result describes the final state."""

    class Mute(Doubling):
        def add_member(self, image_id, project_id):
            super().add_member(image_id, project_id)
            raise LOST

    images = second(Mute())
    done = carry_out(Change((ID,)), "image", images, accept=False)
    assert [(item.error, item.changed, item.status) for item in done.results] == [
        (None, True, "pending")
    ]
    assert images.statuses == [(ID, "pending")]


def test_second_row_of_a_project_that_could_not_be_accepted_for_is_gone(second):
    """A failed acceptance does not prevent the removal of a second row."""
    images = second(Doubling())
    images.failures["status"] = refused = ServiceError("Glance", Reason.FORBIDDEN, 403)
    done = carry_out(Change((ID,)), "image", images, accept=True)
    assert images.statuses == [(ID, "pending")]
    assert [item.error for item in done.not_accepted] == [refused]


def test_rows_that_cannot_be_removed_are_logged(caplog, second):
    """A second row that stays is logged, but the addition succeeds: the project has access."""
    images = second(Doubling())
    images.failures["remove"] = ServiceError("Glance", Reason.FORBIDDEN, 403)
    done = carry_out(Change((ID,)), "image", images, accept=False)
    assert not done.failed
    assert "more than once" in caplog.text


# -- a change that loses the lock


def test_change_that_lost_its_place_tells_what_it_has_not_done():
    """After a lost lock, undone changes stay selected and the reason names no service."""
    lost = ServiceError("Horizon", Reason.PLACE_LOST)
    images = Images({"a": "pending"}, add=lost, remove=lost)
    done = carry_out(Change(("b",), ("a",)), "image", images, accept=True)
    told = outcome.tell(done, "golden", {})
    assert told.messages == []
    assert not told.uncertain
    assert [change.project_id for change in told.left] == ["a", "b"]
    assert all("Nothing more was changed" in failure.text for failure in told.failures)
    assert told.mendable


def test_result_is_on_record_before_the_next_begins():
    """Each result is recorded before the next call, during which the worker may be killed."""
    images = Images({"b": "x"}, remove=ServiceError("Glance", Reason.FORBIDDEN, 403))
    done = carry_out(
        Change(("a",), ("b",)), "image", images, accept=False, record=images.calls.append
    )
    removed, added = done.results
    assert images.calls == [("remove", "b"), removed, ("add", "a"), added]


def test_addition_is_on_record_before_glance_lists_the_members():
    """An addition is recorded before the list is read, which may take as long as any call."""
    images = Listing(then=lambda images: images.calls.append("list"))
    done = carry_out(Change(("a",)), "image", images, accept=False, record=images.calls.append)
    assert images.calls == [("add", "a"), *done.results, "list"]


def test_removal_whose_answer_got_lost_is_on_record_once():
    """A removal whose answer was lost is recorded after the list, without an earlier failure."""
    record = []
    images = Silent({"a": "pending"})
    done = carry_out(Change(remove=("a",)), "image", images, accept=False, record=record.append)
    assert [result.error for result in record] == [None]
    assert record == list(done.results)


def test_result_that_turns_out_otherwise_is_on_record_as_it_is():
    """An uncertain result is recorded when it becomes known; a known one again if it changes."""
    record = []
    images = Images({"a": "pending"}, add=LOST)
    done = carry_out(Change(("a",), ("b",)), "image", images, accept=False, record=record.append)
    assert record == list(done.results)

    record.clear()
    images = Images({"a": "x"}, list=LOST)
    carry_out(Change(remove=("a",)), "image", images, accept=False, record=record.append)
    assert [result.done for result in record] == [True, False]


def test_reasons_that_differ_are_told_apart():
    """Projects that could not be accepted for are listed with their own reasons."""
    results = tuple(
        Result(project_id, Verb.ADD, status="pending", error=ServiceError("Glance", reason))
        for project_id, reason in (("a", Reason.FORBIDDEN), ("b", Reason.REFUSED))
    )
    told = [text for level, text in outcome.tell(Outcome(results), "golden", {}).messages]
    assert any("behalf of a," in text and "did not allow it" in text for text in told)
    assert any("behalf of b," in text and "refused the request" in text for text in told)


def test_status_that_could_not_be_read_is_not_called_pending():
    """An existing member without a readable status fails, because the project may have decided."""

    images = Images({"before": "rejected"}, list=ServiceError("Glance", Reason.FORBIDDEN, 403))
    done = carry_out(Change(("before",)), "image", images, accept=True)
    assert [result.project_id for result in done.failed] == ["before"]
    assert outcome.tell(done, "golden", {}).messages == []


# -- results that the comparison with the list misses or changes


def test_member_that_was_gone_already_was_not_removed_by_this_change():
    """A member that was already gone counts as unchanged, without a message about lost access."""
    done = carry_out(Change(remove=("a",)), "image", Images(), accept=True)
    assert [(result.changed, result.error) for result in done.results] == [(False, None)]


def test_addition_whose_rows_cannot_be_told_apart_is_what_glance_answered():
    """If the listed rows cannot be matched to the added project, Glance's answer decides."""

    class Unsure(MariaDB):
        def same_member(self, image_id, project_id, listed):
            raise LOST

    images = Unsure(CAPITALS)
    images.same = str
    done = carry_out(Change((ID,)), "image", images, accept=True)
    assert [(item.status, item.error, item.uncertain) for item in done.results] == [
        ("accepted", None, False)
    ]


@pytest.mark.parametrize("lost", [False, True])
def test_removal_whose_rows_cannot_be_told_apart_is_uncertain(lost):
    """A removal whose rows cannot be matched is uncertain, with its own error if it had one."""
    first = ServiceError("Glance", Reason.TIMED_OUT)

    class Unsure(MariaDB):
        def same_member(self, image_id, project_id, listed):
            raise LOST

        def remove_member(self, image_id, project_id):
            if lost:
                raise first
            return True

    images = Unsure(CAPITALS)
    done = carry_out(Change(remove=(ID,)), "image", images, accept=True)
    assert [(item.error, item.uncertain) for item in done.failed] == [
        (first if lost else LOST, True)
    ]


@pytest.mark.parametrize(
    ("reason", "uncertain"), [(Reason.MISSING, False), (Reason.UNREACHABLE, True)]
)
def test_nothing_is_told_for_sure_where_glance_lists_nothing(reason, uncertain):
    """Without a list only confirmed additions are certain, unless the image itself is gone."""

    class Half(Images):
        def add_member(self, image_id, project_id):
            if project_id == "lost":
                raise LOST
            return super().add_member(image_id, project_id)

    error = ServiceError("Glance", reason)
    images = Half({"before": "pending", "b": "pending"}, list=error)
    done = carry_out(Change(("new", "lost", "before"), ("b",)), "image", images, accept=True)
    told = {item.project_id: item for item in done.results}
    assert (told["new"].status, told["new"].error) == ("accepted", None)
    assert (told["lost"].error, told["lost"].uncertain) == (LOST, uncertain)
    assert (told["before"].error, told["before"].uncertain) == (error, uncertain)
    assert (told["b"].error, told["b"].uncertain, told["b"].changed) == (error, uncertain, False)


def test_double_row_of_a_member_that_was_there_before_is_left():
    """A second row that this change did not create is left."""
    images = Images([("a", "pending"), ("a", "rejected")])
    done = carry_out(Change(("a",)), "image", images, accept=False)
    assert not done.failed
    assert len(images.rows) == 2


def test_row_that_glance_refuses_to_remove_is_tried_once(second):
    """A second row that Glance refuses to remove is tried once; the listed status is reported."""
    images = second(Doubling(status="accepted"))
    images.failures["remove"] = ServiceError("Glance", Reason.FORBIDDEN, 403)
    done = carry_out(Change((ID,)), "image", images, accept=False)
    assert images.calls.count(("remove", ID)) == 1
    assert [result.status for result in done.results] == ["pending"]


def test_status_that_glance_refuses_to_set_on_the_last_row_is_told_as_listed(caplog, second):
    """If Glance refuses a status for the last row, the listed one is reported and logged once."""
    images = second(Doubling(status="accepted", earlier=True))
    images.failures["status"] = ServiceError("Glance", Reason.FORBIDDEN, 403)
    done = carry_out(Change((ID,)), "image", images, accept=False)
    assert [result.status for result in done.results] == ["pending"]
    assert images.statuses == [(ID, "pending")]
    assert len(caplog.records) == 1


def test_rows_that_come_back_are_given_up_after_some_rounds(caplog, second):
    """Second rows that keep coming back are given up and logged; the project has access."""

    class Growing(Doubling):
        def remove_member(self, image_id, project_id):
            removed = super().remove_member(image_id, project_id)
            self.rows.append(Member(project_id, "pending"))
            return removed

    done = carry_out(Change((ID,)), "image", second(Growing()), accept=False)
    assert not done.failed
    assert "more than once" in caplog.text


def test_acceptance_that_stays_uncertain_is_told_so():
    """An acceptance without an answer keeps its error while the list says pending."""
    images = Silent(status=LOST)
    done = carry_out(Change(("a",)), "image", images, accept=True)
    [result] = done.results
    assert (result.status, result.error, result.uncertain) == ("pending", LOST, False)


def test_project_that_was_pending_before_is_accepted_for_once():
    """For a pending member, the acceptance is reported, is on the trail and can be undone."""
    images = Images({"a": "pending"})
    done = carry_out(Change(("a",)), "image", images, accept=True)
    assert images.calls == [("add", "a"), ("status", "a")]
    assert [(item.verb, item.changed, item.status) for item in done.results] == [
        (Verb.ACCEPT_FOR, True, "accepted")
    ]


def test_acceptance_whose_answer_got_lost_is_done():
    """An acceptance whose answer was lost is done if the list shows it."""

    class Mute(Images):
        def set_member_status(self, image_id, project_id, status):
            super().set_member_status(image_id, project_id, status)
            raise LOST

    done = carry_out(Change(("a",)), "image", Mute({"a": "pending"}), accept=True)
    assert [(item.verb, item.changed, item.error) for item in done.results] == [
        (Verb.ACCEPT_FOR, True, None)
    ]


def test_own_answer_of_a_project_at_the_same_moment_is_not_taken_for_the_acceptance():
    """A project's own rejection is not taken for an acceptance whose answer was lost."""

    class Rejecting(Images):
        def set_member_status(self, image_id, project_id, status):
            super().set_member_status(image_id, project_id, "rejected")
            raise LOST

    done = carry_out(Change(("a",)), "image", Rejecting({"a": "pending"}), accept=True)
    assert [(item.verb, item.changed, item.status) for item in done.results] == [
        (Verb.ADD, False, "rejected")
    ]


def test_only_rows_that_are_too_many_are_removed_afterwards(second):
    """After a change lost its lock, only second rows are removed; single rows stay."""
    images = second(MariaDB())
    images.rows = [Member("a", "pending"), Member("a", "rejected"), Member("b", "pending")]
    results = tuple(Result(item, Verb.ADD, status="pending") for item in ("a", "b", "c"))
    gone = Result("d", Verb.REMOVE)
    settled = without_doubles(Outcome((gone, *results)), "image", images)
    assert sorted(images.statuses) == [("a", "rejected"), ("b", "pending")]
    assert [item.status for item in settled.results] == ["", "rejected", "pending", "pending"]
    assert {name for name, _member in images.calls} == {"remove"}


def test_nobody_is_accepted_for_when_a_second_row_is_removed_afterwards(second):
    """A later removal of second rows accepts for nobody: the change may not have requested it."""
    images = second(MariaDB("a", "a"))
    result = Result("a", Verb.ADD, status="pending")
    without_doubles(Outcome((result,)), "image", images)
    assert images.statuses == [("a", "pending")]


@pytest.mark.parametrize(
    "result",
    [
        Result("a", Verb.REMOVE),
        Result("a", Verb.ADD, changed=False, status="pending"),
        Result("a", Verb.ADD, error=LOST),
    ],
)
def test_rows_that_a_change_did_not_make_are_left(result):
    images = Listing([("a", "pending"), ("a", "rejected")])
    settled = without_doubles(Outcome((result,)), "image", images)
    assert settled.results == (result,)
    assert images.calls == []
    assert images.lists == 1


class Listing(Images):
    """A Glance that counts its lists and runs a callback after each."""

    def __init__(self, *args, then=lambda images: None, **failures):
        super().__init__(*args, **failures)
        self.lists, self.then = 0, then

    def member_rows(self, image_id):
        rows = super().member_rows(image_id)
        self.lists += 1
        self.then(self)
        return rows


def test_change_that_went_well_costs_one_list():
    images = Listing({"b": "pending"})
    carry_out(Change(("a",)), "image", images, accept=True)
    assert images.lists == 1


def test_change_that_failed_for_sure_costs_no_list():
    images = Listing(add=ServiceError("Glance", Reason.FORBIDDEN, 403))
    carry_out(Change(("a",)), "image", images, accept=True)
    assert images.lists == 0


def test_failure_for_sure_stays_sure_beside_others_that_take_rounds(second):
    """A refusal stays certain beside others, because it is not compared with the list."""

    class Refusing(Doubling):
        def add_member(self, image_id, project_id):
            if project_id == "refused":
                raise ServiceError("Glance", Reason.FORBIDDEN, 403)
            return super().add_member(image_id, project_id)

    done = carry_out(Change((ID, "refused")), "image", second(Refusing()), accept=False)
    assert [(item.project_id, item.uncertain) for item in done.failed] == [("refused", False)]


def test_project_that_agreed_in_one_round_is_compared_in_the_next():
    """If somebody removes a project after it matched the list, the next round notices."""

    def remove_the_first(images):
        if images.lists == 1:
            images.rows = [row for row in images.rows if row.project_id != "a"]

    images = Listing({"b": "pending"}, then=remove_the_first)
    done = carry_out(Change(("a", "b")), "image", images, accept=True)
    assert [(item.project_id, item.error.reason) for item in done.failed] == [
        ("a", Reason.CONFLICT)
    ]


def test_project_that_is_added_twice_after_it_agreed_has_one_row_in_the_end(second):
    """A second row that appears after its project matched the list is removed."""

    def add_again(images):
        if images.lists == 1:
            images.rows.append(Member("a", "rejected"))

    images = second(Listing({"b": "pending"}, then=add_again))
    images.now = 0
    done = carry_out(Change(("a", "b")), "image", images, accept=True)
    assert [item.status for item in done.results] == ["accepted", "accepted"]
    assert sorted(row.project_id for row in images.rows) == ["a", "b"]


def test_nothing_is_accepted_for_where_that_was_not_asked_for():
    images = Images({"a": "pending"})
    done = carry_out(Change(("a",)), "image", images, accept=False)
    assert images.calls == [("add", "a")]
    assert [item.status for item in done.results] == ["pending"]


def test_no_second_is_waited_where_nothing_is_deleted(second):
    """Without a deletion the second list, after accepting for a member, is read at once."""
    images = second(MariaDB(ID))
    carry_out(Change((ID,)), "image", images, accept=True)
    assert images.now == 0


class Stubborn(MariaDB):
    """A Glance that removes one row and then fails."""

    def __init__(self, error):
        super().__init__(ID, ID, ID)
        self.error = error

    def remove_member(self, image_id, project_id):
        if ("remove", project_id) in self.calls:
            self.calls.append(("remove", project_id))
            raise self.error
        return super().remove_member(image_id, project_id)


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        (ServiceError("Glance", Reason.FORBIDDEN, 403), 2),
        (ServiceError("Glance", Reason.TIMED_OUT), 2),
        (ServiceError("Glance", Reason.BROKEN, 500), 3),
    ],
)
def test_member_of_which_a_row_is_left_is_told_with_the_last_error(second, error, tries):
    """A member with a row left fails with the last error; a passing error is retried once."""
    images = second(Stubborn(error))
    done = carry_out(Change(remove=(ID,)), "image", images, accept=True)
    [result] = done.failed
    assert (result.error, result.uncertain) == (error, False)
    assert len(images.calls) == tries


def test_row_that_somebody_else_removed_in_between_was_removed_all_the_same(second):
    """A removal of two rows is done even if somebody else removed the second one."""

    class Helped(MariaDB):
        def remove_member(self, image_id, project_id):
            removed = super().remove_member(image_id, project_id)
            if len(self.calls) > 1:
                self.rows.clear()
                return False
            return removed

    images = second(Helped(ID, ID))
    done = carry_out(Change(remove=(ID,)), "image", images, accept=True)
    assert [(item.changed, item.error) for item in done.results] == [(True, None)]


@pytest.mark.parametrize("reason", [Reason.MISSING, Reason.FORBIDDEN])
def test_removal_whose_answer_got_lost_where_glance_lists_nothing(reason):
    """Without a list, an unanswered removal keeps its own error unless the image is gone."""
    error = ServiceError("Glance", reason)
    images = Images({"a": "pending"}, remove=LOST, list=error)
    done = carry_out(Change(remove=("a",)), "image", images, accept=True)
    [result] = done.failed
    assert result.error is (error if reason is Reason.MISSING else LOST)


# -- limits of the comparison


def test_removal_that_failed_is_not_tried_again_after_the_additions():
    """A removal is not retried after the additions if an earlier list still had the member."""
    images = Images({"a": "pending"}, remove=ServiceError("Glance", Reason.BROKEN, 500, tries=5))
    done = carry_out(Change(("b",), ("a",)), "image", images, accept=False)
    assert [item.project_id for item in done.failed] == ["a"]
    assert images.calls.count(("remove", "a")) == 2


def test_every_row_of_a_member_is_removed_before_another_is_added(second):
    """All rows of a member are removed before an addition, because each counts for the quota."""
    images = second(MariaDB("b", "b"))
    carry_out(Change(("a",), ("b",)), "image", images, accept=False)
    assert images.calls == [("remove", "b"), ("remove", "b"), ("add", "a")]


def test_removal_that_no_list_has_shown_is_tried_again_after_the_additions():
    """If Glance fails at a removal and at the list, the removal is retried after the additions."""

    class Waking(Images):
        lists = 0

        def member_rows(self, image_id):
            self.lists += 1
            if self.lists == 1:
                raise LOST
            self.failures = {}
            return super().member_rows(image_id)

    images = Waking({"a": "pending"}, remove=ServiceError("Glance", Reason.BROKEN, 500, tries=5))
    done = carry_out(Change(("b",), ("a",)), "image", images, accept=False)
    assert not done.failed
    assert images.statuses == [("b", "pending")]


def test_writing_that_a_change_adds_is_not_removed_by_it(second):
    """A change that removes an ID in capitals and adds it in small letters keeps the new member."""
    images = second(MariaDB(CAPITALS))
    done = carry_out(Change((ID,), (CAPITALS,)), "image", images, accept=True)
    assert not done.failed
    assert images.statuses == [(ID, "accepted")]


def test_project_that_could_not_be_accepted_for_stays_so_when_its_double_row_is_gone(second):
    """Removing a second row after a lost lock does not retry the acceptance."""
    lost = ServiceError("Horizon", Reason.PLACE_LOST, tries=0)
    images = second(MariaDB())
    images.rows = [Member("a", "pending"), Member("a", "pending")]
    result = Result("a", Verb.ADD, status="pending", error=lost)
    settled = without_doubles(Outcome((result,)), "image", images)
    assert [(item.status, item.error) for item in settled.results] == [("pending", lost)]


def test_refused_acceptance_is_no_uncertain_one_where_glance_lists_nothing():
    """A refused acceptance is certain without a list, because Glance answered it."""
    refused = ServiceError("Glance", Reason.FORBIDDEN, 403)
    done = carry_out(Change(("a",)), "image", Images(status=refused, list=LOST), accept=True)
    assert [(item.error, item.uncertain) for item in done.results] == [(refused, False)]


def test_acceptance_stays_uncertain_where_rows_cannot_be_told_apart():
    """An unanswered acceptance is uncertain if the rows cannot be matched to the project."""

    class Unsure(MariaDB):
        def same_member(self, image_id, project_id, listed):
            raise LOST

    images = Unsure(CAPITALS, status=LOST)
    images.same = str
    done = carry_out(Change((ID,)), "image", images, accept=True)
    assert [(item.error, item.uncertain) for item in done.results] == [(LOST, True)]


def test_member_from_before_is_not_called_refused_where_its_status_cannot_be_read():
    """If the status of a confirmed member cannot be read, the result is uncertain."""
    late = ServiceError("Glance", Reason.OUT_OF_TIME, tries=0)
    done = carry_out(Change(("a",)), "image", Images({"a": "pending"}, list=late), accept=True)
    assert [(item.error, item.uncertain) for item in done.results] == [(late, True)]


@pytest.mark.parametrize("add", [("c",), ()])
def test_removal_that_one_list_proved_is_not_doubted_when_the_next_one_fails(second, add):
    """A confirmed removal stays done if a later list, for other rows or additions, fails."""

    class Once(MariaDB):
        lists = 0

        def member_rows(self, image_id):
            self.lists += 1
            if self.lists > 1:
                raise LOST
            return super().member_rows(image_id)

    images = second(Once("a") if add else Once("a", "b", "b"))
    change = Change(add, ("a",) if add else ("a", "b"))
    results = {
        item.project_id: item for item in carry_out(change, "image", images, accept=False).results
    }
    assert (results["a"].done, results["a"].uncertain) == (True, False)
    assert add or results["b"].uncertain


def test_requests_of_later_rounds_are_on_record_as_well(second):
    """Requests of later rounds, for an acceptance or a second row, are recorded as well."""

    class Numbering(MariaDB):
        def _call(self, name, project_id):
            threads.note_request_id(f"{name} {project_id}")
            super()._call(name, project_id)

    images = second(Numbering("before", "twice", "twice"))
    done = carry_out(Change(("before",), ("twice",)), "image", images, accept=True)
    assert {item.project_id: item.request_ids for item in done.results} == {
        "twice": ("remove twice", "remove twice"),
        "before": ("add before", "status before"),
    }


def test_row_with_the_weaker_status_is_told_with_the_reason(second):
    """If Glance refuses to accept for the last row, its weaker status has the reason."""
    refused = ServiceError("Glance", Reason.FORBIDDEN, 403)

    class Last(Doubling):
        def set_member_status(self, image_id, project_id, status):
            if len(self.rows) == 1:
                raise refused
            super().set_member_status(image_id, project_id, status)

        def remove_member(self, image_id, project_id):
            removed = super().remove_member(image_id, project_id)
            self.rows = [Member(project_id, "pending")]
            return removed

    done = carry_out(Change((ID,)), "image", second(Last()), accept=True)
    assert [(item.status, item.error) for item in done.not_accepted] == [("pending", refused)]


@pytest.mark.parametrize(
    "error",
    [ServiceError("Horizon", Reason.PLACE_LOST, tries=0), ServiceError("Glance", Reason.FORBIDDEN)],
)
def test_merge_that_loses_the_stronger_status_is_not_done(caplog, error):
    """A merge that loses the stronger status fails, because the project may lose the image."""
    images = Images([("a", "accepted"), ("a", "pending")], status=error)
    (result,) = merge(["a"], "image", images).results
    assert images.statuses == [("a", "pending")]
    assert (result.done, result.error.reason) == (False, Reason.CONFLICT)


def test_merge_that_keeps_the_stronger_status_is_done():
    """A merge is done when the remaining row has the stronger status."""
    images = Images([("a", "pending"), ("a", "accepted")])
    (result,) = merge(["a"], "image", images).results
    assert images.statuses == [("a", "accepted")]
    assert (result.done, result.status) == (True, "accepted")


def test_merge_whose_result_is_not_listed_is_uncertain():
    """A merge is uncertain when Glance does not list the members after it."""
    broken = ServiceError("Glance", Reason.BROKEN, 500)

    class Failing(Images):
        lists = 0

        def member_rows(self, image_id):
            self.lists += 1
            if self.lists == 5:  # after those of the merge itself
                raise broken
            return super().member_rows(image_id)

    images = Failing([("a", "pending"), ("a", "pending")])
    (result,) = merge(["a"], "image", images).results
    assert images.statuses == [("a", "pending")]
    assert (result.done, result.uncertain, result.error) == (False, True, broken)


def test_merge_after_which_two_rows_are_listed_is_not_done():
    """A merge that failed is not done when somebody else adds the member twice afterwards."""
    twice = [Member("a", "pending")] * 2

    class Elsewhere(Images):
        lists = iter((twice, twice, twice, [], [], twice))

        def member_rows(self, image_id):
            return next(self.lists)

    images = Elsewhere(add=ServiceError("Glance", Reason.FORBIDDEN, 403))
    (result,) = merge(["a"], "image", images).results
    assert (result.done, result.error.reason) == (False, Reason.CONFLICT)
