# SPDX-License-Identifier: Apache-2.0
"""The rows of the project table."""

import dataclasses
import datetime

from django.utils.translation import gettext

from xloud_images_panel.access import model, visible_text
from xloud_images_panel.access.model import Project, is_given_project_id
from xloud_images_panel.dashboard import texts


@dataclasses.dataclass(frozen=True)
class Row:
    """A project in the table, or a member that is not a project.

    :ivar status: its member status, empty when the image is not shared with it
    :ivar owner: whether it owns the image, so that it cannot be ticked
    :ivar member_id: the member as Glance lists it, empty when the image is not shared with it
    :ivar removable: whether Glance can remove it
    :ivar label: its name outside the table, see :mod:`naming`
    :ivar answered_at: when its status was last set, None if Glance does not say
    """

    project: Project
    domain: str
    status: str = ""
    owner: bool = False
    member_id: str = ""
    removable: bool = True
    label: str = ""
    answered_at: datetime.datetime | None = None

    @property
    def id(self) -> str:
        """The ID in a change: the member's, which may be another spelling of the project's."""
        return self.member_id or self.project.id

    @property
    def deleted(self) -> bool:
        """Whether this was a project that Keystone no longer knows."""
        return not self.project.exists and is_given_project_id(self.id)

    @property
    def no_project(self) -> bool:
        """Whether this is a text that Glance accepted and that never was a project."""
        return not self.project.exists and not self.deleted

    @property
    def why_not_removable(self) -> str:
        """The reason why a member cannot be unticked, empty when it can."""
        return "" if self.removable else texts.not_removable()

    @property
    def name(self) -> str:
        """The name as the table shows it, empty if it has no visible characters."""
        return self.project.name if visible_text.shows(self.project.name) else ""

    @property
    def fact(self) -> str:
        """The reason why this is not an ordinary project, empty if it is."""
        if self.deleted:
            return gettext("Deleted")
        if self.no_project:
            return gettext("Not a project")
        return gettext("Disabled") if self.project.name and not self.project.enabled else ""

    @property
    def can_be_accepted_for(self) -> bool:
        """Whether it is Pending, and an administrator may accept on its behalf."""
        return self.status == model.PENDING and self.removable and not self.owner

    @property
    def can_be_asked_again(self) -> bool:
        """Whether it has rejected the image, and can be asked again."""
        return self.status == model.REJECTED and self.removable and not self.owner

    @property
    def status_label(self) -> str:
        """The status as the table shows it."""
        return str(dict(texts.STATUS_CHOICES).get(self.status, self.status))


@dataclasses.dataclass(frozen=True)
class Page:
    """Rows, the cursor of the next page, and the reason why rows are incomplete.

    :ivar incomplete: why rows are missing, or have no name, in the user's terms
    :ivar unnamed: whether some members are shown by ID alone, because looking up so many names
        takes too long
    :ivar restarted: whether this is the first page again, because the last project of the page
        before was deleted
    :ivar first: the number of the first row in its list, if the whole list is known
    :ivar total: the number of rows in that list; for a list that is not in order, a number that
        it exceeds
    :ivar in_order: whether the list is in alphabetical order across all of its pages
    """

    rows: list[Row]
    cursor: str = ""
    incomplete: str = ""
    unnamed: bool = False
    restarted: bool = False
    first: int = 0
    total: int = 0
    in_order: bool = True

    @property
    def last(self) -> int:
        """The number of the last row in its list."""
        return self.first + len(self.rows) - 1


def owner_then_name(row: Row) -> tuple[bool, str, str]:
    """Return the key that sorts rows by name, the owner's first."""
    return (not row.owner, row.project.name.casefold(), row.project.id)


def by_name(row: Row) -> tuple[str, str]:
    """Return the key that sorts rows by name."""
    # Keystone sorts by ID only; rows in order of name are easier to read.
    return (row.project.name.casefold(), row.project.id)
