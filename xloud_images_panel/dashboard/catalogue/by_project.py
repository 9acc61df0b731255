# SPDX-License-Identifier: Apache-2.0
"""Access by Project: the images that are shared with one project, and sharing more with it."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from horizon import views

from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.access.model import Member, Project, is_given_project_id, is_project_id
from xloud_images_panel.dashboard import log_in_again, made_for, naming, roles, texts
from xloud_images_panel.dashboard.catalogue.inventory_slices import SECONDS, MembersView, SliceView
from xloud_images_panel.dashboard.manage_access.addresses import IMAGE_ID
from xloud_images_panel.dashboard.manage_access.base import AdministratorMixin
from xloud_images_panel.dashboard.manage_access.forms import ManageAccessForm
from xloud_images_panel.dashboard.manage_access.image_access import Services
from xloud_images_panel.dashboard.manage_access.query import Query
from xloud_images_panel.dashboard.received.columns import STATUS_CHOICES
from xloud_images_panel.dashboard.settings import page_size
from xloud_images_panel.services import inventory, matches

# A longer list does not help: users narrow the search instead.
_MOST_FOUND = 20


class ByProjectView(log_in_again.LogInAgainMixin, AdministratorMixin, views.HorizonTemplateView):
    """The page: a search for a project, or the images of the ``project`` in the address.

    The browser reads the images in slices (:class:`MembershipsView`).
    """

    readable = True
    template_name = "xloud_images_panel/admin/by_project.html"
    page_title = gettext_lazy("Access by Project")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the project in the address, if any, and the values that its page needs."""
        context = super().get_context_data(**kwargs)
        context["region"] = made_for.region(self.request)
        context["may_manage"] = roles.may_manage_access(self.request)
        if not context["may_manage"]:
            context["read_only"] = texts.only_read()
        project_id = self.request.GET.get("project", "").strip()
        if not project_id:
            return context
        if not is_project_id(project_id):
            return {**context, "error": _("This cannot be the ID of a project.")}
        query = urlencode({"project": project_id})
        return {
            **context,
            **self._project(project_id),
            "plan_name": f"{reverse('horizon:admin:images:by_project')}?{query}",
            "form": ManageAccessForm(),
            "members_url": reverse("horizon:admin:images:inventory_memberships"),
            "detail_url": reverse("horizon:admin:images:detail", args=[IMAGE_ID]),
            "why_url": f"{reverse('horizon:admin:images:why')}?{query}&image={IMAGE_ID}",
            "page_size": page_size(self.request),
            "image_statuses": {value: str(label) for value, label in STATUS_CHOICES if value},
        }

    def _project(self, project_id: str) -> dict[str, Any]:
        """Look the project up in Keystone; return its ID alone if the look-up fails."""
        services = Services(self.request)
        try:
            project = services.keystone.projects_by_id([project_id])[project_id]
        except ServiceError as error:
            log_in_again.check(error)
            return {
                "project": Project(project_id),
                "label": project_id,
                "error": texts.describe(error),
            }
        labels = naming.labels_of(services.keystone, [project] if project.name else [])
        return {
            "project": project,
            "label": labels.get(project.id, project.id),
            "domain": services.keystone.domains.known().get(project.domain_id, project.domain_id),
        }


class FindProjectsView(SliceView):
    """The projects that a search finds, for the user to choose one."""

    def answer(self) -> dict[str, Any]:
        """Return ``projects`` in alphabetical order, and whether there are ``more``.

        A deleted project may still be a member of images, so a whole ID that finds no project is
        returned in ``unknown``.

        :raises ServiceError: when Keystone does not answer
        :raises ValueError: for a query that no page of the panel sends
        """
        keystone, query = self.services.keystone, Query.of(self.request.GET)
        found = matches.matching(keystone, query.search, query.domain_id, query.tag)
        shown = found.projects[:_MOST_FOUND]
        labels = naming.labels_of(keystone, shown)
        domains = keystone.domains.known()
        unknown = not shown and is_given_project_id(query.search)
        return {
            "projects": [
                {
                    "id": project.id,
                    "name": project.name,
                    "label": labels[project.id],
                    "domain": domains.get(project.domain_id, project.domain_id),
                    "enabled": project.enabled,
                }
                for project in shown
            ],
            "more": len(found.projects) > len(shown) or not found.complete,
            "unknown": query.search.lower() if unknown else "",
        }


class MembershipsView(MembersView):
    """The access of one project to some images."""

    def read(self, image_ids: list[str]) -> inventory.Members:
        """Return the project's membership of each image.

        :raises ValueError: for a value that cannot be a project's ID
        """
        project_id = self.request.GET.get("project", "")
        if image_ids and not is_project_id(project_id):
            raise ValueError("not the ID of a project")
        return inventory.memberships(self.services.glance, project_id, image_ids, SECONDS)

    def row(self, rows: tuple[Member, ...]) -> Mapping[str, Any] | None:
        """Return the project's member status and the start of its access, None without access.

        ``member`` is the member as Glance lists it: possibly another spelling of the project's ID
        that its database treats as equal.
        """
        for member in rows:
            since = member.created_at.isoformat() if member.created_at else ""
            return {"status": member.status, "since": since, "member": member.project_id}
        return None
