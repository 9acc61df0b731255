# SPDX-License-Identifier: Apache-2.0
"""HTTP below the client libraries: whole answers, within limits of bytes and time."""

import contextlib
import contextvars
import http.client
import io
import re
import time
import zlib
from collections.abc import Iterator
from typing import Any

import requests
import urllib3
from keystoneauth1 import exceptions as keystone_errors
from keystoneauth1 import session, token_endpoint

from xloud_images_panel.access.threads import note_request_id
from xloud_images_panel.services.connection import Connection

# The most characters of a service's own words in the log.
LONGEST_WORDS = 500
# Bytes of an answer that are read at once.
_PIECE = 64 * 1024
# Bytes of the end of an answer, if only the end is needed.
_END = 4 * 1024
_VERSION = re.compile(r"/v\d+(\.\d+)?$")
# The most bytes of an answer to read, see `at_most`.
LARGEST_ANSWER: contextvars.ContextVar[int | None] = contextvars.ContextVar(
    "largest_answer", default=None
)
KEEPS_END: contextvars.ContextVar[bool] = contextvars.ContextVar("keeps_end", default=False)


class Unreadable(Exception):
    """An answer that does not match the service's API."""


class TooLarge(Exception):
    """An answer with more bytes than may be read."""

    def __init__(self, largest: int, end: bytes = b"") -> None:
        super().__init__(f"more than {largest} bytes")
        self.largest = largest
        self.end = end


@contextlib.contextmanager
def reading_answer() -> Iterator[None]:
    """Turn Python's errors about malformed data into :class:`Unreadable`.

    Only the code that reads the answer belongs in this block: an error of the panel anywhere else
    is no failure of the service, and is not tried again.

    :raises Unreadable: instead
    """
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from error


@contextlib.contextmanager
def at_most(largest: int) -> Iterator[None]:
    """Read less of each answer than :attr:`.Limits.largest_answer` allows.

    :param largest: bytes, after decompression
    """
    before = LARGEST_ANSWER.set(largest)
    try:
        yield
    finally:
        LARGEST_ANSWER.reset(before)


@contextlib.contextmanager
def keeping_the_end() -> Iterator[None]:
    """Keep the last bytes of an answer that is too large, as the ``end`` of the error.

    The whole answer is then read, a piece at a time, within the time of one call.
    """
    before = KEEPS_END.set(True)
    try:
        yield
    finally:
        KEEPS_END.reset(before)


class _AsItComes(http.client.HTTPResponse):
    """An answer that returns bytes as they come; the standard library waits for a whole piece."""

    def read(self, amt: int | None = None) -> bytes:
        """Return at most this many bytes, and at least one unless the answer has ended.

        :raises http.client.IncompleteRead: when the answer is shorter than declared, which urllib3
            1.26 accepts
        """
        # At the known end, `peek` would wait for another answer on the same connection.
        if amt and self.length != 0:
            amt = min(amt, len(self.peek(1)) or 1)
        piece = super().read(amt)
        if amt and not piece and self.length:
            raise http.client.IncompleteRead(piece, self.length)
        return piece


# urllib3's own pools, with connections that have such answers. urllib3 2.2 and later can itself
# read bytes as they come (read1); Horizon 2025.1 and 2025.2 come with urllib3 1.26.
def _pool_as_it_comes(pool: Any) -> Any:
    connection = pool.ConnectionCls
    connection = type(connection.__name__, (connection,), {"response_class": _AsItComes})
    return type(pool.__name__, (pool,), {"ConnectionCls": connection})


_POOLS = {
    scheme: _pool_as_it_comes(pool)
    for scheme, pool in urllib3.poolmanager.pool_classes_by_scheme.items()
}


class _Bounded(session.TCPKeepAliveAdapter):
    """An adapter that sends requests and reads whole answers, within limits of time and bytes.

    The time limit of requests applies to each piece of an answer. A service, or
    a proxy before it, that sends a byte now and then would hold the worker
    forever. The library has no limit of bytes.
    """

    def __init__(self, largest_answer: int) -> None:
        self._largest_answer = largest_answer  # before connections are made
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make connections whose answers come piece by piece."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> urllib3.PoolManager:
        """Make such connections also through a proxy that the environment names."""
        manager: urllib3.PoolManager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 - as requests has it
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> requests.Response:
        """Return the answer with its body read.

        :param timeout: seconds
        :raises requests.exceptions.Timeout: when the answer has not ended by then
        :raises requests.exceptions.ChunkedEncodingError: when the answer breaks off
        :raises Unreadable: when the answer cannot be decompressed
        :raises TooLarge: when the answer has more bytes than may be read
        """
        begun = time.monotonic()
        response = super().send(request, stream, timeout, *args, **kwargs)
        largest, keeps_end = LARGEST_ANSWER.get(), KEEPS_END.get()
        if largest is None:
            largest = self._largest_answer
        body, size, end = io.BytesIO(), 0, b""
        try:
            if not keeps_end and (response.raw.length_remaining or 0) > largest:
                raise TooLarge(largest)
            for piece in decompressed(response):
                size += len(piece)
                if size <= largest:
                    body.write(piece)
                elif not keeps_end:
                    raise TooLarge(largest)
                else:
                    end = (end or body.getvalue()[-_END:]) + piece
                    body, end = io.BytesIO(), end[-_END:]
                if isinstance(timeout, int | float) and time.monotonic() - begun > timeout:
                    raise requests.exceptions.ReadTimeout
            if size > largest:
                raise TooLarge(largest, end)
        except urllib3.exceptions.TimeoutError as error:
            raise requests.exceptions.ReadTimeout(error) from error
        except urllib3.exceptions.HTTPError as error:
            raise requests.exceptions.ChunkedEncodingError(error) from error
        finally:
            # The connection stays open if the answer was read to its end.
            response.raw.close()
        body.seek(0)
        response.raw = body
        return response


def decompressed(response: requests.Response) -> Iterator[bytes]:
    """Yield an answer in pieces that are small even if it was highly compressed."""

    def pieces() -> Iterator[bytes]:
        while piece := response.raw.read(_PIECE, decode_content=False):
            yield piece

    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding == "identity":
        yield from pieces()
        return
    if encoding not in ("gzip", "x-gzip"):
        raise Unreadable(f"Content-Encoding: {encoding[:LONGEST_WORDS]}")
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


def without_version(url: str) -> str:
    """Return an endpoint of the catalog without a version at its end.

    Like glanceclient's own ``strip_version``, which removes it only right behind the host.
    """
    return _VERSION.sub("", url.rstrip("/"))


class Session(session.Session):
    """A keystoneauth session that reads whole answers and notes their request IDs.

    glanceclient reads an answer only after the session has returned it, so a broken
    connection raises no keystoneauth error. Its own errors lack ``Retry-After``, and
    the status if glanceclient does not know it, such as 429.
    """

    def request(self, url: str, method: str, *args: Any, **kwargs: Any) -> requests.Response:
        """Make the call; raise keystoneauth's error for an error answer."""
        try:
            response = super().request(url, method, *args, **{**kwargs, "raise_exc": True})
        except keystone_errors.HttpError as error:
            note_request_id(error.request_id)
            raise
        note_request_id(response.headers.get("x-openstack-request-id"))
        return response


def open_session(connection: Connection, endpoint: str) -> session.Session:
    """Return a keystoneauth session that carries the user's token to one endpoint.

    Horizon's own clients have no time limit, so a service that hangs would
    hold the worker. Connections are reused within the session.

    :param endpoint: the service's URL from the user's catalog
    """
    http = requests.Session()
    http.headers["Accept-Encoding"] = "gzip"
    for scheme in list(http.adapters):
        http.mount(scheme, _Bounded(connection.limits.largest_answer))
    return Session(
        session=http,
        auth=token_endpoint.Token(endpoint=endpoint, token=connection.actor.token),
        original_ip=connection.actor.address,
        verify=connection.verify,
        timeout=connection.limits.timeout,
    )
