# SPDX-License-Identifier: Apache-2.0
"""Horizon's own settings, with ``site/local/local_settings.py`` as the operator's file.

Horizon looks for ``local/local_settings.py`` and ``local/enabled/`` inside its installed package.
Two demos and the tests may share one installation, so nothing is written there; Python's search
paths lead to this folder and to the panel's instead.
"""

import os
import sys
from pathlib import Path

import openstack_dashboard.local.enabled as local_enabled
import yaml

import xloud_images_panel

sys.path.insert(0, str(Path(__file__).with_name("site")))

# Horizon parses its policy files with `yaml.safe_load`. In each process, the Python parser takes a
# second for them, so the C parser replaces it where PyYAML has one.
yaml.SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# Horizon loads every module in these folders, like files copied into its own.
local_enabled.__path__.append(str(Path(__file__).with_name("enabled")))
if os.environ.get("HORIZON_WITH_PANEL", "yes") == "yes":
    for folder in xloud_images_panel.__path__:
        local_enabled.__path__.append(str(Path(folder) / "enabled"))

# Files of a plugin that is tested together with the panel.
if enabled := os.environ.get("HORIZON_ENABLED"):
    local_enabled.__path__.append(enabled)

from openstack_dashboard.settings import *  # noqa: E402, F403
