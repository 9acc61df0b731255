# SPDX-License-Identifier: Apache-2.0
"""Carrying out a plan of changes to several images."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.test_apply import Images
from xloud_images_panel.access.apply import apply
from xloud_images_panel.access.failure import Busy, Reason, ServiceError
from xloud_images_panel.access.plan import Change, Invalid, Plan, Problem, Verb

IDS = st.sets(st.sampled_from("abcd"))
STATES = st.dictionaries(st.sampled_from(["one", "two", "three"]), IDS)


@pytest.mark.parametrize(
    ("add", "remove", "problem"),
    [
        ((), (), Problem.EMPTY),
        (("a", "a"), (), Problem.TWICE),
        (("a",), ("a",), Problem.TWICE),
        (("",), (), Problem.NO_ID),
        ((), ("",), Problem.NO_ID),
        ((), ("x" * 256,), Problem.TOO_LONG),
    ],
)
def test_change_that_cannot_be_sent_says_why(add, remove, problem):
    with pytest.raises(Invalid) as caught:
        Change(add, remove)
    assert caught.value.problem is problem


def test_longest_member_can_be_removed():
    assert Change(remove=("x" * 255,)).remove


def carried_out(plan, there):
    """Return the members of images after a plan."""
    members = {image_id: set(ids) for image_id, ids in there.items()}
    for image_id, change in plan.changes.items():
        members.setdefault(image_id, set())
        assert not members[image_id] & {*change.add}
        assert members[image_id] >= {*change.remove}
        members[image_id] = members[image_id] - {*change.remove} | {*change.add}
    return {image_id: ids for image_id, ids in members.items() if ids}


@given(STATES, STATES)
def test_difference_of_two_states_makes_one_of_the_other(there, wanted):
    """The difference of two states turns one into the other; images that are not named stay."""
    plan = Plan.between(there, wanted)
    assert carried_out(plan, there) == {
        image_id: ids for image_id, ids in (there | wanted).items() if ids
    }


@given(STATES, STATES)
def test_reverse_takes_a_plan_back(there, wanted):
    plan = Plan.between(there, wanted)
    after = carried_out(plan, there)
    assert carried_out(plan.reversed(), after) == {item: ids for item, ids in there.items() if ids}


def test_image_without_a_difference_is_not_in_the_plan():
    assert Plan.between({"one": ["a"]}, {"one": ["a"], "two": []}).changes == {}


def test_reverse_begins_with_the_last_image():
    plan = Plan({"one": Change(("a",)), "two": Change(("b",), ("c",))})
    assert list(plan.reversed().changes.items()) == [
        ("two", Change(("c",), ("b",))),
        ("one", Change((), ("a",))),
    ]


class Catalogue(Images):
    """A Glance with several images, whose members are in the same rows."""

    def __init__(self):
        super().__init__()
        self.checks = []
        self.before_write = lambda: None

    def asking_first(self, before_write):
        self.before_write = before_write
        return self

    def _call(self, name, project_id):
        self.before_write()
        super()._call(name, project_id)


@pytest.fixture
def lock():
    """Return a lock that others hold for some images, and that gets lost for some."""

    @contextlib.contextmanager
    def lock(image_id):
        if image_id in lock.taken:
            raise Busy
        lock.held.append(image_id)

        def check():
            if image_id in lock.lost:
                raise ServiceError("Horizon", Reason.PLACE_LOST, tries=0)

        yield check
        lock.held.append(f"{image_id} left")

    lock.taken, lock.lost, lock.held = set(), set(), []
    return lock


def test_images_are_changed_one_after_the_other_each_in_its_place(lock):
    plan = Plan({"one": Change(("a",)), "two": Change(("b",))})
    outcomes = apply(plan, Catalogue(), lock, accept=False)
    assert lock.held == ["one", "one left", "two", "two left"]
    assert [*outcomes] == ["one", "two"]
    assert all(not outcome.failed for outcome in outcomes.values())


def test_image_that_somebody_else_is_changing_does_not_stop_the_others(lock):
    """A locked image's changes are reported as not done, removals first; other images' are made."""
    lock.taken = {"one"}
    plan = Plan({"one": Change(("a",), ("b",)), "two": Change(("c",))})
    images = Catalogue()
    outcomes = apply(plan, images, lock, accept=False)
    assert [
        (result.verb, result.project_id, str(result.error), result.error.uncertain)
        for result in outcomes["one"].failed
    ] == [
        (Verb.REMOVE, "b", "Horizon: busy another change", False),
        (Verb.ADD, "a", "Horizon: busy another change", False),
    ]
    assert not any(result.changed for result in outcomes["one"].results)
    assert not outcomes["two"].failed
    assert images.calls == [("add", "c")]


def test_image_that_somebody_else_is_changing_is_on_record(lock):
    lock.taken, record = {"one"}, []
    plan = Plan({"one": Change(("a",))})
    apply(plan, Catalogue(), lock, accept=False, record=lambda *line: record.append(line))
    [(image_id, result)] = record
    assert (image_id, result.project_id, result.error.reason) == ("one", "a", Reason.BUSY)


def test_each_write_looks_first_whether_the_place_is_held(lock):
    lock.lost = {"one"}
    images = Catalogue()
    outcomes = apply(Plan({"one": Change(("a",))}), images, lock, accept=True)
    assert images.calls == []
    assert [result.error.reason for result in outcomes["one"].failed] == [Reason.PLACE_LOST]


@pytest.mark.parametrize(("accept", "status"), [(True, "accepted"), (False, "pending")])
def test_results_are_on_record_with_their_image(lock, accept, status):
    record = []
    plan = Plan({"one": Change(("a",)), "two": Change(("b",))})

    def note(image_id, result):
        record.append((image_id, result.project_id, result.status))

    apply(plan, Catalogue(), lock, accept=accept, record=note)
    assert record == [("one", "a", status), ("two", "b", status)]


def test_lacks_what_is_not_so_yet():
    """The remaining changes are those that were not made yet and are still possible."""
    change = Change(
        add=("new", "there"),
        remove=("member", "gone"),
        accept_for=("pending", "accepted"),
        ask_again=("rejected", "asked"),
    )
    members = {
        "there": "accepted",
        "member": "pending",
        "pending": "pending",
        "accepted": "accepted",
        "rejected": "rejected",
        "asked": "pending",
    }
    assert change.lacking(members, accept=True) == [
        (Verb.REMOVE, "member"),
        (Verb.ASK_AGAIN, "rejected"),
        (Verb.ADD, "new"),
        (Verb.ACCEPT_FOR, "pending"),
    ]


@pytest.mark.parametrize(("accept", "left"), [(True, [(Verb.ADD, "one")]), (False, [])])
def test_project_that_was_added_and_not_accepted_for_is_left(accept, left):
    """If a worker was killed between adding and accepting, the addition still remains."""
    assert Change(add=("one",)).lacking({"one": "pending"}, accept=accept) == left
