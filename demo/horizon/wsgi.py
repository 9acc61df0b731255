"""Horizon under a WSGI server, with its collected static files.

``openstack_dashboard.wsgi`` insists on its own settings module, hence this one.
An operator's web server serves the static files; here WhiteNoise does.
"""

import os

from django.core.wsgi import get_wsgi_application
from whitenoise import WhiteNoise

os.environ["DJANGO_SETTINGS_MODULE"] = "demo.horizon.settings"

application = WhiteNoise(
    get_wsgi_application(), root=os.environ["HORIZON_STATIC"], prefix="static/"
)
