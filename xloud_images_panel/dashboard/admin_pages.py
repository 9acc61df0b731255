# SPDX-License-Identifier: Apache-2.0
"""Admin > Compute > Images: Horizon's own Python pages with our additions."""

from typing import Any

from openstack_dashboard.dashboards.admin.images import forms as upstream_forms
from openstack_dashboard.dashboards.admin.images import views as upstream

from xloud_images_panel.dashboard import log_in_again, roles
from xloud_images_panel.dashboard.details.views import DetailsMixin
from xloud_images_panel.dashboard.edit_image import update
from xloud_images_panel.dashboard.manage_access import images_table


class IndexView(log_in_again.HorizonsPageMixin, upstream.IndexView):
    """Horizon's admin Images page with Manage Access in its rows."""

    table_class = images_table.ImagesTable
    template_name = "xloud_images_panel/admin/images.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the user's permissions; users who may see access get tabs."""
        context = super().get_context_data(**kwargs)
        return {
            **context,
            "may_see": roles.may_see_access(self.request),
            "may_manage": roles.may_manage_access(self.request),
        }


class DetailView(DetailsMixin, log_in_again.HorizonsPageMixin, upstream.DetailView):
    """Horizon's admin details page with our facts and a Manage Access action."""

    dashboard = "admin"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Render the row's actions from our table instead of Horizon's."""
        context = super().get_context_data(**kwargs)
        context["actions"] = images_table.ImagesTable(self.request).render_row_actions(
            context["image"]
        )
        return context


class UpdateImageForm(update.UpdateImageForm, upstream_forms.AdminUpdateImageForm):
    """The project's Edit Image form, combined with Horizon's admin form."""

    dashboard = "admin"


class UpdateView(update.UpdateImageMixin, upstream.UpdateView):
    """Horizon's Edit Image, which can set every visibility and says who regains access."""

    form_class = UpdateImageForm
