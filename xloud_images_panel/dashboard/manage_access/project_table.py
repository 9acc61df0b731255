# SPDX-License-Identifier: Apache-2.0
"""The rows of Manage Access, in pages: first the projects with access, then the others."""

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import (
    Member,
    Project,
    addressable,
    folded,
    possible_project_ids,
)
from xloud_images_panel.dashboard import naming, settings, texts
from xloud_images_panel.dashboard.manage_access.project_rows import (
    Page,
    Row,
    by_name,
    owner_then_name,
)
from xloud_images_panel.dashboard.manage_access.query import Query, cursor_after, offset_after
from xloud_images_panel.services import matches
from xloud_images_panel.services.keystone import Keystone

# Keystone has no query for several IDs and takes 35 ms for each. The dialog waits for at most this
# many names of members before it opens; with more, the names follow once it is open.
MOST_WAITED_FOR = 10


class Owned(Protocol):
    """An image, as the table needs it."""

    @property
    def id(self) -> str: ...

    @property
    def owner(self) -> str: ...


@dataclasses.dataclass(frozen=True)
class NewImage:
    """An image that does not exist yet."""

    owner: str
    id: str = ""


class Images(Protocol):
    """Glance, as the table needs it for members whose text is not a Keystone ID."""

    def member(self, image_id: str, project_id: str) -> Member | None: ...

    def same_member(self, image_id: str, project_id: str, listed: str) -> bool: ...

    def address(self, image_id: str, listed: str) -> str: ...


def page(
    keystone: Keystone,
    image: Owned,
    members: list[Member],
    limit: int,
    query: Query | None = None,
    *,
    at_once: bool = False,
    images: Images | None = None,
    describe: Callable[[ServiceError], str] = texts.describe,
) -> Page:
    """Return one page of the projects that an image is or can be shared with.

    When Keystone does not answer, the members are still shown, by their IDs,
    so that they can be removed.

    :param limit: projects on a page; the first page also has the members
    :param query: which page of which list; None for the first page of everything
    :param at_once: whether to show members by ID rather than wait for many names
    :param images: compares other spellings of a project's ID as Glance's database does (MariaDB's
        ignores case, accents and trailing blanks); None for an image that has no members yet
    :param describe: returns why Keystone did not answer
    """
    query = query or Query()
    table = _Table(keystone, image, members, images, describe)
    if query.status:
        found = table.with_status(query)
    elif query.narrowed and query.place != "projects":
        found = table.matching(limit, query)
    elif query.place == "projects":
        found = table.from_keystone(limit, query)
    else:
        found = table.members_then_others(limit, int(query.start or 0), at_once=at_once)
    return dataclasses.replace(found, rows=_labelled(keystone, found.rows))


def owner_and_members(
    keystone: Keystone,
    image: Owned,
    members: list[Member],
    images: Images,
    describe: Callable[[ServiceError], str],
) -> Page:
    """Return only the rows of an image's owner and members; see :func:`page`."""
    ids = {image.owner, *(member.project_id for member in members)} - {""}
    table = _Table(keystone, image, members, images, describe)
    named = table.named(sorted(ids), at_once=False)
    rows = sorted(_labelled(keystone, named.rows), key=owner_then_name)
    return dataclasses.replace(named, rows=rows)


def _labelled(keystone: Keystone, rows: list[Row]) -> list[Row]:
    labels = naming.labels_of(keystone, (row.project for row in rows if row.project.name))

    def label(row: Row) -> str:
        name = labels.get(row.project.id, row.id)
        # A project may be a member in several spellings of its ID, each of them a row.
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

    # -- members

    def members_then_others(self, limit: int, offset: int, *, at_once: bool) -> Page:
        ids = sorted(self._members.keys() - {self._image.owner})
        shown, beyond = _part(ids, offset)
        if offset == 0 and self._image.owner:
            shown = [self._image.owner, *shown]
        # Read this page first: it caches projects, so members on it need no lookup of their own.
        others = Page([]) if beyond else self.from_keystone(limit, Query())
        named = self.named(shown, at_once=at_once)
        return dataclasses.replace(
            named,
            rows=sorted(named.rows, key=owner_then_name) + others.rows,
            cursor=f"members:{beyond}" if beyond else others.cursor,
            incomplete=named.incomplete or others.incomplete,
        )

    def with_status(self, query: Query) -> Page:
        ids = sorted(
            item
            for item, member in self._members.items()
            if member.status == query.status and item != self._image.owner
        )
        offset = int(query.start) if query.place == "members" else 0
        shown, beyond = _part(ids, offset)
        named = self.named(shown, at_once=False)
        return dataclasses.replace(
            named,
            rows=sorted(named.rows, key=by_name),
            cursor=f"members:{beyond}" if beyond else "",
            first=offset + 1,
            total=len(ids),
        )

    def named(self, shown: list[str], *, at_once: bool) -> Page:
        """Return the rows of members, with their names unless there are too many to look up."""
        asked = [item for text in shown for item in possible_project_ids(text)]
        known, incomplete = self._keystone.known(asked), ""
        unnamed = at_once and len(asked) - len(known) > MOST_WAITED_FOR
        if not unnamed:
            try:
                known = self._keystone.projects_by_id(asked, cached_ok=True)
            except ServiceError as error:
                incomplete = self._describe(error)
        rows = [self._member_row(item, known) for item in shown]
        return Page(rows, incomplete=incomplete, unnamed=unnamed)

    # -- projects

    def matching(self, limit: int, query: Query) -> Page:
        try:
            found = matches.matching(self._keystone, query.search, query.domain_id, query.tag)
        except ServiceError as error:
            rows = self._unknown_member(query.search, [])
            return Page(rows, incomplete=self._describe(error))
        if not found.complete and not query.tag:
            page = self.from_keystone(limit, query)
            return dataclasses.replace(page, total=matches.MOST, in_order=False)
        ids = [project.id for project in found.projects]
        offset = offset_after(query.start, ids)
        shown = found.projects[offset : offset + limit]
        self._keystone.kept.remember(shown)
        rows = [self._row(project, self._membership(project)) for project in shown]
        if not offset and not query.domain_id:
            rows = self._unknown_member(query.search, ids) + rows
        end = offset + len(shown)
        return Page(
            rows,
            cursor_after(end, ids[end - 1]) if end < len(ids) else "",
            first=offset + 1,
            total=max(len(ids), offset + len(rows)),
            in_order=found.complete,
        )

    def _unknown_member(self, search: str, found: list[str]) -> list[Row]:
        """Return the row of a member by its exact ID, which Keystone may no longer know."""
        if search not in self._members or search in found:
            return []
        try:
            known = self._keystone.projects_by_id(possible_project_ids(search))
        except ServiceError:
            known = {}
        return [self._member_row(search, known)]

    def from_keystone(self, limit: int, query: Query) -> Page:
        """Return a page in Keystone's order: of all non-members, or of too many matches."""

        def wanted(project: Project) -> bool:
            return query.narrowed or (
                project.id not in self._members and project.id != self._image.owner
            )

        asked: dict[str, Any] = {"search": query.search, "domain_id": query.domain_id}
        marker = query.start if query.place == "projects" else None
        try:
            found = self._keystone.projects(limit, marker, wanted=wanted, **asked)
        except ServiceError as error:
            if marker and error.reason is Reason.MISSING:
                # Keystone continues after a project, not at a position in the list.
                first = self.from_keystone(limit, dataclasses.replace(query, place="", start=""))
                return dataclasses.replace(first, restarted=True)
            return Page([], incomplete=self._describe(error))
        self._keystone.kept.remember(found.projects)
        rows = [self._row(project, self._membership(project)) for project in found.projects]
        if not query.narrowed:  # a member in another spelling is among the members
            rows = [row for row in rows if not row.member_id]
        rows.sort(key=by_name)
        cursor = f"projects:{found.marker}" if found.marker else ""
        return Page(rows, cursor)

    # -- rows

    def _member_row(self, listed: str, known: Mapping[str, Project]) -> Row:
        """Return the row of a member, or of the owner, that Glance lists with this text."""
        ids = possible_project_ids(listed)
        for project in (known[item] for item in ids if item in known):
            if project.exists and (project.id == listed or self._same(project.id, listed)):
                return self._row(project, self._members.get(listed))
        unknown = Project(listed, exists=any(item not in known for item in ids))
        return self._row(unknown, self._members.get(listed))

    def _same(self, project_id: str, listed: str) -> bool:
        return bool(self._images and self._images.same_member(self._image.id, project_id, listed))

    def _membership(self, project: Project) -> Member | None:
        """Return the membership of a project, which may have another spelling of its ID."""
        member = self._members.get(project.id)
        if member or not self._images or folded(project.id) not in self._folded:
            return member
        return self._images.member(self._image.id, project.id)

    def _row(self, project: Project, member: Member | None) -> Row:
        return Row(
            project,
            domain=self._keystone.domains.known().get(project.domain_id, project.domain_id),
            status=member.status if member else "",
            owner=project.id == self._image.owner
            and (not member or member.project_id == project.id),
            member_id=member.project_id if member else "",
            removable=not member or self._removable(member.project_id),
            answered_at=member.updated_at if member else None,
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


def _part(ids: list[str], offset: int) -> tuple[list[str], int]:
    """Return a page of members, and the offset of the next one, 0 if there is none."""
    end = offset + settings.get().members_per_page
    return ids[offset:end], end if end < len(ids) else 0
