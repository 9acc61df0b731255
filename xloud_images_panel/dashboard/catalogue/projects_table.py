# SPDX-License-Identifier: Apache-2.0
"""Identity > Projects: Horizon's table with a link to the images of each project."""

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
    """A link to Access by Project."""

    name = "image_access"
    verbose_name = _("Image Access")
    icon = "share-alt"

    def allowed(self, request: HttpRequest, project: Any = None) -> bool:
        """Offer the link to users who may open the page, if it exists."""
        return (
            bool(_page())
            and base.is_service_enabled(request, "image")
            and roles.may_see_access(request)
        )

    def get_link_url(self, project: Any = None) -> str:
        """Return the address of the project's images."""
        return f"{_page()}?{urlencode({'project': project.id})}"


class ProjectsTable(upstream.TenantsTable):
    """Horizon's table; each row links to the images of its project."""

    class Meta(upstream.TenantsTable.Meta):
        row_actions = (*upstream.TenantsTable.Meta.row_actions, ImageAccess)


def _page() -> str:
    """Return the page's address, empty if an operator has removed Admin > Images."""
    try:
        return reverse("horizon:admin:images:by_project")
    except NoReverseMatch:
        return ""
