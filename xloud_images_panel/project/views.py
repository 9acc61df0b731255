"""Project > Compute > Images: the tab Shared Images, and Horizon's own page below the tab strip."""

import dataclasses
from typing import Any

from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from horizon import messages, tables
from horizon.utils import functions
from openstack_dashboard import policy
from openstack_dashboard.dashboards.project.images import views as upstream

from xloud_images_panel import glance, keystone, texts
from xloud_images_panel.project.tables import SharedImagesTable
from xloud_images_panel.services import Reason, ServiceError


class IndexView(upstream.IndexView):
    """Horizon's project Images page (the Python one) below the tab strip."""

    template_name = "xloud_images_panel/project/images.html"


class SharedImagesView(tables.DataTableView):
    """The images that other projects share with the current one."""

    table_class = SharedImagesTable
    template_name = "xloud_images_panel/project/shared_images.html"
    page_title = _("Images")

    @cached_property
    def query(self) -> dict[str, str]:
        """The filters in force, as the URL has them."""
        status = self.request.GET.get("access", "")
        query = {
            "name": self.request.GET.get("name", "").strip()[:255],
            "access": status if status in glance.STATUSES else "",
        }
        return {name: value for name, value in query.items() if value}

    def get_data(self) -> list[glance.SharedImage]:
        """Return the page that the URL names; a failure is said and is not called "no images"."""
        self.table.query = self.query
        try:
            page = self._page()
        except ServiceError as error:
            messages.error(self.request, texts.describe(error))
            self.table.empty_message = _("The shared images cannot be shown.")
            return []
        self.table.page = page
        self.table.empty_message = self._empty_message(page)
        names = self._owner_names({shared.image.owner for shared in page.items})
        return [
            dataclasses.replace(shared, owner_name=names.get(shared.image.owner, ""))
            for shared in page.items
        ]

    def _page(self) -> glance.Page:
        before, after = (self.request.GET.get(name) for name in ("before", "after"))
        service = glance.Glance(self.request)
        limit = functions.get_page_size(self.request)
        filters = {"status": self.query.get("access", ""), "name": self.query.get("name", "")}
        try:
            page = service.shared_with_me(limit, before or after, bool(before), **filters)
        except ServiceError as error:
            if not (before or after) or error.reason not in (Reason.MISSING, Reason.REFUSED):
                raise
            # The image that the page began with was deleted meanwhile.
            messages.info(self.request, _("The list has changed; this is its first page."))
            page = None
        if page and (page.items or not page.complete or not (before or after)):
            return page
        return service.shared_with_me(limit, **filters)

    def _empty_message(self, page: glance.Page) -> str:
        if not page.complete:
            return _("None so far.")
        if self.query:
            return _("No shared image matches.")
        return _(
            "No other project shares an image with this one. An image appears here as soon "
            "as somebody shares it with this project."
        )

    def _owner_names(self, owners: set[str]) -> dict[str, str]:
        # A project's member is not told the names of other projects; that is
        # no error, the ID stands for them.
        if not owners or not policy.check((("identity", "identity:list_projects"),), self.request):
            return {}
        try:
            found = keystone.Keystone(self.request).projects_by_id(owners, recent=True)
        except ServiceError:
            return {}
        return {project.id: project.name for project in found.values()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the table with its filters and, where the scan was cut, the way on."""
        context = super().get_context_data(**kwargs)
        context["query"] = self.query
        context["access_choices"] = [
            (value, label, urlencode({**self.query, "access": value}))
            for value, label in (("", _("All")), *texts.STATUS_CHOICES)
        ]
        page = self.table.page
        if not page.complete:
            context["go_on"] = (
                self.table.get_prev_pagination_string()
                if self.request.GET.get("before")
                else self.table.get_pagination_string()
            )
        return context
