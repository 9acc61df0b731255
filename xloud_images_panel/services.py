# SPDX-License-Identifier: Apache-2.0
"""Calls to Keystone and Glance: one session per request, retries, and one kind of error.

Everything that can go wrong between Horizon and a service becomes a
:class:`ServiceError` with a :class:`Reason`, so that the modules above know
neither client library's exceptions.
"""

import contextlib
import contextvars
import enum
import http.client
import io
import logging
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
import tenacity
import urllib3
from django.conf import settings as django_settings
from django.utils.html import strip_tags
from glanceclient import exc as glance_errors
from keystoneauth1 import exceptions as keystone_errors
from keystoneauth1 import session, token_endpoint
from openstack_auth import utils as auth_utils
from urllib3.util.ssl_match_hostname import CertificateError

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
    UNADDRESSABLE = "unaddressable"
    PLACE_LOST = "place lost"
    TOO_LARGE = "too large"
    OUT_OF_TIME = "out of time"
    UNTRUSTED = "untrusted"
    SCANNING = "scanning"


class ServiceError(Exception):
    """Keystone or Glance did not do what it was asked.

    :ivar service: ``"Keystone"`` or ``"Glance"``; ``"Horizon"`` where the panel itself did not send
        the call
    :ivar reason: a :class:`Reason`
    :ivar status: the HTTP status, or None when there was no answer
    :ivar details: the service's own words, for the log
    :ivar retry_after: seconds after which the service asks to be tried again
    :ivar tries: how often the call was made; 0 when the service was down already
    :ivar bound: the dashboard's own bound that was reached: bytes of an answer that was
        ``TOO_LARGE``, seconds of a request that is ``OUT_OF_TIME``
    :ivar end: the last bytes of an answer that was ``TOO_LARGE``, where they were asked for
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
        bound: float = 0,
        end: bytes = b"",
    ) -> None:
        super().__init__(service, reason, status, details)
        self.service = service
        self.reason = reason
        self.status = status
        self.details = details
        self.retry_after = retry_after
        self.tries = tries
        self.bound = bound
        self.end = end
        self.sent = True

    @property
    def doubtful(self) -> bool:
        """Whether the service may have done what it was asked nevertheless.

        A connection can break off, or a proxy give up, after the service has
        done its work; and the last of several tries says nothing of the first.
        """
        return self.sent and (self.tries > 1 or (self.tries == 1 and self.reason in _DOUBTFUL))

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

_TRANSIENT = {Reason.UNREACHABLE, Reason.BUSY, Reason.BROKEN}
_DOUBTFUL = _TRANSIENT | {Reason.TIMED_OUT, Reason.TOO_LARGE}
_DOWN = {Reason.UNREACHABLE, Reason.TIMED_OUT, Reason.BUSY, Reason.UNTRUSTED}
#: Seconds between two tries at the most, whatever a service asks for.
LONGEST_WAIT = 5.0
# Characters of a service's own words in the log.
_LONGEST_WORDS = 500
# Bytes of an answer that are read at once.
_PIECE = 64 * 1024
# Bytes of the end of an answer, where that is all that is wanted of it.
_END = 4 * 1024

# How much of an answer is read, see `at_most`.
_largest_answer: contextvars.ContextVar[int | None] = contextvars.ContextVar(
    "largest_answer", default=None
)
_keeps_end: contextvars.ContextVar[bool] = contextvars.ContextVar("keeps_end", default=False)


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


class Unreadable(Exception):
    """An answer is not what the service's API says."""


class _TooLarge(Exception):
    """An answer has more bytes than may be read."""

    def __init__(self, largest: int, end: bytes = b"") -> None:
        super().__init__(f"more than {largest} bytes")
        self.largest = largest
        self.end = end


@contextlib.contextmanager
def reading_answer() -> Iterator[None]:
    """Take what Python raises for data of another shape for an answer that cannot be read.

    Only the code that reads the answer belongs in here: an error of our own anywhere else is
    no failure of the service, and is not tried again.

    :raises Unreadable: instead
    """
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from error


@contextlib.contextmanager
def at_most(largest: int) -> Iterator[None]:
    """Read less of each answer than the setting ``largest_answer`` allows.

    :param largest: bytes, after decompression
    """
    before = _largest_answer.set(largest)
    try:
        yield
    finally:
        _largest_answer.reset(before)


@contextlib.contextmanager
def keeping_the_end() -> Iterator[None]:
    """Keep the last bytes of an answer that is too large, as the ``end`` of the error.

    All of the answer then passes through, a piece at a time, within the time of one call.
    """
    before = _keeps_end.set(True)
    try:
        yield
    finally:
        _keeps_end.reset(before)


class _AsItComes(http.client.HTTPResponse):
    """An answer that gives what has come, where the standard library waits for the whole piece."""

    def read(self, amt: int | None = None) -> bytes:
        """Return at most so many bytes, at least one unless the answer has ended.

        :raises http.client.IncompleteRead: when it is shorter than it says, which urllib3 1.26
            lets pass
        """
        # At its known end `peek` would wait for another answer on the same connection.
        if amt and self.length != 0:
            amt = min(amt, len(self.peek(1)) or 1)
        piece = super().read(amt)
        if amt and not piece and self.length:
            raise http.client.IncompleteRead(piece, self.length)
        return piece


# urllib3's own pools, with connections that have such answers. urllib3 2.2 and later can read
# a piece as it comes by itself (read1); Horizon 2025.1 and 2025.2 come with urllib3 1.26.
_POOLS = {
    scheme: type(
        pool.__name__,
        (pool,),
        {
            "ConnectionCls": type(
                pool.ConnectionCls.__name__, (pool.ConnectionCls,), {"response_class": _AsItComes}
            )
        },
    )
    for scheme, pool in urllib3.poolmanager.pool_classes_by_scheme.items()
}


class _Bounded(session.TCPKeepAliveAdapter):
    """Sends requests and reads whole answers, within the time and the bytes that one may take.

    The time limit of requests is for each piece of an answer: a service, or a
    proxy before it, that sends a byte now and then would hold the worker for
    ever. It has no limit of bytes.
    """

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make connections whose answers come piece by piece."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> urllib3.PoolManager:
        """Make such connections through a proxy that the environment names as well."""
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager

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
        :raises Unreadable: when it cannot be decompressed
        :raises _TooLarge: when it has more bytes than may be read
        """
        begun = time.monotonic()
        response = super().send(request, stream=True, timeout=timeout, **kwargs)
        largest, keeps_end = _largest_answer.get(), _keeps_end.get()
        if largest is None:
            largest = settings.get().largest_answer
        body, size, end = io.BytesIO(), 0, b""
        try:
            if not keeps_end and (response.raw.length_remaining or 0) > largest:
                raise _TooLarge(largest)
            for piece in _decompressed(response):
                size += len(piece)
                if size <= largest:
                    body.write(piece)
                elif not keeps_end:
                    raise _TooLarge(largest)
                else:
                    end = (end or body.getvalue()[-_END:]) + piece
                    body, end = io.BytesIO(), end[-_END:]
                if timeout is not None and time.monotonic() - begun > timeout:
                    raise requests.exceptions.ReadTimeout(request=request)
            if size > largest:
                raise _TooLarge(largest, end)
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


def _decompressed(response: requests.Response) -> Iterator[bytes]:
    """Yield an answer in pieces that are small also where much was compressed into little."""

    def pieces() -> Iterator[bytes]:
        while piece := response.raw.read(_PIECE, decode_content=False):
            yield piece

    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding == "identity":
        yield from pieces()
        return
    if encoding not in ("gzip", "x-gzip"):
        raise Unreadable(f"Content-Encoding: {encoding[:_LONGEST_WORDS]}")
    decoder, begun = zlib.decompressobj(16 + zlib.MAX_WBITS), False
    try:
        for piece in pieces():
            begun = True
            while piece:
                yield decoder.decompress(piece, _PIECE)
                piece = decoder.unconsumed_tail
        yield decoder.flush()
    except zlib.error as error:
        raise Unreadable(str(error)) from error
    if begun and not decoder.eof:
        raise Unreadable("the compressed answer has no end")


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
    if isinstance(error, _TooLarge):
        return ServiceError(
            service, Reason.TOO_LARGE, details=str(error), bound=error.largest, end=error.end
        )
    if _is_untrusted(error):
        return ServiceError(service, Reason.UNTRUSTED, details=str(error))
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


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and those that it was made of: the libraries wrap each other's."""
    while error:
        yield error
        error = error.__context__


def _without_connection(error: BaseException) -> bool:
    """Tell whether a call failed before there was a connection."""
    return _is_untrusted(error) or any(
        isinstance(
            cause, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError
        )
        for cause in _causes(error)
    )


def _is_untrusted(error: BaseException) -> bool:
    """Tell whether it was the service's certificate, with which no connection begins."""
    # urllib3 1.26 compares the name in it by itself.
    untrusted = ssl.SSLCertVerificationError | CertificateError
    return any(isinstance(cause, untrusted) for cause in _causes(error))


def _is_transient(error: BaseException) -> bool:
    return isinstance(error, ServiceError) and error.reason in _TRANSIENT


def _wait(state: tenacity.RetryCallState) -> float:
    asked = getattr(state.outcome.exception(), "retry_after", 0)
    backoff = tenacity.wait_random_exponential(multiplier=0.1, max=2)(state)
    return min(max(asked, backoff), LONGEST_WAIT)


class Service:
    """Keystone or Glance during one request.

    :param name: ``"Keystone"`` or ``"Glance"``, for the errors
    :param reads: whether the request changes nothing: it has less time then
    """

    def __init__(self, name: str, reads: bool = False) -> None:
        limits = settings.get()
        self.name = name
        self._seconds = limits.reading_time if reads else limits.request_time
        self._deadline = time.monotonic() + self._seconds
        self._down: ServiceError | None = None
        self._places = threading.Semaphore(settings.get().max_workers)

    def ask(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a function of a client library, again when the failure is transient.

        A connection that was kept alive for more than a second may be reset by
        the next write, which passes. A service that let one call run into the
        time limit, could not be reached at all or stayed busy is not asked
        again in this request: it would hold the worker once more for each
        call. Nor is one that has been asked for all the time that a request
        has (``request_time``, ``reading_time``).

        :returns: what the function returns
        :raises ServiceError: when the last try failed too; its ``tries`` tells
            how many there were, because a conflict on the second try may be
            the work of the first
        """
        if self._down:
            raise ServiceError(self.name, self._down.reason, details="not asked again", tries=0)
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise ServiceError(
                self.name,
                Reason.OUT_OF_TIME,
                details=f"not asked after {self._seconds:g} seconds",
                tries=0,
                bound=self._seconds,
            )
        limits = settings.get()
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(limits.tries)
            | tenacity.stop_before_delay(min(limits.timeout, left)),
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
        try:
            with self._places:
                return function(*args, **kwargs)
        except (
            glance_errors.BaseException,
            glance_errors.ClientException,
            keystone_errors.ClientException,
            requests.exceptions.InvalidJSONError,
            Unreadable,
            _TooLarge,
        ) as error:
            failure = _error(self.name, error)
            # The try before may have done it, though this one did not even reach the service.
            failure.sent = tries["sent"] = tries.get("sent") or not _without_connection(error)
            raise failure from error


@contextlib.contextmanager
def pool() -> Iterator[ThreadPoolExecutor]:
    """Give so many threads as may ask one service at the same time.

    What has not begun when they are not needed any more, after a failure for one, is not done.
    """
    # Not futurist's pool: its idle threads look up only once a second whether they may end,
    # and leaving it waits for that. Python's starts no more threads than there is work for.
    threads = ThreadPoolExecutor(settings.get().max_workers)
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


def reads(request: Any) -> bool:
    """Tell whether a Django request only reads, by its method."""
    return request.method in ("GET", "HEAD")


def open_session(request: Any, endpoint: str) -> session.Session:
    """Return a keystoneauth session that carries the user's token to one endpoint.

    Horizon's own clients have no time limit: a service that hangs would hold
    the worker with it. Connections are reused within the session.

    :param request: the Django request of a user who is logged in
    :param endpoint: the service's URL from the user's catalog
    """
    verify = not django_settings.OPENSTACK_SSL_NO_VERIFY
    connections = requests.Session()
    connections.headers["Accept-Encoding"] = "gzip"
    for scheme in list(connections.adapters):
        connections.mount(scheme, _Bounded())
    return _Session(
        session=connections,
        auth=token_endpoint.Token(endpoint=endpoint, token=request.user.token.id),
        original_ip=auth_utils.get_client_ip(request),
        verify=verify and (django_settings.OPENSTACK_SSL_CACERT or True),
        timeout=settings.get().timeout,
    )
