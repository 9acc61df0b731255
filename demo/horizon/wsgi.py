# SPDX-License-Identifier: Apache-2.0
"""Horizon under a WSGI server, with its collected static files.

``openstack_dashboard.wsgi`` sets its own settings module, so this module replaces it. An operator's
web server serves the static files; here WhiteNoise does.
"""

import os
import re

import futurist._thread
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver
from whitenoise import WhiteNoise

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "demo.horizon.settings")

# Otherwise each list of the AngularJS Images panel wastes a second of waiting.
if idle := os.environ.get("HORIZON_IDLE_SECONDS"):
    futurist._thread.ThreadWorker.MAX_IDLE_FOR = float(idle)

_horizon = WhiteNoise(get_wsgi_application(), root=os.environ["HORIZON_STATIC"], prefix="static/")
# Otherwise each process would import Horizon's panels for its first request. Imported here, they
# are shared, see ``preload_app`` in ``demo/gunicorn.conf.py``.
_ = get_resolver().url_patterns


def application(environ, start_response):
    """Answer a request after merging repeated slashes, as any web server does.

    Horizon's Images panel requests ``static/app/core/images//actions/…``. Unless this is answered,
    its button Delete Images is missing.
    """
    environ["PATH_INFO"] = re.sub("/+", "/", environ["PATH_INFO"])
    return _horizon(environ, start_response)
