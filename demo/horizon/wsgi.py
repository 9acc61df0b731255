# SPDX-License-Identifier: Apache-2.0
"""Horizon under a WSGI server, with its collected static files.

``openstack_dashboard.wsgi`` insists on its own settings module, hence this one.
An operator's web server serves the static files; here WhiteNoise does.
"""

import os
import re

import futurist._thread
from django.core.wsgi import get_wsgi_application
from whitenoise import WhiteNoise

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "demo.horizon.settings")

# Otherwise each list of the AngularJS Images panel takes a second in which nothing is done.
if idle := os.environ.get("HORIZON_IDLE_SECONDS"):
    futurist._thread.ThreadWorker.MAX_IDLE_FOR = float(idle)

_horizon = WhiteNoise(get_wsgi_application(), root=os.environ["HORIZON_STATIC"], prefix="static/")


def application(environ, start_response):
    """Answer a request, with slashes in a row taken for one as any web server does.

    Horizon's Images panel asks for ``static/app/core/images//actions/…``, and its
    button Delete Images is not there without it.
    """
    environ["PATH_INFO"] = re.sub("/+", "/", environ["PATH_INFO"])
    return _horizon(environ, start_response)
