# SPDX-License-Identifier: Apache-2.0
"""Project > Compute > Images, the Python one: Edit Image."""

from openstack_dashboard.dashboards.project.images.images import views as upstream

from xloud_images_panel.dashboard.edit_image.update import UpdateImageForm, UpdateImageMixin


class UpdateView(UpdateImageMixin, upstream.UpdateView):
    """Horizon's Edit Image, which leaves the visibility alone unless it is what is edited."""

    form_class = UpdateImageForm
