# SPDX-License-Identifier: Apache-2.0
"""What an operator would write in Horizon's ``local_settings.py`` for this cloud.

Everything that differs between two dashboards comes in the environment, see
:meth:`demo.cloud.Cloud.horizon`.
"""

import hashlib
import os
import runpy
from pathlib import Path

import django
from openstack_dashboard.settings import ANGULAR_FEATURES, HORIZON_CONFIG, POLICY_DIRS

_state = Path(os.environ["HORIZON_STATE"])

# Otherwise two transactions that read first and then write fail, and the cache loses entries.
_SQLITE_ENGINE, _SQLITE_OPTIONS = (
    "django.db.backends.sqlite3",
    {
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    },
)
if django.VERSION < (5, 1):  # which has neither option
    _SQLITE_ENGINE, _SQLITE_OPTIONS = "demo.horizon.sqlite_immediate", {}

DEBUG = False
# With a dot before it for the tests, which give each user of one browser a host of their own.
ALLOWED_HOSTS = ["127.0.0.1", ".localhost"]
SECRET_KEY = (_state / "secret-key").read_text()

OPENSTACK_KEYSTONE_URL = os.environ["HORIZON_KEYSTONE_URL"]
OPENSTACK_KEYSTONE_DEFAULT_ROLE = "member"

# The AngularJS Images panel or the Python one: Horizon's own switch.
ANGULAR_FEATURES["images_panel"] = os.environ["HORIZON_IMAGES_PANEL"] == "angular"

# Who sends the file of a new image to Glance: Horizon ("legacy") or the browser ("direct").
HORIZON_IMAGES_UPLOAD_MODE = os.environ.get("HORIZON_UPLOAD_MODE", "legacy")

# Create Image takes a URL too, where Glance lets locations be added.
IMAGES_ALLOW_LOCATION = True

# Horizon's own choice, Project > Overview, needs Nova.
HORIZON_CONFIG["user_home"] = "/project/images/"

# Horizon keeps its sessions in the cache as well, so it has to be one that all worker processes
# share, which a cache in memory is not.
if memcached := os.environ.get("HORIZON_MEMCACHED"):
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",
            "LOCATION": memcached,
        }
    }
else:
    # No daemon to run.
    DATABASES = {
        "default": {
            "ENGINE": _SQLITE_ENGINE,
            "NAME": _state / "horizon.db",
            "OPTIONS": {"timeout": 20, **_SQLITE_OPTIONS},
        }
    }
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "cache",
            # The default, 300, would log people out.
            "OPTIONS": {"MAX_ENTRIES": 10_000},
        }
    }
# Horizon caches the text of the compressed AngularJS templates and finds the file by it. A digest,
# because memcached takes no blank in a key.
CACHES["default"]["KEY_PREFIX"] = hashlib.sha256(os.environ["HORIZON_STATIC"].encode()).hexdigest()[
    :16
]
# Cookies know no ports: without names of their own, two dashboards log each other out.
SESSION_COOKIE_NAME = f"sessionid-{os.environ['HORIZON_PORT']}"

STATIC_ROOT = os.environ["HORIZON_STATIC"]
COMPRESS_OFFLINE = True

# Django's own default drops the tracebacks of errors when DEBUG is off.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "xloud_images_panel": {"level": "INFO"},
    },
}

# Where an operator who gives the services other rules gives Horizon the same; empty as it comes.
POLICY_DIRS = {
    **POLICY_DIRS,
    "image": [str(_state / "policy.d" / "image")],
    "identity": [str(_state / "policy.d" / "identity")],
}

# What another installation has in its own: of the tests of deployments.
if more := os.environ.get("HORIZON_SETTINGS"):
    globals().update(runpy.run_path(more, globals()))
