# SPDX-License-Identifier: Apache-2.0
"""Calls to Keystone and Glance: retries, a deadline, and one kind of error.

Everything that can go wrong between Horizon and a service becomes a
:class:`ServiceError` with a :class:`Reason`, so that the modules above know
neither client library's exceptions.
"""

import functools
import logging
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec, TypeVar

import requests
import tenacity
import urllib3
from django.utils.html import strip_tags
from glanceclient import exc as glance_errors
from keystoneauth1 import exceptions as keystone_errors
from urllib3.util.ssl_match_hostname import CertificateError

from xloud_images_panel.access.failure import TRANSIENT, Reason, ServiceError
from xloud_images_panel.services.connection import Limits
from xloud_images_panel.services.transport import LONGEST_WORDS, TooLarge, Unreadable

Asked = ParamSpec("Asked")
Found = TypeVar("Found")

LOG = logging.getLogger(__name__)

_REASON_BY_STATUS = {
    401: Reason.UNAUTHENTICATED,
    403: Reason.FORBIDDEN,
    404: Reason.MISSING,
    409: Reason.CONFLICT,
    429: Reason.BUSY,
    503: Reason.BUSY,
}
_DOWN = {Reason.UNREACHABLE, Reason.TIMED_OUT, Reason.BUSY, Reason.UNTRUSTED}
#: Maximum seconds between two tries, whatever a service asks for.
LONGEST_WAIT = 5.0


def _error(service: str, error: Exception, *, tries: int, sent: bool) -> ServiceError:
    """Translate an exception of either client library."""
    built = functools.partial(ServiceError, service, tries=tries, sent=sent)
    if isinstance(error, keystone_errors.HttpError) and error.http_status >= 400:
        status = error.http_status
        default = Reason.BROKEN if status >= 500 else Reason.REFUSED
        reason = _REASON_BY_STATUS.get(status, default)
        return built(reason, status, _words(error), retry_after=error.retry_after)
    if isinstance(error, TooLarge):
        return built(Reason.TOO_LARGE, details=str(error), bound=error.largest, end=error.end)
    if _is_untrusted(error):
        return built(Reason.UNTRUSTED, details=str(error))
    # glanceclient turns keystoneauth's ConnectTimeout, which also stands for a
    # slow answer, into InvalidEndpoint.
    if isinstance(error, glance_errors.InvalidEndpoint | keystone_errors.ConnectTimeout):
        return built(Reason.TIMED_OUT, details=str(error))
    if isinstance(error, glance_errors.CommunicationError | keystone_errors.ConnectionError):
        return built(Reason.UNREACHABLE, details=str(error))
    return built(Reason.BROKEN, details=f"{type(error).__name__}: {error}")


def _words(error: keystone_errors.HttpError) -> str:
    """Return a service's own words about an error, with HTML as text, on one line."""
    words = " ".join(strip_tags(error.details or "").split())[:LONGEST_WORDS]
    return f"{words or error.message} {error.request_id or ''}".rstrip()


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and its causes: the libraries wrap each other's errors."""
    while error:
        yield error
        error = error.__context__


def _without_connection(error: BaseException) -> bool:
    """Return whether a call failed before it had a connection."""
    return _is_untrusted(error) or any(
        isinstance(
            cause, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError
        )
        for cause in _causes(error)
    )


def _is_untrusted(error: BaseException) -> bool:
    """Return whether the service's certificate was refused, so that no connection began."""
    # urllib3 1.26 itself compares the name in the certificate.
    untrusted = ssl.SSLCertVerificationError | CertificateError
    return any(isinstance(cause, untrusted) for cause in _causes(error))


def _is_transient(error: BaseException) -> bool:
    return isinstance(error, ServiceError) and error.reason in TRANSIENT


def pause(state: tenacity.RetryCallState) -> float:
    """Return the seconds until the next try: as the service asks, or a growing delay."""
    failure = state.outcome.exception() if state.outcome else None
    asked = failure.retry_after if isinstance(failure, ServiceError) else 0
    backoff = tenacity.wait_random_exponential(multiplier=0.1, max=2)(state)
    return min(max(asked, backoff), LONGEST_WAIT)


class Service:
    """Keystone or Glance during one request.

    :param name: ``"Keystone"`` or ``"Glance"``, for the errors
    """

    def __init__(self, name: str, limits: Limits) -> None:
        self.name = name
        self._limits = limits
        self._deadline = time.monotonic() + limits.total_time
        self._down: ServiceError | None = None
        self._failing_since: float | None = None
        self._places = threading.Semaphore(limits.max_workers)

    def ask(
        self, function: Callable[Asked, Found], *args: Asked.args, **kwargs: Asked.kwargs
    ) -> Found:
        """Call a function of a client library, again when the failure is transient.

        A connection that was kept alive for more than a second may be reset at
        the next write, which is a passing failure. A service that let one call
        run into the time limit, could not be reached at all or stayed busy is
        not called again in this request, because each call would hold the
        worker again. A command has some patience (``patience``). Nor is a
        service called after the time of the request (``total_time``) is over.

        :returns: the function's result
        :raises ServiceError: when the last try failed too; ``tries`` counts all
            tries, because a conflict on the second may be the work of the first
        """
        if self._down:
            raise ServiceError(self.name, self._down.reason, details="not asked again", tries=0)
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise ServiceError(
                self.name,
                Reason.OUT_OF_TIME,
                details=f"not asked after {self._limits.total_time:g} seconds",
                tries=0,
                bound=self._limits.total_time,
            )
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self._limits.tries)
            | tenacity.stop_before_delay(min(self._limits.timeout, left)),
            wait=pause,
            retry=tenacity.retry_if_exception(_is_transient),
            reraise=True,
        )
        try:
            found = retrying(lambda: self._once(retrying.statistics, function, *args, **kwargs))
            self._failing_since = None
            return found
        except ServiceError as error:
            if error.reason in _DOWN:
                now = time.monotonic()
                self._failing_since = self._failing_since or now
                if now - self._failing_since >= self._limits.patience:
                    self._down = error
            # A 404 is an answer: an administrator's scan gets hundreds of them.
            level = logging.DEBUG if error.reason is Reason.MISSING else logging.WARNING
            LOG.log(level, "%s (tries: %d)", error, error.tries)
            raise

    def _once(
        self,
        statistics: dict[str, Any],
        function: Callable[Asked, Found],
        *args: Asked.args,
        **kwargs: Asked.kwargs,
    ) -> Found:
        try:
            with self._places:
                return function(*args, **kwargs)
        except ServiceError as error:  # the function itself kept this try from being sent
            sent = bool(statistics.get("sent"))
            raise error.replaced(tries=statistics["attempt_number"], sent=sent) from error
        except (
            glance_errors.BaseException,
            glance_errors.ClientException,
            keystone_errors.ClientException,
            requests.exceptions.InvalidJSONError,
            Unreadable,
            TooLarge,
        ) as error:
            # An earlier try may have succeeded, though this one did not even reach the service.
            sent = statistics["sent"] = statistics.get("sent") or not _without_connection(error)
            tries = statistics["attempt_number"]
            raise _error(self.name, error, tries=tries, sent=sent) from error
