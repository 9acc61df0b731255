"""Calls to Keystone and Glance: one session per request, retries, and one kind of error.

Everything that can go wrong between Horizon and a service becomes a
:class:`ServiceError` with a :class:`Reason`, so that the modules above know
neither client library's exceptions.
"""

import contextlib
import enum
import logging
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import tenacity
from django.conf import settings as django_settings
from glanceclient import exc as glance_errors
from keystoneauth1 import exceptions as keystone_errors
from keystoneauth1 import session, token_endpoint
from openstack_auth import utils as auth_utils

from xloud_images_panel import settings

LOG = logging.getLogger(__name__)


class Reason(enum.StrEnum):
    """Why a service did not do what it was asked."""

    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed out"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    MISSING = "missing"
    CONFLICT = "conflict"
    OVER_QUOTA = "over quota"
    BUSY = "busy"
    REFUSED = "refused"
    BROKEN = "broken"


class ServiceError(Exception):
    """Keystone or Glance did not do what it was asked.

    :ivar service: ``"Keystone"`` or ``"Glance"``
    :ivar reason: a :class:`Reason`
    :ivar status: the HTTP status, or None when there was no answer
    :ivar details: the service's own words, for the log
    :ivar retry_after: seconds after which the service asks to be tried again
    :ivar tries: how often the call was made
    """

    def __init__(
        self,
        service: str,
        reason: Reason,
        status: int | None = None,
        details: str = "",
        retry_after: float = 0,
    ) -> None:
        super().__init__(service, reason, status, details)
        self.service = service
        self.reason = reason
        self.status = status
        self.details = details
        self.retry_after = retry_after
        self.tries = 1

    def __str__(self) -> str:
        status = f" (HTTP {self.status})" if self.status else ""
        return f"{self.service}: {self.reason}{status} {self.details}".rstrip()


_REASON_BY_STATUS = {
    401: Reason.UNAUTHENTICATED,
    403: Reason.FORBIDDEN,
    404: Reason.MISSING,
    409: Reason.CONFLICT,
    413: Reason.OVER_QUOTA,
    429: Reason.BUSY,
    503: Reason.BUSY,
}

# Glance on SQLite answers 500 "database is locked" to parallel writes; a
# retry recovers all of them.
_TRANSIENT = {Reason.UNREACHABLE, Reason.BUSY, Reason.BROKEN}
_OVERRUN = {Reason.BUSY, Reason.BROKEN}
_LONGEST_WAIT = 5.0


def _error(service: str, error: Exception) -> ServiceError:
    """Translate an exception of either client library."""
    status = getattr(error, "http_status", None) or getattr(error, "code", None)
    if isinstance(status, int) and status >= 400:
        default = Reason.BROKEN if status >= 500 else Reason.REFUSED
        reason = _REASON_BY_STATUS.get(status, default)
        return ServiceError(
            service, reason, status, str(error), getattr(error, "retry_after", 0) or 0
        )
    # glanceclient turns keystoneauth's ConnectTimeout, which stands for a
    # slow answer too, into InvalidEndpoint.
    if isinstance(error, glance_errors.InvalidEndpoint | keystone_errors.ConnectTimeout):
        return ServiceError(service, Reason.TIMED_OUT, details=str(error))
    if isinstance(error, glance_errors.CommunicationError | keystone_errors.ConnectionError):
        return ServiceError(service, Reason.UNREACHABLE, details=str(error))
    return ServiceError(service, Reason.BROKEN, details=f"{type(error).__name__}: {error}")


def _is_transient(error: BaseException) -> bool:
    return isinstance(error, ServiceError) and error.reason in _TRANSIENT


def _wait(state: tenacity.RetryCallState) -> float:
    asked = getattr(state.outcome.exception(), "retry_after", 0)
    backoff = tenacity.wait_random_exponential(multiplier=0.1, max=2)(state)
    return min(max(asked, backoff), _LONGEST_WAIT)


class Service:
    """Keystone or Glance during one request.

    :param name: ``"Keystone"`` or ``"Glance"``, for the errors
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._down: ServiceError | None = None
        self._overrun = False
        self._turn = threading.Lock()

    def ask(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a function of a client library, again when the failure is transient.

        A connection that was kept alive for more than a second may be reset by
        the next write, and Glance on SQLite answers 500 to parallel writes;
        both pass. A service that let one call run into the time limit, or
        could not be reached at all, is not asked again in this request: it
        would hold the worker once more for each call. One that fails under
        several calls at once is from then on asked one thing at a time: its
        retries would only meet each other again.

        :returns: what the function returns
        :raises ServiceError: when the last try failed too; its ``tries`` tells
            how many there were, because a conflict on the second try may be
            the work of the first
        """
        if self._down:
            raise ServiceError(self.name, self._down.reason, details="not asked again")
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(settings.get().tries),
            wait=_wait,
            retry=tenacity.retry_if_exception(_is_transient),
            reraise=True,
        )
        try:
            return retrying(self._once, function, *args, **kwargs)
        except ServiceError as error:
            error.tries = retrying.statistics["attempt_number"]
            if error.reason in (Reason.UNREACHABLE, Reason.TIMED_OUT):
                self._down = error
            # What is not there is an answer: a scan for an administrator gets hundreds of these.
            level = logging.DEBUG if error.reason is Reason.MISSING else logging.WARNING
            LOG.log(level, "%s (tries: %d)", error, error.tries)
            raise

    def _once(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            with self._turn if self._overrun else contextlib.nullcontext():
                return function(*args, **kwargs)
        except (
            glance_errors.BaseException,
            glance_errors.ClientException,
            keystone_errors.ClientException,
            # What an unreadable body gives: KeyError, TypeError, ValueError.
            LookupError,
            TypeError,
            ValueError,
        ) as error:
            failure = _error(self.name, error)
            if failure.reason in _OVERRUN:
                self._overrun = True
            raise failure from error


def in_parallel(function: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
    """Return ``function(item)`` for each item, in order, from a pool of threads.

    :raises Exception: what the function raised for the first item that failed
    """
    items = list(items)
    if len(items) < 2:
        return [function(item) for item in items]
    workers = min(settings.get().max_workers, len(items))
    # Not futurist's pool: its idle threads look up only once a second whether they may end,
    # and leaving it waits for that.
    with ThreadPoolExecutor(max_workers=workers) as pool:
        return [future.result() for future in [pool.submit(function, item) for item in items]]


def open_session(request: Any, endpoint: str) -> session.Session:
    """Return a keystoneauth session that carries the user's token to one endpoint.

    Horizon's own clients have no time limit: a service that hangs would hold
    the worker with it. Connections are reused within the session.

    :param request: the Django request of a user who is logged in
    :param endpoint: the service's URL from the user's catalog
    """
    verify = not django_settings.OPENSTACK_SSL_NO_VERIFY
    return session.Session(
        auth=token_endpoint.Token(endpoint=endpoint, token=request.user.token.id),
        original_ip=auth_utils.get_client_ip(request),
        verify=verify and (django_settings.OPENSTACK_SSL_CACERT or True),
        timeout=settings.get().timeout,
    )
