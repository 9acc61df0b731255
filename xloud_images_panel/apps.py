# SPDX-License-Identifier: Apache-2.0
"""Django app that adds the panel's pages to Horizon's two Images panels."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

#: Scripts that only some of the panel's pages load. Every page of Horizon loads the others.
OF_SOME_PAGES = (
    "model/access-export.js",
    "model/access-file.js",
    "model/image-rows.js",
    "model/many-images.js",
    "model/plan-run.js",
    "model/project-images.js",
    "model/scan.js",
    "model/stale-rows.js",
    "ui/access-export.js",
    "ui/access-file.js",
    "ui/add-images.js",
    "ui/address-filter.js",
    "ui/by-image.js",
    "ui/by-project.js",
    "ui/change-list.js",
    "ui/copy-access.js",
    "ui/find-project.js",
    "ui/image-cells.js",
    "ui/launch-image.js",
    "ui/manage-access.js",
    "ui/many-images.js",
    "ui/pager.js",
    "ui/plan-removals.js",
    "ui/plan-run.js",
    "ui/plan-sheet.js",
    "ui/posting.js",
    "ui/project-list.js",
    "ui/project-names.js",
    "ui/project-table.js",
    "ui/question.js",
    "ui/receipt.js",
    "ui/received.js",
    "ui/redraw.js",
    "ui/row-keys.js",
    "ui/scan.js",
    "ui/stale-access.js",
    "ui/ticked-list.js",
    "ui/why.js",
)


class XloudImagesPanelConfig(AppConfig):
    """The Django app that Horizon loads."""

    name = "xloud_images_panel"
    verbose_name = _("Xloud Images Panel")

    def ready(self) -> None:
        """Put the panel's URLs before Horizon's own.

        Menu position, permissions and policy stay those of Horizon's panels.
        Horizon decorates every URL of a panel with the panel's ``policy_rules``,
        so the server closes all URLs under the admin Images panel to users whom
        these rules exclude.
        """
        from xloud_images_panel.dashboard import release

        release.check()
        from openstack_dashboard.dashboards.admin.images import panel as admin_panel
        from openstack_dashboard.dashboards.identity.projects import panel as projects_panel
        from openstack_dashboard.dashboards.project.images import panel as project_panel

        from xloud_images_panel.dashboard import horizon, lock, roles, settings

        settings.get()  # a wrong setting keeps Horizon from starting
        lock.warn_if_not_shared()
        horizon.read_policy()
        roles.read()
        horizon.leave_out_scripts(f"{self.name}/{script}" for script in OF_SOME_PAGES)
        horizon.put_in_front(admin_panel.Images, "xloud_images_panel.dashboard.admin_urls")
        horizon.put_in_front(project_panel.Images, "xloud_images_panel.dashboard.project_urls")
        horizon.put_table(
            projects_panel.Tenants,
            "openstack_dashboard.dashboards.identity.projects.views.IndexView",
            "xloud_images_panel.dashboard.catalogue.projects_table.ProjectsTable",
        )
