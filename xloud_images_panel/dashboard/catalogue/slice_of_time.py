# SPDX-License-Identifier: Apache-2.0
"""The time and the services of one slice of a long task.

The browser sends a plan of hundreds of changes not in one request but in slices, each of which
occupies a worker only briefly. A slice starts nothing after ``SECONDS``, and no call to a service
after ``LONGEST``.
"""

import dataclasses
import time

from django.utils.functional import cached_property

from xloud_images_panel.dashboard import actor, settings
from xloud_images_panel.dashboard.manage_access.image_access import ImageAccess, Services
from xloud_images_panel.services.connection import Connection
from xloud_images_panel.services.glance import Glance
from xloud_images_panel.services.keystone import Keystone

#: Seconds after which a slice starts nothing more.
SECONDS = 2.0
#: Seconds after which a slice no longer calls a service.
LONGEST = 3.0


class Clock:
    """The time of a slice, and the amount of work that fits into the rest of it.

    The first pieces are small, because the duration of an item is not known yet.
    """

    # Items of one piece.
    FEWEST, MOST = 4, 40

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._end = self._start + SECONDS
        self._began = 0.0
        self._each = 0.0
        self._begun = False

    @property
    def pause(self) -> int:
        """Milliseconds that the browser waits for the sake of others before the next slice.

        With ``plan_workers`` set to 1, the pause is half of this slice's time, because even one
        thread always has a call under way. With more workers there is no pause.
        """
        if settings.get().plan_workers > 1:
            return 0
        return round(1000 * (time.monotonic() - self._start) / 2)

    @property
    def is_over(self) -> bool:
        """Whether to start nothing more; False before the first piece of work."""
        return self._begun and time.monotonic() >= self._end

    def fitting(self) -> int:
        """Start a piece of work, and return how many items it should have."""
        self._begun, self._began = True, time.monotonic()
        left = max(0.0, self._end - self._began)
        fits = int(left / self._each) if self._each else 2 * self.FEWEST
        return min(max(self.FEWEST, fits), self.MOST)

    def ended(self, items: int) -> None:
        """Record the end of the piece of work.

        :param items: the number of its items
        """
        self._each = (time.monotonic() - self._began) / max(1, items)


class SliceServices(Services):
    """Keystone and Glance, with a short time limit and few threads."""

    @cached_property
    def _connection(self) -> Connection:
        connection = actor.connection(self.request)
        workers = min(settings.get().plan_workers, connection.limits.max_workers)
        limits = dataclasses.replace(connection.limits, total_time=LONGEST, max_workers=workers)
        return dataclasses.replace(connection, limits=limits)

    @cached_property
    def glance(self) -> Glance:
        """Glance as this request's user."""
        return Glance(self._connection)

    @cached_property
    def keystone(self) -> Keystone:
        """Keystone as this request's user."""
        return Keystone(self._connection)

    def access(self, image_id: str, *, changed: bool = False) -> ImageAccess:
        """Return the access to an image through the same services; one that is down stays down.

        :param changed: whether the request has changed anything already
        """
        access = ImageAccess(self.request, image_id, changed=changed)
        access.glance, access.keystone = self.glance, self.keystone
        return access
