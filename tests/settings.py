# SPDX-License-Identifier: Apache-2.0
"""Settings for Django's test client: the demo's without a database or compressed files."""

import os
from pathlib import Path

from tests.environment import CLOUD, PANEL

_environment = CLOUD.horizon_environment(0, PANEL)
# This variable names this module; other processes of the run would inherit the demo's value.
del _environment["DJANGO_SETTINGS_MODULE"]
os.environ.update(_environment)

from demo.horizon.settings import *  # noqa: E402, F403

DATABASES = {}
# Sessions have a cache of their own, because each test begins by emptying the default one.
CACHES = {
    name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name}
    for name in ("default", "sessions")
}
SESSION_CACHE_ALIAS = "sessions"
COMPRESS_ENABLED = False
COMPRESS_OFFLINE = False
# SCSS is compiled for the browser tests only.
COMPRESS_PRECOMPILERS = ()
# This theme exists for the tests only.
STATICFILES_DIRS = [
    *STATICFILES_DIRS,  # noqa: F405
    (f"{THEME_COLLECTION_DIR}/dark", Path(__file__).parent / "themes" / "dark"),  # noqa: F405
]
