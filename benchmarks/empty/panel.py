# SPDX-License-Identifier: Apache-2.0
"""Registers the panel of empty pages."""

import horizon
from openstack_dashboard.dashboards.project import dashboard


class Bench(horizon.Panel):
    """The panel; it is not in the menu, because only the benchmark uses it."""

    name = "Bench"
    slug = "bench"
    urls = "benchmarks.empty.urls"
    nav = False


dashboard.Project.register(Bench)
