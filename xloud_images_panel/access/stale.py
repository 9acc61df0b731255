# SPDX-License-Identifier: Apache-2.0
"""Stale members: their project is gone or disabled, or owns the image anyway."""

import dataclasses
import enum
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from xloud_images_panel.access import model
from xloud_images_panel.access.model import Member, Project


class Kind(enum.StrEnum):
    """Why a membership is stale."""

    OWNER = "owner"
    DELETED = "deleted"
    NO_PROJECT = "no project"
    DOUBLE = "double"
    DISABLED = "disabled"


#: The kinds of members of which one row stays.
MERGED = {Kind.DOUBLE}


@dataclasses.dataclass(frozen=True)
class Stale:
    """A member whose access is useless, or that has several rows.

    :ivar member: of several rows, the one with the strongest status
    :ivar rows: how many rows Glance has of the member
    """

    member: Member
    kind: Kind
    rows: int = 1


@dataclasses.dataclass(frozen=True)
class Known:
    """Keystone's answers about projects, each looked up by its ID.

    A project that is in neither is unknown: a prohibition, a failure, or its absence from a list
    proves nothing.

    :ivar found: by ID
    :ivar missing: IDs that Keystone has answered with 404
    """

    found: Mapping[str, Project]
    missing: Collection[str]


def find(owner: str, rows: Iterable[Member], known: Known) -> list[Stale]:
    """Return the stale members of an image.

    :param owner: ID of the project that owns the image
    :param rows: the members as Glance lists them
    """
    rows = list(rows)
    counts = Counter(row.project_id for row in rows)
    found = []
    for project_id, member in model.by_project(rows).items():
        kind = _kind(project_id, owner, counts[project_id], known)
        if kind:
            found.append(Stale(member, kind, counts[project_id]))
    return found


def _kind(project_id: str, owner: str, rows: int, known: Known) -> Kind | None:
    if project_id == owner:
        return Kind.OWNER
    ids = model.possible_project_ids(project_id)
    if not ids:
        return Kind.NO_PROJECT  # Keystone cannot have given anything this ID
    if all(item in known.missing for item in ids):
        return Kind.DELETED if model.is_given_project_id(project_id) else Kind.NO_PROJECT
    if rows > 1:
        return Kind.DOUBLE
    projects = [known.found[item] for item in ids if item in known.found]
    return Kind.DISABLED if projects and not any(item.enabled for item in projects) else None
