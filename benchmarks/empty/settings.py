# SPDX-License-Identifier: Apache-2.0
"""The demo's settings, with a count of requests and the panel of empty pages."""

from pathlib import Path

import openstack_dashboard.local.enabled as local_enabled

local_enabled.__path__.append(str(Path(__file__).with_name("enabled")))

from demo.horizon.settings import *  # noqa: E402, F403
from demo.horizon.settings import MIDDLEWARE  # noqa: E402

MIDDLEWARE = ("benchmarks.empty.counting.CountingMiddleware", *MIDDLEWARE)
