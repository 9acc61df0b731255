# SPDX-License-Identifier: Apache-2.0
"""Horizon's messages; no other module of the panel uses them."""

import re
from collections.abc import Iterable

from django.http import HttpRequest
from horizon import messages


def inert(text: str) -> str:
    """Return a text that AngularJS shows instead of running it.

    AngularJS compiles Horizon's messages: it would execute an image's name
    ``{$ constructor.constructor('…')() $}``. A zero-width space splits each
    beginning of an expression, ``{$`` or ``{{``, without changing how the
    text looks. Without a beginning, ``$}`` and ``}}`` end nothing. Horizon
    also cuts messages at an ellipsis and takes the rest for details.
    """
    return re.sub(r"\{(?=[{$])", "{\u200b", text).replace("…", "...")


def success(request: HttpRequest, text: str) -> None:
    """Say that something was done."""
    messages.success(request, inert(text))


def info(request: HttpRequest, text: str) -> None:
    """Say what the user may want to know."""
    messages.info(request, inert(text))


def warning(request: HttpRequest, text: str) -> None:
    """Say what the user should know."""
    messages.warning(request, inert(text))


def error(request: HttpRequest, text: str) -> None:
    """Say that something failed."""
    messages.error(request, inert(text))


_BY_LEVEL = {"success": success, "info": info, "warning": warning, "error": error}


def each(request: HttpRequest, told: Iterable[tuple[str, str]]) -> None:
    """Show several messages, each a level (the name of a function here) and a text."""
    for level, text in told:
        _BY_LEVEL[level](request, text)
