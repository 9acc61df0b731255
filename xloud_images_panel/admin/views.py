# SPDX-License-Identifier: Apache-2.0
"""Admin > Compute > Images: Horizon's own pages (the Python ones) with our parts in them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from openstack_dashboard.dashboards.admin.images import views as upstream

from xloud_images_panel import audit, log_in_again, made_for, texts
from xloud_images_panel.admin import tables
from xloud_images_panel.admin.forms import CreateImageForm, UpdateImageForm
from xloud_images_panel.admin.new_image import NewImageAccess
from xloud_images_panel.edit_image import UpdateImageMixin


class IndexView(log_in_again.HorizonsPageMixin, upstream.IndexView):
    """Horizon's admin Images page with Manage Access in its rows."""

    table_class = tables.ImagesTable


class DetailView(log_in_again.HorizonsPageMixin, upstream.DetailView):
    """Horizon's admin details page with Manage Access among its actions."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Render the row's actions from our table instead of Horizon's."""
        context = super().get_context_data(**kwargs)
        context["actions"] = tables.ImagesTable(self.request).render_row_actions(context["image"])
        return context


class CreateView(upstream.CreateView):
    """Horizon's Create Image, with the projects that a shared image is shared with."""

    form_class = CreateImageForm
    modal_id = "create_image_modal"
    template_name = "xloud_images_panel/admin/create.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Read what was chosen in the project table."""
        super().setup(request, *args, **kwargs)
        self.access = NewImageAccess(request)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the form with the project table below it."""
        context = {**super().get_context_data(**kwargs), **self.access.context()}
        context["horizons_page"] = upstream.CreateView.template_name
        # Not the administrator's own, which calls every file upload unsupported.
        context["horizons_form"] = "project/images/images/_create.html"
        return context

    def form_valid(self, form: CreateImageForm) -> HttpResponse:
        """Create the image, then share it with the projects that were chosen."""
        if switched := made_for.region_switched(self.request):
            audit.refused(self.request, "create", audit.Refusal.SWITCHED)
            form.add_error(None, texts.inert(switched))
            return self.form_invalid(form)
        shared = form.cleaned_data["visibility"] == "shared"
        if shared and (problem := self.access.problem()):
            audit.refused(self.request, "create", audit.Refusal.NOT_VALID)
            form.add_error(None, texts.inert(problem))
            return self.form_invalid(form)
        response = super().form_valid(form)
        if shared and form.image:
            return self.access.share(form.image.id, form.cleaned_data["name"], response)
        return response


class UpdateView(UpdateImageMixin, upstream.UpdateView):
    """Horizon's Edit Image, which can set every visibility, and tells whom Shared brings back."""

    form_class = UpdateImageForm
