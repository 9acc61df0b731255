# SPDX-License-Identifier: Apache-2.0
"""Enables the neighbour; Horizon loads this file after the panel's ``_2250``."""

import sys
from pathlib import Path

# The neighbour is a top-level package: Horizon looks for `tests.…` in its own folders first.
sys.path.append(str(Path(__file__).parents[1]))

FEATURE = "neighbour"
ADD_INSTALLED_APPS = ["neighbour"]
ADD_ANGULAR_MODULES = ["neighbour"]
AUTO_DISCOVER_STATIC_FILES = True
