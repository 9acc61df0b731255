# SPDX-License-Identifier: Apache-2.0
"""One change of an image's access at a time.

Glance makes two rows of a member that is added twice at the same moment, by two
administrators or by one whose browser sends a form twice. So a change holds the
image's place in Django's cache, and the next one has to wait.

The cache must be one for all of Horizon's processes, as its sessions need it
anyway: memcached, Redis, a database or a folder that all of them see.
``cache.add`` of memcached and Redis is atomic. Django's ``DatabaseCache.add`` is
an INSERT under a primary key, which one of two wins, as long as there is no row;
of a row that has expired it is a SELECT and an UPDATE, which two can both do on a
database that lets them (SQLite in the mode IMMEDIATE, the demo's, does not).
``FileBasedCache.add`` looks first and writes then. In these two gaps two changes
have to meet in the same milliseconds.

The place is looked at before each write. Two gaps are left, because Django's
caches cannot compare and set: a holder that is paused after it has looked sends
one write when it wakes up, and one that is paused between looking and renewing
lengthens the next holder's lease by :data:`LEASE` at the most. The first can
make a second row of a member; see :func:`.apply.without_doubles`.
"""

import contextlib
import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.core.cache import cache, caches
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.locmem import LocMemCache
from django.db import connections
from django.utils.translation import gettext as _

from xloud_images_panel.access.failure import Busy, Reason, ServiceError
from xloud_images_panel.dashboard import caching

LOG = logging.getLogger(__name__)

#: Seconds after which the place of a holder whose worker was killed is free again.
LEASE = 15
#: Seconds after which a holder that is alive renews it: a missed time or two do no harm.
RENEWED_EVERY = 5

Found = TypeVar("Found")


class CacheSilent(Busy):
    """Horizon's cache did not answer, so that nobody knows whether somebody else is changing it."""


class Place:
    """The place of one change of an image's access.

    :ivar lost: whether it was found to be lost; it is never got back
    """

    def __init__(self, key: str) -> None:
        self.lost = False
        self._key = key
        self._holder = uuid.uuid4().hex
        # A thread has connections of its own to a cache, and Django closes those of a request's
        # thread only: all but taking the place is done in this one.
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._ended = threading.Event()
        self._renewal = threading.Thread(target=self._keep_renewing, daemon=True)

    def take(self) -> None:
        """Take the place, and renew it until it is left.

        :raises Busy: when somebody else has it
        :raises CacheSilent: when the cache does not answer
        """
        try:
            taken = self._ask(lambda: cache.add(self._key, self._holder, LEASE))
        except Exception as error:  # each cache has exceptions of its own
            self._close()
            LOG.warning("Horizon's cache does not answer: %s: %s", type(error).__name__, error)
            raise CacheSilent from error
        if not taken:
            self._close()
            raise Busy
        self._renewal.start()

    def check(self) -> None:
        """Make sure that the place is held still.

        :raises ServiceError: ``PLACE_LOST`` when it expired, was emptied or is somebody else's,
            and when the cache does not answer
        """
        try:
            self.lost = self.lost or not self._ask(self._is_held)
        except Exception as error:
            LOG.warning("Horizon's cache does not answer: %s: %s", type(error).__name__, error)
            self.lost = True
        if self.lost:
            raise ServiceError("Horizon", Reason.PLACE_LOST, tries=0)

    def leave(self) -> None:
        """Let the next one in; a cache that does not answer does so when the lease is over."""
        self._ended.set()
        self._renewal.join()
        try:
            self._ask(self._give_up)
        except Exception as error:
            LOG.warning("Cannot leave %s in Horizon's cache: %r", self._key, error)
        finally:
            self._close()

    def _ask(self, function: Callable[[], Found]) -> Found:
        return self._thread.submit(function).result()

    def _is_held(self) -> bool:
        return cache.get(self._key) == self._holder

    def renew(self) -> None:
        """Keep the place for another lease, unless somebody else has it."""
        if self._is_held():
            cache.touch(self._key, LEASE)

    def _give_up(self) -> None:
        if self._is_held():
            cache.delete(self._key)

    def _keep_renewing(self) -> None:
        while not self._ended.wait(RENEWED_EVERY):
            try:
                self._ask(self.renew)
            except Exception:
                # The next write finds out whether the place is held still.
                LOG.warning("Cannot renew %s in Horizon's cache", self._key, exc_info=True)

    def _close(self) -> None:
        def close() -> None:
            caches.close_all()
            connections.close_all()

        with contextlib.suppress(Exception):
            self._ask(close)
        self._thread.shutdown()


class _NoPlace(Place):
    """The place in a cache that keeps nothing; :func:`shared_cache_problem` tells of it."""

    def check(self) -> None:
        """Let every write pass."""


@contextlib.contextmanager
def image_lock(region: str, image_id: str) -> Iterator[Place]:
    """Keep others from changing an image's access for as long as this takes.

    That is minutes with a service that is slow; a holder whose worker was
    killed loses the place soon.

    :param region: the region that the image is in; mirrored images have one ID in several
    :param image_id: the ID as Glance writes it
    :returns: the place, to be looked at before each write
    :raises Busy: when somebody else is changing it
    :raises CacheSilent: when Horizon's cache does not answer
    """
    kind = _NoPlace if isinstance(caches["default"], DummyCache) else Place
    place = kind(caching.key("change", region, image_id))
    place.take()
    try:
        yield place
    finally:
        place.leave()


def silence() -> str:
    """Return why Horizon's cache keeps nothing at this moment, empty when it answers."""
    key, value = caching.key("question", uuid.uuid4().hex), "here"
    try:
        cache.set(key, value, LEASE)
        kept = cache.get(key)
        cache.delete(key)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "" if kept == value else "it keeps nothing"


def shared_cache_problem() -> str:
    """Return why two processes of Horizon cannot be kept apart, empty when they can."""
    if isinstance(caches["default"], LocMemCache | DummyCache):
        return _(
            "Horizon's cache is not shared between its processes: two changes of one image's "
            "access at the same time are not kept apart. Ask your operator to set CACHES to "
            "memcached, Redis or a database."
        )
    return ""


def warn_if_not_shared() -> None:
    """Write an error to Horizon's log when its cache is one for each process."""
    if shared_cache_problem():
        LOG.error(
            "CACHES['default'] is %s, which each of Horizon's processes has for itself: two "
            "changes of one image's access at the same time are not kept apart, and notes are not "
            "shared. Use memcached, Redis or a database.",
            type(caches["default"]).__name__,
        )
