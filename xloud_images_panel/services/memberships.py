# SPDX-License-Identifier: Apache-2.0
"""Memberships of the inventory with the names of their projects, as a stream."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from xloud_images_panel.access.export import Membership
from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.access.model import Image, Member, Project, is_project_id
from xloud_images_panel.services import matches
from xloud_images_panel.services.inventory import Members
from xloud_images_panel.services.keystone import Keystone

# The most projects to look up one by one; after that, all are read in pages of 1,000.
_MOST_ALONE = 60


class Called(Protocol):
    """The names of projects and of their domains."""

    def project(self, project_id: str) -> Project | None: ...

    def domain(self, project: Project | None) -> str: ...


class Names:
    """Names of projects, each read once.

    :param keystone: keeps the projects that were read
    """

    def __init__(self, keystone: Keystone) -> None:
        self._keystone = keystone
        self._alone = 0
        self._known: dict[str, Project] = {}

    def read(self, project_ids: Iterable[str]) -> None:
        """Read the projects with these IDs, without texts that cannot be project IDs.

        :raises ServiceError: when Keystone does not answer or refuses
        """
        missing = {item for item in project_ids if is_project_id(item)} - self._known.keys()
        if self._alone <= _MOST_ALONE < self._alone + len(missing):
            for page in matches.pages(self._keystone):
                self._known |= {project.id: project for project in page.projects}
        self._alone += len(missing)
        # A project in no list was deleted, or has another spelling: Keystone says which.
        self._known |= self._keystone.projects_by_id(sorted(missing - self._known.keys()))

    def project(self, project_id: str) -> Project | None:
        """Return a project that was read, None for a text that cannot be a project ID."""
        return self._known.get(project_id)

    def domain(self, project: Project | None) -> str:
        """Return the name of a project's domain, empty if unknown."""
        if project is None:
            return ""
        return self._keystone.domains.known().get(project.domain_id, "")


def named(
    parts: Iterable[tuple[list[Image], Members]],
    names: Names,
    unread: Callable[[str, ServiceError], None],
) -> Iterator[Membership]:
    """Yield the memberships of an inventory, grouped by image and sorted by project ID.

    :param parts: images with their members, see :func:`.inventory.stream`
    :param unread: called with the ID of an image whose members could not be read, and the error
    :raises ServiceError: when Keystone does not answer or refuses
    """
    for images, members in parts:
        for missing in members.unread:
            unread(missing.image_id, missing.error)
        rows = {image.id: members.rows.get(image.id, ()) for image in images}
        with_members = [image for image in images if rows[image.id]]
        names.read(
            [image.owner for image in with_members]
            + [member.project_id for image in with_members for member in rows[image.id]]
        )
        for image in with_members:
            yield from of_image(image, rows[image.id], names)


def of_image(image: Image, rows: Iterable[Member], names: Called) -> Iterator[Membership]:
    """Yield the memberships of an image, sorted by project ID so that exports are alike."""
    owner = names.project(image.owner)
    for member in sorted(rows, key=_by_id):
        project = names.project(member.project_id)
        yield Membership(image, member, owner, project, names.domain(project))


def _by_id(member: Member) -> str:
    return member.project_id
