# SPDX-License-Identifier: Apache-2.0
"""Changes of access in a model of Glance with failures, second rows and other users."""

import dataclasses

import pytest
import tenacity
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from xloud_images_panel.access import model, reconcile
from xloud_images_panel.access.apply import carry_out
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import Member
from xloud_images_panel.access.plan import Change, Verb

PROJECTS = ("one", "two", "three")
# The results of a write. Glance carries out the first two; the first and last are certain.
DONE, ANSWER_LOST, LOST, BROKEN, REFUSED = "done", "answer lost", "lost", "broken", "refused"
ERRORS = {
    ANSWER_LOST: ServiceError("Glance", Reason.UNREACHABLE),
    LOST: ServiceError("Glance", Reason.TIMED_OUT),
    BROKEN: ServiceError("Glance", Reason.BROKEN, 500, tries=5),
    REFUSED: ServiceError("Glance", Reason.FORBIDDEN, 403),
}
# The number of rounds after which remaining rows are left to the operator.
MOST_ROUNDS = 8
NO_MEMBER = ServiceError("Glance", Reason.MISSING, 404)

statuses = st.sampled_from(model.STATUSES)
# A change by another administrator or a project before one of our writes.
others = st.one_of(
    st.none(),
    st.tuples(st.sampled_from(["add", "remove"]), st.sampled_from(PROJECTS)),
    st.tuples(statuses, st.sampled_from(PROJECTS)),
)
# The faults of the first writes; later writes are undisturbed.
writes = st.lists(
    st.tuples(st.sampled_from([DONE, DONE, ANSWER_LOST, LOST, BROKEN, REFUSED]), others), max_size=8
)
rows = st.lists(st.builds(Member, st.sampled_from(PROJECTS), statuses), max_size=4)


@dataclasses.dataclass
class Glance:
    """The members of one image, in rows."""

    rows: list[Member]
    writes: list
    silent: bool
    workers: int = 1
    refused: set = dataclasses.field(default_factory=set)
    added: set = dataclasses.field(default_factory=set)
    lists: int = 0

    def _row(self, project_id):
        found = (index for index, row in enumerate(self.rows) if row.project_id == project_id)
        return next(found, None)

    def _write(self, project_id, write):
        fault, other = self.writes.pop(0) if self.writes else (DONE, None)
        if other:
            self._somebody_else(*other)
        if fault == REFUSED:
            self.refused.add(project_id)
        answer = write() if fault in (DONE, ANSWER_LOST) else None
        if fault != DONE:
            raise ERRORS[fault]
        return answer

    def _somebody_else(self, what, project_id):
        index = self._row(project_id)
        if what == "add":  # a second row when two additions meet
            self.rows.append(Member(project_id, model.PENDING))
        elif index is not None and what == "remove":
            del self.rows[index]
        elif index is not None:
            self.rows[index] = Member(project_id, what)

    def member_rows(self, image_id):
        self.lists += 1
        if self.silent:
            raise ERRORS[LOST]
        return list(self.rows)

    def address(self, image_id, listed):
        return listed

    def same_member(self, image_id, project_id, listed):
        return project_id == listed

    def add_member(self, image_id, project_id):
        def add():
            if self._row(project_id) is not None:
                return False
            self.rows.append(Member(project_id, model.PENDING))
            self.added.add(project_id)
            return True

        return self._write(project_id, add)

    def remove_member(self, image_id, project_id):
        def remove():
            index = self._row(project_id)
            if index is None:
                return False
            del self.rows[index]
            return True

        return self._write(project_id, remove)

    def set_member_status(self, image_id, project_id, status):
        def set_status():
            index = self._row(project_id)
            if index is None:
                raise NO_MEMBER
            self.rows[index] = Member(project_id, status)

        self._write(project_id, set_status)


@st.composite
def changes(draw):
    """Draw a change of some of the projects."""
    verbs = draw(st.lists(st.sampled_from([*Verb, ""]), min_size=3, max_size=3))
    named = dict(zip(PROJECTS, verbs, strict=True))
    by_verb = [tuple(item for item in PROJECTS if named[item] == verb) for verb in Verb]
    return Change(*by_verb) if any(by_verb) else Change(PROJECTS)


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Skip the wait for the next second."""
    monkeypatch.setattr(reconcile, "NEXT_SECOND", tenacity.wait_none())


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes(), rows, writes, st.booleans(), st.booleans())
@example(
    change=Change(("two", "three"), ask_again=("one",)),
    there=[Member("one", model.ACCEPTED)],
    faults=[(DONE, None), (DONE, ("add", "one")), (DONE, ("add", "one"))],
    accept=False,
    silent=False,
)
def test_what_is_told_is_what_is_listed(change, there, faults, accept, silent):
    """The results match the member list for any failure and any concurrent change."""
    glance = Glance([*there], [*faults], silent)
    told = []
    done = carry_out(change, "image", glance, accept=accept, record=told.append)
    assert {item.project_id for item in done.results} == {item for _verb, item in change.named()}
    on_record = {(result.project_id, result.verb): result for result in told}
    for result in done.results:
        if result.verb is not Verb.ASK_AGAIN:
            assert on_record[result.project_id, result.verb] == result
        listed = [row.status for row in glance.rows if row.project_id == result.project_id]
        removed_alone = result.verb is Verb.REMOVE and result.project_id in change.ask_again
        if silent or result.uncertain:
            assert result.verb is not Verb.REMOVE or removed_alone or not result.done
        elif removed_alone:
            assert result.done
        elif result.done and result.verb is not Verb.REMOVE:
            assert result.status in listed
            # Others may have added the project between the panel's removal and addition.
            theirs = result.verb is Verb.ASK_AGAIN and result.project_id not in glance.added
            alone = theirs or len(listed) == 1 or result.verb is Verb.ACCEPT_FOR
            given_up = result.project_id in glance.refused or glance.lists >= MOST_ROUNDS
            assert alone or given_up or not result.changed
        elif result.done:
            assert not listed
        elif result.verb is Verb.ASK_AGAIN:  # it was not removed, or was no longer a member
            assert result.error
        elif result.error.uncertain or result.error.reason is Reason.CONFLICT:
            assert bool(listed) == (result.verb is Verb.REMOVE)
        else:
            assert result.error.reason in (Reason.FORBIDDEN, Reason.BROKEN, Reason.MISSING)
