# SPDX-License-Identifier: Apache-2.0
"""Settings for Django's test client: the demo's, without a database and compressed files."""

import os
from pathlib import Path

from tests.environment import CLOUD, PANEL

_environment = CLOUD.horizon_environment(0, PANEL)
# It is this module; the other processes of the run would take it from here.
del _environment["DJANGO_SETTINGS_MODULE"]
os.environ.update(_environment)

from demo.horizon.settings import *  # noqa: E402, F403

DATABASES = {}
# Sessions apart from what is emptied before each test.
CACHES = {
    name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name}
    for name in ("default", "sessions")
}
SESSION_CACHE_ALIAS = "sessions"
COMPRESS_ENABLED = False
COMPRESS_OFFLINE = False
# SCSS is compiled for the browser tests only.
COMPRESS_PRECOMPILERS = ()
# A theme that is there for the tests alone.
STATICFILES_DIRS = [
    *STATICFILES_DIRS,  # noqa: F405
    (f"{THEME_COLLECTION_DIR}/dark", Path(__file__).parent / "themes" / "dark"),  # noqa: F405
]
