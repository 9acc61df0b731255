# SPDX-License-Identifier: Apache-2.0
"""The number of images that wait for a project's decision, for a badge on each page."""

import urllib.parse
from typing import Any

from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import PENDING
from xloud_images_panel.services import transport
from xloud_images_panel.services.connection import MIB
from xloud_images_panel.services.glance import Glance

#: Pending images that are counted.
MOST_PENDING = 99
# Images in one list, at first and where they are large.
_LIMITS = (100, 10)
# Bytes of one list, and the number of lists.
_BYTES = MIB
_LISTS = 10


def pending_count(glance: Glance) -> tuple[int, bool]:
    """Count the images that wait for the project's decision, at little cost.

    Hidden images are not counted: Glance has a list of their own. The project's
    own images are in the list as well, and may fill it.

    :returns: how many there are, at most :data:`MOST_PENDING`, and whether there may be
        more; images that are too large to be listed count as too many
    :raises ServiceError: as the service failed
    """
    query: dict[str, Any] = {"visibility": "shared", "member_status": PENDING}
    count, limits = 0, list(_LIMITS)
    for _list in range(_LISTS):
        query["limit"] = limits[0]
        try:
            with transport.at_most(_BYTES):
                images, query["marker"] = glance.read_list(
                    "/v2/images?" + urllib.parse.urlencode(query)
                )
        except ServiceError as error:
            if error.reason is not Reason.TOO_LARGE:
                raise
            if not limits[1:]:
                return MOST_PENDING, True
            del limits[0]
            continue
        count += sum(image.owner != glance.project_id for image in images)
        if count > MOST_PENDING or not query["marker"]:
            break
    return min(count, MOST_PENDING), count > MOST_PENDING or bool(query["marker"])
