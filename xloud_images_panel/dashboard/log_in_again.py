# SPDX-License-Identifier: Apache-2.0
"""A session that a service does not accept any more: to the login page, and back.

Horizon does this itself when the session is gone, or when its token has expired by its date.
A token that was revoked looks good to Horizon: there is only the service's 401.
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

    :ivar error: what it answered
    """

    def __init__(self, error: ServiceError) -> None:
        super().__init__(error)
        self.error = error


def check(error: ServiceError) -> None:
    """Leave every other error to the caller.

    :raises SessionEnded: for a 401
    """
    if error.reason is Reason.UNAUTHENTICATED:
        raise SessionEnded(error)


class LogInAgainMixin(generic.View):
    """A view that leads to the login page when :class:`SessionEnded` is raised in it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer as usual, or lead to the login page."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except SessionEnded as ended:
            return response(request, ended.error, self.come_back())

    def come_back(self) -> str:
        """Return where the user is once logged in."""
        return self.request.get_full_path()


class HorizonsPageMixin(generic.View):
    """In front of one of Horizon's pages: it makes an error 403 of a service's 401."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer as Horizon does.

        :raises NotAuthenticated: for Glance's 401, and Horizon leads to the login page and back
        """
        try:
            return super().dispatch(request, *args, **kwargs)
        except exceptions.NotAuthorized as error:
            if any(isinstance(cause, HTTPUnauthorized) for cause in _causes(error)):
                raise exceptions.NotAuthenticated from error
            raise


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what it was raised in place of; Horizon handles some of them twice."""
    while error:
        yield error
        error = error.__cause__ or error.__context__


def url(come_back: str) -> str:
    """Return the address of the login page that leads to another one."""
    return redirect_to_login(come_back, settings.LOGIN_URL).url


def response(request: HttpRequest, error: ServiceError, come_back: str) -> HttpResponse:
    """Lead to the login page, which says why; Horizon's middleware makes a 401 of it for AJAX."""
    answer = redirect_to_login(come_back, settings.LOGIN_URL)
    why = texts.describe(error)
    if request.method == "POST":
        why = _("Nothing was changed. %(why)s") % {"why": why}
    functions.add_logout_reason(request, answer, why, "error")
    return answer
