# SPDX-License-Identifier: Apache-2.0
"""Create Image of the Python panel Admin > Compute > Images."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from openstack_dashboard.dashboards.admin.images import views as upstream

from xloud_images_panel.dashboard import made_for, say, trail
from xloud_images_panel.dashboard.create_image.forms import CreateImageForm
from xloud_images_panel.dashboard.create_image.new_image import NewImageAccess


class CreateView(upstream.CreateView):
    """Horizon's Create Image, with the projects to share the image with."""

    form_class = CreateImageForm
    modal_id = "create_image_modal"
    template_name = "xloud_images_panel/admin/create.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Read the choices in the project table."""
        super().setup(request, *args, **kwargs)
        self.access = NewImageAccess(request)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the form with the project table below it."""
        context = {**super().get_context_data(**kwargs), **self.access.context()}
        context["horizons_page"] = upstream.CreateView.template_name
        # Not the admin's own template, which calls every file upload unsupported.
        context["horizons_form"] = "project/images/images/_create.html"
        return context

    def form_valid(self, form: CreateImageForm) -> HttpResponse:
        """Create the image, then share it with the projects that were chosen."""
        if switched := made_for.region_switched(self.request):
            trail.refused(self.request, "create", trail.Refusal.SWITCHED)
            form.add_error(None, say.inert(switched))
            return self.form_invalid(form)
        shared = form.cleaned_data["visibility"] == "shared"
        if shared and (problem := self.access.problem()):
            trail.refused(self.request, "create", trail.Refusal.NOT_VALID)
            form.add_error(None, say.inert(problem))
            return self.form_invalid(form)
        response = super().form_valid(form)
        if shared and form.image:
            return self.access.share(form.image.id, form.cleaned_data["name"], response)
        return response
