# SPDX-License-Identifier: Apache-2.0
"""Admin > Compute > Images, the Python one: Edit Image."""

from openstack_dashboard.dashboards.admin.images import forms as upstream_forms
from openstack_dashboard.dashboards.admin.images import views as upstream

from xloud_images_panel.dashboard.edit_image import update


class UpdateImageForm(update.UpdateImageForm, upstream_forms.AdminUpdateImageForm):
    """The same for the administrator's Edit Image."""


class UpdateView(update.UpdateImageMixin, upstream.UpdateView):
    """Horizon's Edit Image, which can set every visibility, and tells whom Shared brings back."""

    form_class = UpdateImageForm
