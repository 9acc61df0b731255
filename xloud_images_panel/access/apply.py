# SPDX-License-Identifier: Apache-2.0
"""Changes of access: a plan goes in, an outcome for each image comes out."""

from collections.abc import Callable, Iterable

from xloud_images_panel.access import reconcile
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

    :param lock: keeps two changes of one image apart
    :param accept: as :func:`carry_out`
    :param record: as :func:`carry_out`, with the image's ID first
    :returns: an outcome for each image, by its ID; a failure of one does not stop the others, and
        an image that somebody else is changing is left as it is
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
    asked = [(Verb.REMOVE, item) for item in change.remove]
    asked += [(Verb.ADD, item) for item in change.add]
    return Outcome(tuple(Result(item, verb, changed=False, error=error) for verb, item in asked))


def carry_out(
    change: Change,
    image_id: str,
    images: Images,
    *,
    accept: bool,
    record: Callable[[Result], None] = lambda result: None,
) -> Outcome:
    """Remove first, then add, so that a swap at the quota of members works.

    :param image_id: the image, whose visibility is ``shared``
    :param accept: accept on behalf of each added project, so that the image
        is in its lists at once; this never changes a status that a project
        has set itself
    :param record: called with each result as soon as it is known, from several
        threads, so that the work of a killed worker is on record; called once more
        when a result turns out otherwise
    :returns: a result for each project; a failure of one does not stop the others
    """
    writer = Writer(image_id, images, accept=accept)
    recorded: dict[str, Result] = {}

    def put_on_record(result: Result) -> None:
        if recorded.get(result.project_id) != result:
            recorded[result.project_id] = result
            record(result)

    def first(work: Callable[[str], Result]) -> Callable[[str], Result]:
        """Make a write put on record what it tells for sure."""

        def write(project_id: str) -> Result:
            result = work(project_id)
            sure = not result.error.uncertain if result.error else _tells(result)
            if sure:
                put_on_record(result)
            return result

        return write

    def apart(work: Callable[[str], Result], project_ids: Iterable[str]) -> list[Result]:
        return writer.apart(first(work), project_ids, lambda project_id: project_id)

    removed = apart(writer.remove, change.remove)
    if change.add:  # each row that is left takes a place
        removed = reconcile.settled(removed, writer)
    proven = [item for item in removed if change.add and not item.uncertain]
    results = reconcile.settled(removed + apart(writer.add, change.add), writer, proven)
    for result in results:
        put_on_record(result)
    return Outcome(tuple(results))


def _tells(result: Result) -> bool:
    """Tell whether a write says all of its result: not of a project that was a member before."""
    return result.verb is Verb.REMOVE or bool(result.status)


def without_doubles(done: Outcome, image_id: str, images: Images) -> Outcome:
    """Leave one row of each project that a change has added, the one with the strongest status.

    :param done: what became of the change
    :returns: the same with the statuses that there are now
    :raises ServiceError: when Glance does not list the members
    """
    writer = Writer(image_id, images, accept=False)
    return Outcome(tuple(reconcile.without_doubles(done.results, writer)))
