# SPDX-License-Identifier: Apache-2.0
"""One search per user at a time.

A search with few matches is expensive: one page can cost hundreds of lookups in
Glance. A user with several searches at once would occupy Horizon's workers and slow
down others. So each search takes a lease in Horizon's cache; a second search of the
same user waits a few seconds for it, then fails with a message.

If Horizon's processes do not share the cache, each process has its own lease.
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

    The lease of a killed worker expires when its search would have ended.

    :param request: the Django request of a logged-in user
    :raises ServiceError: ``SCANNING`` when another search of the user takes longer than
        this one waits
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
        if caching.get(key) == holder:  # otherwise it expired, and another search has it
            caching.delete(key)
