# SPDX-License-Identifier: Apache-2.0
"""A query of the project table: a search, filters, and the place of a page."""

import dataclasses
import re
from typing import Self

from django.http import QueryDict

from xloud_images_panel.access import model
from xloud_images_panel.access.model import is_project_id

#: The prefix of a search for a project's tag.
TAG = "tag:"

_LONGEST = 255
_CURSOR = re.compile(r"(?P<list>members|projects|matches):(?P<start>[A-Za-z0-9_-]{1,80})")
_MATCH = re.compile(r"(?P<offset>\d{1,6})-(?P<after>.+)")


class BadQuery(ValueError):
    """A cursor, a status or a domain's ID that no page of the panel has."""


@dataclasses.dataclass(frozen=True)
class Query:
    """One page of one of the table's lists.

    :ivar search: part of a project's name in any case, or a whole ID
    :ivar tag: a tag of the projects, exactly
    :ivar domain_id: only the projects of this domain
    :ivar status: only the members with this status
    :ivar place: the list that the page belongs to, empty for the first page
    :ivar start: where the page begins in that list
    :raises BadQuery: for values that are not valid
    """

    search: str = ""
    tag: str = ""
    domain_id: str = ""
    status: str = ""
    place: str = ""
    start: str = ""

    def __post_init__(self) -> None:
        if self.domain_id and not is_project_id(self.domain_id):
            raise BadQuery(self.domain_id)
        if self.status not in ("", *model.STATUSES):
            raise BadQuery(self.status)
        # Each list has cursors of its own.
        searched = self.narrowed and not self.status
        if (self.place == "matches" and not searched) or (self.place == "members" and searched):
            raise BadQuery(self.place)

    @classmethod
    def of(cls, given: QueryDict) -> Self:
        """Return the query of a request.

        :raises BadQuery: for a query that is not valid
        """
        search = given.get("search", "").strip()[:_LONGEST]
        tag = search.removeprefix(TAG).strip() if search.startswith(TAG) else ""
        place, start = _parse(given.get("cursor", ""))
        return cls(
            search="" if tag else search,
            tag=tag,
            domain_id=given.get("domain_id", "").strip()[:_LONGEST],
            status=given.get("status", ""),
            place=place,
            start=start,
        )

    @property
    def narrowed(self) -> bool:
        """Whether the query is for some projects only."""
        return bool(self.search or self.tag or self.domain_id)


def _parse(cursor: str) -> tuple[str, str]:
    if not cursor:
        return "", ""
    match = _CURSOR.fullmatch(cursor)
    if not match or (match["list"] == "members" and not match["start"].isdecimal()):
        raise BadQuery(cursor)
    if match["list"] == "matches" and not _MATCH.fullmatch(match["start"]):
        raise BadQuery(cursor)
    return match["list"], match["start"]


def cursor_after(offset: int, project_id: str) -> str:
    """Return the cursor of the page after a project in a list that is in order."""
    return f"matches:{offset}-{project_id}"


def offset_after(start: str, project_ids: list[str]) -> int:
    """Return the current offset of such a page: after its project, which may have moved.

    If the project is gone, the page begins at its old offset.
    """
    if not start:
        return 0
    match = _MATCH.fullmatch(start)
    if not match:
        raise BadQuery(start)
    offset, after = int(match["offset"]), match["after"]
    if project_ids[offset - 1 : offset] == [after]:
        return offset
    return project_ids.index(after) + 1 if after in project_ids else min(offset, len(project_ids))
