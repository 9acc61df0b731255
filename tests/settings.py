"""Settings for Django's test client: the demo's, without a database and compressed files."""

import os

from tests.environment import CLOUD, PANEL

os.environ.update(CLOUD.horizon_environment(0, PANEL))

from demo.horizon.settings import *  # noqa: F403

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
