"""One change of an image's access at a time.

Glance makes two rows of a member that is added twice at the same moment, by two
administrators or by one whose browser sends a form twice. So whoever changes
an image's access holds its place in Django's cache meanwhile, and the next one
is told to wait.

The cache must be one for all of Horizon's processes, as its sessions need it
anyway: memcached, Redis or a database. ``cache.add`` of memcached and Redis is
atomic. Django's ``DatabaseCache.add`` is an INSERT under a primary key, which
one of two wins, as long as there is no row; of a row that has expired it is a
SELECT and an UPDATE, which two can both do on a database that lets them (SQLite
in the mode IMMEDIATE, the demo's, does not). There is such a row only after a
worker was killed in the middle of a change, and in that case two changes would
have to meet in the same milliseconds as well.
"""

import contextlib
import logging
import threading
import uuid
from collections.abc import Iterator

from django.core.cache import cache, caches
from django.db import connections

LOG = logging.getLogger(__name__)

#: Seconds after which the place of a holder whose worker was killed is free again.
LEASE = 15
#: Seconds after which a holder that is alive renews it: a missed time or two do no harm.
RENEWED_EVERY = 5


class Busy(Exception):
    """Somebody else is changing the access of the image at this moment."""


@contextlib.contextmanager
def alone_with(image_id: str) -> Iterator[None]:
    """Keep others from changing an image's access meanwhile.

    The place is held for as long as it takes, which is minutes with a service
    that is slow; a holder whose worker was killed loses it soon.

    :param image_id: the ID as Glance writes it
    :raises Busy: when somebody else is changing it
    """
    key, holder = f"xloud_images_panel:change:{image_id}", uuid.uuid4().hex
    if not cache.add(key, holder, LEASE):
        raise Busy
    ended = threading.Event()
    renewal = threading.Thread(target=_renew, args=(key, ended), daemon=True)
    renewal.start()
    try:
        yield
    finally:
        ended.set()
        renewal.join()
        if cache.get(key) == holder:  # otherwise it expired, and is somebody else's by now
            cache.delete(key)


def _renew(key: str, ended: threading.Event) -> None:
    while not ended.wait(RENEWED_EVERY):
        try:
            cache.touch(key, LEASE)
        except Exception:  # of whichever cache the operator has; the change itself goes on
            LOG.warning("Cannot renew %s in Horizon's cache", key, exc_info=True)
    # A thread has connections of its own.
    caches.close_all()
    connections.close_all()
