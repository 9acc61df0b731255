# SPDX-License-Identifier: Apache-2.0
"""Horizon's cache with versioned keys; a cache failure never fails a request.

Keys carry a version, so that two releases of the panel on two Horizon nodes never
read each other's values. They also carry a digest of their parts, because memcached
accepts neither blanks nor long keys. A cache that does not answer counts as empty.
Only the lock must know the difference, so it uses :data:`django.core.cache.cache`
directly.
"""

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.cache import cache

LOG = logging.getLogger(__name__)

#: Increase this when the shape of any cached value changes.
VERSION = 2


def key(kind: str, *parts: str) -> str:
    """Return the key of a value.

    :param kind: what the value is, for example ``"project"``
    :param parts: whose value it is, for example region, user and project ID
    """
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    return f"xloud_images_panel:{VERSION}:{kind}:{digest}"


def get(name: str, default: Any = None) -> Any:
    """Return a value, or the default when it is missing or the cache does not answer."""
    return get_many([name]).get(name, default)


def get_many(names: Iterable[str]) -> dict[str, Any]:
    """Return the cached values, or an empty dict when the cache does not answer."""
    try:
        return cache.get_many(list(names))
    except Exception as error:  # each backend raises its own exceptions
        _warn("read", error)
        return {}


def set_many(values: Mapping[str, Any], seconds: float) -> None:
    """Store values for some time, if the cache answers."""
    try:
        cache.set_many(dict(values), seconds)
    except Exception as error:
        _warn("written", error)


def set(name: str, value: Any, seconds: float) -> None:
    """Store a value for some time, if the cache answers."""
    set_many({name: value}, seconds)


def count(name: str, seconds: float) -> int:
    """Return the number of calls within ``seconds`` of the first; 1 when the cache fails."""
    try:
        if cache.add(name, 1, seconds):
            return 1
        return cache.incr(name)
    except Exception as error:  # ValueError too: the key has just expired
        _warn("written", error)
        return 1


def add(name: str, value: Any, seconds: float) -> bool:
    """Store a value for some time, unless there is one; return whether it was stored.

    :returns: True also when the cache does not answer: then nobody has a value
    """
    try:
        return bool(cache.add(name, value, seconds))
    except Exception as error:
        _warn("written", error)
        return True


def delete_many(names: Iterable[str]) -> None:
    """Drop values, if the cache answers."""
    try:
        cache.delete_many(list(names))
    except Exception as error:
        _warn("written", error)


def delete(name: str) -> None:
    """Drop a value, if the cache answers."""
    delete_many([name])


def _warn(what: str, error: Exception) -> None:
    LOG.warning("Horizon's cache cannot be %s: %s: %s", what, type(error).__name__, error)
