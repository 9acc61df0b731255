# SPDX-License-Identifier: Apache-2.0
"""The rows of Manage Access: the projects that have access first, then the others, in pages."""

import dataclasses
import functools
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import Member, Project, addressable, folded, is_project_id
from xloud_images_panel.dashboard import naming, settings, texts
from xloud_images_panel.dashboard.manage_access.project_rows import (
    Row,
    members_then_name,
    owner_then_name,
)
from xloud_images_panel.services.keystone import Keystone

_CURSOR = re.compile(r"(?P<list>members|projects):(?P<start>[A-Za-z0-9_-]{1,64})")

# Keystone has no query for several IDs and takes 35 ms for each. The names of so many members at
# the most are waited for before the dialog opens; more of them follow when it is open.
MOST_WAITED_FOR = 10


class BadQuery(ValueError):
    """A cursor, or the ID of a domain, that no page of ours ever gave out."""


class Owned(Protocol):
    """An image, as the table needs it."""

    @property
    def id(self) -> str: ...

    @property
    def owner(self) -> str: ...


@dataclasses.dataclass(frozen=True)
class NewImage:
    """An image that is yet to be created."""

    owner: str
    id: str = ""


class Images(Protocol):
    """Glance, as the table needs it for members whose text is no ID of Keystone's."""

    def member(self, image_id: str, project_id: str) -> Member | None: ...

    def same_member(self, image_id: str, project_id: str, listed: str) -> bool: ...

    def address(self, image_id: str, listed: str) -> str: ...


@dataclasses.dataclass(frozen=True)
class Page:
    """Rows, the cursor of the next page, and what kept them from being complete.

    :ivar incomplete: why some are missing, or have no name, in the user's terms
    :ivar unnamed: whether some members are shown by their IDs alone, because the names of
        so many would have to be waited for
    :ivar restarted: whether it is the first page, because the project that the page before ended
        with was deleted since
    """

    rows: list[Row]
    cursor: str = ""
    incomplete: str = ""
    unnamed: bool = False
    restarted: bool = False


def page(
    keystone: Keystone,
    image: Owned,
    members: list[Member],
    limit: int,
    cursor: str = "",
    search: str = "",
    domain_id: str = "",
    *,
    at_once: bool = False,
    images: Images | None = None,
    describe: Callable[[ServiceError], str] = texts.describe,
) -> Page:
    """Return one page of the projects that an image is or can be shared with.

    When Keystone does not answer, the members are still there, by their IDs,
    so that they can be removed.

    :param limit: projects on a page; the first page has the members in addition
    :param cursor: the ``cursor`` of the page before, empty for the first
    :param search: part of a project's name in any case, or a whole ID
    :param domain_id: only the projects of this domain
    :param at_once: rather show members by their IDs than wait for the names of many
    :param images: asked whether a member is a project in another writing, as to its database
        it may be (MariaDB's ignores capitals, accents and blanks at the end); None for an image
        that has no members yet
    :param describe: says why Keystone did not answer
    :raises BadQuery: for a cursor or an ID of a domain that is none
    """
    where, start = _parse(cursor, domain_id)
    table = _Table(keystone, image, members, images, describe)
    if search or domain_id:
        found = table.matching(limit, start, search, domain_id)
    elif where == "projects":
        found = table.others(limit, start)
    else:
        found = table.members_then_others(limit, int(start or 0), at_once=at_once)
    return dataclasses.replace(found, rows=_labelled(keystone, found.rows))


def _parse(cursor: str, domain_id: str) -> tuple[str, str]:
    if domain_id and not is_project_id(domain_id):
        raise BadQuery(domain_id)
    if not cursor:
        return "members", ""
    match = _CURSOR.fullmatch(cursor)
    if not match or (match["list"] == "members" and not match["start"].isdecimal()):
        raise BadQuery(cursor)
    return match["list"], match["start"]


def _labelled(keystone: Keystone, rows: list[Row]) -> list[Row]:
    labels = naming.labels_of(keystone, (row.project for row in rows if row.project.name))

    def label(row: Row) -> str:
        name = labels.get(row.project.id, row.id)
        # A project may be a member in several writings of its ID, each of them a row.
        return name if row.id in (row.project.id, name) else f"{name} ({row.id})"

    return [dataclasses.replace(row, label=label(row)) for row in rows]


class _Table:
    def __init__(
        self,
        keystone: Keystone,
        image: Owned,
        members: list[Member],
        images: Images | None,
        describe: Callable[[ServiceError], str],
    ) -> None:
        self._keystone = keystone
        self._describe = describe
        self._image = image
        self._images = images
        self._members = {member.project_id: member for member in members}

    @functools.cached_property
    def _folded(self) -> set[str]:
        return {folded(item) for item in self._members}

    def members_then_others(self, limit: int, offset: int, *, at_once: bool) -> Page:
        ids = sorted(self._members.keys() - {self._image.owner})
        size = settings.get().members_per_page
        shown, beyond = ids[offset : offset + size], offset + size < len(ids)
        if offset == 0 and self._image.owner:
            shown = [self._image.owner, *shown]
        # First, because it tells of the members that are among them without asking again.
        others = Page([]) if beyond else self.others(limit, "")
        asked = [item for text in shown for item in _possible_ids(text)]
        known, incomplete = self._keystone.known(asked), others.incomplete
        unnamed = at_once and len(asked) - len(known) > MOST_WAITED_FOR
        if not unnamed:
            try:
                known = self._keystone.projects_by_id(asked, cached_ok=True)
            except ServiceError as caught:
                incomplete = self._describe(caught)
        rows = sorted((self._member_row(item, known) for item in shown), key=owner_then_name)
        cursor = f"members:{offset + size}" if beyond else others.cursor
        return Page(rows + others.rows, cursor, incomplete, unnamed)

    def others(self, limit: int, marker: str) -> Page:
        def wanted(project: Project) -> bool:
            return project.id not in self._members and project.id != self._image.owner

        found = self._from_keystone(limit, marker, wanted=wanted)
        # A member in another writing stands among the members.
        return dataclasses.replace(found, rows=[row for row in found.rows if not row.member_id])

    def matching(self, limit: int, marker: str, search: str, domain_id: str) -> Page:
        found = self._from_keystone(limit, marker, search=search, domain_id=domain_id)
        if marker or domain_id or search not in self._members:
            return found
        if any(row.id == search for row in found.rows):
            return found
        # A member by its exact ID, whose project Keystone may not know any more.
        try:
            known = self._keystone.projects_by_id(_possible_ids(search))
        except ServiceError:
            known = {}
        return dataclasses.replace(found, rows=[self._member_row(search, known), *found.rows])

    def _from_keystone(self, limit: int, marker: str, **query: Any) -> Page:
        try:
            found = self._keystone.projects(limit, marker or None, **query)
        except ServiceError as error:
            if marker and error.reason is Reason.MISSING:
                # Keystone reads on from a project, not from a place in the list.
                return dataclasses.replace(self._from_keystone(limit, "", **query), restarted=True)
            return Page([], incomplete=self._describe(error))
        self._keystone.kept.remember(found.projects)
        rows = [self._row(project, self._membership(project)) for project in found.projects]
        rows.sort(key=members_then_name)
        return Page(rows, f"projects:{found.marker}" if found.marker else "")

    def _member_row(self, listed: str, known: Mapping[str, Project]) -> Row:
        """Return the row of a member, or of the owner, that Glance lists with this text."""
        ids = _possible_ids(listed)
        for project in (known[item] for item in ids if item in known):
            if project.exists and (project.id == listed or self._same(project.id, listed)):
                return self._row(project, self._members.get(listed))
        unknown = Project(listed, exists=any(item not in known for item in ids))
        return self._row(unknown, self._members.get(listed))

    def _same(self, project_id: str, listed: str) -> bool:
        return bool(self._images and self._images.same_member(self._image.id, project_id, listed))

    def _membership(self, project: Project) -> Member | None:
        """Return the membership of a project, which may be in another writing than its ID."""
        member = self._members.get(project.id)
        if member or not self._images or folded(project.id) not in self._folded:
            return member
        return self._images.member(self._image.id, project.id)

    def _row(self, project: Project, member: Member | None) -> Row:
        return Row(
            project,
            domain=self._keystone.domains.known.get(project.domain_id, project.domain_id),
            status=member.status if member else "",
            owner=project.id == self._image.owner
            and (not member or member.project_id == project.id),
            member_id=member.project_id if member else "",
            removable=not member or self._removable(member.project_id),
        )

    def _removable(self, listed: str) -> bool:
        if addressable(listed) or not self._images:
            return True
        try:
            return bool(self._images.address(self._image.id, listed))
        except ServiceError as error:
            if error.reason is Reason.UNADDRESSABLE:
                return False
            raise


def _possible_ids(listed: str) -> list[str]:
    """Return the IDs of Keystone's that a member may stand for, itself first."""
    return [item for item in dict.fromkeys((listed, folded(listed))) if is_project_id(item)]
