# SPDX-License-Identifier: Apache-2.0
"""Changes of access: the change of one image, and plans for many."""

import dataclasses
import enum
from collections.abc import Collection, Mapping

from xloud_images_panel.access import model


class Problem(enum.StrEnum):
    """Why a change cannot be sent."""

    EMPTY = "nothing to change"
    TWICE = "a project is named twice"
    NO_ID = "an empty project ID"
    TOO_LONG = "a project ID that is too long"


class Invalid(Exception):
    """A change that cannot be sent.

    :ivar problem: why
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class Verb(enum.StrEnum):
    """The actions on a project's access."""

    ADD = "add"
    REMOVE = "remove"
    ACCEPT_FOR = "accept-for"
    ASK_AGAIN = "ask-again"


@dataclasses.dataclass(frozen=True)
class Change:
    """A change of one image: project IDs, by the action on their access.

    A change holds only differences, never the whole selection, so that two
    administrators who work at once do not undo each other's changes.

    :ivar accept_for: Pending members, to be accepted on behalf of
    :ivar ask_again: members to remove and add again, so that they can answer again
    :raises Invalid: for an empty change, and for an ID that is empty, too long,
        duplicate, or both added and removed. Glance would accept each of these,
        or break: it makes two rows for a member that is added twice at once.
    """

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    accept_for: tuple[str, ...] = ()
    ask_again: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        named = [project_id for _verb, project_id in self.named()]
        if not named:
            raise Invalid(Problem.EMPTY)
        if len(set(named)) != len(named):
            raise Invalid(Problem.TWICE)
        for project_id in named:
            if not project_id:
                raise Invalid(Problem.NO_ID)
            if len(project_id) > model.LONGEST_MEMBER_ID:
                raise Invalid(Problem.TOO_LONG)

    def named(self) -> list[tuple[Verb, str]]:
        """Return the actions and their projects, in the order of execution."""
        return [
            *((Verb.REMOVE, item) for item in self.remove),
            *((Verb.ASK_AGAIN, item) for item in self.ask_again),
            *((Verb.ADD, item) for item in self.add),
            *((Verb.ACCEPT_FOR, item) for item in self.accept_for),
        ]

    def lacking(self, members: Mapping[str, str], *, accept: bool) -> list[tuple[Verb, str]]:
        """Return the remaining actions, in the order of :meth:`named`.

        :param members: the current member statuses, by project ID
        :param accept: whether to accept on behalf of an added project
        """

        def lacks(verb: Verb, project_id: str) -> bool:
            status = members.get(project_id)
            return {
                Verb.REMOVE: status is not None,
                Verb.ASK_AGAIN: status == model.REJECTED,
                Verb.ADD: status is None or (accept and status == model.PENDING),
                Verb.ACCEPT_FOR: status == model.PENDING,
            }[verb]

        return [item for item in self.named() if lacks(*item)]

    def reversed(self) -> "Change":
        """Return the change that adds the removed projects, and removes the added ones.

        It does not restore statuses; see :mod:`.undo`.
        """
        return Change(self.remove, self.add)


@dataclasses.dataclass(frozen=True)
class Plan:
    """Changes of many images.

    :ivar changes: by image ID, in the order of execution, without images that do not change
    """

    changes: Mapping[str, Change]

    @classmethod
    def between(
        cls, there: Mapping[str, Collection[str]], wanted: Mapping[str, Collection[str]]
    ) -> "Plan":
        """Return the plan that turns one state into another.

        :param there: the current members of images, by image ID
        :param wanted: the members that these images must have; images missing here keep their
            members
        :raises Invalid: as :class:`Change`
        """
        changes = {}
        for image_id, members in wanted.items():
            before = there.get(image_id, ())
            add = tuple(item for item in dict.fromkeys(members) if item not in before)
            remove = tuple(item for item in dict.fromkeys(before) if item not in members)
            if add or remove:
                changes[image_id] = Change(add, remove)
        return cls(changes)

    def reversed(self) -> "Plan":
        """Return the plan that reverts this one, the last image first."""
        backwards = reversed([*self.changes.items()])
        return Plan({image_id: change.reversed() for image_id, change in backwards})
