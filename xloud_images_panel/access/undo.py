# SPDX-License-Identifier: Apache-2.0
"""Undo of a change of access: restores each project's earlier membership and status.

A membership that somebody has changed since stays as it is.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping

from xloud_images_panel.access import model, reconcile
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.outcome import Outcome, Result
from xloud_images_panel.access.plan import Verb
from xloud_images_panel.access.ports import Images
from xloud_images_panel.access.writer import Writer


@dataclasses.dataclass(frozen=True)
class Done:
    """The effect of a change on one project.

    :ivar before: the member status before the change, empty if the project was no member
    :ivar after: the member status after the change, empty if the project is no longer a member
    """

    project_id: str
    before: str
    after: str


def done_by(outcome: Outcome, before: Mapping[str, str]) -> list[Done]:
    """Return the effects of a change, for a later :func:`undo`.

    :param before: the member statuses before the change, by project ID
    """
    done: dict[str, Done] = {}
    for result in outcome.results:
        if result.changed and result.done and not result.uncertain:
            had = before.get(result.project_id, "")
            if result.verb is Verb.ACCEPT_FOR:  # perhaps a member since the caller looked
                had = model.PENDING
            # The status of a removed project is empty.
            done[result.project_id] = Done(result.project_id, had, result.status)
    return [item for item in done.values() if item.before != item.after]


def undo(
    changes: Iterable[Done],
    image_id: str,
    images: Images,
    record: Callable[[Result], None] = lambda result: None,
) -> Outcome:
    """Restore the earlier access of each project.

    :param changes: the effects that :func:`done_by` has returned
    :param image_id: the image, whose visibility is ``shared``
    :param record: called with each result
    :returns: a result for each project; ``CONFLICT`` for one whose membership is neither as the
        change left it nor as it was before, which stays as it is
    :raises ServiceError: when Glance does not list the members; nothing was done
    """
    changes = list(changes)
    before = {item.project_id: item.before for item in changes}
    statuses = {project_id: status for project_id, status in before.items() if status}
    writer = Writer(image_id, images, accept=False, statuses=statuses)
    rows = images.member_rows(image_id)
    now = {
        item.project_id: {row.status for row in writer.rows_of(item.project_id, rows)}
        for item in changes
    }
    left = [item.project_id for item in changes if now[item.project_id] == _only(item.after)]
    lost = {item.project_id for item in changes if not item.after}

    def give_back(project_id: str) -> Result:
        if project_id in lost:
            return writer.add(project_id)
        return Result(project_id, Verb.ACCEPT_FOR, changed=False)

    def settled(results: list[Result]) -> list[Result]:
        results = reconcile.settled(results, writer)
        for result in results:
            record(result)
        return results

    # Removals first: they free quota.
    results = settled(writer.apart(writer.remove, [item for item in left if not before[item]], str))
    results += settled(writer.apart(give_back, [item for item in left if before[item]], str))
    for item in changes:
        if item.project_id not in left:
            results.append(_not_as_left(item, now[item.project_id]))
            record(results[-1])
    return Outcome(tuple(results))


def _only(status: str) -> set[str]:
    return {status} if status else set()


def _not_as_left(item: Done, now: set[str]) -> Result:
    """Return the result for a project that is left alone."""
    result = Result(item.project_id, Verb.ADD if item.before else Verb.REMOVE, changed=False)
    if now == _only(item.before):  # already undone, by a request whose answer got lost
        return dataclasses.replace(result, status=item.before)
    error = ServiceError("Glance", Reason.CONFLICT, details="changed since")
    return dataclasses.replace(result, error=error)
