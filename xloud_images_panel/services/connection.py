# SPDX-License-Identifier: Apache-2.0
"""The connection to Keystone and Glance: a user, their addresses, and limits."""

import dataclasses
from collections.abc import Callable
from typing import Any, Protocol

MIB = 1024 * 1024


class Cache(Protocol):
    """A cache whose failures count as an empty cache; see :mod:`dashboard.caching`."""

    def key(self, kind: str, *parts: str) -> str: ...

    def get(self, name: str, default: Any = None) -> Any: ...

    def set(self, name: str, value: Any, seconds: float) -> None: ...


@dataclasses.dataclass(frozen=True)
class Actor:
    """A user with a token for one project.

    :ivar domain_id: the user's own domain
    :ivar region: empty when the catalog names none
    :ivar address: IP address of the user's browser, for the services' logs
    """

    user_id: str
    project_id: str
    domain_id: str
    token: str
    region: str
    address: str


@dataclasses.dataclass(frozen=True)
class Limits:
    """Limits of time, bytes and calls; an operator sets most of them (:mod:`dashboard.settings`).

    :ivar timeout: seconds of one call, and of its retries
    :ivar total_time: seconds after which no call begins
    :ivar largest_answer: bytes of one answer, after decompression
    :ivar tries: how often a call is tried if the failure is transient
    :ivar max_workers: calls to one service at the same time
    :ivar scan_limit: images that one page may look up
    :ivar names_lifetime: seconds for which names are cached, 0 for not at all
    :ivar patience: seconds for which a service may fail before it is no longer called
    """

    timeout: float
    total_time: float
    largest_answer: int
    tries: int
    max_workers: int
    scan_limit: int
    names_lifetime: int
    patience: float = 0


@dataclasses.dataclass(frozen=True)
class Connection:
    """A user's way to Keystone and Glance.

    :ivar url_for: returns the URL of ``"identity"`` or ``"image"`` in the actor's region
    :ivar verify: whether to verify certificates, or the path of the trusted authorities
    """

    actor: Actor
    url_for: Callable[[str], str]
    limits: Limits
    verify: bool | str
    cache: Cache
