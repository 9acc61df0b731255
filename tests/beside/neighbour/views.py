# SPDX-License-Identifier: Apache-2.0
"""The neighbour's page."""

from django.http import HttpRequest, HttpResponse


def page(request: HttpRequest) -> HttpResponse:
    """Say whose page it is."""
    return HttpResponse("The neighbour's page")
