# SPDX-License-Identifier: Apache-2.0
"""Images, their members and projects, and the forms of their IDs."""

import dataclasses
import datetime
import re
import unicodedata
from collections.abc import Iterable

ACCEPTED, PENDING, REJECTED = "accepted", "pending", "rejected"
STATUSES = (ACCEPTED, PENDING, REJECTED)
#: Statuses by precedence: an answer outranks no answer, and acceptance outranks rejection.
STRONGEST_FIRST = (ACCEPTED, REJECTED, PENDING)
#: Glance accepts any text up to this length as a member, and answers 500 to a longer one.
LONGEST_MEMBER_ID = 255
#: Container formats that Horizon offers as image formats, with the disk format that it sets for
#: each (``openstack_dashboard.api.glance``).
DISK_FORMATS_IN_CONTAINERS = {"docker": "raw", "ova": "vmdk"}
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# Glance reads the bytes of a path as Latin-1: asked for "á", it looks for "Ã¡" and finds no such
# member (Glance 33 on SQLite and on MariaDB).
_ADDRESSABLE = re.compile(r"[A-Za-z0-9 \-_.:@+]+")


@dataclasses.dataclass(frozen=True)
class Member:
    """A project that an image is shared with."""

    project_id: str
    status: str
    created_at: datetime.datetime | None = None
    updated_at: datetime.datetime | None = None


def by_project(rows: Iterable[Member]) -> dict[str, Member]:
    """Return each member once, by project, from its row with the strongest status.

    :param rows: as Glance lists them; a member that was added twice at once has two rows
    """
    members: dict[str, Member] = {}
    for row in rows:
        other = members.get(row.project_id)
        if other is None or strength(row.status) < strength(other.status):
            members[row.project_id] = row
    return members


def strength(status: str) -> int:
    """Return the index of a status in :data:`STRONGEST_FIRST`; an unknown status is last."""
    known = status in STRONGEST_FIRST
    return STRONGEST_FIRST.index(status) if known else len(STRONGEST_FIRST)


@dataclasses.dataclass(frozen=True)
class Image:
    """An image, with the properties that the panel shows."""

    id: str
    name: str
    owner: str
    visibility: str
    status: str
    disk_format: str
    container_format: str
    size: int | None
    hidden: bool = False
    snapshot: bool = False
    created_at: datetime.datetime | None = None

    @property
    def format(self) -> str:
        """The format as Horizon offers it when an image is created."""
        disk_format = DISK_FORMATS_IN_CONTAINERS.get(self.container_format)
        return self.container_format if disk_format == self.disk_format else self.disk_format


@dataclasses.dataclass(frozen=True)
class SharedImage:
    """An image that another project shares with the current one, and the membership.

    :ivar owner_name: the owner's name, if the user may see it
    """

    image: Image
    member: Member
    owner_name: str = ""


def addressable(member_id: str) -> bool:
    """Return whether a member may be put into the path of a URL.

    Glance accepts any text as a member. A proxy that decodes paths changes the
    address of a member with a slash, a dot segment or a control character.
    Letters must be ASCII, because Glance finds no others by their path.
    """
    return bool(_ADDRESSABLE.fullmatch(member_id)) and member_id not in (".", "..")


def folded(member_id: str) -> str:
    """Return a member without capitals, accents and blanks at the end.

    MariaDB compares member IDs in this way by default; SQLite and PostgreSQL
    do not. Texts that still differ are two members. Only Glance can say whether
    texts that become equal are one member.
    """
    letters = unicodedata.normalize("NFKD", member_id.casefold())
    return "".join(item for item in letters if not unicodedata.combining(item)).rstrip(" ")


def is_image_id(text: str) -> bool:
    """Return whether a text has the form of an image's ID (a UUID with dashes)."""
    return bool(_UUID.fullmatch(text))


@dataclasses.dataclass(frozen=True)
class Project:
    """A project as the panel shows it; one that no longer exists may lack a name."""

    id: str
    name: str = ""
    domain_id: str = ""
    description: str = ""
    enabled: bool = False
    exists: bool = True
    tags: tuple[str, ...] = ()


def is_project_id(text: str) -> bool:
    """Return whether Keystone could have a project, or a domain, with this ID.

    Its IDs are up to 64 letters, digits, dashes and underscores; no other text
    is ever put into a URL.
    """
    return bool(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", text))


def is_given_project_id(text: str) -> bool:
    """Return whether Keystone could have given a project this ID: a UUID without dashes."""
    return bool(re.fullmatch(r"[0-9a-fA-F]{32}", text))


def possible_project_ids(member_id: str) -> list[str]:
    """Return the project IDs that a member may stand for, the member's own text first.

    Another spelling of a project's ID gives the project access if the database compares as
    :func:`folded` does.
    """
    ids, other = [member_id] if is_project_id(member_id) else [], folded(member_id)
    return [*ids, other] if other != member_id and is_given_project_id(other) else ids


def project_id_in(text: str) -> str:
    """Return a text as a project ID in Keystone's own spelling, empty if it is none."""
    if is_image_id(text):  # as other tools write a UUID
        text = text.replace("-", "")
    return text.lower() if is_given_project_id(text) else ""
