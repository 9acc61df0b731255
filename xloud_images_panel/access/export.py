# SPDX-License-Identifier: Apache-2.0
"""Access as text: CSV for a spreadsheet, and YAML that :mod:`.document` reads.

Both turn a stream of memberships, grouped by image, into text piece by piece.
"""

import csv
import dataclasses
import datetime
import io
import re
from collections.abc import Iterable, Iterator

from xloud_images_panel.access.model import Image, Member, Project, project_id_in
from xloud_images_panel.access.plain_yaml import quoted

#: Makes spreadsheets read a file that begins with it as UTF-8.
BYTE_ORDER_MARK = "\ufeff"
#: The beginning and the end of a YAML document, and the part between them if it has no images.
YAML_HEAD = "images:\n"
YAML_NOTHING = "  []\n"
YAML_END = "mode: add\n"
COLUMNS = (
    "image_id",
    "image_name",
    "owner_id",
    "owner_name",
    "project_id",
    "project_name",
    "domain_name",
    "project_state",
    "status",
    "shared_since",
    "last_change",
)
# Characters that start a spreadsheet formula, and their full-width forms, at the start of a cell or
# after another locale's separator. An apostrophe marks the cell as text.
_FORMULA = re.compile(r"""(^|[;,|"])([\s']*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])""")
_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclasses.dataclass(frozen=True)
class Membership:
    """A member of an image, with the known names.

    :ivar owner: the project that owns the image, None if unknown
    :ivar project: the member as a project, None if it is unknown whether it is one
    :ivar domain_name: the name of the project's domain, empty if unknown
    """

    image: Image
    member: Member
    owner: Project | None = None
    project: Project | None = None
    domain_name: str = ""

    @property
    def project_state(self) -> str:
        """Whether the member is a project, and an enabled one."""
        if self.project is None:
            return "not known"
        if not self.project.exists:
            return "no project"
        return "enabled" if self.project.enabled else "disabled"

    @property
    def full_name(self) -> str:
        """The project's name after its domain's name, as an access file may have it."""
        name = self.project.name if self.project else ""
        return f"{self.domain_name}/{name}" if self.domain_name and name else name


def csv_lines(memberships: Iterable[Membership]) -> Iterator[str]:
    """Yield :func:`csv_head`, then a line for each membership."""
    yield csv_head()
    yield from csv_rows(memberships)


def csv_head() -> str:
    """Return the line of column names."""
    return _line(COLUMNS)


def csv_rows(memberships: Iterable[Membership]) -> Iterator[str]:
    """Yield a line for each membership.

    No cell is a formula: see :func:`inert`.
    """
    for item in memberships:
        yield _line(
            (
                item.image.id,
                item.image.name,
                item.image.owner,
                item.owner.name if item.owner else "",
                item.member.project_id,
                item.project.name if item.project else "",
                item.domain_name,
                item.project_state,
                item.member.status,
                _time(item.member.created_at),
                _time(item.member.updated_at),
            )
        )


def inert(text: str) -> str:
    r"""Return a text that no spreadsheet takes for a formula.

    An apostrophe precedes each ``=``, ``+``, ``-`` and ``@`` (also full-width) at the beginning of
    the text, and right after a comma, semicolon, bar or quote, because a spreadsheet whose locale
    separates cells by semicolons cuts there. Blanks before the character make no difference.
    Control characters and line breaks are written as ``\x0a``, so that a membership is one line.
    IDs and times never change.
    """
    text = _BREAKS.sub(lambda match: f"\\x{ord(match[0]):02x}", text)
    return _FORMULA.sub(r"\1\2'", text)


def _line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL).writerow(map(inert, cells))
    return line.getvalue()


def _time(time: datetime.datetime | None) -> str:
    return time.isoformat() if time else ""


def yaml_text(memberships: Iterable[Membership]) -> Iterator[str]:
    """Yield a document that asks for the current access, a piece for each image.

    The document only adds members, as its last line says. A truncated document without that line
    does not remove members either. Texts are quoted, so that every YAML reader takes them
    literally.

    :param memberships: grouped by image
    """
    yield YAML_HEAD
    piece = ""
    for piece in yaml_images(memberships):
        yield piece
    yield YAML_END if piece else YAML_NOTHING + YAML_END


def yaml_images(memberships: Iterable[Membership]) -> Iterator[str]:
    """Yield the part between the beginning and the end of a document, a piece for each image.

    :param memberships: grouped by image
    """
    last, lines, seen = "", list[str](), set[str]()
    for item in memberships:
        if item.image.id != last:
            if last:
                yield "".join(lines)
            last, seen = item.image.id, set()
            lines = [
                f"  - image: {quoted(item.image.id)}\n"
                f"    name: {quoted(item.image.name)}\n"
                "    projects:\n"
            ]
        # Glance may have two rows of a member.
        if item.member.project_id not in seen:
            seen.add(item.member.project_id)
            lines.append(f"      - {_entry(item)}\n")
    if last:
        yield "".join(lines)


def _entry(item: Membership) -> str:
    member = item.member.project_id
    # An ID in capitals is a different member, except on MariaDB.
    key = "project" if member == project_id_in(member) else "member"
    name = f", name: {quoted(item.full_name)}" if item.full_name else ""
    return f"{{{key}: {quoted(member)}{name}}}"
