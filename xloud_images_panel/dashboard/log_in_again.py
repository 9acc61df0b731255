# SPDX-License-Identifier: Apache-2.0
"""Redirects to the login page and back when a service no longer accepts the session.

Horizon does this itself when the session is gone, or when its token's expiry date has passed.
A revoked token looks valid to Horizon: only the service's 401 reveals it.
"""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views import generic
from glanceclient.exc import HTTPUnauthorized
from horizon import exceptions
from horizon.utils import functions

from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.dashboard import texts


class SessionEnded(Exception):
    """A service did not accept the session, and nothing was changed.

    :ivar error: the service's answer
    """

    def __init__(self, error: ServiceError) -> None:
        super().__init__(error)
        self.error = error


def check(error: ServiceError) -> None:
    """Turn a 401 into :class:`SessionEnded`; leave other errors to the caller.

    :raises SessionEnded: for a 401
    """
    if error.reason is Reason.UNAUTHENTICATED:
        raise SessionEnded(error)


class LogInAgainMixin(generic.View):
    """A view that redirects to the login page when it raises :class:`SessionEnded`."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer as usual, or redirect to the login page."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except SessionEnded as ended:
            return response(request, ended.error, self.come_back())

    def come_back(self) -> str:
        """Return the address to which the user returns after the login."""
        return self.request.get_full_path()


class HorizonsPageMixin(generic.View):
    """A mixin for Horizon's pages, which turn a service's 401 into a 403."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer as Horizon does.

        :raises NotAuthenticated: for Glance's 401; Horizon redirects to the login page and back
        """
        try:
            return super().dispatch(request, *args, **kwargs)
        except exceptions.NotAuthorized as error:
            if any(isinstance(cause, HTTPUnauthorized) for cause in _causes(error)):
                raise exceptions.NotAuthenticated from error
            raise


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and the errors behind it; Horizon handles some errors twice."""
    while error:
        yield error
        error = error.__cause__ or error.__context__


def url(come_back: str) -> str:
    """Return the address of the login page that leads to another page."""
    return redirect_to_login(come_back, settings.LOGIN_URL).url


def response(request: HttpRequest, error: ServiceError, come_back: str) -> HttpResponse:
    """Redirect to the login page with a reason; Horizon's middleware sends AJAX a 401 instead."""
    answer = redirect_to_login(come_back, settings.LOGIN_URL)
    why = texts.describe(error)
    if request.method == "POST":
        why = _("Nothing was changed. %(why)s") % {"why": why}
    functions.add_logout_reason(request, answer, why, "error")
    return answer
