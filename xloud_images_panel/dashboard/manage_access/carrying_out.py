# SPDX-License-Identifier: Apache-2.0
"""Changes of access that are sent to Glance, one at a time for each image, and recorded."""

from collections.abc import Callable, Iterable

import tenacity
from django.http import HttpRequest

from xloud_images_panel.access import apply
from xloud_images_panel.access import undo as undoing
from xloud_images_panel.access.failure import Busy, ServiceError
from xloud_images_panel.access.outcome import Outcome, Result
from xloud_images_panel.access.plan import Change
from xloud_images_panel.dashboard import lock, made_for, restored, trail
from xloud_images_panel.services.glance import Glance

# Seconds for which a change that lost its place waits to regain it. A longer change by
# somebody else removes the surplus rows at its own end.
_WAITS_FOR_ITS_PLACE = 5


def carry_out(
    request: HttpRequest,
    change: Change,
    image_id: str,
    image_name: str,
    images: Glance,
    *,
    accept: bool,
) -> Outcome:
    """Carry out a change as the request's user; see :func:`.apply.carry_out`.

    :raises Busy: when the image's access cannot be changed at this moment;
        nothing was changed
    """
    region = made_for.region(request)

    def record(result: Result) -> None:
        trail.change(request, image_id, image_name, result)

    with lock.image_lock(region, image_id) as place:
        done = apply.carry_out(
            change, image_id, images.asking_first(place.check), accept=accept, record=record
        )
    if place.lost:
        done = _without_doubles(done, region, image_id, images, record)
    if len(done.failed) < len(done.results):
        restored.forget(request, image_id)
    return done


def undo(
    request: HttpRequest,
    changes: Iterable[undoing.Done],
    image_id: str,
    image_name: str,
    images: Glance,
) -> Outcome:
    """Undo a change as the request's user; see :func:`.undo.undo`.

    :raises Busy: when the image's access cannot be changed at this moment; nothing was changed
    :raises ServiceError: when Glance does not list the members; nothing was changed
    """

    def record(result: Result) -> None:
        trail.change(request, image_id, image_name, result)

    with lock.image_lock(made_for.region(request), image_id) as place:
        return undoing.undo(changes, image_id, images.asking_first(place.check), record)


def merge(
    request: HttpRequest,
    project_ids: Iterable[str],
    image_id: str,
    image_name: str,
    images: Glance,
) -> Outcome:
    """Leave one row of each member that Glance has twice; see :func:`.apply.merge`.

    :raises Busy: when the image's access cannot be changed at this moment; nothing was changed
    :raises ServiceError: when Glance does not list the members; nothing was changed
    """
    with lock.image_lock(made_for.region(request), image_id) as place:
        done = apply.merge(project_ids, image_id, images.asking_first(place.check))
    for result in done.results:
        trail.change(request, image_id, image_name, result, "merge")
    return done


def _without_doubles(
    done: Outcome, region: str, image_id: str, images: Glance, record: Callable[[Result], None]
) -> Outcome:
    """Remove double rows of a change that was paused before a write to Glance.

    Only the change that holds the place removes them: two changes at the same
    time would each remove one of two rows.
    """

    @tenacity.retry(
        retry=tenacity.retry_if_exception_type(Busy),
        stop=tenacity.stop_after_delay(_WAITS_FOR_ITS_PLACE),
        wait=tenacity.wait_fixed(0.1),
        reraise=True,
    )
    def settle() -> Outcome:
        with lock.image_lock(region, image_id) as place:
            return apply.without_doubles(done, image_id, images.asking_first(place.check))

    try:
        settled = settle()
    except (Busy, ServiceError):
        return done
    for before, now in zip(done.results, settled.results, strict=True):
        if now != before:
            record(now)
    return settled
