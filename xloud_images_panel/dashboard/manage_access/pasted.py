# SPDX-License-Identifier: Apache-2.0
"""A pasted list of projects: names or IDs, separated by line breaks or commas.

A whole line is tried first, because a name may contain ``/`` and commas. It is read as an ID, a
name or ``domain/name``, and only then split at the commas.
"""

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.access.model import Project, project_id_in
from xloud_images_panel.dashboard.manage_access.base import ImageMixin
from xloud_images_panel.dashboard.manage_access.image_access import Services
from xloud_images_panel.dashboard.manage_access.select_all import (
    failure,
    named,
    of_shared_image,
    selected_and_had,
)
from xloud_images_panel.services import matches
from xloud_images_panel.services.readings import projects_called, readings

#: Entries that are looked up at once; the others stay in the box.
MOST = 1000


@dataclasses.dataclass(frozen=True)
class Resolved:
    """The results for the entries of a list, in order.

    :ivar found: the projects, each once
    :ivar ambiguous: entries that name several projects, with these projects
    :ivar unknown: entries that name no project
    """

    found: list[Project]
    ambiguous: list[tuple[str, list[Project]]]
    unknown: list[str]


def entries(text: str) -> list[str]:
    """Return the lines of a list, each once and without surrounding blanks."""
    lines = (line.strip() for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if line))


def resolve(
    lines: Iterable[str],
    find: Callable[[Collection[str], Collection[str]], matches.Found],
    domain_names: Callable[[], Mapping[str, str]],
) -> Resolved:
    """Return the projects that the entries of a list name.

    :param find: returns the projects with any of these names, and with these IDs
    :param domain_names: returns the names of the domains by ID; called only if an entry may
        contain one
    """
    lines = list(lines)
    texts = [text for line in lines for text in (line, *_parts(line))]
    ids = [item for item in map(project_id_in, texts) if item]
    there = find([name for text in texts for _domain, name in readings(text)], ids)
    domains = domain_names() if any("/" in text for text in texts) else {}
    found: dict[str, Project] = {}
    ambiguous: list[tuple[str, list[Project]]] = []
    unknown: list[str] = []
    for line in lines:
        is_whole = bool(projects_called(line, there, domains)) or not _parts(line)
        for text in [line] if is_whole else _parts(line):
            projects = projects_called(text, there, domains)
            if len(projects) == 1:
                found[projects[0].id] = projects[0]
            elif projects:
                ambiguous.append((text, projects))
            else:
                unknown.append(text)
    return Resolved(list(found.values()), ambiguous, list(dict.fromkeys(unknown)))


def _parts(line: str) -> list[str]:
    parts = [part.strip() for part in line.split(",")]
    return [part for part in parts if part] if len(parts) > 1 else []


def first(lines: list[str]) -> tuple[list[str], list[str]]:
    """Return the first lines, with at most :data:`MOST` entries in all, and the others."""
    lines = [text for line in lines for text in _cut(line)]
    count = 0
    for at, line in enumerate(lines):
        count += max(1, len(_parts(line)))
        if count > MOST:
            return lines[:at], lines[at:]
    return lines, []


def _cut(line: str) -> list[str]:
    """Return the entries of a line that has too many, otherwise the line."""
    parts = _parts(line)
    return parts if len(parts) > MOST else [line]


def answer(
    request: HttpRequest, access: Services, owner: str, members: Collection[str]
) -> HttpResponse:
    """Return the results for the list in a request's field ``list`` as JSON.

    :param access: the services that the projects are read from
    :param owner: ID of the project that the image belongs to
    :param members: IDs of the projects that have access already
    """
    lines, beyond = first(entries(request.POST.get("list", "")))
    keystone = access.keystone
    try:
        resolved = resolve(
            lines,
            lambda names, ids: matches.find(keystone, names, ids),
            keystone.domains.known,
        )
    except ServiceError as error:
        return failure(access.unavailable(error))
    there = {owner, *members}
    new = [item for item in resolved.found if item.id not in there]
    ambiguous: list[dict[str, Any]] = [
        {
            "text": text,
            "projects": sorted(named(keystone, projects), key=_name),
        }
        for text, projects in resolved.ambiguous
    ]
    content: dict[str, Any] = {
        "projects": named(keystone, new),
        "ambiguous": ambiguous,
        "left": "\n".join([*resolved.unknown, *beyond]),
        "told": _told(resolved, had=len(resolved.found) - len(new), beyond=len(beyond)),
    }
    return JsonResponse(content)


def _name(project: dict[str, str]) -> str:
    return project["name"]


def _told(resolved: Resolved, *, had: int, beyond: int) -> str:
    """Return the results for a list in a sentence."""
    if not (resolved.found or resolved.ambiguous or resolved.unknown):
        return _("The list is empty.")
    parts = selected_and_had(len(resolved.found) - had, had)
    if count := len(resolved.ambiguous):
        text = ngettext(
            "%(count)d is the name of several projects: choose below",
            "%(count)d are names of several projects each: choose below",
            count,
        )
        parts.append(text % {"count": count})
    if count := len(resolved.unknown):
        text = ngettext(
            "%(count)d is no project and stays in the box",
            "%(count)d are no projects and stay in the box",
            count,
        )
        parts.append(text % {"count": count})
    if beyond:
        text = ngettext(
            "%(count)d more than can be looked for at once stays in the box",
            "%(count)d more than can be looked for at once stay in the box",
            beyond,
        )
        parts.append(text % {"count": beyond})
    return "; ".join(parts) + "."


class PastedListView(ImageMixin):
    """A pasted list, for an existing image."""

    post_reads = True

    def post(self, request: HttpRequest, image_id: str) -> HttpResponse:
        """Return the projects in the list; only the open dialog changes."""
        return of_shared_image(
            self.access, lambda owner, members: answer(request, self.access, owner, members)
        )
