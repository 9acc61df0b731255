# SPDX-License-Identifier: Apache-2.0
"""The panel's table on one of Horizon's pages."""

import pytest
from django.urls import path
from openstack_dashboard.dashboards.identity.projects import tables, views

from xloud_images_panel.dashboard import horizon
from xloud_images_panel.dashboard.catalogue.projects_table import ImageAccess, ProjectsTable

VIEW = f"{views.__name__}.IndexView"
TABLE = f"{ProjectsTable.__module__}.ProjectsTable"
URLS = [path("theirs/", lambda request: None)]


@pytest.fixture
def urls(monkeypatch):
    """Return a function that creates the URLs of a panel whose list gets our table."""

    class Panel:
        def _get_default_urlpatterns(self):
            return URLS

    monkeypatch.setattr(views.IndexView, "table_class", tables.TenantsTable)
    horizon.put_table(Panel, VIEW, TABLE)
    return Panel()._get_default_urlpatterns


def test_list_has_our_table_once_the_urls_are_made(urls):
    """The list gets our table when its URLs are made, before which an operator may set another."""
    assert views.IndexView.table_class is tables.TenantsTable
    assert urls() is URLS
    assert views.IndexView.table_class is ProjectsTable


def test_page_of_somebody_else_has_it_too(urls):
    """A subclass of Horizon's view without a table of its own has our table too."""

    class TheirView(views.IndexView):
        pass

    urls()
    assert TheirView.table_class is ProjectsTable


def test_table_of_somebody_else_stays(urls):
    """Another table stays, because Horizon's documentation tells operators to set it there."""

    class TheirTable(tables.TenantsTable):
        pass

    views.IndexView.table_class = TheirTable
    urls()
    assert views.IndexView.table_class is TheirTable


def test_all_of_horizons_actions_stay():
    """Horizon's row actions stay, and ours is the last."""
    before = tables.TenantsTable._meta.row_actions
    assert ProjectsTable._meta.row_actions == (*before, ImageAccess)
