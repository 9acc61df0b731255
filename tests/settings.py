"""Settings for Django's test client: the demo's, without a database and compressed files."""

import os

from tests.environment import CLOUD, PANEL

os.environ.update(CLOUD.horizon_environment(0, PANEL))

from demo.horizon.settings import *  # noqa: F403

DATABASES = {}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
COMPRESS_ENABLED = False
COMPRESS_OFFLINE = False
# SCSS is compiled for the browser tests only.
COMPRESS_PRECOMPILERS = ()
