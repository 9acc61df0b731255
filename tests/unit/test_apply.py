# SPDX-License-Identifier: Apache-2.0
"""A change of access, and how it is carried out."""

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
    """A Glance that fails as requested, and keeps its members in rows.

    :param rows: members with their statuses; a member may have several rows
    :param same: how its database normalizes a text before it compares it
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
    """A swap at the quota needs the place that the removal frees."""
    images = Images({"b": "pending"})
    carry_out(Change(("a",), ("b",)), "image", images, accept=True)
    assert images.calls == [("remove", "b"), ("add", "a"), ("status", "a")]


def test_status_that_a_project_has_set_is_left():
    """Only a pending project is accepted on its behalf."""
    images = Images({"no": "rejected", "wait": "pending"})
    done = carry_out(Change(("no", "wait")), "image", images, accept=True)
    assert [result.status for result in done.results] == ["rejected", "accepted"]
    assert ("status", "no") not in images.calls


def test_failure_of_one_does_not_stop_the_others():
    """Each project has its own result."""
    images = Images(remove=ServiceError("Glance", Reason.FORBIDDEN, 403))
    done = carry_out(Change(("a",), ("b",)), "image", images, accept=False)
    assert [(result.project_id, result.changed) for result in done.failed] == [("b", False)]
    told = outcome.tell(done, "golden", {"a": "Team A"})
    assert told.messages == [("success", '"golden" is now shared with Team A.')]
    assert [failure.text for failure in told.failures] == [
        "1 project was not removed: The image service (Glance) did not allow it."
    ]


def test_added_but_not_accepted_is_said():
    """The project has access; the failed acceptance is a warning."""
    images = Images(status=ServiceError("Glance", Reason.FORBIDDEN, 403))
    done = carry_out(Change(("a",)), "image", images, accept=True)
    assert not done.failed
    levels = [level for level, _text in outcome.tell(done, "golden", {}).messages]
    assert levels == ["success", "warning"]


def test_member_that_somebody_removed_in_between_is_no_success():
    """Glance answers with a conflict, and the member is gone by the next call."""
    done = carry_out(Change(("vanished",)), "image", Images(), accept=True)
    assert done.failed[0].error.reason is Reason.CONFLICT


def test_many_names_are_counted():
    """A message names five and counts the rest."""
    text = texts.enumerated([f"p{number}" for number in range(8)])
    assert text == "p0, p1, p2, p3, p4 and 3 more"


TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def test_names_do_not_turn_sentences_around():
    """Marks that would do so are left out; Hebrew stays, with the marks that it may need."""
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
    """A Glance that carries out each change and loses the answer."""

    def add_member(self, image_id, project_id):
        super().add_member(image_id, project_id)
        raise LOST

    def remove_member(self, image_id, project_id):
        super().remove_member(image_id, project_id)
        raise LOST


def test_change_whose_answer_got_lost_is_found_out():
    """Glance carried out the change, so a look-up of the member shows it."""
    images = Silent({"b": "pending"})
    done = carry_out(Change(("a",), ("b",)), "image", images, accept=True)
    assert not done.failed
    assert [(result.changed, result.error) for result in done.results] == [(True, None)] * 2
    assert images.statuses == [("a", "accepted")]


def test_change_that_got_lost_on_its_way_is_found_out():
    """Glance did not carry out the change."""
    images = Images({"b": "pending"}, add=LOST, remove=LOST)
    done = carry_out(Change(("a",), ("b",)), "image", images, accept=True)
    assert [(item.project_id, item.error, item.uncertain) for item in done.failed] == [
        ("b", LOST, False),
        ("a", LOST, False),
    ]
    assert images.calls == [("remove", "b"), ("add", "a")]


def test_change_whose_answer_got_lost_for_good_is_not_called_failed():
    """The result is unknown, and the reason says so."""
    images = Images(add=LOST, list=LOST)
    done = carry_out(Change(("a",)), "image", images, accept=True)
    told = outcome.tell(done, "golden", {})
    assert told.uncertain
    [failure] = told.failures
    assert failure.text.startswith("It is not known whether 1 project was added: ")
    assert failure.mendable
    assert told.left[0].reason == "not known"


def test_what_was_never_sent_is_not_in_doubt():
    """A service that was already down did not receive the change."""
    down = ServiceError("Glance", Reason.TIMED_OUT, tries=0)
    done = carry_out(Change(("a",)), "image", Images(add=down, list=down), accept=True)
    assert not done.failed[0].uncertain


def test_removed_member_that_glance_still_has_is_no_success():
    """Glance answers that there is no such member, but still lists it."""

    class Contradicting(Images):
        def remove_member(self, image_id, project_id):
            return False

    done = carry_out(Change(remove=("a",)), "image", Contradicting({"a": "pending"}), accept=True)
    [result] = done.failed
    assert str(result.error) == "Glance: broken a member, and no member"
    assert not result.error.uncertain


def test_removal_that_could_not_be_checked_is_not_called_done():
    """A member that Glance has twice may have one row left."""
    images = Images({"a": "pending"}, list=LOST)
    done = carry_out(Change(remove=("a",)), "image", images, accept=True)
    assert done.failed[0].uncertain


@pytest.mark.parametrize(
    ("reason", "uncertain"), [(Reason.MISSING, False), (Reason.FORBIDDEN, True)]
)
def test_removal_from_an_image_that_is_not_shared_any_more_is_not_called_done(reason, uncertain):
    """Glance answers 404 for its members, but restores them when the image is shared again."""
    images = Images({"a": "pending"}, list=ServiceError("Glance", reason))
    done = carry_out(Change(remove=("a",)), "image", images, accept=True)
    assert [result.uncertain for result in done.failed] == [uncertain]


def test_member_with_more_rows_than_are_removed_at_once_is_no_success():
    """Glance still has the member after every attempt."""
    images = Images([("a", "pending")] * 20)
    done = carry_out(Change(remove=("a",)), "image", images, accept=True)
    assert done.failed[0].error.reason is Reason.BROKEN
    assert not done.failed[0].uncertain


def test_what_the_list_tells_is_sure():
    """Glance answers to no addition, but its list shows which of them it made."""

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
    """The status was set after an addition whose answer got lost as well."""

    class Mute(Silent):
        def set_member_status(self, image_id, project_id, status):
            super().set_member_status(image_id, project_id, status)
            raise LOST

    done = carry_out(Change(("a",)), "image", Mute(), accept=True)
    [result] = done.results
    assert (result.status, result.error, result.changed) == ("accepted", None, True)


def test_member_that_somebody_removed_after_it_was_added_is_no_success():
    """The member list at the end does not have it."""

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
    """An ID with accents cannot be put into a path; the ID without them finds the row."""
    images = MariaDB(listed)
    done = carry_out(Change(remove=(listed,)), "image", images, accept=True)
    assert not done.failed
    assert images.rows == []


@pytest.mark.parametrize("listed", [CAPITALS, BLANK])
def test_member_is_not_gone_while_another_writing_of_it_is_left(second, listed):
    """Both rows give the project access, so both are removed, in two seconds."""
    images = second(MariaDB(ID, listed))
    done = carry_out(Change(remove=(ID,)), "image", images, accept=True)
    assert not done.failed
    assert images.rows == []


def test_two_writings_are_removed_together(second):
    """They are removed one after the other, because Glance fails at both in the same second."""
    images = second(MariaDB(ID, CAPITALS))
    done = carry_out(Change(remove=(CAPITALS, ID)), "image", images, accept=True)
    assert not done.failed
    assert images.rows == []


def test_row_that_somebody_else_removed_in_this_second_is_waited_for(second):
    """Glance answers 500, and succeeds a second later."""
    images = second(MariaDB(ID))
    images.deleted_at = images.now
    done = carry_out(Change(remove=(ID,)), "image", images, accept=True)
    assert [(result.changed, result.error) for result in done.results] == [(True, None)]
    assert images.rows == []


def test_member_that_glance_does_not_remove_at_all_keeps_its_access():
    """Glance answers 500 every second; the panel tries twice."""
    images = Images({"a": "pending"}, remove=ServiceError("Glance", Reason.BROKEN, 500, tries=5))
    done = carry_out(Change(remove=("a",)), "image", images, accept=True)
    assert [result.uncertain for result in done.failed] == [False]
    assert len(images.calls) == 2


def test_member_with_accents_of_another_database_stays():
    """In that database it is another member, so the project must keep its access."""
    images = Images({ID: "pending", ACCENTS: "pending"})
    done = carry_out(Change(remove=(ACCENTS,)), "image", images, accept=True)
    assert done.failed[0].error.reason is Reason.UNADDRESSABLE
    assert images.calls == []


def test_member_with_accents_is_found_among_others_by_its_own_text():
    """Its text is compared directly, because a path with accents cannot ask Glance's database."""
    images = Images({"other": "pending", ACCENTS: "rejected"})
    done = carry_out(Change((ACCENTS,)), "image", images, accept=True)
    assert [(item.status, item.error) for item in done.results] == [("rejected", None)]


def test_writing_with_accents_and_one_without_are_removed_together(second):
    """When the first row is gone, Glance no longer shows that its text led to it."""
    images = second(MariaDB(ACCENTS, CAPITALS))
    done = carry_out(Change(remove=(ACCENTS,)), "image", images, accept=True)
    assert not done.failed
    assert images.rows == []


def test_project_that_is_a_member_in_another_writing_is_not_added():
    """The project already had access, and is accepted for."""
    images = MariaDB(CAPITALS)
    done = carry_out(Change((ID,)), "image", images, accept=True)
    told = outcome.tell(done, "golden", {ID: "dev"})
    assert told.messages == [("success", '"golden" is accepted on behalf of dev.')]
    assert images.statuses == [(CAPITALS, "accepted")]


# -- rows left by two changes that met in spite of the lock


class Doubling(MariaDB):
    """A Glance to which somebody else adds the same members at the same moment.

    :param other: returns the writing in which they are added
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
    """One row stays, with the stronger of the two statuses, whichever row had it."""
    images = second(Doubling(other, status, earlier=earlier))
    done = carry_out(Change((ID,)), "image", images, accept=False)
    assert [row.status for row in images.rows] == [status]
    assert [result.status for result in done.results] == [status]


def test_members_that_only_look_alike_stay_two():
    """In a database that distinguishes capitals the two are separate members."""
    images = Doubling(str.upper)
    images.same = str
    carry_out(Change((ID,)), "image", images, accept=False)
    assert [row.project_id for row in images.rows] == [ID, CAPITALS]


def test_last_row_that_somebody_else_removes_is_added_again(second):
    """Both changes wanted to remove the second row."""

    class Both(Doubling):
        def remove_member(self, image_id, project_id):
            super().remove_member(image_id, project_id)
            self.rows.clear()
            return True

    images = second(Both(status="accepted"))
    carry_out(Change((ID,)), "image", images, accept=False)
    assert images.statuses == [(ID, "accepted")]


def test_second_row_of_an_addition_whose_answer_got_lost_is_gone(second):
    """The list has both rows; the result describes the final state."""

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
    """The failed acceptance does not prevent the removal of the second row."""
    images = second(Doubling())
    images.failures["status"] = refused = ServiceError("Glance", Reason.FORBIDDEN, 403)
    done = carry_out(Change((ID,)), "image", images, accept=True)
    assert images.statuses == [(ID, "pending")]
    assert [item.error for item in done.not_accepted] == [refused]


def test_rows_that_cannot_be_removed_are_logged(caplog, second):
    """The project has access as requested; the log reports the second row."""
    images = second(Doubling())
    images.failures["remove"] = ServiceError("Glance", Reason.FORBIDDEN, 403)
    done = carry_out(Change((ID,)), "image", images, accept=False)
    assert not done.failed
    assert "more than once" in caplog.text


# -- a change that loses the lock


def test_change_that_lost_its_place_tells_what_it_has_not_done():
    """The change stays selected, and the reason names no service."""
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
    """If the worker is killed then, the result has already been logged."""
    images = Images({"b": "x"}, remove=ServiceError("Glance", Reason.FORBIDDEN, 403))
    done = carry_out(
        Change(("a",), ("b",)), "image", images, accept=False, record=images.calls.append
    )
    removed, added = done.results
    assert images.calls == [("remove", "b"), removed, ("add", "a"), added]


def test_addition_is_on_record_before_glance_lists_the_members():
    """Listing the members may take as long as any call."""
    images = Listing(then=lambda images: images.calls.append("list"))
    done = carry_out(Change(("a",)), "image", images, accept=False, record=images.calls.append)
    assert images.calls == [("add", "a"), *done.results, "list"]


def test_removal_whose_answer_got_lost_is_on_record_once():
    """The record follows the list; no failure is logged before that."""
    record = []
    images = Silent({"a": "pending"})
    done = carry_out(Change(remove=("a",)), "image", images, accept=False, record=record.append)
    assert [result.error for result in record] == [None]
    assert record == list(done.results)


def test_result_that_turns_out_otherwise_is_on_record_as_it_is():
    """An uncertain result is recorded once it is known; a known one that changes, once more."""
    record = []
    images = Images({"a": "pending"}, add=LOST)
    done = carry_out(Change(("a",), ("b",)), "image", images, accept=False, record=record.append)
    assert record == list(done.results)

    record.clear()
    images = Images({"a": "x"}, list=LOST)
    carry_out(Change(remove=("a",)), "image", images, accept=False, record=record.append)
    assert [result.done for result in record] == [True, False]


def test_reasons_that_differ_are_told_apart():
    """Each project that could not be accepted for is listed with its own reason."""
    results = tuple(
        Result(project_id, Verb.ADD, status="pending", error=ServiceError("Glance", reason))
        for project_id, reason in (("a", Reason.FORBIDDEN), ("b", Reason.REFUSED))
    )
    told = [text for level, text in outcome.tell(Outcome(results), "golden", {}).messages]
    assert any("behalf of a," in text and "did not allow it" in text for text in told)
    assert any("behalf of b," in text and "refused the request" in text for text in told)


def test_status_that_could_not_be_read_is_not_called_pending():
    """A project that was already a member may have decided."""

    images = Images({"before": "rejected"}, list=ServiceError("Glance", Reason.FORBIDDEN, 403))
    done = carry_out(Change(("before",)), "image", images, accept=True)
    assert [result.project_id for result in done.failed] == ["before"]
    assert outcome.tell(done, "golden", {}).messages == []


# -- results that a comparison cannot see or changes again


def test_member_that_was_gone_already_was_not_removed_by_this_change():
    """The message does not say that the project lost its access now."""
    done = carry_out(Change(remove=("a",)), "image", Images(), accept=True)
    assert [(result.changed, result.error) for result in done.results] == [(False, None)]


def test_addition_whose_rows_cannot_be_told_apart_is_what_glance_answered():
    """Glance does not say whether another writing in the list is this project."""

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
    """The result has the error of the removal itself, if there was one."""
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
    """An image that is gone is the exception, as it has no members. Glance's own answers stay."""

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
    """This change did not create it."""
    images = Images([("a", "pending"), ("a", "rejected")])
    done = carry_out(Change(("a",)), "image", images, accept=False)
    assert not done.failed
    assert len(images.rows) == 2


def test_row_that_glance_refuses_to_remove_is_tried_once(second):
    """The reported status is the listed one."""
    images = second(Doubling(status="accepted"))
    images.failures["remove"] = ServiceError("Glance", Reason.FORBIDDEN, 403)
    done = carry_out(Change((ID,)), "image", images, accept=False)
    assert images.calls.count(("remove", ID)) == 1
    assert [result.status for result in done.results] == ["pending"]


def test_status_that_glance_refuses_to_set_on_the_last_row_is_told_as_listed(caplog, second):
    """The operator sees one line about it in the log."""
    images = second(Doubling(status="accepted", earlier=True))
    images.failures["status"] = ServiceError("Glance", Reason.FORBIDDEN, 403)
    done = carry_out(Change((ID,)), "image", images, accept=False)
    assert [result.status for result in done.results] == ["pending"]
    assert images.statuses == [(ID, "pending")]
    assert len(caplog.records) == 1


def test_rows_that_come_back_are_given_up_after_some_rounds(caplog, second):
    """The project has access; the log reports the rows."""

    class Growing(Doubling):
        def remove_member(self, image_id, project_id):
            removed = super().remove_member(image_id, project_id)
            self.rows.append(Member(project_id, "pending"))
            return removed

    done = carry_out(Change((ID,)), "image", second(Growing()), accept=False)
    assert not done.failed
    assert "more than once" in caplog.text


def test_acceptance_that_stays_uncertain_is_told_so():
    """Glance never answers to the acceptance, and lists the project as pending."""
    images = Silent(status=LOST)
    done = carry_out(Change(("a",)), "image", images, accept=True)
    [result] = done.results
    assert (result.status, result.error, result.uncertain) == ("pending", LOST, False)


def test_project_that_was_pending_before_is_accepted_for_once():
    """The acceptance is what was done, so it is told, on the trail, and can be undone."""
    images = Images({"a": "pending"})
    done = carry_out(Change(("a",)), "image", images, accept=True)
    assert images.calls == [("add", "a"), ("status", "a")]
    assert [(item.verb, item.changed, item.status) for item in done.results] == [
        (Verb.ACCEPT_FOR, True, "accepted")
    ]


def test_acceptance_whose_answer_got_lost_is_done():
    """The list that is read afterwards proves it."""

    class Mute(Images):
        def set_member_status(self, image_id, project_id, status):
            super().set_member_status(image_id, project_id, status)
            raise LOST

    done = carry_out(Change(("a",)), "image", Mute({"a": "pending"}), accept=True)
    assert [(item.verb, item.changed, item.error) for item in done.results] == [
        (Verb.ACCEPT_FOR, True, None)
    ]


def test_own_answer_of_a_project_at_the_same_moment_is_not_taken_for_the_acceptance():
    """The project rejects the image while the answer to the acceptance gets lost."""

    class Rejecting(Images):
        def set_member_status(self, image_id, project_id, status):
            super().set_member_status(image_id, project_id, "rejected")
            raise LOST

    done = carry_out(Change(("a",)), "image", Rejecting({"a": "pending"}), accept=True)
    assert [(item.verb, item.changed, item.status) for item in done.results] == [
        (Verb.ADD, False, "rejected")
    ]


def test_only_rows_that_are_too_many_are_removed_afterwards(second):
    """After a change that lost its lock, a member with one row is left alone."""
    images = second(MariaDB())
    images.rows = [Member("a", "pending"), Member("a", "rejected"), Member("b", "pending")]
    results = tuple(Result(item, Verb.ADD, status="pending") for item in ("a", "b", "c"))
    gone = Result("d", Verb.REMOVE)
    settled = without_doubles(Outcome((gone, *results)), "image", images)
    assert sorted(images.statuses) == [("a", "rejected"), ("b", "pending")]
    assert [item.status for item in settled.results] == ["", "rejected", "pending", "pending"]
    assert {name for name, _member in images.calls} == {"remove"}


def test_nobody_is_accepted_for_when_a_second_row_is_removed_afterwards(second):
    """The change that lost its lock may not have asked for acceptance."""
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
    """The refused project is not compared with the list."""

    class Refusing(Doubling):
        def add_member(self, image_id, project_id):
            if project_id == "refused":
                raise ServiceError("Glance", Reason.FORBIDDEN, 403)
            return super().add_member(image_id, project_id)

    done = carry_out(Change((ID, "refused")), "image", second(Refusing()), accept=False)
    assert [(item.project_id, item.uncertain) for item in done.failed] == [("refused", False)]


def test_project_that_agreed_in_one_round_is_compared_in_the_next():
    """Somebody removes the project while another one is accepted for."""

    def remove_the_first(images):
        if images.lists == 1:
            images.rows = [row for row in images.rows if row.project_id != "a"]

    images = Listing({"b": "pending"}, then=remove_the_first)
    done = carry_out(Change(("a", "b")), "image", images, accept=True)
    assert [(item.project_id, item.error.reason) for item in done.failed] == [
        ("a", Reason.CONFLICT)
    ]


def test_project_that_is_added_twice_after_it_agreed_has_one_row_in_the_end(second):
    """Somebody adds the project again while another one is accepted for."""

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
    """Accepting for a project that was already a member takes a second list at once."""
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
    """An error that may go away in the next second is tried again once."""
    images = second(Stubborn(error))
    done = carry_out(Change(remove=(ID,)), "image", images, accept=True)
    [result] = done.failed
    assert (result.error, result.uncertain) == (error, False)
    assert len(images.calls) == tries


def test_row_that_somebody_else_removed_in_between_was_removed_all_the_same(second):
    """The change removed one of two rows; the other was gone when its turn came."""

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
    """The removal keeps its own error unless the image is gone."""
    error = ServiceError("Glance", reason)
    images = Images({"a": "pending"}, remove=LOST, list=error)
    done = carry_out(Change(remove=("a",)), "image", images, accept=True)
    [result] = done.failed
    assert result.error is (error if reason is Reason.MISSING else LOST)


# -- limits of the comparison


def test_removal_that_failed_is_not_tried_again_after_the_additions():
    """A list before the additions has shown that the member is still there."""
    images = Images({"a": "pending"}, remove=ServiceError("Glance", Reason.BROKEN, 500, tries=5))
    done = carry_out(Change(("b",), ("a",)), "image", images, accept=False)
    assert [item.project_id for item in done.failed] == ["a"]
    assert images.calls.count(("remove", "a")) == 2


def test_every_row_of_a_member_is_removed_before_another_is_added(second):
    """Each row takes a place of the quota."""
    images = second(MariaDB("b", "b"))
    carry_out(Change(("a",), ("b",)), "image", images, accept=False)
    assert images.calls == [("remove", "b"), ("remove", "b"), ("add", "a")]


def test_removal_that_no_list_has_shown_is_tried_again_after_the_additions():
    """Glance failed at the removal and at the list as well."""

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
    """One change may remove one writing of a project's ID and add another."""
    images = second(MariaDB(CAPITALS))
    done = carry_out(Change((ID,), (CAPITALS,)), "image", images, accept=True)
    assert not done.failed
    assert images.statuses == [(ID, "accepted")]


def test_project_that_could_not_be_accepted_for_stays_so_when_its_double_row_is_gone(second):
    """The change that lost its lock only asks for a single row."""
    lost = ServiceError("Horizon", Reason.PLACE_LOST, tries=0)
    images = second(MariaDB())
    images.rows = [Member("a", "pending"), Member("a", "pending")]
    result = Result("a", Verb.ADD, status="pending", error=lost)
    settled = without_doubles(Outcome((result,)), "image", images)
    assert [(item.status, item.error) for item in settled.results] == [("pending", lost)]


def test_refused_acceptance_is_no_uncertain_one_where_glance_lists_nothing():
    """Glance has answered to the acceptance."""
    refused = ServiceError("Glance", Reason.FORBIDDEN, 403)
    done = carry_out(Change(("a",)), "image", Images(status=refused, list=LOST), accept=True)
    assert [(item.error, item.uncertain) for item in done.results] == [(refused, False)]


def test_acceptance_stays_uncertain_where_rows_cannot_be_told_apart():
    """The project may have been accepted for."""

    class Unsure(MariaDB):
        def same_member(self, image_id, project_id, listed):
            raise LOST

    images = Unsure(CAPITALS, status=LOST)
    images.same = str
    done = carry_out(Change((ID,)), "image", images, accept=True)
    assert [(item.error, item.uncertain) for item in done.results] == [(LOST, True)]


def test_member_from_before_is_not_called_refused_where_its_status_cannot_be_read():
    """Glance has answered that the project is a member."""
    late = ServiceError("Glance", Reason.OUT_OF_TIME, tries=0)
    done = carry_out(Change(("a",)), "image", Images({"a": "pending"}, list=late), accept=True)
    assert [(item.error, item.uncertain) for item in done.results] == [(late, True)]


@pytest.mark.parametrize("add", [("c",), ()])
def test_removal_that_one_list_proved_is_not_doubted_when_the_next_one_fails(second, add):
    """The next list is for another member's second row, or follows the additions."""

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
    """These requests accept for an existing member and delete a second row."""

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
    """Glance refuses to accept for the row that is left."""
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
    """The row that is left says less than the two did, so the project may lose the image."""
    images = Images([("a", "accepted"), ("a", "pending")], status=error)
    (result,) = merge(["a"], "image", images).results
    assert images.statuses == [("a", "pending")]
    assert (result.done, result.error.reason) == (False, Reason.CONFLICT)


def test_merge_that_keeps_the_stronger_status_is_done():
    """The row that is left has the status of the other one."""
    images = Images([("a", "pending"), ("a", "accepted")])
    (result,) = merge(["a"], "image", images).results
    assert images.statuses == [("a", "accepted")]
    assert result.done
