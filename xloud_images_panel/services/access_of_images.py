# SPDX-License-Identifier: Apache-2.0
"""The projects that have access to several images, as far as Glance shows them to the user."""

import dataclasses
from collections.abc import Collection, Sequence

from xloud_images_panel.access import threads
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import REJECTED, Image, is_image_id
from xloud_images_panel.services.glance import Glance
from xloud_images_panel.services.listing import Listing

#: Images in one query: the URL of Glance's list takes this many IDs; 300 give 414.
MOST_IMAGES = 100
# Glance's answers for an image that is gone or no longer shared: no member has access to it.
_NOBODY = {Reason.FORBIDDEN, Reason.MISSING}


@dataclasses.dataclass(frozen=True)
class Access:
    """The projects with access to images.

    :ivar project_ids: the projects in order of their IDs, without those that have rejected all of
        the images; the owner of an image does not count as its member
    :ivar complete: whether all members that Glance lists to the user are known
    """

    project_ids: tuple[str, ...] = ()
    complete: bool = True


def access_of(glance: Glance, image_ids: Sequence[str], *, all_owners: bool) -> Access:
    """Return the projects that have accepted images, or have not answered yet.

    Glance lists the members of a shared image to its owner and to administrators. Other users
    see only their own project, which is not counted here.

    :param image_ids: of many, only the first :data:`MOST_IMAGES` are read
    :param all_owners: whether the user may list the members of every project's images
    """
    asked = list(dict.fromkeys(item.lower() for item in image_ids if is_image_id(item)))
    complete = len(asked) <= MOST_IMAGES
    if not asked:
        return Access()
    try:
        images = _shared(glance, asked[:MOST_IMAGES])
    except ServiceError:
        return Access(complete=False)
    told = [image for image in images if all_owners or image.owner == glance.project_id]
    found = threads.in_parallel(lambda image: _members(glance, image), told, glance.workers)
    known = [members for members in found if members is not None]
    return Access(
        tuple(sorted({project_id for members in known for project_id in members})),
        complete and len(known) == len(found) and not glance.lists.passed_over,
    )


def _shared(glance: Glance, image_ids: Collection[str]) -> list[Image]:
    """Return the shared images among these.

    :raises ServiceError: when the service fails
    """
    filters = {"visibility": "shared", "member_status": "all", "id": f"in:{','.join(image_ids)}"}
    listing = Listing(glance, filters, None, backwards=False)
    images: list[Image] = []
    while not listing.ended:
        images += listing.read(len(image_ids) + 1)  # one more, so that Glance reports the end
    return images


def _members(glance: Glance, image: Image) -> list[str] | None:
    """Return the projects that have access to an image, None if Glance does not list them."""
    try:
        members = glance.members(image.id)
    except ServiceError as error:
        return [] if error.reason in _NOBODY else None
    return [
        member.project_id
        for member in members
        if member.status != REJECTED and member.project_id != image.owner
    ]
