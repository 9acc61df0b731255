# SPDX-License-Identifier: Apache-2.0
"""Glance's two lists of images, read from a marker that outlives its image."""

import itertools
from collections.abc import Mapping

from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import Image
from xloud_images_panel.services.glance import Glance
from xloud_images_panel.services.markers import MOST_IN_A_MARKER, Marker

# Glance's answers when the image of a marker is deleted (400, 404) or no longer visible (403).
_GONE = {Reason.REFUSED, Reason.FORBIDDEN, Reason.MISSING}


class Listing:
    """Glance's two lists, read from a marker on in one direction.

    :ivar requests: the number of requests so far
    """

    def __init__(
        self,
        glance: Glance,
        filters: Mapping[str, str | int],
        marker: Marker | None,
        *,
        backwards: bool,
    ) -> None:
        self._glance, self._filters, self._backwards = glance, filters, backwards
        self._begin = self._place = marker
        # The marker of the next images, as Glance names it.
        self._next_id: str | None = None
        self._listed: list[Image] = []
        # The images before the marker, in its list only: an image that moved to the other list
        # has its place there.
        self._before = set(marker.image_ids) if marker else set()
        self._seen: set[str] = set()
        # The lists that remain to be read, each as whether its images are hidden.
        self._lists = [True, False] if backwards else [False, True]
        if marker:
            del self._lists[: self._lists.index(marker.hidden)]
        self.requests = 0

    @property
    def ended(self) -> bool:
        """Whether both lists were read to their end."""
        return not self._lists

    @property
    def end(self) -> Marker | None:
        """The place behind all images that were read."""
        return self.marker(self._listed[-1]) if self._listed else self._begin

    def read(self, size: int) -> list[Image]:
        """Read the next part, and return the images that were not listed before.

        :param size: how many images to ask for
        :raises ServiceError: when the service fails
        """
        direction = "asc" if self._backwards else "desc"
        query = {
            **self._filters,
            "os_hidden": str(self._lists[0]).lower(),
            "sort": f"created_at:{direction},id:{direction}",
            "limit": size,
        }
        before = self._next_id
        images, self._next_id = self._behind_the_place(query)
        self.requests += 1
        new = [image for image in images if image.id not in self._seen | self._before]
        self._seen.update(image.id for image in new)
        self._listed += new
        # Glance omits "next" at the end; a page that policy emptied may still have it.
        if not self._next_id or self._next_id == before:
            del self._lists[0]
            self._next_id = self._place = None
            self._before.clear()
        elif new:
            self._place = self.marker(new[-1])
        return new

    def _behind_the_place(self, query: Mapping[str, str | int]) -> tuple[list[Image], str | None]:
        place = self._place
        ids = dict.fromkeys([self._next_id] if self._next_id else [])
        if place:
            ids |= dict.fromkeys(place.image_ids)
        for image_id in ids:
            try:
                return self._glance.listed({**query, "marker": image_id})
            except ServiceError as error:
                if error.reason not in _GONE:
                    raise
        if place:
            query = {**query, "created_at": place.times(backwards=self._backwards)}
        return self._glance.listed(query)

    def marker(self, image: Image, *, turned: bool = False) -> Marker:
        """Return the place behind an image that was read, in the direction of reading.

        :param turned: for a page in the other direction
        """
        at = self._listed.index(image)
        line = self._listed[at:] if turned else self._listed[at::-1]
        place = _place(image)
        ids = [
            other.id for other in itertools.takewhile(lambda other: _place(other) == place, line)
        ]
        begin = self._begin
        if begin and not turned and place == (begin.hidden, begin.second):
            ids += begin.image_ids
        return Marker(*place, tuple(ids[:MOST_IN_A_MARKER]))


def _place(image: Image) -> tuple[bool, int]:
    """Return the list and the second of an image, the most that Glance shows of its place."""
    return image.hidden, int(image.created_at.timestamp()) if image.created_at else 0
