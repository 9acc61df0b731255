# SPDX-License-Identifier: Apache-2.0
"""Project > Compute > Images: Horizon's own Python pages, with our tabs above the list."""

from typing import Any

from openstack_dashboard.dashboards.project.images import views as upstream
from openstack_dashboard.dashboards.project.images.images import views as upstream_images

from xloud_images_panel.dashboard.access_loss.tables import ImagesTable
from xloud_images_panel.dashboard.details.views import DetailsMixin
from xloud_images_panel.dashboard.edit_image.update import UpdateImageForm, UpdateImageMixin
from xloud_images_panel.dashboard.log_in_again import HorizonsPageMixin


class IndexView(HorizonsPageMixin, upstream.IndexView):
    """Horizon's project Images page with the tabs above it."""

    table_class = ImagesTable
    template_name = "xloud_images_panel/project/images.html"


class DetailView(DetailsMixin, HorizonsPageMixin, upstream_images.DetailView):
    """Horizon's details page with our facts; its questions say who loses access."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Render the row's actions from our table instead of Horizon's."""
        context = super().get_context_data(**kwargs)
        context["actions"] = ImagesTable(self.request).render_row_actions(context["image"])
        return context


class UpdateView(UpdateImageMixin, upstream_images.UpdateView):
    """Horizon's Edit Image, which changes the visibility only if the user edits it."""

    form_class = UpdateImageForm
