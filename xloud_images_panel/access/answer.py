# SPDX-License-Identifier: Apache-2.0
"""A project's answers to images that others share with it, an :class:`Answer` for each image."""

import dataclasses
from collections.abc import Callable, Iterable

from xloud_images_panel.access import threads
from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.access.ports import ReceivedImages

#: The most images that one request may answer: one page.
MOST_ANSWERED = 100


@dataclasses.dataclass(frozen=True)
class Answer:
    """The result of the current project's answer to one image.

    :ivar image_name: the image's name, or its ID if the image could not be read
    :ivar hidden: whether Glance lists the image only on request
    :ivar error: why the member status is not the requested one, None if it is
    :ivar changed: False if the status was already the requested one, or is another one
    :ivar uncertain: with an ``error``, whether the status may have been set anyway
    :ivar request_ids: Glance's IDs of the requests
    """

    image_id: str
    image_name: str
    error: ServiceError | None = None
    changed: bool = True
    uncertain: bool = False
    request_ids: tuple[str, ...] = ()
    hidden: bool = False


def answer_all(
    image_ids: Iterable[str],
    status: str,
    images: ReceivedImages,
    record: Callable[[Answer], None] = lambda answer: None,
) -> list[Answer]:
    """Accept or reject images that are shared with the current project.

    :param image_ids: the images; a duplicate is answered once
    :param status: ``accepted`` or ``rejected``
    :param record: called with each answer as soon as it is known, from several threads
    :returns: an answer for each image, in order; a failure does not stop the others
    """

    def answer_one(image_id: str) -> Answer:
        answer = Answer(image_id, image_id, changed=False)
        try:
            received = images.received(image_id)
        except ServiceError as error:
            return dataclasses.replace(answer, error=error)
        image = received.image
        answer = dataclasses.replace(answer, image_name=image.name, hidden=image.hidden)
        if received.member.status == status:
            return answer
        try:
            images.set_my_status(image_id, status)
        except ServiceError as error:
            return look_after(answer, error)
        return dataclasses.replace(answer, changed=True)

    def look_after(answer: Answer, error: ServiceError) -> Answer:
        """Read the status again if the error leaves it uncertain."""
        failed = dataclasses.replace(answer, error=error)
        if not error.uncertain:
            return failed
        try:
            now = images.received(answer.image_id).member.status
        except ServiceError:
            return dataclasses.replace(failed, uncertain=True)
        return dataclasses.replace(answer, changed=True) if now == status else failed

    def answer_and_record(image_id: str) -> Answer:
        with threads.traced() as request_ids:
            answer = answer_one(image_id)
        answer = dataclasses.replace(answer, request_ids=tuple(request_ids))
        record(answer)
        return answer

    return threads.in_parallel(answer_and_record, dict.fromkeys(image_ids), images.workers)
