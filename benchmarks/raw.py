# SPDX-License-Identifier: Apache-2.0
"""The floor: the same calls over raw HTTP, with persistent connections."""

import json
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import urllib3

from benchmarks.dashboard import Answer
from demo.cloud import HOST, Cloud

TRIES = 30


@dataclass(frozen=True)
class Call:
    """One request to Keystone or Glance."""

    service: str
    method: str
    path: str
    body: dict[str, Any] | None = field(default=None, hash=False)


def keystone(path: str) -> Call:
    """Return a GET of Keystone."""
    return Call("keystone", "GET", f"/v3/{path}")


def glance(path: str, method: str = "GET", body: dict[str, Any] | None = None) -> Call:
    """Return a request to Glance."""
    return Call("glance", method, f"/v2/{path}", body)


class Raw:
    """Raw HTTP to a cloud.

    :param token: an administrator's
    """

    def __init__(self, cloud: Cloud, token: str) -> None:
        self._headers = {"X-Auth-Token": token, "Accept": "application/json"}
        self._addresses = {"keystone": cloud.keystone_url, "glance": cloud.glance_url}
        self._pools: dict[str, urllib3.HTTPConnectionPool] = {}
        self._begin()

    def one(self, call: Call) -> Any:
        """Make one call, with retries, and return the JSON of its answer.

        A kept connection may be reset, and a service that has just started may answer 500.

        :raises RuntimeError: when no try succeeds
        """
        body = json.dumps(call.body).encode() if call.body else None
        headers = self._headers | ({"Content-Type": "application/json"} if body else {})
        for number in range(TRIES):
            try:
                answer = self._pools[call.service].request(
                    call.method, call.path, body=body, headers=headers
                )
            except urllib3.exceptions.ProtocolError:
                continue
            if answer.status < 500:
                # 404 of a member is an answer; 409 and 404 after a retry show that the first try
                # worked.
                return json.loads(answer.data) if answer.status == 200 else answer.status
            time.sleep(min(0.01 * 2**number, 0.2))
        raise RuntimeError(f"{call} fails: {answer.status}")

    def all(self, *steps: Iterable[Call], workers: int = 4) -> Answer:
        """Make calls, those of one step in parallel, and return their cost."""
        counts = {"keystone": 0, "glance": 0}
        self._begin()
        started = time.perf_counter()
        with ThreadPoolExecutor(workers) as pool:
            for step in steps:
                calls = list(step)
                list(pool.map(self.one, calls))
                for call in calls:
                    counts[call.service] += 1
        seconds = time.perf_counter() - started
        return Answer(seconds, seconds, counts["keystone"], counts["glance"])

    def each(self, function: Callable[[str], None], items: list[str], workers: int) -> None:
        """Call a function for each item, in a pool of threads."""
        self._begin()
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(function, items))

    def _begin(self) -> None:
        """Open new connections, as each request to Horizon does, and keep them.

        A connection belongs to one process of the server for its whole life. With old connections
        the load of the two processes would be a matter of luck for the whole run.
        """
        for pool in self._pools.values():
            pool.close()
        self._pools = {
            name: urllib3.HTTPConnectionPool(HOST, urlsplit(url).port, maxsize=32, retries=False)
            for name, url in self._addresses.items()
        }
