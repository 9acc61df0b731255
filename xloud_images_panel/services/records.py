# SPDX-License-Identifier: Apache-2.0
"""Images and members, made from answers of Glance's API."""

import datetime
import re
from typing import Any

from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.access.model import Image, Member
from xloud_images_panel.access.visible_text import shows
from xloud_images_panel.services.list_requests import marker_in

_MAXIMUM = re.compile(r"maximum\D{0,5}(\d+)", re.IGNORECASE)


def listing(answer: dict[str, Any]) -> tuple[list[Image], str | None]:
    """Return the images of an answer, and the marker in its link to the next ones."""
    return [image(item) for item in answer["images"]], marker_in(answer.get("next", ""))


def member(item: dict[str, Any]) -> Member:
    """Return a membership."""
    return Member(
        project_id=item["member_id"],
        status=item["status"],
        created_at=_time(item, "created_at"),
        updated_at=_time(item, "updated_at"),
    )


def _time(item: dict[str, Any], name: str) -> datetime.datetime | None:
    time = item.get(name)
    return datetime.datetime.fromisoformat(time) if time else None


def image(item: dict[str, Any]) -> Image:
    """Return an image."""
    name = item.get("name") or ""
    return Image(
        id=item["id"],
        # A name that shows nothing would be a link that nobody can click on.
        name=name if shows(name) else item["id"],
        owner=item.get("owner") or "",
        visibility=item["visibility"],
        status=item["status"],
        disk_format=item.get("disk_format") or "",
        container_format=item.get("container_format") or "",
        size=item.get("size"),
        hidden=bool(item.get("os_hidden")),
        # Horizon's get_image_type() decides in the same way.
        snapshot=item.get("image_type") == "snapshot" or "block_device_mapping" in item,
        created_at=_time(item, "created_at"),
    )


def quota_in(error: ServiceError) -> int | None:
    """Return the maximum number of members that Glance's answer 413 names."""
    match = _MAXIMUM.search(error.details)
    return int(match.group(1)) if match else None
