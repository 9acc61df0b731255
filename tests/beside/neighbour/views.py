# SPDX-License-Identifier: Apache-2.0
"""The neighbour's page."""

from django.http import HttpRequest, HttpResponse


def page(request: HttpRequest) -> HttpResponse:
    """Return a page that names the neighbour."""
    return HttpResponse("The neighbour's page")
