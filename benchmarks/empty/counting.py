# SPDX-License-Identifier: Apache-2.0
"""The number of a page's requests to Keystone and Glance, and the wait for them."""

import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import requests
from django.http import HttpRequest, HttpResponse

HEADER = "X-Bench"

_calls: list[tuple[str, float, float]] = []
_lock = threading.Lock()
_send = requests.Session.send


def _count(session: requests.Session, request: requests.PreparedRequest, **kwargs: object):
    started = time.perf_counter()
    try:
        return _send(session, request, **kwargs)
    finally:
        call = (urlsplit(request.url).netloc, started, time.perf_counter())
        with _lock:
            _calls.append(call)


requests.Session.send = _count


class CountingMiddleware:
    """A middleware that reports the cost of each answer in a header.

    A process is measured with one request at a time, so one list of calls is enough for all
    threads. The header has the seconds of the whole request, the seconds with at least one call
    in progress, and the number of calls for each address.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request and add the header."""
        with _lock:
            _calls.clear()
        started = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - started
        with _lock:
            calls = sorted(_calls, key=lambda call: call[1])
        waited, until = 0.0, 0.0
        counts: dict[str, int] = {}
        for address, begin, end in calls:
            counts[address] = counts.get(address, 0) + 1
            waited += max(0.0, end - max(begin, until))
            until = max(until, end)
        numbers = [f"{address}={count}" for address, count in counts.items()]
        response[HEADER] = " ".join([f"{seconds:.4f}", f"{waited:.4f}", *numbers])
        return response
