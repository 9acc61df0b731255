# SPDX-License-Identifier: Apache-2.0
"""Writes of one image's members, each with what Glance answers to it."""

import dataclasses
from collections.abc import Callable, Iterable
from typing import TypeVar

from xloud_images_panel.access import model, threads
from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.access.outcome import Result
from xloud_images_panel.access.plan import Verb
from xloud_images_panel.access.ports import Images

Item = TypeVar("Item")
Done = TypeVar("Done")


class Writer:
    """Changes the members of one image.

    :param accept: whether to accept on behalf of each added project, unless the project has set
        its status itself
    """

    def __init__(self, image_id: str, images: Images, *, accept: bool) -> None:
        self.image_id = image_id
        self.images = images
        self.accept = accept
        # The texts by which Glance finds members, kept because it finds no removed one.
        self._addresses: dict[str, str] = {}

    def remove(self, project_id: str) -> Result:
        """Remove one row of a member."""
        result = Result(project_id, Verb.REMOVE, changed=False)
        try:
            address = self._address(project_id)
            removed = self.images.remove_member(self.image_id, address)
        except ServiceError as error:
            return dataclasses.replace(result, error=error)
        return dataclasses.replace(result, changed=removed)

    def add(self, project_id: str) -> Result:
        """Add a member; the status of one that was a member before is not known yet."""
        result = Result(project_id, Verb.ADD, changed=False)
        try:
            added = self.images.add_member(self.image_id, project_id)
        except ServiceError as error:
            return dataclasses.replace(result, error=error)
        if not added:
            return result
        return self.accepted(dataclasses.replace(result, changed=True, status=model.PENDING))

    def accepted(self, result: Result) -> Result:
        """Accept on behalf of a project whose status is pending."""
        if not self.accept or result.status != model.PENDING:
            return result
        try:
            self.images.set_member_status(self.image_id, result.project_id, model.ACCEPTED)
        except ServiceError as error:
            return dataclasses.replace(result, error=error)
        return dataclasses.replace(result, status=model.ACCEPTED)

    def rows_of(self, project_id: str, rows: list[model.Member]) -> list[model.Member]:
        """Return the rows of a project, in whatever writing the database takes for its ID."""

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
        """Do the work in parallel, but in turn for what Glance may take for one member.

        :param project: returns the project ID of an item
        """
        groups: dict[str, list[Item]] = {}
        for item in items:
            groups.setdefault(model.folded(project(item)), []).append(item)
        done = threads.in_parallel(
            lambda group: [work(item) for item in group], groups.values(), self.images.workers
        )
        return [result for results in done for result in results]
