# SPDX-License-Identifier: Apache-2.0
"""Headers of our pages, for browsers and for proxies in front of Horizon."""

from django.urls import URLPattern
from django.views.decorators.cache import never_cache


def never_stored(patterns: list[URLPattern]) -> list[URLPattern]:
    """Forbid caching of URLs' pages, because they name other people's images and projects.

    :param patterns: our URLs; Horizon's own stay as they are
    """
    for pattern in patterns:
        # Horizon decorates the URLs of a panel in the same way.
        pattern.callback = never_cache(pattern.callback)
    return patterns
