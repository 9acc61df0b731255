# SPDX-License-Identifier: Apache-2.0
"""One change of an image's access at a time.

Glance creates two rows for a member that is added twice at the same moment, by two
administrators or by a browser that sends a form twice. So a change holds the image's
place in Django's cache, and the next change has to wait.

All of Horizon's processes must share the cache, as its sessions require anyway:
memcached, Redis, a database or a common folder. ``cache.add`` is atomic in memcached
and Redis. Django's ``DatabaseCache.add`` is an INSERT under a primary key if there is
no row, so only one of two changes wins. For an expired row it is a SELECT and an
UPDATE, and both changes win if the database allows it (SQLite in the mode IMMEDIATE,
the demo's, does not). ``FileBasedCache.add`` looks first and then writes. To fall into
either gap, two changes must meet in the same milliseconds.

The place is checked before each write. Two gaps remain, because Django's caches cannot
compare and set. A holder that is paused after its check sends one write when it wakes
up. A holder that is paused between its check and its renewal lengthens the next
holder's lease by at most :data:`LEASE`. The first gap can create a second row of a
member; see :func:`.apply.without_doubles`.
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

#: Seconds after which the place of a killed worker is free again.
LEASE = 15
#: Seconds between the renewals of a live holder: one or two missed renewals do no harm.
RENEWED_EVERY = 5

Found = TypeVar("Found")


class CacheSilent(Busy):
    """Horizon's cache did not answer, so another change of the access may be under way."""


class Place:
    """The place of one change of an image's access.

    :ivar lost: whether a check has found the place lost; it is never regained
    """

    def __init__(self, key: str) -> None:
        self.lost = False
        self._key = key
        self._holder = uuid.uuid4().hex
        # Each thread has its own connections to a cache, and Django closes only those of a
        # request's thread. So this thread makes all calls to the cache.
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._ended = threading.Event()
        self._renewal = threading.Thread(target=self._keep_renewing, daemon=True)

    def take(self) -> None:
        """Take the place, and renew it until :meth:`leave`.

        :raises Busy: when another change holds it
        :raises CacheSilent: when the cache does not answer
        """
        try:
            taken = self._ask(lambda: cache.add(self._key, self._holder, LEASE))
        except Exception as error:  # each backend raises its own exceptions
            self._close()
            LOG.warning("Horizon's cache does not answer: %s: %s", type(error).__name__, error)
            raise CacheSilent from error
        if not taken:
            self._close()
            raise Busy
        self._renewal.start()

    def check(self) -> None:
        """Check that this change still holds the place.

        :raises ServiceError: ``PLACE_LOST`` when the place expired, was emptied or is somebody
            else's, and when the cache does not answer
        """
        try:
            self.lost = self.lost or not self._ask(self._is_held)
        except Exception as error:
            LOG.warning("Horizon's cache does not answer: %s: %s", type(error).__name__, error)
            self.lost = True
        if self.lost:
            raise ServiceError("Horizon", Reason.PLACE_LOST, tries=0)

    def leave(self) -> None:
        """Free the place; if the cache does not answer, the place is free when the lease ends."""
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
                # The next write checks whether the place is still held.
                LOG.warning("Cannot renew %s in Horizon's cache", self._key, exc_info=True)

    def _close(self) -> None:
        def close() -> None:
            caches.close_all()
            connections.close_all()

        with contextlib.suppress(Exception):
            self._ask(close)
        self._thread.shutdown()


class _NoPlace(Place):
    """The place in a cache that keeps nothing; :func:`shared_cache_problem` reports it."""

    def check(self) -> None:
        """Allow every write."""


@contextlib.contextmanager
def image_lock(region: str, image_id: str) -> Iterator[Place]:
    """Keep others from changing an image's access during the block.

    The block takes minutes with a slow service. A holder whose worker was killed
    loses the place soon.

    :param region: the image's region; a mirrored image has the same ID in several regions
    :param image_id: the ID as Glance writes it
    :returns: the place; check it before each write
    :raises Busy: when somebody else is changing the access
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
    """Return why Horizon's cache keeps nothing at the moment, or an empty string if it works."""
    key, value = caching.key("question", uuid.uuid4().hex), "here"
    try:
        cache.set(key, value, LEASE)
        kept = cache.get(key)
        cache.delete(key)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "" if kept == value else "it keeps nothing"


def shared_cache_problem() -> str:
    """Return why changes in two Horizon processes can collide, or an empty string."""
    if isinstance(caches["default"], LocMemCache | DummyCache):
        return _(
            "Horizon's cache is not shared between its processes: two changes of one image's "
            "access at the same time are not kept apart. Ask your operator to set CACHES to "
            "memcached, Redis or a database."
        )
    return ""


def warn_if_not_shared() -> None:
    """Log an error when each of Horizon's processes has its own cache."""
    if shared_cache_problem():
        LOG.error(
            "CACHES['default'] is %s, which each of Horizon's processes has for itself: two "
            "changes of one image's access at the same time are not kept apart, and notes are not "
            "shared. Use memcached, Redis or a database.",
            type(caches["default"]).__name__,
        )
