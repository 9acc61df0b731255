# SPDX-License-Identifier: Apache-2.0
"""The access to images as a file that a browser assembles.

The browser reads images with their members in slices, then the projects that it does not know yet.
The server formats the lines with the command's own code (:mod:`.access.export`). Nothing is read
twice, and no request holds more than a slice.
"""

import datetime
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse

from xloud_images_panel.access import export, threads
from xloud_images_panel.access.export import Membership
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import Image, Member, Project, is_image_id, is_project_id
from xloud_images_panel.dashboard import texts
from xloud_images_panel.dashboard.catalogue import plan_part, seen
from xloud_images_panel.dashboard.catalogue.inventory_slices import SECONDS, SliceView
from xloud_images_panel.dashboard.catalogue.plan_part import text_of
from xloud_images_panel.dashboard.manage_access.base import AdministratorMixin
from xloud_images_panel.services import inventory, matches, memberships

#: Projects per request. Fewer than images, because their IDs may have 64 characters.
MOST_PROJECTS = 40
_WRITERS: Mapping[str, Callable[[Iterable[Membership]], Iterable[str]]] = {
    "csv": export.csv_rows,
    "yaml": export.yaml_images,
}
#: The text before and after the images, and in place of them if there are none.
FRAMES = {
    "csv": {"head": export.BYTE_ORDER_MARK + export.csv_head(), "nothing": "", "end": ""},
    "yaml": {"head": export.YAML_HEAD, "nothing": export.YAML_NOTHING, "end": export.YAML_END},
}


class MembersView(SliceView):
    """Some images with their members, as Glance lists them."""

    def answer(self) -> dict[str, Any]:
        """Return ``images`` by ID, each with its ``name``, ``owner`` and ``rows``.

        ``gone`` lists images that are not shared (any more), ``unread`` has the reasons why others
        could not be read, and ``left`` lists images for which there was no time.
        """
        ids = [item for item in self.ids() if is_image_id(item)]
        glance = self.services.glance
        unread: dict[str, str] = {}
        # In parallel: neither call needs the other's answer.
        with threads.pool(1) as workers:
            reading = workers.submit(inventory.members, glance, ids, SECONDS)
            there = seen.images_by_id(glance, ids, unread)
            found = reading.result()
        shared = {item.id for item in there.values() if item.visibility == "shared"}
        unread |= {
            item.image_id: texts.describe(item.error)
            for item in found.unread
            if item.image_id in shared
        }
        left = [item for item in found.left if item in shared]
        known = {*(shared & found.rows.keys()), *left, *unread}
        return {
            "images": {
                image_id: {
                    "name": there[image_id].name,
                    "owner": there[image_id].owner,
                    "rows": [_row_as_json(row) for row in rows],
                }
                for image_id, rows in found.rows.items()
                if image_id in shared
            },
            "gone": [item for item in ids if item not in known],
            "unread": unread,
            "left": left,
        }


class ProjectsView(SliceView):
    """Names of projects and domains, and whether the projects are enabled."""

    def answer(self) -> dict[str, Any]:
        """Return ``projects``: those with the ``ids`` of the query, or all after a marker.

        Reading all projects of the cloud takes several requests. ``after`` is the marker for the
        next one, empty at the end. If Keystone does not let the user read projects, ``forbidden``
        has the reason, and IDs must suffice.
        """
        ids = [item for item in self.ids() if is_project_id(item)]
        if len(ids) > MOST_PROJECTS:
            raise ValueError("too many projects")
        try:
            if "after" not in self.request.GET:
                projects, after = [*self.services.keystone.projects_by_id(ids).values()], ""
            else:
                projects, after = self._page(self.request.GET["after"])
        except ServiceError as error:
            if error.reason is not Reason.FORBIDDEN:
                raise
            return {"projects": {}, "after": "", "forbidden": texts.describe(error)}
        names = self.services.keystone.domains.known()
        return {
            "projects": {
                item.id: {
                    "name": item.name,
                    "domain": names.get(item.domain_id, ""),
                    "enabled": item.enabled,
                    "exists": item.exists,
                }
                for item in projects
            },
            "after": after,
        }

    def _page(self, after: str) -> tuple[list[Project], str]:
        """Return the projects that a slice has time for after a marker, and the next marker."""
        if after and not is_project_id(after):
            raise ValueError("no marker")
        until = time.monotonic() + SECONDS
        found: list[Project] = []
        for page in matches.pages(self.services.keystone, marker=after):
            found += page.projects
            if page.end and time.monotonic() > until:
                return found, page.end
        return found, ""


class LinesView(AdministratorMixin):
    """Lines of the file for the answers of the other two views. Calls no service."""

    readable = True
    post_reads = True

    def post(self, request: HttpRequest) -> HttpResponse:
        """Return the text of each image, and the beginning and end of the file, as JSON."""
        return plan_part.answer(request, "manage access", _asked, _texts)


class _Given:
    """Projects that the browser has read."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._projects: dict[str, Project] = {}
        self._domains: dict[str, str] = {}
        for project_id, item in given.items():
            name, self._domains[project_id] = text_of(item["name"]), text_of(item["domain"])
            enabled, exists = item["enabled"] is True, item["exists"] is True
            self._projects[project_id] = Project(project_id, name, enabled=enabled, exists=exists)

    def project(self, project_id: str) -> Project | None:
        return self._projects.get(project_id)

    def domain(self, project: Project | None) -> str:
        return self._domains[project.id] if project else ""


_Asked = tuple[str, list[tuple[Image, list[Member]]], _Given]


def _asked(given: Mapping[str, Any]) -> _Asked:
    """Return the requested format, images and projects.

    :raises plan_part.BadPart: for data that no page of the panel sends
    """
    form = given["format"]
    if form not in _WRITERS:
        raise plan_part.BadPart("no such format")
    try:
        images = [
            (_image(item), [_row_of_json(row) for row in item["rows"]]) for item in given["images"]
        ]
        return form, images, _Given(given["projects"])
    except (AttributeError, IndexError) as error:
        raise plan_part.BadPart("not readable") from error


def _texts(asked: _Asked) -> dict[str, Any]:
    form, images, names = asked
    write = _WRITERS[form]
    return {
        "texts": {
            image.id: "".join(write(memberships.of_image(image, rows, names)))
            for image, rows in images
        },
        **FRAMES[form],
    }


def _image(given: Mapping[str, Any]) -> Image:
    image_id, name, owner = (text_of(given[key]) for key in ("id", "name", "owner"))
    if not is_image_id(image_id):
        raise plan_part.BadPart("no image")
    return Image(image_id, name, owner, "shared", "", "", "", None)


def _row_as_json(row: Member) -> list[str]:
    times = (row.created_at, row.updated_at)
    return [row.project_id, row.status, *(time.isoformat() if time else "" for time in times)]


def _row_of_json(given: list[Any]) -> Member:
    project_id, status, created, updated = map(text_of, given)
    return Member(project_id, status, _time(created), _time(updated))


def _time(text: str) -> datetime.datetime | None:
    return datetime.datetime.fromisoformat(text) if text else None
