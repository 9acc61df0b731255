# SPDX-License-Identifier: Apache-2.0
"""Horizon's own URLs, preceded by the neighbour's page."""

from django.urls import path
from openstack_dashboard.dashboards.admin.images import urls as upstream

from neighbour.views import page

urlpatterns = [path("neighbour/", page, name="neighbour"), *upstream.urlpatterns]
