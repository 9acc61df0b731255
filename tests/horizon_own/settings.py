# SPDX-License-Identifier: Apache-2.0
"""Horizon's settings for its own tests, with the panel enabled as an operator enables it."""

import os
from pathlib import Path

import openstack_dashboard.enabled as horizons_own

import xloud_images_panel

# Horizon's tests have no `local/enabled`, so the panel's files join Horizon's own.
horizons_own.__path__.append(str(Path(xloud_images_panel.__file__).with_name("enabled")))

from openstack_dashboard.test.settings import *  # noqa: E402, F403
from openstack_dashboard.test.settings import ANGULAR_FEATURES  # noqa: E402

ANGULAR_FEATURES["images_panel"] = os.environ["HORIZON_IMAGES_PANEL"] == "angular"
