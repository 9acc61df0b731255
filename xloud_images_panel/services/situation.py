# SPDX-License-Identifier: Apache-2.0
"""A project and an image as the services report them, for :func:`.explain.explain`."""

import dataclasses
from collections.abc import Mapping

from xloud_images_panel.access.explain import (
    Answer,
    Existence,
    Fact,
    Relation,
    Situation,
    relation_of,
)
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import Image, Project
from xloud_images_panel.services.glance import Glance
from xloud_images_panel.services.keystone import Keystone


@dataclasses.dataclass(frozen=True)
class Reading:
    """The answers of the services about a project and an image.

    :ivar project: None when it is missing or not known
    :ivar image: None when it is missing or not known
    :ivar failures: why a part is not known, by the fact that reports it as unknown
    """

    situation: Situation
    project: Project | None
    image: Image | None
    failures: Mapping[Fact, ServiceError]


class _Reader:
    """A reader of the parts, one after another; a failure does not stop the others.

    :ivar failures: as :attr:`Reading.failures`
    """

    def __init__(self, keystone: Keystone, glance: Glance) -> None:
        self._keystone, self._glance = keystone, glance
        self.failures: dict[Fact, ServiceError] = {}

    def project(self, project_id: str) -> tuple[Existence, Project | None]:
        """Return whether the project exists.

        Only a 404 to a cloud administrator's token proves that it does not. A token that may not
        list the projects of all domains is not one.
        """
        try:
            project = self._keystone.projects_by_id([project_id])[project_id]
            if not project.exists:
                self._keystone.projects(1)
        except ServiceError as error:
            self.failures[Fact.PROJECT_UNKNOWN] = error
            return Existence.UNKNOWN, None
        return (Existence.THERE, project) if project.exists else (Existence.MISSING, None)

    def domain(self, domain_id: str) -> Answer:
        """Return whether a domain is enabled; nobody can log in to projects of a disabled one."""
        try:
            return Answer.YES if self._keystone.domains.enabled(domain_id) else Answer.NO
        except ServiceError as error:
            self.failures[Fact.DOMAIN_UNKNOWN] = error
            return Answer.UNKNOWN

    def image(self, image_id: str) -> tuple[Existence, Image | None]:
        """Return whether the image exists.

        Glance answers 404 for an image that the user may not see. It shows all images to an
        administrator who works in a project, and none to one who has no project.
        """
        try:
            return Existence.THERE, self._glance.image(image_id)
        except ServiceError as error:
            if error.reason is Reason.MISSING and self._glance.project_id:
                return Existence.MISSING, None
            self.failures[Fact.IMAGE_UNKNOWN] = error
            return Existence.UNKNOWN, None

    def relation(self, image: Image, project_id: str) -> Relation:
        """Return the relation of the project to the image; only shared images have members."""
        if image.visibility != "shared" or image.owner == project_id:
            return relation_of(project_id, image.owner, ())
        try:
            statuses = [
                row.status
                for row in self._glance.member_rows(image.id)
                if row.project_id == project_id
                or self._glance.same_member(image.id, project_id, row.project_id)
            ]
        except ServiceError as error:
            self.failures[Fact.MEMBERS_UNKNOWN] = error
            return Relation.UNKNOWN
        return relation_of(project_id, image.owner, statuses)


def read(
    keystone: Keystone,
    glance: Glance,
    project_id: str,
    image_id: str,
    *,
    other_regions: bool = False,
) -> Reading:
    """Return a project and an image as the services report them.

    :param project_id: an ID that Keystone could have given
    :param other_regions: whether there are regions that are not queried
    """
    reader = _Reader(keystone, glance)
    project_existence, project = reader.project(project_id)
    image_existence, image = reader.image(image_id)
    situation = Situation(
        project=project_existence, image=image_existence, other_regions=other_regions
    )
    if project:
        situation = dataclasses.replace(
            situation, enabled=project.enabled, domain=reader.domain(project.domain_id)
        )
    if image:
        # Keystone's spelling of the project's ID may differ from the requested one.
        project_id = project.id if project else project_id
        situation = dataclasses.replace(
            situation,
            visibility=image.visibility,
            status=image.status,
            hidden=image.hidden,
            owned=bool(image.owner),
            relation=reader.relation(image, project_id),
        )
    return Reading(situation, project, image, reader.failures)
