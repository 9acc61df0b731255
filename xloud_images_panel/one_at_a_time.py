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
import uuid
from collections.abc import Iterator

from django.core.cache import cache

from xloud_images_panel import services, settings


class Busy(Exception):
    """Somebody else is changing the access of the image at this moment."""


@contextlib.contextmanager
def alone_with(image_id: str) -> Iterator[None]:
    """Keep others from changing an image's access meanwhile.

    A holder whose worker was killed keeps it until the place expires: later
    than the longest change could end.

    :param image_id: the ID as Glance writes it
    :raises Busy: when somebody else is changing it
    """
    key, holder = f"xloud_images_panel:change:{image_id}", uuid.uuid4().hex
    limits = settings.get()
    # A call is begun within the request's time, waits and is tried again within its own, and
    # the last try takes as long once more.
    longest = limits.request_time + 2 * limits.timeout + services.LONGEST_WAIT
    if not cache.add(key, holder, longest):
        raise Busy
    try:
        yield
    finally:
        if cache.get(key) == holder:  # otherwise it expired, and is somebody else's by now
            cache.delete(key)
