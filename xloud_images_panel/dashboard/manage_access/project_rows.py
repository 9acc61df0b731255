# SPDX-License-Identifier: Apache-2.0
"""One row of the project table."""

import dataclasses

from xloud_images_panel.access.model import Project, is_given_project_id
from xloud_images_panel.dashboard import naming, texts


@dataclasses.dataclass(frozen=True)
class Row:
    """A project in the table, or a member that is none.

    :ivar status: its member status, empty when the image is not shared with it
    :ivar owner: whether the image is its own, so that it cannot be ticked
    :ivar member_id: the member as Glance lists it, empty when the image is not shared with it
    :ivar removable: whether Glance can remove it at all
    :ivar label: how it is called where there is no table around its name, see :mod:`naming`
    """

    project: Project
    domain: str
    status: str = ""
    owner: bool = False
    member_id: str = ""
    removable: bool = True
    label: str = ""

    @property
    def id(self) -> str:
        """The text that stands for it in a change: the member's, which may be another writing."""
        return self.member_id or self.project.id

    @property
    def deleted(self) -> bool:
        """Whether this was a project, and Keystone does not know it any more."""
        return not self.project.exists and is_given_project_id(self.id)

    @property
    def no_project(self) -> bool:
        """Whether this is a text that Glance took, and that never was a project."""
        return not self.project.exists and not self.deleted

    @property
    def why_not_removable(self) -> str:
        """Why the box of a member cannot be unticked, empty when it can."""
        return "" if self.removable else texts.not_removable()

    @property
    def name(self) -> str:
        """The name as the table shows it, empty where it shows nothing."""
        return self.project.name if naming.visible(self.project.name) else ""

    @property
    def status_label(self) -> str:
        """The status as the table shows it."""
        return str(dict(texts.STATUS_CHOICES).get(self.status, self.status))


def owner_then_name(row: Row) -> tuple[bool, str, str]:
    """Return the key that sorts rows by name, the owner's first."""
    return (not row.owner, row.project.name.casefold(), row.project.id)


def members_then_name(row: Row) -> tuple[bool, str, str]:
    """Return the key that sorts rows by name, members first."""
    # Keystone sorts by ID only; by name they are easier to read.
    return (not row.status, row.project.name.casefold(), row.project.id)
