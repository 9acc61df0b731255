# SPDX-License-Identifier: Apache-2.0
"""Requests for lists of images whose answers are not too large.

The owner of an image sets its properties, which may be megabytes, and Glance
has no list without them. A part of a list that is too large is requested again
in smaller parts.
"""

import contextlib
import json
import re
import urllib.parse
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.services import transport

Item = TypeVar("Item")

# Glance writes the link to the next part last, after the images.
_NEXT = re.compile(rb'"next":\s*("(?:[^"\\]|\\.)*")\s*\}\s*\Z')


class ListRequests(Generic[Item]):
    """The requests for lists during one request of a user.

    :param read: reads the list at a path, and returns its items and the marker of the
        next ones, None at the end
    :ivar passed_over: how many items were left out because each is too large by itself
    """

    def __init__(self, read: Callable[[str], tuple[list[Item], str | None]]) -> None:
        self._read = read
        # The most items to request: twice as many as last fitted into an answer.
        self._most: int | None = None
        self.passed_over = 0

    def read(self, path: str, query: Mapping[str, str | int]) -> tuple[list[Item], str | None]:
        """Return a part of a list and the marker of the next part.

        A part may have fewer items than requested though the list goes on. An item that is too
        large by itself is passed over: its answer is read only for the marker at its end.

        :param query: the filters, ``limit`` and ``marker``
        :raises ServiceError: when the service fails; ``TOO_LARGE`` where an item
            that is too large cannot be passed over
        """
        query = dict(query)
        limit = int(query["limit"])
        limit = min(limit, self._most or limit)
        while True:
            query["limit"] = limit
            alone = transport.keeping_the_end() if limit == 1 else contextlib.nullcontext()
            try:
                with alone:
                    answer = self._read(f"{path}?{urllib.parse.urlencode(query)}")
            except ServiceError as error:
                if error.reason is not Reason.TOO_LARGE:
                    raise
                if limit == 1:
                    query["marker"] = _marker_after(error)
                    self.passed_over += 1
                limit = self._most = max(limit // 2, 1)
                continue
            if self._most:
                self._most = 2 * limit
            return answer


def _marker_after(error: ServiceError) -> str:
    """Return the marker after an item that is too large, from the end of its answer.

    :raises ServiceError: the same error if there is no marker
    """
    link = _NEXT.search(error.end)
    marker = marker_in(json.loads(link[1])) if link else None
    if not marker:
        raise error
    return marker


def marker_in(link: str) -> str | None:
    """Return the marker in Glance's link to the next part of a list."""
    query = urllib.parse.urlsplit(link).query
    return urllib.parse.parse_qs(query).get("marker", [None])[0]
