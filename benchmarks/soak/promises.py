# SPDX-License-Identifier: Apache-2.0
"""The promises of successful answers about members, compared with Glance."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from openstack.connection import Connection

# The result of a change whose answer was lost.
UNKNOWN = "unknown"


def promise(path: Path, image_id: str, project_ids: Iterable[str], status: str | None) -> None:
    """Record the promise of an answer.

    :param status: the member status; None for no access; :data:`UNKNOWN`
    """
    with path.open("a") as file:
        for project_id in project_ids:
            file.write(json.dumps([image_id, project_id, status]) + "\n")


def broken(path: Path, admin: Connection) -> tuple[int, list[str]]:
    """Compare the last promise for each image and project with Glance.

    :returns: the number of promises compared, and a line for each broken one
    """
    last: dict[tuple[str, str], str | None] = {}
    for line in path.read_text().splitlines() if path.exists() else ():
        image_id, project_id, status = json.loads(line)
        last[image_id, project_id] = status
    wrong = []
    for image_id in sorted({image_id for image_id, _project in last}):
        rows = [(row.member_id, row.status) for row in admin.image.members(image_id)]
        members = dict(rows)
        times = Counter(project_id for project_id, _status in rows)
        for (image, project_id), status in last.items():
            if image != image_id:
                continue
            if times[project_id] > 1:
                wrong.append(f"{image_id} has {project_id} {times[project_id]} times")
            if status != UNKNOWN and members.get(project_id) != status:
                wrong.append(
                    f"{image_id} {project_id}: {members.get(project_id)}, promised {status}"
                )
    return len(last), wrong
