# SPDX-License-Identifier: Apache-2.0
"""Changes of access: carries out a plan and returns an outcome for each image."""

import dataclasses
from collections.abc import Callable, Collection, Iterable

from xloud_images_panel.access import model, reconcile
from xloud_images_panel.access.failure import Busy, Reason, ServiceError
from xloud_images_panel.access.outcome import Outcome, Result
from xloud_images_panel.access.plan import Change, Plan, Verb
from xloud_images_panel.access.ports import Images, Lock
from xloud_images_panel.access.writer import Writer


def apply(
    plan: Plan,
    images: Images,
    lock: Lock,
    *,
    accept: bool,
    record: Callable[[str, Result], None] = lambda image_id, result: None,
) -> dict[str, Outcome]:
    """Carry out the changes of a plan, one image after the other.

    :param lock: keeps concurrent changes of one image apart
    :param accept: as for :func:`carry_out`
    :param record: as for :func:`carry_out`, with the image's ID first
    :returns: an outcome for each image, by its ID; a failure of one does not stop the others, and
        an image that somebody else is changing stays as it is
    """
    outcomes = {}
    for image_id, change in plan.changes.items():

        def record_of_image(result: Result, image_id: str = image_id) -> None:
            record(image_id, result)

        try:
            with lock(image_id) as check:
                outcomes[image_id] = carry_out(
                    change,
                    image_id,
                    images.asking_first(check),
                    accept=accept,
                    record=record_of_image,
                )
        except Busy:
            error = ServiceError("Horizon", Reason.BUSY, details="another change", tries=0)
            outcomes[image_id] = _nothing_done(change, error)
            for result in outcomes[image_id].results:
                record(image_id, result)
    return outcomes


def _nothing_done(change: Change, error: ServiceError) -> Outcome:
    return Outcome(
        tuple(Result(item, verb, changed=False, error=error) for verb, item in change.named())
    )


def carry_out(
    change: Change,
    image_id: str,
    images: Images,
    *,
    accept: bool,
    record: Callable[[Result], None] = lambda result: None,
) -> Outcome:
    """Remove first, then add, so that a swap at the member quota works.

    :param image_id: the image, whose visibility is ``shared``
    :param accept: accept on behalf of each added project, so that the image
        is in its lists at once; this never changes a status that a project
        has set itself
    :param record: called from several threads with each result as soon as it is
        known, so that the work of a killed worker is on record; called again if a
        result turns out to be different
    :returns: a result for each project; a failure of one does not stop the others
    """
    writer = Writer(image_id, images, accept=accept, undecided=change.ask_again)
    recorded: dict[str, Result] = {}

    def put_on_record(result: Result) -> None:
        if recorded.get(result.project_id) != result:
            recorded[result.project_id] = result
            record(result)

    def first(work: Callable[[str], Result]) -> Callable[[str], Result]:
        """Wrap a write so that it records any result that it proves."""

        def write(project_id: str) -> Result:
            result = work(project_id)
            sure = not result.error.uncertain if result.error else _tells(result)
            if sure:
                put_on_record(result)
            return result

        return write

    def apart(work: Callable[[str], Result], project_ids: Iterable[str]) -> list[Result]:
        return writer.apart(first(work), project_ids, lambda project_id: project_id)

    to_ask, answered = _to_ask_again(change.ask_again, writer)
    adds = bool(change.add or to_ask)
    removed = apart(writer.remove, (*change.remove, *to_ask))
    if adds:  # each remaining row counts towards the quota
        removed = reconcile.settled(removed, writer)
    asked_again = {item.project_id: item for item in removed if item.project_id in to_ask}
    removed = [item for item in removed if item.project_id not in asked_again]
    again = [item for item in asked_again.values() if item.error is None and item.changed]
    proven = [item for item in removed if adds and not item.uncertain]
    written = [
        *removed,
        *apart(writer.add, [*(item.project_id for item in again), *change.add]),
        *(Result(item, Verb.ACCEPT_FOR, changed=False) for item in change.accept_for),
        *(item for item in answered if item.done),
    ]
    settled = reconcile.settled(written, writer, proven)
    results = [item for item in answered if not item.done]
    results += [_not_asked(item) for item in asked_again.values() if item not in again]
    for result in settled:
        if result.project_id in asked_again:
            results += _asked_again(asked_again[result.project_id], result)
        else:
            results.append(result)
    for result in results:
        put_on_record(result)
    return Outcome(tuple(results))


def _to_ask_again(project_ids: Collection[str], writer: Writer) -> tuple[list[str], list[Result]]:
    """Return the projects to ask again, and results for the others.

    A project may have withdrawn its rejection since the user looked; its new answer stands.
    """
    if not project_ids:
        return [], []
    try:
        rows = writer.images.member_rows(writer.image_id)
        now = {item: _strongest(writer.rows_of(item, rows)) for item in project_ids}
    except ServiceError as error:
        results = [Result(item, Verb.ASK_AGAIN, changed=False, error=error) for item in project_ids]
        return [], results
    to_ask, answered = list[str](), list[Result]()
    for project_id in project_ids:
        result = Result(project_id, Verb.ASK_AGAIN, changed=False)
        if now[project_id] in ("", model.REJECTED):
            to_ask.append(project_id)
        elif now[project_id] == model.PENDING:
            answered.append(dataclasses.replace(result, status=model.PENDING))
        else:
            since = ServiceError("Glance", Reason.CONFLICT, details="answered since")
            answered.append(dataclasses.replace(result, error=since))
    return to_ask, answered


def _strongest(rows: list[model.Member]) -> str:
    """Return the strongest status of a member's rows, empty for no rows."""
    return min((row.status for row in rows), key=model.strength, default="")


def _not_asked(removed: Result) -> Result:
    """Return the result for a project that is still a member, or was no member."""
    gone = ServiceError("Glance", Reason.CONFLICT, details="no member any more")
    error = removed.error or gone
    return dataclasses.replace(removed, verb=Verb.ASK_AGAIN, changed=False, error=error)


def _asked_again(removed: Result, added: Result) -> list[Result]:
    """Return the results of a removal and an addition, as one if the addition succeeded."""
    ids = removed.request_ids + added.request_ids
    if not added.done:
        return [removed, added]  # the project has lost its access
    return [dataclasses.replace(added, verb=Verb.ASK_AGAIN, changed=True, request_ids=ids)]


def _tells(result: Result) -> bool:
    """Return whether a write alone proves its result; adding an existing member does not."""
    return result.verb is Verb.REMOVE or bool(result.status)


def merge(project_ids: Iterable[str], image_id: str, images: Images) -> Outcome:
    """Leave one row of each of these members, with the strongest status.

    :param project_ids: the members as Glance lists them; former members are left out
    :returns: a result for each, done only if Glance lists one row of the member afterwards
    :raises ServiceError: when Glance does not list the members; nothing was changed
    """
    writer = Writer(image_id, images, accept=False)
    before = model.by_project(images.member_rows(image_id))
    there = [item for item in dict.fromkeys(project_ids) if item in before]
    merged = reconcile.without_doubles(
        [Result(item, Verb.ADD, status=before[item].status) for item in there], writer
    )
    try:
        after = images.member_rows(image_id)
    except ServiceError as error:
        return Outcome(tuple(_not_compared(result, error) for result in merged))
    return Outcome(
        tuple(
            _merged(result, before[result.project_id], writer.rows_of(result.project_id, after))
            for result in merged
        )
    )


def _not_compared(result: Result, error: ServiceError) -> Result:
    return dataclasses.replace(result, status="", error=result.error or error, uncertain=True)


def _merged(result: Result, before: model.Member, rows: list[model.Member]) -> Result:
    """Return the result, done only if one row remains and its status is no weaker than before."""
    weaker = [row for row in rows if model.strength(row.status) > model.strength(before.status)]
    if len(rows) == 1 and not weaker:
        return dataclasses.replace(result, status=rows[0].status)
    details = ", ".join(row.status for row in rows)
    error = ServiceError("Glance", Reason.CONFLICT, details=f"after a merge: {details}", tries=0)
    return dataclasses.replace(result, status="", error=result.error or error)


def without_doubles(done: Outcome, image_id: str, images: Images) -> Outcome:
    """Leave one row of each project that a change has added, with the strongest status.

    :param done: the outcome of the change
    :returns: the outcome with the current statuses
    :raises ServiceError: when Glance does not list the members
    """
    writer = Writer(image_id, images, accept=False)
    return Outcome(tuple(reconcile.without_doubles(done.results, writer)))
