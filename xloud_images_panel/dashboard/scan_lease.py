# SPDX-License-Identifier: Apache-2.0
"""One search of a user at a time.

A search with few matches is expensive: one page can cost hundreds of lookups in
Glance. A user with several searches at once would occupy Horizon's workers and slow
down others. So each search takes a lease in Horizon's cache; a second search of the
same user waits a few seconds for it, then fails with a message.

Where the cache is not shared between Horizon's processes, each process has a place.
Without a cache there is no limit.
"""

import contextlib
import uuid
from collections.abc import Iterator
from typing import Any

import tenacity

from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.dashboard import actor, caching, settings

#: Seconds for which a second search waits for the first.
LONGEST_WAIT = 5.0
_BETWEEN_LOOKS = 0.2


@contextlib.contextmanager
def scanning(request: Any) -> Iterator[None]:
    """Keep the user from a second search in the same region during the block.

    The place of a worker that was killed becomes free when its search would have ended.

    :param request: the Django request of a user who is logged in
    :raises ServiceError: ``SCANNING`` when another search of the user goes on for longer
        than this one waits
    """
    user, limits = actor.user(request), settings.get()
    key = caching.key("scan", user.services_region or "", user.id)
    holder = uuid.uuid4().hex
    # No call begins after `reading_time`, and none takes longer than `timeout`.
    lifetime = limits.reading_time + limits.timeout
    taken = tenacity.Retrying(
        retry=tenacity.retry_if_result(lambda taken: not taken),
        stop=tenacity.stop_after_delay(LONGEST_WAIT),
        wait=tenacity.wait_fixed(_BETWEEN_LOOKS),
        retry_error_callback=lambda state: False,
    )(caching.add, key, holder, lifetime)
    if not taken:
        raise ServiceError("Glance", Reason.SCANNING, details="another search", tries=0)
    try:
        yield
    finally:
        if caching.get(key) == holder:  # otherwise it expired, and is another search's by now
            caching.delete(key)
