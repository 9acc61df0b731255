# SPDX-License-Identifier: Apache-2.0
"""The ``local_settings.py`` that an operator would write for this cloud.

Differences between two dashboards come from the environment, see :meth:`demo.cloud.Cloud.horizon`.
"""

import hashlib
import os
import runpy
from pathlib import Path

import django
from openstack_dashboard.settings import ANGULAR_FEATURES, HORIZON_CONFIG, POLICY_DIRS

_state = Path(os.environ["HORIZON_STATE"])

# Otherwise two transactions that read before they write fail, and the cache loses entries.
_SQLITE_ENGINE, _SQLITE_OPTIONS = (
    "django.db.backends.sqlite3",
    {
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    },
)
if django.VERSION < (5, 1):  # which lacks both options
    _SQLITE_ENGINE, _SQLITE_OPTIONS = "demo.horizon.sqlite_immediate", {}

DEBUG = False
# The dot serves the tests, which give each user of one browser a separate host.
ALLOWED_HOSTS = ["127.0.0.1", ".localhost"]
SECRET_KEY = (_state / "secret-key").read_text()

OPENSTACK_KEYSTONE_URL = os.environ["HORIZON_KEYSTONE_URL"]
OPENSTACK_KEYSTONE_DEFAULT_ROLE = "member"

# The AngularJS Images panel or the Python one, by Horizon's own switch.
ANGULAR_FEATURES["images_panel"] = os.environ["HORIZON_IMAGES_PANEL"] == "angular"

# The sender of a new image's file to Glance: Horizon ("legacy") or the browser ("direct").
HORIZON_IMAGES_UPLOAD_MODE = os.environ.get("HORIZON_UPLOAD_MODE", "legacy")

# Create Image accepts a URL too, if Glance allows locations.
IMAGES_ALLOW_LOCATION = True

# Horizon's default, Project > Overview, needs Nova.
HORIZON_CONFIG["user_home"] = "/project/images/"

# Horizon keeps its sessions in the cache as well, so all worker processes must share it. A cache in
# memory would not be shared.
if memcached := os.environ.get("HORIZON_MEMCACHED"):
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",
            "LOCATION": memcached,
        }
    }
else:
    # A database needs no daemon.
    DATABASES = {
        "default": {
            "ENGINE": _SQLITE_ENGINE,
            "NAME": _state / "horizon.db",
            # SQLite merges its log into the file when the last connection is closed. Without this
            # setting, that happens after most requests.
            "CONN_MAX_AGE": None,
            "OPTIONS": {"timeout": 20, **_SQLITE_OPTIONS},
        }
    }
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "cache",
            # The default, 300, would log users out.
            "OPTIONS": {"MAX_ENTRIES": 10_000},
        }
    }
# Horizon caches the text of the compressed AngularJS templates and finds their file by that text,
# so dashboards with other static files need another prefix. It is a digest, because memcached
# allows no blank in a key.
CACHES["default"]["KEY_PREFIX"] = hashlib.sha256(os.environ["HORIZON_STATIC"].encode()).hexdigest()[
    :16
]
# Cookies ignore ports: without separate names, two dashboards would log each other out.
SESSION_COOKIE_NAME = f"sessionid-{os.environ['HORIZON_PORT']}"

STATIC_ROOT = os.environ["HORIZON_STATIC"]
COMPRESS_OFFLINE = True

# Django's default drops the tracebacks of errors when DEBUG is off.
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

# Operators who change the policy rules of the services copy them here for Horizon; empty by
# default.
POLICY_DIRS = {
    **POLICY_DIRS,
    "image": [str(_state / "policy.d" / "image")],
    "identity": [str(_state / "policy.d" / "identity")],
}

# Additional settings, for the tests of deployments.
if more := os.environ.get("HORIZON_SETTINGS"):
    globals().update(runpy.run_path(more, globals()))
