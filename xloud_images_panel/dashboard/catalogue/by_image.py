# SPDX-License-Identifier: Apache-2.0
"""Access by Image: every shared image of the cloud, with its number of projects by status."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from horizon import views

from xloud_images_panel.access import plain_yaml
from xloud_images_panel.dashboard import log_in_again, roles
from xloud_images_panel.dashboard.manage_access import member_quota
from xloud_images_panel.dashboard.manage_access.addresses import IMAGE_ID
from xloud_images_panel.dashboard.manage_access.base import AdministratorMixin
from xloud_images_panel.dashboard.settings import page_size


class ByImageView(log_in_again.LogInAgainMixin, AdministratorMixin, views.HorizonTemplateView):
    """The page; the browser reads the images in slices (:mod:`.inventory_slices`)."""

    readable = True
    template_name = "xloud_images_panel/admin/by_image.html"
    page_title = _("Access by Image")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the addresses of the slices and of each image's pages, and the quota."""
        context = super().get_context_data(**kwargs)
        return {
            **context,
            "members_url": reverse("horizon:admin:images:inventory_members"),
            "detail_url": reverse("horizon:admin:images:detail", args=[IMAGE_ID]),
            "manage_url": reverse("horizon:admin:images:manage_access", args=[IMAGE_ID]),
            "many_url": reverse("horizon:admin:images:access_many"),
            "may_manage": roles.may_manage_access(self.request),
            "page_size": page_size(self.request),
            "quota": member_quota.known(self.request),
            "most_bytes": plain_yaml.MOST_BYTES,
            "most_lines": plain_yaml.MOST_LINES,
        }
