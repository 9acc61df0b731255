# SPDX-License-Identifier: Apache-2.0
"""Parts of Keystone's list of projects, and the queries for them."""

import dataclasses

from xloud_images_panel.access.model import Project


@dataclasses.dataclass(frozen=True)
class Page:
    """Projects in Keystone's order (by ID) and the marker of the next page, if there is one."""

    projects: list[Project]
    marker: str | None = None


@dataclasses.dataclass(frozen=True)
class Question:
    """A query for projects after a marker, by one or more spellings of a text."""

    limit: int
    marker: str | None
    texts: tuple[str, ...]
    domain_id: str


@dataclasses.dataclass(frozen=True)
class Batch:
    """The answer to a query: projects in Keystone's order.

    :ivar end: ID up to which there is no other project, None if there is no other at all
    :ivar full: whether Keystone returned as many projects as requested
    """

    projects: list[Project]
    end: str | None
    full: bool
