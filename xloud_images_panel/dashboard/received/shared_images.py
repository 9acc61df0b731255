# SPDX-License-Identifier: Apache-2.0
"""The tab Shared Images, the details of its images, and the number of pending images."""

import dataclasses
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse_lazy
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import generic
from openstack_dashboard.dashboards.project.images.images import views as upstream
from openstack_dashboard.utils.filters import get_display_label

from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import PENDING, STATUSES, SharedImage, is_project_id
from xloud_images_panel.dashboard import actor, log_in_again, made_for, roles, say, texts
from xloud_images_panel.dashboard.details import facts
from xloud_images_panel.dashboard.details.overview import ImageDetailTabs
from xloud_images_panel.dashboard.received import actions
from xloud_images_panel.dashboard.received.columns import STATUS_CHOICES
from xloud_images_panel.dashboard.received.image_list import ImageListView, owner_names
from xloud_images_panel.dashboard.received.tables import SharedImagesTable
from xloud_images_panel.services import image_lists, pending
from xloud_images_panel.services.glance import Glance
from xloud_images_panel.services.image_lists import Page
from xloud_images_panel.services.markers import Marker

INDEX_URL = reverse_lazy("horizon:project:images:shared")


class SharedImagesView(ImageListView):
    """The images that other projects share with the current one."""

    table_class = SharedImagesTable
    template_name = "xloud_images_panel/project/shared_images.html"
    page_title = _("Shared Images")

    @cached_property
    def query(self) -> dict[str, str]:
        """The filters: part of the ``name``, the ``access``, and the ``owner``."""
        status, owner = (self.request.GET.get(name, "") for name in ("access", "owner"))
        query = {
            "name": self.request.GET.get("name", "").strip(),
            "access": status if status in STATUSES else "",
            "owner": owner if is_project_id(owner) else "",
        }
        return {name: value for name, value in query.items() if value}

    def read(
        self, limit: int, marker: Marker | None = None, *, backwards: bool = False
    ) -> Page[SharedImage]:
        """Return one page of the images that others share with the current project."""
        return image_lists.shared_with_project(
            self.glance,
            limit,
            marker,
            backwards=backwards,
            status=self.query.get("access", ""),
            search=self.query.get("name", ""),
            owner=self.query.get("owner", ""),
        )

    def rows(self, page: Page[SharedImage]) -> list[SharedImage]:
        """Return the images with the names of their owners."""
        self.table.ticked = actions.take_ticks(self.request)
        return _with_owner_names(self.request, page.items)

    def nothing_found(self) -> str:
        """Return a sentence that nothing matches, or that explains the tab."""
        if self.query == {"access": PENDING}:
            return gettext("Nothing waits for an answer.")
        if self.query:
            return gettext("No shared image matches.")
        return gettext(
            "No other project shares an image with this one. An image appears here as soon "
            "as somebody shares it with this project."
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the table, and the links that filter it by access and owner."""
        context = super().get_context_data(**kwargs)
        rows = self.table.data or []
        if owner := self.query.get("owner"):
            others = {name: value for name, value in self.query.items() if name != "owner"}
            names = [row.owner_name for row in rows if row.owner_name]
            context["owner"] = names[0] if names else owner
            context["all_owners"] = urlencode(others)
            context["pending"] = sum(row.member.status == PENDING for row in rows)
        context["may_answer"] = actions.may_answer(self.request)
        context["access_choices"] = [
            (value, label, urlencode({**self.query, "access": value}))
            for value, label in (("", _("All")), *texts.STATUS_CHOICES)
        ]
        return context


class SharedImageView(log_in_again.LogInAgainMixin, upstream.DetailView):
    """Horizon's own details of an image, with the access of the current project on top.

    Both Images panels have this page.
    """

    template_name = "xloud_images_panel/project/shared_image.html"
    tab_group_class = ImageDetailTabs

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the image, or say that it is not, or no longer, shared and return to the list."""
        try:
            self.shared = Glance(actor.connection(request)).received(kwargs["image_id"])
        except ServiceError as error:
            log_in_again.check(error)
            why = texts.describe(error)
            if error.reason is Reason.MISSING:
                why = gettext(
                    "No other project shares an image with this ID with this project (any more)."
                )
            say.error(request, why)
            return HttpResponseRedirect(INDEX_URL)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return Horizon's details, the access, and the actions of the image's row in the tab."""
        context = super().get_context_data(**kwargs)
        (shared,) = _with_owner_names(self.request, [self.shared])
        image = shared.image
        context["image"].status_label = get_display_label(STATUS_CHOICES, image.status)
        return {
            **context,
            "page_title": say.inert(image.name),
            "actions": self._actions(shared),
            "facts": facts.of_received(shared),
        }

    def _actions(self, shared: SharedImage) -> str:
        """Return the buttons with project and region, which Horizon's form around them lacks."""
        buttons = SharedImagesTable(self.request).render_row_actions(shared)
        return made_for.fields(self.request) + buttons if buttons.strip() else ""

    @staticmethod
    def get_redirect_url() -> str:
        """Return the target of the actions, and of the redirect when the page fails."""
        return str(INDEX_URL)


class PendingView(generic.View):
    """The number of images that wait for the project's decision, for the badge on the tab.

    The page requests the number after it has loaded, so this never delays or breaks a page.
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return JSON with ``count``, and ``more`` when there may be more; 204 when not known.

        ``count`` is at most 99; for images too large to be counted it is 99, with ``more``.

        An administrator's token sees every shared image in the cloud, whatever
        the member status, so the count is not known. For users who cannot answer
        the badge would never disappear.
        """
        if roles.sees_every_image(request) or not actions.may_answer(request):
            return HttpResponse(status=204)
        try:
            count, more = pending.count(Glance(actor.connection(request)))
        except ServiceError:
            return HttpResponse(status=204)
        return JsonResponse({"count": count, "more": more})


def _with_owner_names(request: HttpRequest, images: list[SharedImage]) -> list[SharedImage]:
    names = owner_names(request, {shared.image.owner for shared in images})
    return [
        dataclasses.replace(shared, owner_name=names.get(shared.image.owner, ""))
        for shared in images
    ]
