"""Calls to Keystone and Glance: one session per request, retries, and one kind of error.

Everything that can go wrong between Horizon and a service becomes a
:class:`ServiceError` with a :class:`Reason`, so that the modules above know
neither client library's exceptions.
"""

import contextlib
import contextvars
import enum
import io
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import fasteners
import requests
import tenacity
import urllib3
from django.conf import settings as django_settings
from django.utils.html import strip_tags
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
    :ivar tries: how often the call was made; 0 when the service was down already
    :ivar sent: False when there was not even a connection to send it through, at no try
    """

    def __init__(
        self,
        service: str,
        reason: Reason,
        status: int | None = None,
        details: str = "",
        retry_after: float = 0,
        tries: int = 1,
    ) -> None:
        super().__init__(service, reason, status, details)
        self.service = service
        self.reason = reason
        self.status = status
        self.details = details
        self.retry_after = retry_after
        self.tries = tries
        self.sent = True

    @property
    def doubtful(self) -> bool:
        """Whether the service may have done what it was asked nevertheless.

        A connection can break off, or a proxy give up, after the service has
        done its work; and the last of several tries says nothing of the first.
        """
        return self.sent and (
            self.tries > 1 or (self.tries == 1 and self.reason in _TRANSIENT | {Reason.TIMED_OUT})
        )

    def __str__(self) -> str:
        status = f" (HTTP {self.status})" if self.status else ""
        return f"{self.service}: {self.reason}{status} {self.details}".rstrip()


_REASON_BY_STATUS = {
    401: Reason.UNAUTHENTICATED,
    403: Reason.FORBIDDEN,
    404: Reason.MISSING,
    409: Reason.CONFLICT,
    429: Reason.BUSY,
    503: Reason.BUSY,
}

# Glance on SQLite answers 500 "database is locked" to parallel writes; a
# retry recovers all of them.
_TRANSIENT = {Reason.UNREACHABLE, Reason.BUSY, Reason.BROKEN}
_DOWN = {Reason.UNREACHABLE, Reason.TIMED_OUT, Reason.BUSY}
#: Seconds between two tries at the most, whatever a service asks for.
LONGEST_WAIT = 5.0
# Characters of a service's own words in the log.
_LONGEST_WORDS = 500
# Bytes of an answer that are read at once.
_PIECE = 64 * 1024


# What the calls of the work at hand were called by the service, see `traced`.
_request_ids: contextvars.ContextVar[list[str] | None] = contextvars.ContextVar(
    "request_ids", default=None
)


@contextlib.contextmanager
def traced() -> Iterator[list[str]]:
    """Collect the request IDs of the calls that this thread makes meanwhile.

    They are the services' own (``x-openstack-request-id``), of failed calls
    too: with them an operator finds a call in the service's log.
    """
    request_ids: list[str] = []
    before = _request_ids.set(request_ids)
    try:
        yield request_ids
    finally:
        _request_ids.reset(before)


class _InTime(session.TCPKeepAliveAdapter):
    """Sends requests and reads whole answers within the time that one may take.

    The time limit of requests is for each piece of an answer: a service, or a
    proxy before it, that sends a byte now and then would hold the worker for
    ever.
    """

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | None = None,
        **kwargs: Any,
    ) -> requests.Response:
        """Return the answer with its body read.

        :param timeout: seconds
        :raises requests.exceptions.Timeout: when there is no end of it by then
        :raises requests.exceptions.ChunkedEncodingError: when it breaks off
        """
        begun = time.monotonic()
        response = super().send(request, stream=True, timeout=timeout, **kwargs)
        body = io.BytesIO()
        try:
            while piece := response.raw.read1(_PIECE, decode_content=True):
                body.write(piece)
                if timeout is not None and time.monotonic() - begun > timeout:
                    raise requests.exceptions.ReadTimeout(request=request)
        except urllib3.exceptions.TimeoutError as error:
            raise requests.exceptions.ReadTimeout(error, request=request) from error
        except urllib3.exceptions.HTTPError as error:
            raise requests.exceptions.ChunkedEncodingError(error, request=request) from error
        finally:
            # The connection is kept where the answer was read to its end.
            response.raw.close()
        body.seek(0)
        response.raw = body
        return response


class _Session(session.Session):
    """A keystoneauth session that reads whole answers and notes their request IDs.

    glanceclient would read an answer after the session is through with it,
    where a connection that breaks off is nobody's error any more, and make an
    error of a failed one that has neither ``Retry-After`` nor the status of
    what it does not know, such as 429.
    """

    def request(self, url: str, method: str, **kwargs: Any) -> Any:
        """Make the call; raise keystoneauth's error of an answer that is one."""
        try:
            response = super().request(
                url, method, **{**kwargs, "raise_exc": True, "stream": False}
            )
        except keystone_errors.HttpError as error:
            _note(error.request_id)
            raise
        _note(response.headers.get("x-openstack-request-id"))
        return response


def _note(request_id: str | None) -> None:
    request_ids = _request_ids.get()
    if request_id and request_ids is not None:
        request_ids.append(request_id)


def _error(service: str, error: Exception) -> ServiceError:
    """Translate an exception of either client library."""
    if isinstance(error, keystone_errors.HttpError) and error.http_status >= 400:
        status = error.http_status
        default = Reason.BROKEN if status >= 500 else Reason.REFUSED
        reason = _REASON_BY_STATUS.get(status, default)
        return ServiceError(service, reason, status, _words(error), error.retry_after)
    # glanceclient turns keystoneauth's ConnectTimeout, which stands for a
    # slow answer too, into InvalidEndpoint.
    if isinstance(error, glance_errors.InvalidEndpoint | keystone_errors.ConnectTimeout):
        return ServiceError(service, Reason.TIMED_OUT, details=str(error))
    if isinstance(error, glance_errors.CommunicationError | keystone_errors.ConnectionError):
        return ServiceError(service, Reason.UNREACHABLE, details=str(error))
    return ServiceError(service, Reason.BROKEN, details=f"{type(error).__name__}: {error}")


def _words(error: keystone_errors.HttpError) -> str:
    """Return what a service says of its error, HTML as text, in one line."""
    words = " ".join(strip_tags(error.details or "").split())[:_LONGEST_WORDS]
    return f"{words or error.message} {error.request_id or ''}".rstrip()


def _without_connection(error: BaseException | None) -> bool:
    """Tell whether a call failed before there was a connection; the libraries wrap that."""
    while error:
        if isinstance(
            error, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError
        ):
            return True
        error = error.__context__
    return False


def _is_transient(error: BaseException) -> bool:
    return isinstance(error, ServiceError) and error.reason in _TRANSIENT


def _wait(state: tenacity.RetryCallState) -> float:
    asked = getattr(state.outcome.exception(), "retry_after", 0)
    backoff = tenacity.wait_random_exponential(multiplier=0.1, max=2)(state)
    return min(max(asked, backoff), LONGEST_WAIT)


class Service:
    """Keystone or Glance during one request.

    :param name: ``"Keystone"`` or ``"Glance"``, for the errors
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._deadline = time.monotonic() + settings.get().request_time
        self._down: ServiceError | None = None
        self._calls = fasteners.ReaderWriterLock()
        self._places = threading.Semaphore(settings.get().max_workers)

    def ask(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a function of a client library, again when the failure is transient.

        A connection that was kept alive for more than a second may be reset by
        the next write, and Glance on SQLite answers 500 to parallel writes;
        both pass. A service that let one call run into the time limit, could
        not be reached at all or stayed busy is not asked again in this
        request: it would hold the worker once more for each call. Nor is one
        that has been asked for all the time that a request has
        (``request_time``). Each further try is made while no other call of
        this request is under way: the retries of parallel writes would only
        meet each other again, and in the end some were lost.

        :returns: what the function returns
        :raises ServiceError: when the last try failed too; its ``tries`` tells
            how many there were, because a conflict on the second try may be
            the work of the first
        """
        if self._down:
            raise ServiceError(self.name, self._down.reason, details="not asked again", tries=0)
        if time.monotonic() > self._deadline:
            raise ServiceError(
                self.name, Reason.TIMED_OUT, details="not asked: no time left", tries=0
            )
        limits = settings.get()
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(limits.tries)
            | tenacity.stop_before_delay(limits.timeout),
            wait=_wait,
            retry=tenacity.retry_if_exception(_is_transient),
            reraise=True,
        )
        try:
            return retrying(self._once, retrying.statistics, function, *args, **kwargs)
        except ServiceError as error:
            error.tries = retrying.statistics["attempt_number"]
            if error.reason in _DOWN:
                self._down = error
            # What is not there is an answer: a scan for an administrator gets hundreds of these.
            level = logging.DEBUG if error.reason is Reason.MISSING else logging.WARNING
            LOG.log(level, "%s (tries: %d)", error, error.tries)
            raise

    def _once(
        self, tries: dict[str, Any], function: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> Any:
        again = tries["attempt_number"] > 1
        try:
            with self._places, self._calls.write_lock() if again else self._calls.read_lock():
                return function(*args, **kwargs)
        except (
            glance_errors.BaseException,
            glance_errors.ClientException,
            keystone_errors.ClientException,
            # What an unreadable body gives.
            AttributeError,
            LookupError,
            TypeError,
            ValueError,
        ) as error:
            failure = _error(self.name, error)
            # The try before may have done it, though this one did not even reach the service.
            failure.sent = tries["sent"] = tries.get("sent") or not _without_connection(error)
            raise failure from error


@contextlib.contextmanager
def pool(besides: int = 0) -> Iterator[ThreadPoolExecutor]:
    """Give so many threads as may ask one service at the same time.

    What has not begun when they are not needed any more, after a failure for one, is not done.

    :param besides: calls that others make meanwhile, and for which there has to be room
    """
    # Not futurist's pool: its idle threads look up only once a second whether they may end,
    # and leaving it waits for that. Python's starts no more threads than there is work for.
    threads = ThreadPoolExecutor(max(1, settings.get().max_workers - besides))
    try:
        yield threads
    finally:
        threads.shutdown(cancel_futures=True)


def in_parallel(function: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
    """Return ``function(item)`` for each item, in order, from a pool of threads.

    :raises Exception: what the function raised for the first item that failed; for those after
        it that had not begun by then it is not called
    """
    items = list(items)
    if len(items) < 2:
        return [function(item) for item in items]
    with pool() as threads:
        return [future.result() for future in [threads.submit(function, item) for item in items]]


def open_session(request: Any, endpoint: str) -> session.Session:
    """Return a keystoneauth session that carries the user's token to one endpoint.

    Horizon's own clients have no time limit: a service that hangs would hold
    the worker with it. Connections are reused within the session.

    :param request: the Django request of a user who is logged in
    :param endpoint: the service's URL from the user's catalog
    """
    verify = not django_settings.OPENSTACK_SSL_NO_VERIFY
    connections = requests.Session()
    for scheme in list(connections.adapters):
        connections.mount(scheme, _InTime())
    return _Session(
        session=connections,
        auth=token_endpoint.Token(endpoint=endpoint, token=request.user.token.id),
        original_ip=auth_utils.get_client_ip(request),
        verify=verify and (django_settings.OPENSTACK_SSL_CACERT or True),
        timeout=settings.get().timeout,
    )
