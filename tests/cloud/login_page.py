# SPDX-License-Identifier: Apache-2.0
"""Responses that redirect to the login page, for pages and for AJAX."""

from urllib.parse import parse_qs, urlsplit

from django.http import HttpResponse


def leads_to_login(response: HttpResponse) -> bool:
    """Return whether a response redirects to the login page."""
    return urlsplit(_address(response)).path == "/auth/login/"


def comes_back_to(response: HttpResponse) -> str:
    """Return the address that the login page redirects to after the login."""
    assert leads_to_login(response), (response.status_code, response.content)
    return parse_qs(urlsplit(_address(response)).query)["next"][0]


def reason(response: HttpResponse) -> str:
    """Return the message that the login page will show."""
    return response.cookies["logout_reason"].value.encode().decode("unicode_escape")


def _address(response: HttpResponse) -> str:
    return response.get("X-Horizon-Location") or response.get("Location") or ""
