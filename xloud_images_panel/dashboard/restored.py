# SPDX-License-Identifier: Apache-2.0
"""Projects that regain access to an image when it is shared again.

Glance keeps the members of an image that is no longer shared, does not list them,
and silently restores their access when the image is shared again. Horizon's cache
keeps a note of these projects for a day. Only a change in Manage Access deletes it
earlier: the first administrator who opens the dialog may not be the one who decides.

The server writes a note only if it has seen the change itself: first the image was
not shared, a little later it was. The Python panel's Edit Image sees both in one
request. The AngularJS panel changes images through Horizon's own API, so
:func:`look` remembers the first observation.
"""

import dataclasses

from django.http import HttpRequest

from xloud_images_panel.access import failure, model
from xloud_images_panel.dashboard import actor, caching, made_for, naming, roles, texts, trail
from xloud_images_panel.services import glance

# Seconds. The cache is no archive.
_LIFETIME = 24 * 60 * 60
# Seconds between the two observations; Edit Image takes one Horizon request in between.
_SIGHT_LIFETIME = 5 * 60
# Limits of one user's entries in the cache: notes, IDs in each note, observations.
_MOST_NOTES = _MOST_SIGHTS = 20
MOST_NOTED = 200


@dataclasses.dataclass(frozen=True)
class Note:
    """The projects that regained access.

    :ivar project_ids: their IDs; only the first ones if there are many
    :ivar count: the number of projects
    """

    project_ids: tuple[str, ...] = ()
    count: int = 0

    @property
    def complete(self) -> bool:
        """Whether the note has all of the IDs."""
        return self.count == len(self.project_ids)


def may_note(request: HttpRequest, image: model.Image) -> bool:
    """Return whether the user is the image's owner or an administrator, and may edit it.

    A rule that a policy file lacks counts as fulfilled, so the owner and the role are
    checked here as well.
    """
    user = actor.user(request)
    if not roles.may(request, "modify_image", target={"project_id": image.owner}):
        return False
    if image.owner and image.owner == user.project_id:
        return True
    return user.is_superuser and roles.sees_every_image(request)


def look(request: HttpRequest, image: model.Image) -> bool:
    """Remember for a few minutes that an image is not shared.

    :returns: False for a shared image
    """
    _forget_sight(request, image.id)
    if image.visibility == "shared":
        return False
    sights = [*caching.get(_sights_key(request), []), image.id][-_MOST_SIGHTS:]
    caching.set(_sights_key(request), sights, _SIGHT_LIFETIME)
    return True


def seen(request: HttpRequest, image_id: str) -> bool:
    """Return whether :func:`look` recently saw the image not shared, and forget that."""
    return _forget_sight(request, image_id)


def note(request: HttpRequest, image: model.Image, images: glance.Glance) -> list[str]:
    """Remember who regained access to an image that the server has seen become shared.

    :param image: the image as it is now
    :param images: Glance as the image's owner or as an administrator; others
        do not see all members
    :returns: the IDs of the projects, empty when there are none
    :raises ServiceError: when Glance does not return the members
    """
    if image.visibility != "shared":
        raise failure.ServiceError(
            "Glance", failure.Reason.CONFLICT, details=f"image {image.id} is {image.visibility}"
        )
    members = sorted({member.project_id for member in images.members(image.id)} - {image.owner})
    if members:
        key = _key(request, image.id)
        _make_room(request, key)
        caching.set(key, (tuple(members[:MOST_NOTED]), len(members)), _LIFETIME)
        trail.returned(request, image.id, image.name, members)
    return members


def noted(request: HttpRequest, image_id: str) -> Note:
    """Return the projects that regained access to an image, until its access is changed."""
    return Note(*caching.get(_key(request, image_id), ()))


def forget(request: HttpRequest, image_id: str) -> None:
    """Forget these projects after an administrator has changed the image's access."""
    caching.delete(_key(request, image_id))


def tell(request: HttpRequest, image_name: str, project_ids: list[str]) -> str:
    """Return the sentence that names the projects, by ID for users who may not see names."""
    return texts.shared_again(image_name, naming.for_user(request, project_ids, texts.NAMED))


def _make_room(request: HttpRequest, key: str) -> None:
    """Drop the user's oldest notes that exceed the limit for one user."""
    index = caching.key("shared_again_by", actor.user(request).id)
    keys = [item for item in caching.get(index, []) if item != key] + [key]
    caching.delete_many(keys[:-_MOST_NOTES])
    caching.set(index, keys[-_MOST_NOTES:], _LIFETIME)


def _forget_sight(request: HttpRequest, image_id: str) -> bool:
    sights = caching.get(_sights_key(request), [])
    if image_id not in sights:
        return False
    rest = [item for item in sights if item != image_id]
    caching.set(_sights_key(request), rest, _SIGHT_LIFETIME)
    return True


def _sights_key(request: HttpRequest) -> str:
    return caching.key("seen_not_shared", made_for.region(request), actor.user(request).id)


def _key(request: HttpRequest, image_id: str) -> str:
    return caching.key("shared_again", made_for.region(request), image_id)
