# SPDX-License-Identifier: Apache-2.0
"""Hides Admin > System > Default Quotas, which is empty without Nova and Cinder."""

PANEL = "defaults"
PANEL_DASHBOARD = "admin"
PANEL_GROUP = "admin"
REMOVE_PANEL = True
