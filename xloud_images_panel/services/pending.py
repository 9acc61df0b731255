# SPDX-License-Identifier: Apache-2.0
"""A cheap count of the images that others share with a project, by its answer."""

import urllib.parse
from typing import Any

from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import PENDING
from xloud_images_panel.services import transport
from xloud_images_panel.services.connection import MIB
from xloud_images_panel.services.glance import Glance

#: The most images that are counted.
MOST_COUNTED = 99
# Images in one list, at first and if they are large.
_LIMITS = (100, 10)
# The most bytes of one list, and the most lists.
_BYTES = MIB
_LISTS = 10


def count(glance: Glance, status: str = PENDING, *, hidden: bool = False) -> tuple[int, bool]:
    """Count the images that others share with the project, at little cost.

    The list also contains the project's own images, which may fill it.

    :param status: the project's answer to the images
    :param hidden: count only hidden images, which Glance lists separately
    :returns: the count, at most :data:`MOST_COUNTED`, and whether there may be more;
        images that are too large to be listed count as too many
    :raises ServiceError: when the service fails
    """
    query: dict[str, Any] = {"visibility": "shared", "member_status": status}
    if hidden:
        query["os_hidden"] = "true"
    found, limits = 0, list(_LIMITS)
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
                return MOST_COUNTED, True
            del limits[0]
            continue
        found += sum(image.owner != glance.project_id for image in images)
        if found > MOST_COUNTED or not query["marker"]:
            break
    return min(found, MOST_COUNTED), found > MOST_COUNTED or bool(query["marker"])
