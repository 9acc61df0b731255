"""The rows of Manage Access: the projects that have access first, then the others, in pages."""

import contextlib
import dataclasses
import re
from collections.abc import Iterator
from typing import Protocol

from xloud_images_panel import naming, settings, texts
from xloud_images_panel.glance import Member
from xloud_images_panel.keystone import Keystone, Project, is_project_id
from xloud_images_panel.services import Reason, ServiceError

_CURSOR = re.compile(r"(?P<list>members|projects):(?P<start>[A-Za-z0-9_-]{1,64})")

# Keystone has no query for several IDs and takes 35 ms for each. The names of so many members at
# the most are waited for before the dialog opens; more of them follow when it is open.
MOST_WAITED_FOR = 10


class BadQuery(ValueError):
    """A cursor, or the ID of a domain, that no page of ours ever gave out."""


class Owned(Protocol):
    """What the table asks of an image: the ID of its owner."""

    @property
    def owner(self) -> str: ...


@dataclasses.dataclass(frozen=True)
class NewImage:
    """An image that is yet to be created."""

    owner: str


@dataclasses.dataclass(frozen=True)
class Row:
    """A project in the table.

    :ivar status: its member status, empty when the image is not shared with it
    :ivar owner: whether the image is its own, so that it cannot be ticked
    :ivar label: how it is called where there is no table around its name, see :mod:`naming`
    """

    project: Project
    domain: str
    status: str = ""
    owner: bool = False
    label: str = ""

    @property
    def name(self) -> str:
        """The name as the table shows it, empty where it shows nothing."""
        return self.project.name if naming.visible(self.project.name) else ""

    @property
    def status_label(self) -> str:
        """The status as the table shows it."""
        return str(dict(texts.STATUS_CHOICES).get(self.status, self.status))


@dataclasses.dataclass(frozen=True)
class Page:
    """Rows, the cursor of the next page, and what kept them from being complete.

    :ivar unnamed: whether there are members of which only the ID is told, because the names of
        so many would have to be waited for
    :ivar restarted: whether it is the first page, because the project that the page before ended
        with was deleted since
    """

    rows: list[Row]
    cursor: str = ""
    error: ServiceError | None = None
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
    at_once: bool = False,
) -> Page:
    """Return one page of the projects that an image is or can be shared with.

    When Keystone does not answer, the members are still there, by their IDs,
    so that they can be removed.

    :param limit: projects on a page; the first one has the members besides
    :param cursor: the ``cursor`` of the page before, empty for the first
    :param search: part of a project's name in any case, or a whole ID
    :param domain_id: only the projects of this domain
    :param at_once: rather show members by their IDs than wait for the names of many
    :raises BadQuery: for a cursor or an ID of a domain that is none
    """
    where, start = _parse(cursor, domain_id)
    table = _Table(keystone, image, members)
    if search or domain_id:
        found = table.matching(limit, start, search, domain_id)
    elif where == "projects":
        found = table.others(limit, start)
    else:
        found = table.members_then_others(limit, int(start or 0), at_once)
    return dataclasses.replace(found, rows=_labelled(keystone, found.rows))


@contextlib.contextmanager
def read_ahead(
    keystone: Keystone, limit: int, cursor: str = "", search: str = "", domain_id: str = ""
) -> Iterator[None]:
    """Ask Keystone in a thread for what :func:`page` is going to ask for first.

    Its answer, or its error, is that of the page. The parameters are those of the page.

    :raises BadQuery: as the page
    """
    where, start = _parse(cursor, domain_id)
    if start and where == "members" and not (search or domain_id):
        yield  # more members come first, as far as is known yet
        return
    with keystone.read_ahead(limit, start or None, search, domain_id):
        yield


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
    labels = keystone.labels_of(row.project for row in rows if row.project.name)
    return [
        dataclasses.replace(row, label=labels.get(row.project.id, row.project.id)) for row in rows
    ]


class _Table:
    def __init__(self, keystone: Keystone, image: Owned, members: list[Member]) -> None:
        self._keystone = keystone
        self._image = image
        self._members = {member.project_id: member for member in members}

    def members_then_others(self, limit: int, offset: int, at_once: bool) -> Page:
        ids = sorted(self._members.keys() - {self._image.owner})
        size = settings.get().members_per_page
        shown, beyond = ids[offset : offset + size], offset + size < len(ids)
        if offset == 0 and self._image.owner:
            shown = [self._image.owner, *shown]
        # First, because it tells of the members that are among them without asking again.
        others = Page([]) if beyond else self.others(limit, "")
        known, error = self._keystone.known(shown), others.error
        unnamed = at_once and len(shown) - len(known) > MOST_WAITED_FOR
        if not unnamed:
            try:
                known = self._keystone.projects_by_id(shown, recent=True)
            except ServiceError as caught:
                error = caught
        projects = [known.get(project_id, Project(project_id)) for project_id in shown]
        rows = sorted(map(self._row, projects), key=_owner_then_name)
        cursor = f"members:{offset + size}" if beyond else others.cursor
        return Page(rows + others.rows, cursor, error, unnamed)

    def others(self, limit: int, marker: str) -> Page:
        def wanted(project: Project) -> bool:
            return project.id not in self._members and project.id != self._image.owner

        return self._from_keystone(limit, marker, wanted=wanted)

    def matching(self, limit: int, marker: str, search: str, domain_id: str) -> Page:
        found = self._from_keystone(limit, marker, search=search, domain_id=domain_id)
        if marker or domain_id or search not in self._members:
            return found
        if any(row.project.id == search for row in found.rows):
            return found
        # A member by its exact ID, whose project Keystone may not know any more.
        try:
            member = self._keystone.projects_by_id([search])[search]
        except ServiceError:
            member = Project(search)
        return dataclasses.replace(found, rows=[self._row(member), *found.rows])

    def _from_keystone(self, limit: int, marker: str, **query: object) -> Page:
        try:
            found = self._keystone.projects(limit, marker or None, **query)
        except ServiceError as error:
            if marker and error.reason is Reason.MISSING:
                # Keystone reads on from a project, not from a place in the list.
                return dataclasses.replace(self._from_keystone(limit, "", **query), restarted=True)
            return Page([], error=error)
        self._keystone.remember(found.projects)
        rows = sorted(map(self._row, found.projects), key=_members_then_name)
        return Page(rows, f"projects:{found.marker}" if found.marker else "")

    def _row(self, project: Project) -> Row:
        member = self._members.get(project.id)
        return Row(
            project,
            domain=self._keystone.known_domains.get(project.domain_id, project.domain_id),
            status=member.status if member else "",
            owner=project.id == self._image.owner,
        )


def _owner_then_name(row: Row) -> tuple[bool, str, str]:
    return (not row.owner, row.project.name.casefold(), row.project.id)


def _members_then_name(row: Row) -> tuple[bool, str, str]:
    # Keystone sorts by ID only; by name they are easier to read.
    return (not row.status, row.project.name.casefold(), row.project.id)
