# SPDX-License-Identifier: Apache-2.0
"""The services of one request, and the access to an image that they report."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from xloud_images_panel.access import threads
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import Image, Member, is_image_id
from xloud_images_panel.dashboard import actor, log_in_again, naming, roles, texts
from xloud_images_panel.dashboard.manage_access import project_table
from xloud_images_panel.dashboard.manage_access.query import Query
from xloud_images_panel.dashboard.settings import page_size
from xloud_images_panel.services.glance import Glance
from xloud_images_panel.services.keystone import Keystone


class Services:
    """Keystone and Glance in one request, with the reads that every project table needs."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def glance(self) -> Glance:
        """Glance as this request's user."""
        return Glance(actor.connection(self.request))

    @cached_property
    def keystone(self) -> Keystone:
        """Keystone as this request's user."""
        return Keystone(actor.connection(self.request))

    def rows(
        self,
        image: project_table.Owned,
        members: list[Member],
        query: Query | None = None,
        *,
        at_once: bool = False,
    ) -> dict[str, Any]:
        """Return the context of one page of rows; see :func:`project_table.page`."""
        page = project_table.page(
            self.keystone,
            image,
            members,
            page_size(self.request),
            query,
            at_once=at_once,
            images=self.glance,
            describe=self.unavailable,
        )
        return {"page": page, "error": page.incomplete}

    def unavailable(self, error: ServiceError) -> str:
        """Return why a page cannot show something."""
        return texts.describe(error)

    def domains(self) -> list[tuple[str, str]]:
        """Return the IDs and names of the domains, empty when they cannot be read."""
        names = self.keystone.domains.known()
        return sorted(names.items(), key=lambda item: item[1].casefold())

    def names(self, project_ids: Iterable[str]) -> dict[str, str]:
        """Return the labels of projects by ID, without nameless projects; see :mod:`naming`.

        :param project_ids: only projects that will be named, because each costs a request
        """
        return naming.labels(self.keystone, project_ids)


class ImageAccess(Services):
    """The access to one image.

    :ivar changed: whether this request has changed anything; if so, its answer must say what
    """

    def __init__(self, request: HttpRequest, image_id: str, *, changed: bool = False) -> None:
        super().__init__(request)
        self.image_id = image_id
        self.changed = changed

    def unavailable(self, error: ServiceError) -> str:
        """Return why the image's access cannot be shown or changed.

        :raises SessionEnded: for a 401, if nothing was changed
        """
        if not self.changed:
            log_in_again.check(error)
        if error.service == "Glance" and error.reason is Reason.MISSING:
            return _("There is no image with this ID (any more).")
        return super().unavailable(error)

    @property
    def image(self) -> Image:
        """The image.

        :raises ServiceError: as :meth:`~xloud_images_panel.services.glance.Glance.image`
        """
        return self._image_and_members[0]

    @property
    def members(self) -> list[Member]:
        """The members as last read; none for an image that is not shared.

        :raises ServiceError: as the calls to Glance for the image and its members
        """
        return self._image_and_members[1]

    @property
    def read_only(self) -> bool:
        """Whether the user may not change the access.

        :raises ServiceError: as :attr:`image`
        """
        return not roles.may_manage_access(self.request, self.image.owner)

    def read_again(self) -> None:
        """Drop the image and its members, which are out of date, so that they are read again."""
        self.__dict__.pop("_image_and_members", None)

    @cached_property
    def _image_and_members(self) -> tuple[Image, list[Member]]:
        if not is_image_id(self.image_id):
            return self.glance.image(self.image_id), []  # raises that there is none
        # In parallel: neither call needs the other's answer.
        with threads.pool(1) as workers:
            members = workers.submit(self.glance.members, self.image_id)
            image = self.glance.image(self.image_id)
            # Glance does not show the members of an image that is not shared.
            return image, members.result() if image.visibility == "shared" else []
