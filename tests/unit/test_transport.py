# SPDX-License-Identifier: Apache-2.0
"""Reading answers: bounds on size and time, and the server's identity."""

import gzip
import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import tenacity.nap
import trustme

from tests.limits import LIMITS
from xloud_images_panel.access import threads
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.dashboard import texts
from xloud_images_panel.dashboard.actor import connection
from xloud_images_panel.dashboard.settings import MIB
from xloud_images_panel.services import transport
from xloud_images_panel.services.calls import Service
from xloud_images_panel.services.transport import Unreadable

HOST = "127.0.0.1"
BODY = json.dumps({"images": ["x" * 40_000]}).encode()


class Call(BaseHTTPRequestHandler):
    """A handler that answers every call with the server's function."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        server = self.server
        server.calls.append(self.headers)
        server.connections.add(self.client_address)
        try:
            server.answer(self)
        except OSError:  # the client has gone
            self.close_connection = True

    def begin(self, status=200, **headers):
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))

    def log_message(self, *_args):
        """Write nothing."""


class Server(ThreadingHTTPServer):
    """A service on loopback that records its calls, and answers with a test's function."""

    daemon_threads = True

    def __init__(self):
        super().__init__((HOST, 0), Call)
        self.calls, self.connections = [], set()
        self.released = threading.Event()
        self.scheme = "http"
        self.waited_for = False

    @property
    def url(self):
        return f"{self.scheme}://{HOST}:{self.server_port}/"

    def handle_error(self, *_args):
        """Ignore a client that rejects the certificate."""


@pytest.fixture
def server():
    server = Server()
    server.answer = plain
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def ask(server, user_request, monkeypatch):
    """Return a function that asks the server and reads at most 1 MiB."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(tenacity.nap.time, "sleep", lambda _seconds: None)
    service, sessions = Service("Glance", LIMITS), []

    def ask():
        if not sessions:
            sessions.append(transport.open_session(connection(user_request), server.url))
        with transport.at_most(MIB):
            return service.ask(lambda: sessions[0].get(server.url).content)

    return ask


def failure(ask):
    with pytest.raises(ServiceError) as caught:
        ask()
    return caught.value


# -- ways to send an answer


def plain(call, body=BODY):
    call.begin(Content_Length=len(body))
    call.wfile.write(body)


def chunked(call, body=BODY):
    call.begin(Transfer_Encoding="chunked")
    for start in range(0, len(body), 30_000):
        call.chunk(body[start : start + 30_000])
    call.chunk(b"")


def compressed(call, body=BODY):
    body = gzip.compress(body)
    call.begin(Content_Encoding="gzip", Content_Length=len(body))
    call.wfile.write(body)


def compressed_in_chunks(call, body=BODY):
    call.begin(Content_Encoding="gzip", Transfer_Encoding="chunked")
    call.chunk(gzip.compress(body))
    call.chunk(b"")


def until_closed(call, body=BODY):
    call.begin(Connection="close")
    call.wfile.write(body)
    call.close_connection = True


WAYS = [plain, chunked, compressed, compressed_in_chunks]


@pytest.mark.parametrize("way", [*WAYS, until_closed])
def test_an_answer_is_read_whole(ask, server, way):
    """An answer is read whole, however it is sent."""
    server.answer = way
    assert ask() == BODY


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("body", [BODY, b""])
def test_the_connection_is_used_again(ask, server, way, body):
    """The connection is reused after an answer that was read to its end."""
    server.answer = lambda call: way(call, body)
    assert [ask(), ask(), ask()] == [body] * 3
    assert len(server.connections) == 1


# -- size


@pytest.mark.parametrize("way", [*WAYS, until_closed])
def test_an_answer_that_is_too_large_is_given_up(ask, server, way):
    """A too large answer has its own reason and is not retried: it would not get smaller."""
    server.answer = lambda call: way(call, b" " * (MIB + 1))
    error = failure(ask)
    assert (error.reason, error.tries, len(server.calls)) == (Reason.TOO_LARGE, 1, 1)
    assert texts.describe(error) == (
        "The image service (Glance) answered with more than the dashboard reads (1 MiB)."
    )


@pytest.mark.parametrize("way", [*WAYS, until_closed])
def test_an_answer_of_just_the_largest_size_is_read(ask, server, way):
    server.answer = lambda call: way(call, b" " * MIB)
    assert len(ask()) == MIB


def test_an_answer_that_says_it_is_too_large_is_not_read(ask, server):
    """A too large Content-Length is enough to give an answer up without reading its body."""
    server.answer = lambda call: call.begin(Content_Length=MIB + 1)
    assert failure(ask).reason is Reason.TOO_LARGE


def test_an_answer_without_an_end_is_given_up(ask, server):
    """An endless answer is given up: the panel does not wait for an end to know the size."""

    def endless(call):
        call.begin(Transfer_Encoding="chunked")
        while not server.released.is_set():
            call.chunk(b" " * 30_000)

    server.answer = endless
    assert failure(ask).reason is Reason.TOO_LARGE


def test_a_service_that_goes_on_is_hung_up_on(ask, server):
    """The connection to an endless answer is closed, even while its error is referenced."""
    gone = threading.Event()

    def endless(call):
        call.begin(Transfer_Encoding="chunked")
        try:
            while not server.released.is_set():
                call.chunk(b" " * 30_000)
        except OSError:
            gone.set()
            raise

    server.answer = endless
    error = failure(ask)
    assert gone.wait(5)
    assert error.reason is Reason.TOO_LARGE


def test_less_is_read_of_those_answers_alone_that_are_asked_for_so(server, user_request):
    """A smaller bound ends with its block; the next call reads as much as the setting allows."""
    session = transport.open_session(connection(user_request), server.url)
    with transport.at_most(10), pytest.raises(transport.TooLarge):
        session.get(server.url)
    assert session.get(server.url).content == BODY


def test_the_end_is_kept_of_those_answers_alone_that_are_asked_for_so(ask, server):
    """The end of a too large answer is kept only within the block that requests that."""
    server.answer = lambda call: plain(call, b" " * (MIB + 1))
    with transport.keeping_the_end():
        assert failure(ask).end
    assert failure(ask).end == b""


def test_a_little_that_decompresses_to_much_is_given_up(ask, server, monkeypatch):
    """The decompressed size of an answer counts, and no piece becomes large."""
    pieces, decompressed = [], transport.decompressed

    def watched(response):
        for piece in decompressed(response):
            pieces.append(len(piece))
            yield piece

    monkeypatch.setattr(transport, "decompressed", watched)
    server.answer = lambda call: compressed(call, bytes(64 * MIB))
    assert failure(ask).reason is Reason.TOO_LARGE
    assert max(pieces) <= 64 * 1024
    assert sum(pieces) <= MIB + 64 * 1024


def test_the_setting_bounds_every_answer(ask, server, user_request, settings):
    """The setting bounds every answer, Keystone's too."""
    settings.XLOUD_IMAGES_PANEL = {"largest_answer": MIB}
    session = transport.open_session(connection(user_request), server.url)
    server.answer = lambda call: plain(call, b" " * (MIB + 1))
    with pytest.raises(ServiceError) as caught:
        Service("Keystone", LIMITS).ask(lambda: session.get(server.url))
    assert caught.value.reason is Reason.TOO_LARGE
    assert caught.value.bound == MIB


def test_a_change_whose_answer_was_too_large_is_in_doubt(ask, server):
    """A change with a too large answer is uncertain: it was sent, and most likely carried out."""
    server.answer = lambda call: plain(call, b" " * (MIB + 1))
    assert failure(ask).uncertain


@pytest.mark.parametrize("way", WAYS)
def test_the_end_of_an_answer_that_is_too_large(ask, server, way):
    """The end of a too large answer is kept on request; the rest is dropped."""
    server.answer = lambda call: way(call, b" " * (2 * MIB) + b"the end")
    with transport.keeping_the_end():
        error = failure(ask)
    assert error.reason is Reason.TOO_LARGE
    assert error.end.endswith(b" the end")
    assert len(error.end) <= 4096


def test_the_end_of_an_answer_that_comes_in_small_pieces(ask, server):
    """The kept end includes bytes before the piece that exceeded the bound."""

    def piecemeal(call):
        call.begin(Transfer_Encoding="chunked")
        for piece in (b" " * (MIB - 3), b"...", b"the ", b"end", b""):
            call.chunk(piece)

    server.answer = piecemeal
    with transport.keeping_the_end():
        error = failure(ask)
    assert error.end.endswith(b" ...the end")


# -- time


# These bytes take some seconds, so that a reader that waits for them fails the test.
DRIPPED = BODY[:200]


def drip(call):
    call.begin(Content_Length=len(DRIPPED))
    dripping(call, call.wfile.write)


def drip_in_chunks(call):
    call.begin(Transfer_Encoding="chunked")
    dripping(call, call.chunk)


def drip_compressed(call):
    body = gzip.compress(BODY)
    call.begin(Content_Encoding="gzip", Content_Length=len(body))
    dripping(call, call.wfile.write, body)


def drip_until_closed(call):
    call.begin(Connection="close")
    dripping(call, call.wfile.write)


def dripping(call, write, body=DRIPPED):
    for position in range(len(body)):
        if call.server.released.wait(0.02):
            break
        write(body[position : position + 1])
    else:
        call.server.waited_for = True
    if write == call.chunk:
        call.chunk(b"")
    call.close_connection = True


@pytest.mark.parametrize("way", [drip, drip_in_chunks, drip_compressed, drip_until_closed])
def test_an_answer_that_drips_is_given_up(ask, server, way, settings):
    """A dripping answer is given up, so that a byte now and then does not hold a worker."""
    settings.XLOUD_IMAGES_PANEL = {"timeout": 0.2}
    server.answer = way
    assert failure(ask).reason is Reason.TIMED_OUT
    assert not server.waited_for


def test_an_answer_that_stops_is_given_up(ask, server, settings):
    """An answer that stops is given up, and its part is not taken for the whole."""
    settings.XLOUD_IMAGES_PANEL = {"timeout": 0.2}

    def stop(call):
        call.begin(Content_Length=len(BODY))
        call.wfile.write(BODY[:-1])
        server.released.wait()

    server.answer = stop
    assert failure(ask).reason is Reason.TIMED_OUT


def test_an_answer_that_drips_through_a_proxy_is_given_up(
    server, settings, user_request, monkeypatch
):
    """A proxy from the environment gets the service's address; its dripping answer is given up."""
    settings.XLOUD_IMAGES_PANEL = {"timeout": 0.2}
    monkeypatch.setenv("http_proxy", server.url)
    session = transport.open_session(connection(user_request), "http://glance.test/")
    server.answer = drip
    with pytest.raises(ServiceError) as caught:
        Service("Glance", LIMITS).ask(lambda: session.get("http://glance.test/"))
    assert caught.value.reason is Reason.TIMED_OUT
    assert server.calls[0]["Host"] == "glance.test"
    assert not server.waited_for


# -- unreadable answers


def cut_off(call):
    call.begin(Content_Length=len(BODY))
    call.wfile.write(BODY[:-1])
    call.close_connection = True


def cut_off_in_a_chunk(call):
    call.begin(Transfer_Encoding="chunked")
    call.wfile.write(b"%x\r\n" % len(BODY) + BODY[:-1])
    call.close_connection = True


def cut_off_between_chunks(call):
    call.begin(Transfer_Encoding="chunked")
    call.chunk(BODY)
    call.close_connection = True


@pytest.mark.parametrize("way", [cut_off, cut_off_in_a_chunk, cut_off_between_chunks])
def test_an_answer_that_breaks_off_is_asked_for_again(ask, server, way):
    """An answer that breaks off is requested again, and its part is not taken for the whole."""
    ways = [way, plain]
    server.answer = lambda call: ways.pop(0)(call)
    assert ask() == BODY


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", BODY),
        ("gzip", gzip.compress(BODY, mtime=0)[:-9]),
        ("br", BODY),
        ("gzip, gzip", BODY),
    ],
)
def test_an_answer_that_cannot_be_decompressed_is_broken(ask, server, encoding, body):
    """Only gzip is decompressed, because only gzip was requested."""

    def answer(call):
        call.begin(Content_Encoding=encoding, Content_Length=len(body))
        call.wfile.write(body)

    server.answer = answer
    error = failure(ask)
    assert error.reason is Reason.BROKEN
    assert (f"Content-Encoding: {encoding}" in error.details) == (encoding != "gzip")
    assert server.calls[0]["Accept-Encoding"] == "gzip"


def test_an_answer_of_nothing_is_not_decompressed(ask, server):
    """An empty answer is not decompressed: without a body the encoding has no meaning."""
    server.answer = lambda call: call.begin(Content_Encoding="gzip", Content_Length=0)
    assert ask() == b""


@pytest.mark.parametrize("status", [200, 404])
def test_the_name_of_a_request_is_on_record(ask, server, status):
    """The request ID, which leads to the service's own log, is recorded even after a failure."""

    def answer(call):
        call.begin(status, X_Openstack_Request_Id="req-1", Content_Length=0)

    server.answer = answer
    with threads.traced() as request_ids:
        if status == 200:
            ask()
        else:
            failure(ask)
    assert request_ids == ["req-1"]


def test_only_the_code_that_reads_an_answer_takes_errors_for_its_fault():
    """Only errors in reading an answer are the service's; an error of our own surfaces."""
    with pytest.raises(Unreadable, match="KeyError"), transport.reading_answer():
        {}["images"]
    with pytest.raises(KeyError):
        Service("Glance", LIMITS).ask(lambda: {}["ours"])


# -- the server's identity


@pytest.fixture(scope="module")
def authority():
    """Return a certificate authority that only the operator knows."""
    return trustme.CA()


@pytest.fixture
def encrypted(server, authority):
    """Make the server accept TLS only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    server.scheme = "https"
    return server


def test_an_authority_that_the_operator_names_is_trusted(
    ask, encrypted, authority, settings, tmp_path
):
    """An authority in Horizon's setting ``OPENSTACK_SSL_CACERT`` is trusted."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    settings.OPENSTACK_SSL_CACERT = str(tmp_path / "ca.pem")
    assert ask() == BODY


def test_nothing_is_verified_where_the_operator_says_so(ask, encrypted, settings):
    """``OPENSTACK_SSL_NO_VERIFY``, meant for trial clouds, disables verification."""
    settings.OPENSTACK_SSL_NO_VERIFY = True
    assert ask() == BODY


@pytest.mark.parametrize("named", ["nobody", "another authority", "another address"])
def test_a_certificate_that_is_not_trusted_is_not_tried_again(
    ask, encrypted, authority, settings, tmp_path, named, monkeypatch
):
    """An untrusted certificate is the reported reason; a retry is useless, and nothing is sent."""
    tried = []
    get_request = encrypted.get_request
    monkeypatch.setattr(encrypted, "get_request", lambda: tried.append(1) or get_request())
    if named != "nobody":
        trusted = trustme.CA() if named == "another authority" else authority
        trusted.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        settings.OPENSTACK_SSL_CACERT = str(tmp_path / "ca.pem")
    if named == "another address":
        monkeypatch.setattr(Server, "url", property(lambda s: f"https://localhost:{s.server_port}"))
    error = failure(ask)
    assert (error.reason, error.tries, len(tried)) == (Reason.UNTRUSTED, 1, 1)
    assert not error.uncertain
    assert not encrypted.calls
    assert texts.describe(error) == (
        "The image service (Glance) has a certificate that the dashboard does not trust."
    )


def test_the_service_learns_who_asks(ask, server):
    """keystoneauth's header for the client carries the user's address, not the dashboard's."""
    ask()
    assert server.calls[0]["Forwarded"].startswith("for=192.0.2.1;")
    assert server.calls[0]["X-Auth-Token"] == "token"
