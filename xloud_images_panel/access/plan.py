# SPDX-License-Identifier: Apache-2.0
"""A change of access to an image, as it is asked for."""

import dataclasses
import enum

from xloud_images_panel.access import model


class Invalid(Exception):
    """A change that is not sent, with the sentence why for the log."""


class Verb(enum.StrEnum):
    """What is done with a project's access."""

    ADD = "add"
    REMOVE = "remove"


@dataclasses.dataclass(frozen=True)
class Change:
    """Who is added and who is removed, as project IDs.

    It is always what changed, never the whole selection: two administrators
    working at once do not undo each other.

    :raises Invalid: for an empty change, an ID twice, empty or too long, and
        for one that is both added and removed. Glance would take each of
        these, or break: of a member added twice at once it makes two rows.
    """

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        both = self.add + self.remove
        if not both:
            raise Invalid("nothing to change")
        if len(set(both)) != len(both):
            raise Invalid("a project is named twice")
        for project_id in both:
            if not project_id:
                raise Invalid("an empty project ID")
            if len(project_id) > model.LONGEST_MEMBER_ID:
                raise Invalid("a project ID that is too long")
