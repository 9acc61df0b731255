# SPDX-License-Identifier: Apache-2.0
"""Replaces the URLs of both Images panels, as Horizon documents."""

from django.apps import AppConfig


class NeighbourConfig(AppConfig):
    """The Django app that Horizon loads."""

    name = "neighbour"

    def ready(self) -> None:
        """Set the panels' URLs."""
        from openstack_dashboard.dashboards.admin.images import panel as admin_panel
        from openstack_dashboard.dashboards.project.images import panel as project_panel

        admin_panel.Images.urls = "neighbour.admin_urls"
        project_panel.Images.urls = "neighbour.project_urls"
