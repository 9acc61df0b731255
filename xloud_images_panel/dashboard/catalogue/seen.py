# SPDX-License-Identifier: Apache-2.0
"""Images that a user has chosen, with their current members."""

import dataclasses
from collections.abc import Sequence

from django.utils.translation import gettext as _

from xloud_images_panel.access import threads
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import Image, Member, by_project
from xloud_images_panel.dashboard import log_in_again, texts
from xloud_images_panel.dashboard.manage_access.image_access import Services
from xloud_images_panel.services import inventory
from xloud_images_panel.services.glance import Glance

# IDs in one query to Glance: its address may have some 4,000 characters.
_AT_ONCE = 80


@dataclasses.dataclass(frozen=True)
class Seen:
    """A shared image and its members.

    :ivar rows: the members as Glance lists and counts them for the quota
    """

    image: Image
    rows: tuple[Member, ...]

    @property
    def projects(self) -> int:
        """The number of projects among the members; a project that was added twice counts once."""
        return len(by_project(self.rows))

    @property
    def statuses(self) -> dict[str, str]:
        """The member statuses by project ID, without the owner's."""
        found = {item.project_id: item.status for item in by_project(self.rows).values()}
        found.pop(self.image.owner, None)
        return found


@dataclasses.dataclass(frozen=True)
class LeftOut:
    """An image whose access cannot be managed.

    :ivar name: empty when it is not known
    :ivar why: the text after its name and a colon
    :ivar again: whether another try may read it
    """

    id: str
    name: str
    why: str
    again: bool = False


@dataclasses.dataclass(frozen=True)
class Found:
    """The chosen images, in their order."""

    images: list[Seen]
    left_out: list[LeftOut]


def read(services: Services, image_ids: Sequence[str]) -> Found:
    """Read the chosen images; an image that cannot be read does not stop the others.

    :raises SessionEnded: when Glance does not accept the session
    :raises ServiceError: when Glance does not list images at all
    """
    glance = services.glance
    unread: dict[str, str] = {}
    there = images_by_id(glance, image_ids, unread)
    shared = [item.id for item in there.values() if item.visibility == "shared"]
    members = inventory.members(glance, shared)
    unread |= {item.image_id: texts.describe(item.error) for item in members.unread}
    found = Found([], [])
    for image_id in image_ids:
        image, rows = there.get(image_id), members.rows.get(image_id)
        if image and rows is not None:
            found.images.append(Seen(image, rows))
            continue
        is_late = image_id in members.left
        why = unread.get(image_id) or _why(image, is_late=is_late)
        again = is_late or image_id in unread
        name = image.name if image else ""
        found.left_out.append(LeftOut(image_id, name, why, again=again))
    return found


def images_by_id(
    glance: Glance, image_ids: Sequence[str], unread: dict[str, str]
) -> dict[str, Image]:
    """Return images by ID.

    :param unread: gets a sentence for each image that cannot be read
    :raises SessionEnded: when Glance does not accept the session
    :raises ServiceError: when Glance does not list images at all
    """
    there: dict[str, Image] = {}
    try:
        for at in range(0, len(image_ids), _AT_ONCE):
            asked = image_ids[at : at + _AT_ONCE]
            # Exactly one page: Glance has no more images with these IDs.
            images, _marker = glance.listed({"id": f"in:{','.join(asked)}", "limit": len(asked)})
            there |= {image.id: image for image in images}
    except ServiceError as error:
        log_in_again.check(error)
        raise

    # Glance's list leaves out hidden images, and other projects' community images.
    def one(image_id: str) -> Image | ServiceError:
        try:
            return glance.image(image_id)
        except ServiceError as error:
            return error

    others = [image_id for image_id in image_ids if image_id not in there]
    # Only this thread has the language of the request, so the sentences are made here.
    for image_id, found in zip(
        others, threads.in_parallel(one, others, glance.workers), strict=True
    ):
        if isinstance(found, Image):
            there[found.id] = found
            continue
        log_in_again.check(found)
        if found.reason is not Reason.MISSING:
            unread[image_id] = texts.describe(found)
    return there


def _why(image: Image | None, *, is_late: bool) -> str:
    if image is None:
        return _("there is no image with this ID (any more).")
    if is_late:
        return _("the image service did not answer in time.")
    if image.visibility != "shared":
        text = _("its visibility is %(visibility)s, not Shared.")
        return text % {"visibility": texts.visibility(image.visibility)}
    return _("it was changed at this moment.")
