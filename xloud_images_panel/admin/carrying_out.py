"""A change of access on its way to Glance: alone on its image, and put on record."""

from django.http import HttpRequest

from xloud_images_panel import access, audit, one_at_a_time, shared_again
from xloud_images_panel.access import Change, Outcome, Result
from xloud_images_panel.glance import Glance


def carry_out(
    request: HttpRequest,
    change: Change,
    image_id: str,
    image_name: str,
    images: Glance,
    accept: bool,
) -> Outcome:
    """Carry a change out as the request's user; see :func:`access.carry_out`.

    :raises Busy: when the image's access is being changed by somebody else;
        nothing was changed
    """

    def record(result: Result) -> None:
        audit.change(request, image_id, image_name, result)

    with one_at_a_time.alone_with(image_id):
        done = access.carry_out(change, image_id, images, accept, record)
    if len(done.failed) < len(done.results):
        shared_again.forget(request, image_id)
    return done
