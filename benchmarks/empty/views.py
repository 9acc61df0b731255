# SPDX-License-Identifier: Apache-2.0
"""Pages that measure the cost of Horizon alone, and of the naive dialog."""

from typing import Any

from horizon import forms, views
from openstack_dashboard import api

from xloud_images_panel.access.model import Project
from xloud_images_panel.dashboard.manage_access.project_rows import Row

# Keystone's own bound, `max_db_limit`. Keystone cuts a longer list silently.
LARGEST_PAGE = 1000


class EmptyPageView(views.HorizonTemplateView):
    """A page of Horizon with its menus and no content."""

    template_name = "bench/empty.html"
    page_title = "Empty"


class EmptyForm(forms.SelfHandlingForm):
    """A form without fields."""

    def handle(self, request: Any, data: dict[str, Any]) -> bool:
        """Do nothing."""
        return True


class EmptyDialogView(forms.ModalFormView):
    """A dialog of Horizon without content."""

    form_class = EmptyForm
    template_name = "bench/dialog.html"
    submit_url = success_url = "/"
    modal_header = page_title = "Empty"


class NaiveDialogView(EmptyDialogView):
    """All projects of the cloud in one table; projects with access are ticked.

    Horizon's ``tenant_list()`` returns 1,000 projects at most. This view requests the next pages as
    well, each as large as Keystone allows, which is the fastest way to all projects.
    """

    template_name = "bench/naive.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the rows of all projects."""
        context = super().get_context_data(**kwargs)
        members = {
            member.member_id: member.status
            for member in api.glance.glanceclient(self.request).image_members.list(
                self.kwargs["image_id"]
            )
        }
        domains = {domain.id: domain.name for domain in api.keystone.domain_list(self.request)}
        manager = api.keystone.keystoneclient(self.request, admin=True).projects
        rows, query = [], {"limit": LARGEST_PAGE}
        while batch := manager.list(**query):
            for item in batch:
                project = Project(
                    item.id, item.name, item.domain_id, item.description, item.enabled
                )
                status = members.get(item.id, "")
                rows.append(Row(project, domains.get(item.domain_id, ""), status))
            query["marker"] = batch[-1].id
        context["page"] = {"rows": sorted(rows, key=lambda row: (not row.status, row.project.name))}
        return context
