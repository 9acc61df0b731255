# SPDX-License-Identifier: Apache-2.0
"""The panel of empty pages, in the project dashboard."""

PANEL = "bench"
PANEL_DASHBOARD = "project"
ADD_PANEL = "benchmarks.empty.panel.Bench"
ADD_INSTALLED_APPS = ["benchmarks.empty"]
