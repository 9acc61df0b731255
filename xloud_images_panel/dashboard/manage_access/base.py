# SPDX-License-Identifier: Apache-2.0
"""Common parts of the views of an image's access: permission, the image, pages of rows."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views import generic
from horizon import exceptions

from xloud_images_panel.access import threads
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import Image, Member, is_image_id
from xloud_images_panel.dashboard import actor, log_in_again, naming, roles, texts, trail
from xloud_images_panel.dashboard.manage_access import project_table
from xloud_images_panel.dashboard.settings import page_size
from xloud_images_panel.services.glance import Glance
from xloud_images_panel.services.keystone import Keystone

INDEX_URL = reverse_lazy("horizon:admin:images:index")
# Horizon closes the admin panel to everybody else already; asking again here
# costs nothing and holds if an operator opens the panel to more roles.
MANAGE_ACCESS_RULES = ("context_is_admin", "get_members", "add_member", "delete_member")


class ServicesMixin:
    """Keystone and Glance in a view, and what every project table needs of them."""

    request: HttpRequest

    @cached_property
    def glance(self) -> Glance:
        """Glance as this request's user."""
        return Glance(actor.connection(self.request))

    @cached_property
    def keystone(self) -> Keystone:
        """Keystone as this request's user."""
        return Keystone(actor.connection(self.request))

    def rows(
        self, image: project_table.Owned, members: list[Member], **query: Any
    ) -> dict[str, Any]:
        """Return the context of one page of rows; see :func:`project_table.page`."""
        limit = page_size(self.request)
        page = project_table.page(self.keystone, image, members, limit, images=self.glance, **query)
        return {"page": page, "error": self.unavailable(page.error) if page.error else ""}

    def unavailable(self, error: ServiceError) -> str:
        """Return why a page cannot show something."""
        return texts.describe(error)

    def domains(self) -> list[tuple[str, str]]:
        """Return the IDs and names of the domains, none when they cannot be had."""
        names = self.keystone.domains.known
        return sorted(names.items(), key=lambda item: item[1].casefold())

    def names(self, project_ids: Iterable[str]) -> dict[str, str]:
        """Return by ID how projects are called, as far as they have a name; see :mod:`naming`.

        :param project_ids: those that are going to be named, because each costs a request
        """
        return naming.labels(self.keystone, project_ids)


class AdministratorMixin(ServicesMixin, generic.View):
    """A view for administrators, who may manage the access to every image."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse everybody but administrators.

        :raises NotAuthorized: which Horizon answers with 403
        """
        if not roles.may(request, *MANAGE_ACCESS_RULES):
            trail.refused(
                request, "manage access", trail.Refusal.POLICY, kwargs.get("image_id", "")
            )
            raise exceptions.NotAuthorized
        return super().dispatch(request, *args, **kwargs)


class ImageMixin(log_in_again.LogInAgainMixin, AdministratorMixin):
    """A view of one image's access."""

    kwargs: dict[str, str]
    #: Whether this request has changed anything: then its answer has to say what.
    changed = False

    def come_back(self) -> str:
        """Return the address of the dialog, whatever part of it was asked for."""
        return reverse("horizon:admin:images:manage_access", args=[self.kwargs["image_id"]])

    def unavailable(self, error: ServiceError) -> str:
        """Return why the image's access cannot be shown or changed.

        :raises SessionEnded: for a 401, as long as nothing was changed
        """
        if not self.changed:
            log_in_again.check(error)
        if error.service == "Glance" and error.reason is Reason.MISSING:
            return str(_("There is no image with this ID (any more)."))
        return texts.describe(error)

    @property
    def image(self) -> Image:
        """The image that the URL names.

        :raises ServiceError: as :meth:`~xloud_images_panel.services.glance.Glance.image`
        """
        return self._image_and_members[0]

    @property
    def members(self) -> list[Member]:
        """Its members when this request came in; none of an image that is not shared.

        :raises ServiceError: as the services of Glance that tell of the image and its members
        """
        return self._image_and_members[1]

    @cached_property
    def _image_and_members(self) -> tuple[Image, list[Member]]:
        image_id = self.kwargs["image_id"]
        if not is_image_id(image_id):
            return self.glance.image(image_id), []  # which raises that there is none
        # At once, because neither needs the other's answer.
        with threads.pool(1) as workers:
            members = workers.submit(self.glance.members, image_id)
            image = self.glance.image(image_id)
            # Glance does not show the members of an image that is not shared.
            return image, members.result() if image.visibility == "shared" else []


class RowsMixin(ServicesMixin):
    """One page of the project table's rows, for searching and paging in the open table."""

    def page_of_rows(self, **query: str) -> dict[str, Any]:
        """Return the context of the rows that a query asks for."""
        raise NotImplementedError

    def get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """Return the rows as HTML, or a sentence that says why there are none."""
        query = {name: request.GET.get(name, "").strip()[:255] for name in ("search", "domain_id")}
        context: dict[str, Any] = {"searched": any(query.values())}
        try:
            context |= self.page_of_rows(cursor=request.GET.get("cursor", ""), **query)
        except ServiceError as error:
            context["error"] = self.unavailable(error)
        except project_table.BadQuery:
            return HttpResponse(status=400)
        return fragment("xloud_images_panel/admin/_project_rows.html", context)


def fragment(template: str, context: dict[str, Any]) -> HttpResponse:
    """Return a part of a page.

    Rendered without the request: with it, Horizon would ask Keystone for the
    menus of a whole page.
    """
    return HttpResponse(render_to_string(template, context))
