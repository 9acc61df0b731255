# SPDX-License-Identifier: Apache-2.0
"""The trail: one log line for each project whose access was changed, and each answer.

The lines go to the logger ``xloud_images_panel.audit``; README.md says how to
route them. Each line is written as soon as its result is known, so it survives a
killed worker. It is one JSON object in ASCII: names are other people's input, and
a line break or right-to-left mark in a name cannot forge or hide a line. Texts are
cut at ``LONGEST``, and each user causes at most a few lines about refusals a minute.
"""

import enum
import json
import logging
import time
from collections.abc import Mapping, Sequence

from django.http import HttpRequest
from openstack_auth import utils as auth_utils

from xloud_images_panel.access.answer import Answer
from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.access.model import is_image_id
from xloud_images_panel.access.outcome import Result
from xloud_images_panel.dashboard import actor, caching, made_for

LOG = logging.getLogger("xloud_images_panel.audit")

#: Most characters of one text in a line; a longer text ends in ``CUT``.
LONGEST = 255
CUT = "..."
#: Most projects or request IDs in one line; a project's change takes some ten requests.
MOST_NAMED = 50
#: Most lines about refusals to one user in a minute.
MOST_REFUSALS = 20


class Refusal(enum.StrEnum):
    """The reason why the panel did not send a change to Glance.

    ``UNCHECKED`` is a change that the panel could not check because a service failed.
    """

    POLICY = "policy"
    BUSY = "busy"
    NOT_VALID = "not valid"
    UNCHECKED = "not checked"
    SWITCHED = "project or region switched"


def change(
    request: HttpRequest, image_id: str, image_name: str, result: Result, action: str = ""
) -> None:
    """Write the result of an access change for one project.

    :param action: the action, if the result's verb does not name it
    """
    _write(
        request,
        action=action or result.verb.value,
        result=word(result),
        image={"id": image_id, "name": image_name},
        member=result.project_id,
        status=result.status,
        error=result.error,
        request_ids=result.request_ids,
    )


def answer(request: HttpRequest, status: str, given: Answer) -> None:
    """Write the result of the current project's answer to one image.

    :param status: the requested status, ``accepted`` or ``rejected``
    """
    _write(
        request,
        action={"accepted": "accept", "rejected": "reject"}[status],
        result=word(given),
        image={"id": given.image_id, "name": given.image_name},
        member=actor.user(request).project_id,
        status="" if given.error else status,
        error=given.error,
        request_ids=given.request_ids,
    )


def returned(
    request: HttpRequest, image_id: str, image_name: str, project_ids: Sequence[str]
) -> None:
    """Write the projects that regained access because an image is shared again."""
    _write(
        request,
        action="returned",
        result="done",
        image={"id": image_id, "name": image_name},
        count=len(project_ids),
        members=project_ids,
    )


def refused(request: HttpRequest, action: str, reason: Refusal, image_id: str = "") -> None:
    """Write one line about an action that the panel refused, whatever it concerned.

    One user causes at most ``MOST_REFUSALS`` lines in a minute, and one more that says
    that the others are left out. If the cache does not answer, the lines cannot be
    counted and all are written.

    :param action: the word for the action in the line of a success, or ``manage access``
    :param image_id: the image's ID; anything else is left out
    """
    minute = int(time.time() // 60)
    number = caching.count(caching.key("refusals", actor.user(request).id, str(minute)), 60)
    if number > MOST_REFUSALS + 1:
        return
    if number == MOST_REFUSALS + 1:
        _write(request, result="suppressed", reason="more was refused in this minute", refusal=True)
        return
    image = {"id": image_id} if is_image_id(image_id) else None
    _write(request, action=action, result="refused", reason=reason.value, image=image, refusal=True)


def word(item: Result | Answer) -> str:
    """Return the one word for a result in the trail."""
    if item.uncertain:
        return "unknown"
    if item.error is None:
        return "done" if item.changed else "unchanged"
    # Added, but not accepted on behalf of the project.
    return "partial" if isinstance(item, Result) and item.done else "failed"


def _write(
    request: HttpRequest,
    error: ServiceError | None = None,
    *,
    refusal: bool = False,
    **fields: object,
) -> None:
    user = actor.user(request)
    line = {
        "user": {"id": user.id, "name": user.username},
        "project": {"id": user.project_id, "name": user.project_name},
        "region": made_for.region(request),
        "address": auth_utils.get_client_ip(request),
        **fields,
    }
    if error:
        # The log of `xloud_images_panel.services` already has the service's own words.
        line["reason"] = error.reason.value
        if error.status:
            line["http_status"] = error.status
    present = {name: _cut(value) for name, value in line.items() if value}
    LOG.log(logging.WARNING if error or refusal else logging.INFO, json.dumps(present))


def _cut(value: object) -> object:
    """Return a line's value with each text and each list in it cut to its limit."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST else value[: LONGEST - len(CUT)] + CUT
    if isinstance(value, Mapping):
        return {name: _cut(item) for name, item in value.items()}
    if isinstance(value, Sequence):
        return [_cut(item) for item in value[:MOST_NAMED]]
    return value
