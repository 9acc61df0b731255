# SPDX-License-Identifier: Apache-2.0
"""A change of access to an image: how it is carried out, and what came of it.

A :class:`~xloud_images_panel.access.plan.Change` goes in, an :class:`Outcome` comes out.
"""

import dataclasses
import logging
from collections.abc import Callable, Iterable

import tenacity

from xloud_images_panel.access import model, threads
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.plan import Change, Verb
from xloud_images_panel.access.ports import Images

LOG = logging.getLogger(__name__)

# Eight identical requests at once make that many rows of one member at the most.
_MOST_ROWS = 8
# Glance keeps the time of a deletion, on MariaDB in whole seconds, under a key that two rows of
# one member cannot share: the second one is deleted in the next second. Glance's own deletion of
# the image needs the same.
_NEXT_SECOND = tenacity.wait_fixed(1.1)
# The status that stays when one of several rows of a member does.
_STRONGEST_FIRST = (model.ACCEPTED, model.REJECTED, model.PENDING)


@dataclasses.dataclass(frozen=True)
class Result:
    """What became of one project.

    :ivar error: why it was not done, None when it was
    :ivar changed: False when there was nothing to do any more: somebody else
        had added or removed the project meanwhile
    :ivar status: the member status that an added project has now; with an
        ``error`` as well it was added but its status could not be set
    :ivar unsure: with an ``error``, that it may have been done nevertheless:
        Glance did not answer, and could not be asked afterwards either
    :ivar request_ids: what Glance called the requests for it
    """

    project_id: str
    verb: Verb
    changed: bool = True
    status: str = ""
    error: ServiceError | None = None
    unsure: bool = False
    request_ids: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        """Whether the project has, or has no, access now as it was asked for."""
        return self.error is None or bool(self.status)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of each project of a change, the removed ones first."""

    results: tuple[Result, ...]

    @property
    def failed(self) -> list[Result]:
        """The projects that still have, or still lack, access."""
        return [result for result in self.results if not result.done]

    @property
    def not_accepted(self) -> list[Result]:
        """The projects that were added, but could not be accepted for."""
        return [result for result in self.results if result.done and result.error]

    def done(self, verb: Verb) -> list[Result]:
        """The projects for which this verb was carried out."""
        return [result for result in self.results if result.done and result.verb is verb]


def carry_out(
    change: Change,
    image_id: str,
    images: Images,
    accept: bool,
    record: Callable[[Result], None] = lambda result: None,
) -> Outcome:
    """Remove first, then add, so that a swap at the quota of members works.

    :param image_id: the image, whose visibility is ``shared``
    :param accept: accept on behalf of each added project, so that the image
        is in its lists at once; this never changes a status that a project
        has set itself
    :param record: is told each result as soon as it is known, from several
        threads: what a worker that is killed has done is on record then. Of a
        result that turns out otherwise it is told once more
    :returns: a result for each project; a failure of one does not stop the others
    """
    recorded: dict[str, Result] = {}

    def remove(project_id: str) -> Result:
        return _remove(project_id, image_id, images)

    def add(project_id: str) -> Result:
        result = _result(project_id, Verb.ADD, lambda: images.add_member(image_id, project_id))
        if result.error:
            return result
        return _settle_status(result, image_id, images, accept)

    def put_on_record(result: Result) -> None:
        recorded[result.project_id] = result
        record(result)

    def known(work: Callable[[str], Result]) -> Callable[[str], Result]:
        def work_and_record(project_id: str) -> Result:
            result = work(project_id)
            if not (result.error and result.error.doubtful):
                put_on_record(result)
            return result

        return work_and_record

    def apart(work: Callable[[str], Result], project_ids: Iterable[str]) -> list[Result]:
        return _apart(known(threads.with_request_ids(work)), project_ids, images.workers)

    results = apart(remove, change.remove) + apart(add, change.add)
    for _look in range(2):  # the second for what accepting on behalf left in doubt
        if any(result.error and result.error.doubtful for result in results):
            results = _looked_after(results, image_id, images, accept)
    results = _compared_with_the_list(results, image_id, images)
    for result in results:
        if recorded.get(result.project_id) != result:
            put_on_record(result)
    return Outcome(tuple(results))


def _apart(work: Callable[[str], Result], project_ids: Iterable[str], workers: int) -> list[Result]:
    """Do the work in parallel, but one after the other for what may be one member to Glance."""
    groups: dict[str, list[str]] = {}
    for project_id in project_ids:
        groups.setdefault(model.folded(project_id), []).append(project_id)
    done = threads.in_parallel(
        lambda group: [work(item) for item in group], groups.values(), workers
    )
    return [result for results in done for result in results]


def _remove(project_id: str, image_id: str, images: Images) -> Result:
    """Remove a member row by row, until Glance answers that there is none.

    Each deletion takes the row away that Glance finds first; with another row
    left the project still has access.
    """
    result = Result(project_id, Verb.REMOVE, changed=False)
    failure: ServiceError | None = None

    def remove_a_row() -> Result | None:
        """Return what came of it, None when there may be another row to remove."""
        nonlocal result, failure
        failed_before, failure = failure, None
        try:
            removed = images.remove_member(image_id, address)
        except ServiceError as error:
            if not error.doubtful:
                return dataclasses.replace(result, error=error)
            removed, failure = False, error
        try:
            gone = images.member(image_id, address) is None
        except ServiceError as error:
            return dataclasses.replace(result, error=failure or error, unsure=True)
        result = dataclasses.replace(result, changed=result.changed or removed)
        if gone:
            return dataclasses.replace(result, changed=result.changed or failure is not None)
        if failure and (failed_before or failure.reason is not Reason.BROKEN):
            return dataclasses.replace(result, error=failure)
        return None if removed or failure else contradicting(None)

    def contradicting(_state: tenacity.RetryCallState | None) -> Result:
        error = ServiceError("Glance", Reason.BROKEN, details="a member, and no member")
        return dataclasses.replace(result, error=failure or error)

    try:
        address = images.address(image_id, project_id)
    except ServiceError as error:
        return dataclasses.replace(result, error=error)
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_result(lambda result: result is None),
        stop=tenacity.stop_after_attempt(_MOST_ROWS),
        wait=_NEXT_SECOND,
        retry_error_callback=contradicting,
    )
    return retrying(remove_a_row)


def _result(project_id: str, verb: Verb, call: Callable[[], bool]) -> Result:
    try:
        return Result(project_id, verb, changed=call())
    except ServiceError as error:
        return Result(project_id, verb, changed=False, error=error)


def _settle_status(result: Result, image_id: str, images: Images, accept: bool) -> Result:
    """Accept on behalf of a project that was added, unless it has decided itself."""
    # Of one that was a member before, the status is not known yet.
    status = model.PENDING if result.changed else ""
    try:
        if not result.changed:
            member = images.member(image_id, result.project_id)
            if member is None:  # removed by somebody else in this moment
                error = ServiceError("Glance", Reason.CONFLICT, details="added and removed at once")
                return dataclasses.replace(result, error=error)
            status = member.status
        if accept and status == model.PENDING:
            images.set_member_status(image_id, result.project_id, model.ACCEPTED)
            status = model.ACCEPTED
    except ServiceError as error:
        return dataclasses.replace(result, status=status, error=error)
    return dataclasses.replace(result, status=status)


def _looked_after(
    results: list[Result], image_id: str, images: Images, accept: bool
) -> list[Result]:
    """Ask Glance what became of the projects whose last answer does not tell."""

    def look(result: Result) -> Result:
        if not (result.error and result.error.doubtful):
            return result
        try:
            address = images.address(image_id, result.project_id)
            member = images.member(image_id, address)
        except ServiceError:
            return dataclasses.replace(result, unsure=True)
        result = dataclasses.replace(result, unsure=False)
        if result.verb is Verb.REMOVE:
            return result if member else dataclasses.replace(result, changed=True, error=None)
        if member is None:
            return dataclasses.replace(result, changed=False, status="")
        if result.status:  # it was the status that failed
            failed = accept and member.status == model.PENDING
            error = result.error if failed else None
            return dataclasses.replace(result, status=member.status, error=error)
        added = dataclasses.replace(result, changed=False, error=None)
        settled = _settle_status(added, image_id, images, accept)
        return dataclasses.replace(settled, changed=True)

    return threads.in_parallel(look, results, images.workers)


def _compared_with_the_list(results: list[Result], image_id: str, images: Images) -> list[Result]:
    """Compare what was done with the members that Glance lists in the end.

    Glance answers 404 for a member of an image that is not shared any more,
    too; and two changes that met all the same have left two rows of a member.
    """
    changed = [item for item in results if item.done and item.changed]
    removed = [item for item in results if item.done and item.verb is Verb.REMOVE]
    if not changed and not removed:
        return results
    try:
        rows = images.member_rows(image_id)
    except ServiceError as error:
        # Of an image that is gone nobody is a member.
        unsure = error.reason is not Reason.MISSING
        return [
            dataclasses.replace(item, changed=False, error=error, unsure=unsure)
            if item in removed
            else item
            for item in results
        ]
    listed = {row.project_id for row in rows}

    def compare(result: Result) -> Result:
        if result in removed and result.project_id in listed:
            error = ServiceError("Glance", Reason.BROKEN, details="a member, and no member")
            return dataclasses.replace(result, changed=False, error=error)
        return result

    return without_doubles([compare(item) for item in results], image_id, images, rows)


def without_doubles(
    results: Iterable[Result], image_id: str, images: Images, rows: list[model.Member]
) -> list[Result]:
    """Leave one row of each project that was added, the one with the stronger status.

    Glance cannot delete an image that has a member twice.

    :param results: what became of the projects of a change
    :param rows: the members as Glance lists them
    :returns: the results with the statuses that there are now
    """

    def settle(result: Result) -> Result:
        if result.verb is Verb.REMOVE or not (result.done and result.changed):
            return result
        try:
            status = _one_row(result.project_id, image_id, images, rows)
        except ServiceError as error:
            LOG.warning(
                "%s is a member of image %s more than once: %s", result.project_id, image_id, error
            )
            return result
        return dataclasses.replace(result, status=status or result.status)

    return threads.in_parallel(settle, results, images.workers)


def _one_row(project_id: str, image_id: str, images: Images, rows: list[model.Member]) -> str:
    """Remove the rows of a member that are too many.

    :returns: the status of the row that stays, empty when there was one row only
    :raises ServiceError: as the service failed; rows may be left then
    """

    def rows_of_it(rows: list[model.Member]) -> list[model.Member]:
        return [
            row
            for row in rows
            if row.project_id == project_id
            or images.same_member(image_id, project_id, row.project_id)
        ]

    def remove_one() -> list[model.Member]:
        images.remove_member(image_id, project_id)
        return rows_of_it(images.member_rows(image_id))

    own = rows_of_it(rows)
    if len(own) < 2:
        return ""
    strongest = min((row.status for row in own), key=_STRONGEST_FIRST.index)
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_result(lambda own: len(own) > 1),
        stop=tenacity.stop_after_attempt(_MOST_ROWS),
        wait=_NEXT_SECOND,
    )
    try:
        own = retrying(remove_one)
    except tenacity.RetryError as error:
        raise ServiceError("Glance", Reason.BROKEN, details="more rows than it removes") from error
    if not own:  # somebody else removed the other one in this moment
        images.add_member(image_id, project_id)
    if not own or own[0].status != strongest:
        images.set_member_status(image_id, project_id, strongest)
    return strongest
