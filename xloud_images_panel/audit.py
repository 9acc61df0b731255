"""The trail: one line in the log for each project whose access was changed, and each answer.

The lines go to the logger ``xloud_images_panel.audit``; README.md says how to
route them. Each is written as soon as its result is known: a worker that is
killed has left those of what it did. Each is one JSON object in ASCII: the names
in it are other people's input, and neither a line break nor a right-to-left
mark in one can forge another line or hide a part of this.
"""

import json
import logging

from django.http import HttpRequest

from xloud_images_panel.access import Answer, Result
from xloud_images_panel.services import ServiceError

LOG = logging.getLogger(__name__)


def change(request: HttpRequest, image_id: str, image_name: str, result: Result) -> None:
    """Write what became of one project of a change of access."""
    _write(
        request,
        action=result.verb.value,
        result=_result(result),
        image={"id": image_id, "name": image_name},
        member=result.project_id,
        status=result.status,
        error=result.error,
        request_ids=result.request_ids,
    )


def answer(request: HttpRequest, status: str, given: Answer) -> None:
    """Write what became of the current project's answer to one image.

    :param status: what was asked for, ``accepted`` or ``rejected``
    """
    _write(
        request,
        action={"accepted": "accept", "rejected": "reject"}[status],
        result=_result(given),
        image={"id": given.image_id, "name": given.image_name},
        member=request.user.project_id,
        status="" if given.error else status,
        error=given.error,
        request_ids=given.request_ids,
    )


def _result(item: Result | Answer) -> str:
    if item.unsure:
        return "unknown"
    if item.error is None:
        return "done" if item.changed else "unchanged"
    # Added, but not accepted on behalf of the project.
    return "partial" if isinstance(item, Result) and item.done else "failed"


def _write(request: HttpRequest, error: ServiceError | None, **fields: object) -> None:
    user = request.user
    line = {
        "user": {"id": user.id, "name": user.username},
        "project": {"id": user.project_id, "name": user.project_name},
        **fields,
    }
    if error:
        # The service's own words are in the log of `xloud_images_panel.services` already.
        line["reason"] = error.reason.value
        if error.status:
            line["http_status"] = error.status
    present = {name: value for name, value in line.items() if value}
    LOG.log(logging.WARNING if error else logging.INFO, json.dumps(present))
