# SPDX-License-Identifier: Apache-2.0
"""Writes to one image's members, each with Glance's answer."""

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TypeVar

from xloud_images_panel.access import model, threads
from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.access.outcome import Result
from xloud_images_panel.access.plan import Verb
from xloud_images_panel.access.ports import Images

Item = TypeVar("Item")
Done = TypeVar("Done")


class Writer:
    """A writer of one image's members.

    :param accept: whether to accept on behalf of each added project, unless the project has set
        its status itself
    :param statuses: by project ID, the status that a member must get, whatever its current one
    :param undecided: projects that answer for themselves even with ``accept``
    """

    def __init__(
        self,
        image_id: str,
        images: Images,
        *,
        accept: bool,
        statuses: Mapping[str, str] | None = None,
        undecided: Collection[str] = (),
    ) -> None:
        self.image_id = image_id
        self.images = images
        self._accept = accept
        self._statuses = statuses or {}
        self._undecided = undecided
        # The texts by which Glance finds members, kept because Glance finds no removed member.
        self._addresses: dict[str, str] = {}

    def remove(self, project_id: str) -> Result:
        """Remove one row of a member."""

        def remove() -> Result:
            address = self._address(project_id)
            removed = self.images.remove_member(self.image_id, address)
            return dataclasses.replace(result, changed=removed)

        result = Result(project_id, Verb.REMOVE, changed=False)
        return _written(result, remove)

    def add(self, project_id: str) -> Result:
        """Add a member; the status of an existing member is not known yet."""

        def add() -> Result:
            if not self.images.add_member(self.image_id, project_id):
                return result
            return dataclasses.replace(result, changed=True, status=model.PENDING)

        result = Result(project_id, Verb.ADD, changed=False)
        return self.with_status(_written(result, add))

    def asks_for_status(self, result: Result) -> bool:
        """Return whether a member must have a certain status in addition to access."""
        if result.project_id in self._statuses or result.verb is Verb.ACCEPT_FOR:
            return True
        return self._accept and result.project_id not in self._undecided

    def status_to_set(self, result: Result) -> str:
        """Return the status that a member lacks, empty if its status may stay as it is."""
        wanted = self._statuses.get(result.project_id, "")
        if not wanted and result.status == model.PENDING and self.asks_for_status(result):
            wanted = model.ACCEPTED
        return wanted if result.status and wanted != result.status else ""

    def with_status(self, result: Result) -> Result:
        """Set the status that a member lacks."""
        status = self.status_to_set(result)

        def set_status() -> Result:
            self.images.set_member_status(self.image_id, result.project_id, status)
            return given_status(result, status)

        return _written(result, set_status) if status else result

    def rows_of(self, project_id: str, rows: list[model.Member]) -> list[model.Member]:
        """Return the rows of a project, in each spelling that the database takes for its ID."""

        def same(row: model.Member) -> bool:
            return row.project_id == project_id or self.images.same_member(
                self.image_id, self._address(project_id), row.project_id
            )

        alike = model.folded(project_id)
        return [row for row in rows if model.folded(row.project_id) == alike and same(row)]

    def _address(self, project_id: str) -> str:
        if project_id not in self._addresses:
            self._addresses[project_id] = self.images.address(self.image_id, project_id)
        return self._addresses[project_id]

    def apart(
        self, work: Callable[[Item], Done], items: Iterable[Item], project: Callable[[Item], str]
    ) -> list[Done]:
        """Do the work in parallel, but in turn for items that may be one member to Glance.

        :param project: returns the project ID of an item
        """
        groups: dict[str, list[Item]] = {}
        for item in items:
            groups.setdefault(model.folded(project(item)), []).append(item)
        done = threads.in_parallel(
            lambda group: [work(item) for item in group], groups.values(), self.images.workers
        )
        return [result for results in done for result in results]


def given_status(result: Result, status: str) -> Result:
    """Return the result for a member whose status was set.

    An addition that found an existing member has accepted on its behalf.
    """
    was_there = result.verb is Verb.ADD and not result.changed
    verb = Verb.ACCEPT_FOR if was_there else result.verb
    return dataclasses.replace(result, verb=verb, status=status, changed=True)


def _written(result: Result, write: Callable[[], Result]) -> Result:
    """Return the result of a write, with its error and the IDs of its requests."""
    with threads.traced() as request_ids:
        try:
            written = write()
        except ServiceError as error:
            written = dataclasses.replace(result, error=error)
    ids = (*result.request_ids, *request_ids)
    return dataclasses.replace(written, request_ids=ids)
