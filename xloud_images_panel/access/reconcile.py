# SPDX-License-Identifier: Apache-2.0
"""The comparison of a change with the members that Glance lists.

Glance's answer to a write proves little. It can get lost after the work was done, a member can have
two rows of which one was removed, and an image that is no longer shared answers 404 for every
member. So the members are listed after the writes, and missing writes are made until the list is
as requested.
"""

import dataclasses
import logging
from collections.abc import Callable, Iterable
from typing import Any

import tenacity

from xloud_images_panel.access import model, threads
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.outcome import Result
from xloud_images_panel.access.plan import Verb
from xloud_images_panel.access.writer import Writer, given_status

LOG = logging.getLogger(__name__)

# Eight identical requests at once make at most eight rows of one member.
_MOST_ROUNDS = 8
# Glance stores the time of a deletion, on MariaDB in whole seconds, in a key that two rows of one
# member cannot share. So the second row is deleted in the next second. Glance's own deletion of
# the image needs the same.
NEXT_SECOND = tenacity.wait_fixed(1.1)


@dataclasses.dataclass(frozen=True)
class _State:
    """A result while it is compared with Glance's lists.

    :ivar final: whether nothing is left to compare: a failure says it all, or Glance lists nothing
    :ivar agreed: whether the result matches the last list, with nothing left to do
    :ivar again: whether to delete a row of the member in the next round
    :ivar deleted: whether the last deletion found a row
    :ivar failed_before: whether the deletion before the last one failed
    :ivar strongest: the strongest status among several rows of the member, for the row that stays
    :ivar as_it_is: whether to leave rows and status as they are, because Glance refused a change
        or this is the last round
    """

    result: Result
    final: bool = False
    agreed: bool = False
    again: bool = False
    deleted: bool = False
    failed_before: bool = False
    strongest: str = ""
    as_it_is: bool = False

    def agree(self, **changes: Any) -> "_State":
        """Return the state with the result that the last list proves."""
        result = dataclasses.replace(self.result, **changes)
        return dataclasses.replace(self, result=result, agreed=True)

    def finish(self, **changes: Any) -> "_State":
        """Return the state with its final result."""
        return dataclasses.replace(self.agree(**changes), final=True)


def settled(
    results: Iterable[Result], writer: Writer, proven: Iterable[Result] = ()
) -> list[Result]:
    """Return results that agree with the members that Glance lists.

    Missing writes are made in at most :data:`_MOST_ROUNDS` rounds.

    :param results: the writer's results
    :param proven: the results that an earlier list has proved
    """
    proven = list(proven)

    def state(result: Result) -> _State:
        known = result in proven
        return _State(
            result,
            final=_is_final(result),
            deleted=result.changed,
            agreed=known,
            failed_before=known,  # an earlier failed removal is not tried again
        )

    return _Rounds(writer).run([state(result) for result in results])


def without_doubles(results: Iterable[Result], writer: Writer) -> list[Result]:
    """Leave one row of each added project, with the strongest status.

    Glance cannot delete an image that has two rows of a member.

    :raises ServiceError: when Glance does not list the members
    """
    rows = writer.images.member_rows(writer.image_id)

    def double(result: Result) -> bool:
        added = result.verb is not Verb.REMOVE and result.done and result.changed
        return added and len(writer.rows_of(result.project_id, rows)) > 1

    return _Rounds(writer).run([_State(result, final=not double(result)) for result in results])


class _Rounds:
    """Rounds of a comparison that make missing writes."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._image_id, self._images = writer.image_id, writer.images
        self._added: set[str] = set()

    def run(self, states: list[_State]) -> list[Result]:
        if all(state.final for state in states):
            return [state.result for state in states]

        rounds = 0
        self._added = {
            item.result.project_id for item in states if item.result.verb is not Verb.REMOVE
        }

        def look() -> bool:
            """Make the deletions left by the last round, compare, and return whether all agree."""
            nonlocal states, rounds
            rounds += 1
            if rounds == _MOST_ROUNDS:  # no later round would check a write
                states = [dataclasses.replace(state, as_it_is=True) for state in states]
            states = self._each(self._delete, states)
            try:
                rows = self._images.member_rows(self._image_id)
            except ServiceError as error:
                states = [
                    item if item.final or item.agreed else _unseen(item, error) for item in states
                ]
                return True
            states = self._each(lambda state: self._compare(state, rows), states)
            return all(state.final or state.agreed for state in states)

        def wait(attempts: tenacity.RetryCallState) -> float:
            return NEXT_SECOND(attempts) if any(state.again for state in states) else 0

        tenacity.Retrying(
            retry=tenacity.retry_if_result(lambda agrees: not agrees),
            stop=tenacity.stop_after_attempt(_MOST_ROUNDS),
            wait=wait,
            retry_error_callback=lambda _attempts: None,
        )(look)
        return [(item if item.final or item.agreed else _given_up(item)).result for item in states]

    def _each(self, work: Callable[[_State], _State], states: list[_State]) -> list[_State]:
        return self._writer.apart(
            lambda state: state if state.final else work(state),
            states,
            lambda state: state.result.project_id,
        )

    def _delete(self, state: _State) -> _State:
        """Delete one more row if the comparison has requested it."""
        if not state.again or state.as_it_is:
            return state
        result, state = state.result, dataclasses.replace(state, again=False)
        done = self._writer.remove(result.project_id)
        if result.verb is not Verb.REMOVE:
            state = _with_ids(state, done.request_ids)
            return self._not_written(state, done.error) if done.error else state
        if done.error and not done.error.uncertain:
            return _with_ids(state.finish(error=done.error), done.request_ids)
        changed = result.changed or done.changed
        result = dataclasses.replace(result, changed=changed, error=done.error)
        state = dataclasses.replace(state, result=result, deleted=done.changed)
        return _with_ids(state, done.request_ids)

    def _compare(self, state: _State, rows: list[model.Member]) -> _State:
        result = dataclasses.replace(state.result, uncertain=False)
        state = dataclasses.replace(state, result=result, agreed=False)
        try:
            own = self._writer.rows_of(result.project_id, rows)
        except ServiceError as error:
            if result.status:
                return state.agree(uncertain=bool(result.error and result.error.uncertain))
            return state.agree(error=result.error or error, uncertain=True)
        if result.verb is Verb.REMOVE:
            # A project that the same change adds in another spelling is not the removed one.
            return _compare_removed(
                state, [row for row in own if row.project_id not in self._added]
            )
        try:
            return self._compare_added(state, own)
        except ServiceError as error:
            return self._not_written(state, error)

    def _not_written(self, state: _State, error: ServiceError) -> _State:
        """Return the state after a failed write; the next round checks an uncertain one."""
        if error.uncertain:
            return state
        self._warn_of_doubles(state, error)
        result = state.result
        if self._writer.asks_for_status(result):  # otherwise only for access
            result = dataclasses.replace(result, error=error)
        return dataclasses.replace(state, result=result, strongest="", as_it_is=True)

    def _warn_of_doubles(self, state: _State, error: ServiceError) -> None:
        LOG.warning(
            "%s may be a member of image %s more than once, or have a weaker status: %s",
            state.result.project_id,
            self._image_id,
            error,
        )

    def _compare_added(self, state: _State, own: list[model.Member]) -> _State:
        result, strongest = state.result, "" if state.as_it_is else state.strongest
        changed = result.changed or result.error is not None
        if not own and strongest:  # somebody else removed the last row at the same moment
            with threads.traced() as request_ids:
                self._images.add_member(self._image_id, result.project_id)
            return _with_ids(state, request_ids)
        if not own:
            error = None if result.status and not state.as_it_is else result.error
            conflict = ServiceError("Glance", Reason.CONFLICT, details="added and removed at once")
            return state.agree(changed=False, status="", error=error or conflict)
        error = result.error if result.status else None  # concerns only the status
        if len(own) > 1 and changed and state.as_it_is:
            self._warn_of_doubles(state, _contradiction())
        elif len(own) > 1 and changed:
            statuses = [row.status for row in own] + [strongest] * bool(strongest)
            strongest = min(statuses, key=model.strength)
            status = own[0].status
            result = dataclasses.replace(result, changed=True, status=status, error=error)
            return dataclasses.replace(state, result=result, again=True, strongest=strongest)
        status = own[0].status
        if strongest and status != strongest:
            with threads.traced() as request_ids:
                self._images.set_member_status(self._image_id, result.project_id, strongest)
            return _with_ids(dataclasses.replace(state, strongest=""), request_ids)
        if not result.status:  # it was a member before, or the answer to adding it got lost
            result = dataclasses.replace(result, changed=changed, status=status, error=None)
        lacks_status = self._writer.status_to_set(dataclasses.replace(result, status=status))
        untried = result.status == status and not error and not state.as_it_is
        if lacks_status and untried:
            return dataclasses.replace(state, result=self._writer.with_status(result))
        was_set = error and error.uncertain and status == self._writer.status_to_set(result)
        error = error if lacks_status or status == result.status else None
        if was_set:  # and the answer got lost
            result = given_status(result, status)
        return state.agree(verb=result.verb, changed=result.changed, status=status, error=error)


def _is_final(result: Result) -> bool:
    """Return whether a failure leaves nothing to compare, because Glance has done nothing."""
    return result.error is not None and not result.status and not result.error.uncertain


def _compare_removed(state: _State, own: list[model.Member]) -> _State:
    result, error = state.result, state.result.error
    if not own:
        return state.agree(changed=result.changed or error is not None, error=None)
    if error and (error.reason is not Reason.BROKEN or state.failed_before):
        return state.agree()
    if not error and not state.deleted:
        return state.agree(changed=False, error=_contradiction())
    return dataclasses.replace(state, again=True, failed_before=error is not None)


def _with_ids(state: _State, request_ids: Iterable[str]) -> _State:
    """Note Glance's IDs of another write's requests."""
    result = state.result
    ids = (*result.request_ids, *request_ids)
    return dataclasses.replace(state, result=dataclasses.replace(result, request_ids=ids))


def _given_up(state: _State) -> _State:
    """Return the last state of a member that is still listed after all rounds."""
    return state.finish(error=state.result.error or _contradiction())


def _unseen(state: _State, error: ServiceError) -> _State:
    """Return the last state of a result when Glance does not list the members."""
    result = state.result
    # An image that is gone has no members.
    gone = error.reason is Reason.MISSING
    if result.verb is Verb.REMOVE:
        error = error if gone else result.error or error
        return state.finish(changed=False, error=error, uncertain=not gone)
    if result.error:
        return state.finish(uncertain=not gone and result.error.uncertain)
    if not result.status:  # it was a member before
        return state.finish(error=error, uncertain=not gone)
    return state.finish()


def _contradiction() -> ServiceError:
    return ServiceError("Glance", Reason.BROKEN, details="a member, and no member", tries=0)
