# SPDX-License-Identifier: Apache-2.0
"""Takes Admin > System > Default Quotas out of the menu: without Nova and Cinder it is empty."""

PANEL = "defaults"
PANEL_DASHBOARD = "admin"
PANEL_GROUP = "admin"
REMOVE_PANEL = True
