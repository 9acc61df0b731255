# SPDX-License-Identifier: Apache-2.0
"""Identity > Projects: Horizon's table with a way to the images of each project."""

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from horizon import tables
from openstack_dashboard.api import base
from openstack_dashboard.dashboards.identity.projects import tables as upstream

from xloud_images_panel.dashboard import roles


class ImageAccess(tables.LinkAction):
    """Leads to Access by Project."""

    name = "image_access"
    verbose_name = _("Image Access")
    icon = "share-alt"

    def allowed(self, request: HttpRequest, project: Any = None) -> bool:
        """Offer it to those whom the page lets in, where there is such a page."""
        return (
            bool(_page())
            and base.is_service_enabled(request, "image")
            and roles.may_see_access(request)
        )

    def get_link_url(self, project: Any = None) -> str:
        """Return the address of the project's images."""
        return f"{_page()}?{urlencode({'project': project.id})}"


class ProjectsTable(upstream.TenantsTable):
    """Horizon's table; its rows lead to the images of their projects."""

    class Meta(upstream.TenantsTable.Meta):
        row_actions = (*upstream.TenantsTable.Meta.row_actions, ImageAccess)


def _page() -> str:
    """Return the page's address, empty where an operator has taken Admin > Images away."""
    try:
        return reverse("horizon:admin:images:by_project")
    except NoReverseMatch:
        return ""
