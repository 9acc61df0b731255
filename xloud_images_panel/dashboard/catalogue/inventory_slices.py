# SPDX-License-Identifier: Apache-2.0
"""The inventory in slices, as a browser reads it: images, their members, names of projects.

Each slice is a request of at most about two seconds. The browser tracks its progress by the list of
images, requests nothing twice, and may stop. The server stores nothing.
"""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.access.model import (
    ACCEPTED,
    PENDING,
    REJECTED,
    Image,
    Member,
    by_project,
    is_image_id,
    is_project_id,
)
from xloud_images_panel.dashboard import log_in_again, made_for, naming, texts
from xloud_images_panel.dashboard.manage_access.base import AdministratorMixin
from xloud_images_panel.dashboard.manage_access.image_access import Services
from xloud_images_panel.services import inventory
from xloud_images_panel.services.markers import Marker

#: Images or projects in one slice. Their IDs fit into the address of a request, of which Gunicorn
#: accepts 4,094 characters.
MOST_IN_A_SLICE = 80
#: Seconds after which a slice starts no more images.
SECONDS = 1.5


class SliceView(log_in_again.LogInAgainMixin, AdministratorMixin):
    """A slice of the inventory as JSON; ``failed`` says why there is none.

    A session that has ended leads to the login page and back to the requesting page.
    """

    readable = True

    @cached_property
    def services(self) -> Services:
        """Keystone and Glance as this request's user."""
        return Services(self.request)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the slice that the query names.

        The query has the page's region, because another region has other images.
        """
        if request.GET.get("region", made_for.region(request)) != made_for.region(request):
            return JsonResponse({"failed": _("The region was switched; reload the page.")})
        try:
            return JsonResponse(self.answer())
        except ServiceError as error:
            log_in_again.check(error)
            return JsonResponse({"failed": texts.describe(error)})
        except ValueError:
            return HttpResponse(status=400)

    def answer(self) -> dict[str, Any]:
        """Return the slice.

        :raises ServiceError: when nothing of it could be read
        :raises ValueError: for a query that no page of the panel sends
        """
        raise NotImplementedError

    def ids(self) -> list[str]:
        """Return the IDs that the query names.

        :raises ValueError: for too many IDs
        """
        ids = [item for item in self.request.GET.get("ids", "").split(",") if item]
        if len(ids) > MOST_IN_A_SLICE:
            raise ValueError("too many IDs")
        return ids


class ImagesView(SliceView):
    """The next shared images, up to 1,000: the first part of every scan."""

    def answer(self) -> dict[str, Any]:
        """Return ``images`` without their members, and ``after``, empty at the end."""
        after = self.request.GET.get("after")
        page = inventory.images_page(self.services.glance, Marker.parse(after) if after else None)
        return {
            "images": [_image(image) for image in page.images],
            "after": str(page.marker) if page.marker else "",
            "passed_over": self.services.glance.lists.passed_over,
        }


class MembersView(SliceView):
    """The members of some images, reduced to what a page needs."""

    def answer(self) -> dict[str, Any]:
        """Return ``rows`` and ``unread`` (reasons) by image ID, ``gone`` and ``left`` as IDs."""
        ids = [item for item in self.ids() if is_image_id(item)]
        found = self.read(ids)
        return {
            "rows": {image_id: self.row(rows) for image_id, rows in found.rows.items()},
            "gone": found.not_shared,
            "unread": {item.image_id: texts.describe(item.error) for item in found.unread},
            "left": found.left,
        }

    def read(self, image_ids: list[str]) -> inventory.Members:
        """Return the members of these images that the page shows, within the time of a slice."""
        return inventory.members(self.services.glance, image_ids, SECONDS)

    def row(self, rows: tuple[Member, ...]) -> Mapping[str, Any] | None:
        """Return the number of projects by status, and the time of the last change."""
        members = by_project(rows).values()
        statuses = [member.status for member in members]
        changes = [time for row in rows if (time := row.updated_at or row.created_at)]
        return {
            **{status: statuses.count(status) for status in (ACCEPTED, PENDING, REJECTED)},
            "changed": max(changes).isoformat() if changes else "",
        }


class NamesView(SliceView):
    """The names of projects. A project without a name is left out and shown by its ID."""

    def answer(self) -> dict[str, Any]:
        """Return ``names`` by the project's ID."""
        ids = [item for item in self.ids() if is_project_id(item)]
        projects = self.services.keystone.projects_by_id(ids, cached_ok=True).values()
        named = [project for project in projects if project.name]
        return {"names": naming.labels_of(self.services.keystone, named)}


def _image(image: Image) -> dict[str, Any]:
    return {
        "id": image.id,
        "name": image.name,
        "owner": image.owner,
        "status": image.status,
        "hidden": image.hidden,
        "created": image.created_at.isoformat() if image.created_at else "",
    }
