"""Pages with the names of projects and images, which no cache keeps: URLs of views of ours.

Horizon sends its own pages without ``Cache-Control``. A browser, or a proxy before
Horizon, may keep what comes without it, and show it to the next user.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern
from django.urls import path as django_path
from django.views.decorators.cache import never_cache


def path(route: str, view: Callable[..., HttpResponse], **kwargs: Any) -> URLPattern:
    """Return Django's ``path()`` of a view whose answers are sent with ``no-store``."""
    return django_path(route, never_cache(view), **kwargs)
