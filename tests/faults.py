# SPDX-License-Identifier: Apache-2.0
"""A proxy that fails on demand, between Horizon and a service.

mitmproxy and toxiproxy offer more than these tests need, or are written in another language.
The tests only need answers that are lost before or after the service does its work. A fake
service cannot show how a real one behaves in that case.
"""

import contextlib
import dataclasses
import http.client
import socket
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

HOST = "127.0.0.1"
WRITES = ("POST", "PUT", "PATCH", "DELETE")
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}


@dataclasses.dataclass(frozen=True)
class Fault:
    """One way to fail.

    :ivar name: its name in the tests
    :ivar act: its effect on a call
    :ivar carried_out: whether the service still carries out the request
    :ivar passes: whether the client gets the service's own answer after all
    """

    name: str
    act: Callable[["_Call"], None]
    carried_out: bool = False
    passes: bool = False

    def __str__(self) -> str:
        return self.name


def _reset(call: "_Call") -> None:
    # With a linger time of zero the connection ends with RST instead of FIN.
    call.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    call.close_connection = True
    call.connection.close()


def _reset_after(call: "_Call") -> None:
    call.forward()
    _reset(call)


def _delay(call: "_Call") -> None:
    call.proxy.released.wait(0.05)
    call.answer(*call.forward())


def _hang(call: "_Call") -> None:
    call.proxy.released.wait()
    call.close_connection = True


def _hang_after(call: "_Call") -> None:
    call.forward()
    _hang(call)


def _hang_in_the_body(call: "_Call") -> None:
    status, headers, body = call.forward()
    call.answer(status, headers, body[: len(body) // 2], length=len(body) or 1)
    _hang(call)


def _slow(call: "_Call") -> None:
    answer = call.forward()
    call.proxy.released.wait(0.2)
    call.answer(*answer)


def _pause(call: "_Call") -> None:
    answer = call.forward()
    call.proxy.released.wait()
    call.answer(*answer)


def _drip(call: "_Call") -> None:
    status, headers, body = call.forward()
    call.answer(status, headers, b"", length=len(body))
    call.close_connection = True
    with contextlib.suppress(OSError):  # the client has gone
        for number in range(len(body)):
            if call.proxy.released.wait(0.05):
                break
            call.wfile.write(body[number : number + 1])


def _truncate(call: "_Call") -> None:
    status, headers, body = call.forward()
    call.answer(status, headers, body[: len(body) // 2], length=len(body) or 1)
    call.close_connection = True


def _answer(
    status: int, content_type: str = "", body: bytes = b"", after: bool = False, **headers: str
) -> Callable[["_Call"], None]:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    if content_type:
        given["Content-Type"] = content_type

    def act(call: "_Call") -> None:
        if after:
            call.forward()
        call.answer(status, given, body)

    return act


_HTML = b"<html><body><h1>Sorry</h1></body></html>"
#: Both services report an exceeded quota this way.
_QUOTA = b"<html><body>The limit has been exceeded. Attempted: 129, Maximum: 128</body></html>"

FAULTS = (
    Fault("reset before", _reset),
    Fault("reset after", _reset_after, carried_out=True),
    Fault("delay", _delay, carried_out=True, passes=True),
    Fault("hang before", _hang),
    Fault("hang after", _hang_after, carried_out=True),
    Fault("hang in the body", _hang_in_the_body, carried_out=True),
    Fault("401", _answer(401)),
    Fault("403", _answer(403, "text/html", _HTML)),
    Fault("404", _answer(404, "text/html", _HTML)),
    Fault("409", _answer(409, "text/html", _HTML)),
    Fault("413", _answer(413, "text/html", _QUOTA)),
    Fault("429", _answer(429, Retry_After="0")),
    Fault("500", _answer(500, "text/html", _HTML)),
    Fault("502", _answer(502, "text/html", _HTML)),
    Fault("502 after", _answer(502, "text/html", _HTML, after=True), carried_out=True),
    Fault("503", _answer(503, "application/json", b"null", Retry_After="0")),
    Fault("truncated", _truncate, carried_out=True),
    Fault("not JSON", _answer(200, "text/html", _HTML)),
    Fault("broken JSON", _answer(200, "application/json", b'{"images": [')),
    Fault("other JSON", _answer(200, "application/json", b'{"surprise": ["x"]}')),
)

#: An answer too slow to be useful.
DRIP = Fault("drip", _drip, carried_out=True)
#: A slow answer, which lets a test observe a change in progress.
SLOW = Fault("slow", _slow, carried_out=True, passes=True)
#: An answer that is held back until the proxy is released.
PAUSE = Fault("pause", _pause, carried_out=True, passes=True)
#: No listener. The proxy takes no part: the test sends the calls to NOWHERE instead.
REFUSED = Fault("refused", lambda call: call.forward())
#: An address without a listener.
NOWHERE = f"http://{HOST}:9/v3"


class Proxy:
    """A proxy in front of one service, which forwards everything unless it has a fault.

    :ivar url: the address to use instead of the service's
    :ivar calls: the received calls in order, such as "GET /v2/images"
    """

    def __init__(self, service_url: str) -> None:
        parts = urlsplit(service_url)
        self.target = parts.netloc
        self.calls: list[str] = []
        self.released = threading.Event()
        self._fault: Fault | None = None
        self._hit: Callable[[int, str], bool] = lambda number, method: True
        self._count = 0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer((HOST, 0), _Call)
        self._server.daemon_threads = True
        self._server.proxy = self
        self.url = f"http://{HOST}:{self._server.server_port}{parts.path}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def fail(
        self, fault: Fault, methods: tuple[str, ...] = (), first: int = 1, times: int = 10_000
    ) -> None:
        """Fail the calls from now on.

        :param methods: only calls with these methods; empty for all
        :param first: the number of the first of these calls that fails
        :param times: how many of these calls fail
        """
        with self._lock:
            self.released.clear()
            self._count = 0
            self.calls.clear()
            self._fault = fault
            self._hit = lambda number, method: first <= number < first + times
            self._methods = methods

    def heal(self) -> None:
        """Forward everything from now on, and release the calls that hang."""
        with self._lock:
            self._fault = None
        self.released.set()

    def close(self) -> None:
        """Stop listening."""
        self.heal()
        self._server.shutdown()
        self._server.server_close()

    def fault_for(self, method: str, path: str) -> Fault | None:
        """Count a call, and return its fault, if any."""
        with self._lock:
            self.calls.append(f"{method} {path}")
            if not self._fault or (self._methods and method not in self._methods):
                return None
            self._count += 1
            return self._fault if self._hit(self._count, method) else None


class _Call(BaseHTTPRequestHandler):
    """A client's connection, with one call after another."""

    protocol_version = "HTTP/1.1"
    # Nagle's algorithm would delay the second of two writes of one answer.
    disable_nagle_algorithm = True
    wbufsize = -1

    @property
    def proxy(self) -> Proxy:
        """The proxy that the client is connected to."""
        return self.server.proxy

    def handle(self) -> None:
        """Answer calls until the client disconnects, which may happen at any time."""
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def finish(self) -> None:
        """Close the connection, unless it was reset."""
        with contextlib.suppress(OSError, ValueError):
            super().finish()

    def do(self) -> None:
        """Forward a call, or fail."""
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.proxy.fault_for(self.command, self.path)
        if fault:
            fault.act(self)
        else:
            self.answer(*self.forward())

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do

    def forward(self) -> tuple[int, dict[str, str], bytes]:
        """Forward the call to the service and return the answer."""
        connection = http.client.HTTPConnection(self.proxy.target, timeout=30)
        try:
            headers = {k: v for k, v in self.headers.items() if k.lower() not in _HOP_BY_HOP}
            connection.request(self.command, self.path, self.body or None, headers)
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        kept = {k: v for k, v in response.getheaders() if k.lower() not in _HOP_BY_HOP}
        return response.status, kept, body

    def answer(
        self, status: int, headers: dict[str, str], body: bytes, length: int | None = None
    ) -> None:
        """Send an answer.

        :param length: a Content-Length other than the true one
        """
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        # A 204 answer has no body and must not have a Content-Length, unless a fault sets one.
        if status != 204 or length is not None:
            self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_args: Any) -> None:
        """Write nothing."""
