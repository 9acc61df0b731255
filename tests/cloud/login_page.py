# SPDX-License-Identifier: Apache-2.0
"""Answers that lead to the login page, from a page and from AJAX."""

from urllib.parse import parse_qs, urlsplit

from django.http import HttpResponse


def leads_to_login(response: HttpResponse) -> bool:
    """Tell whether an answer leads to the login page."""
    return urlsplit(_address(response)).path == "/auth/login/"


def comes_back_to(response: HttpResponse) -> str:
    """Return where the login page leads that an answer leads to."""
    assert leads_to_login(response), (response.status_code, response.content)
    return parse_qs(urlsplit(_address(response)).query)["next"][0]


def reason(response: HttpResponse) -> str:
    """Return what the login page is going to say."""
    return response.cookies["logout_reason"].value.encode().decode("unicode_escape")


def _address(response: HttpResponse) -> str:
    return response.get("X-Horizon-Location") or response.get("Location") or ""
