"""Projects that have access to an image from before.

Glance keeps the members of an image that is not shared any more, cannot list
them meanwhile, and lets them in again as soon as it is shared again: without a
word. Which projects came back that way is remembered here, in Django's cache,
until an administrator has seen to it in Manage Access.
"""

from django.core.cache import cache

from xloud_images_panel import glance, services

# Days are enough for the next visit of Manage Access; the cache is no archive.
_LIFETIME = 7 * 24 * 60 * 60


def note(image: glance.Image, images: glance.Glance) -> list[str]:
    """Remember who has access again to an image that has just become shared.

    :param images: Glance as the image's owner or as an administrator; others
        are not shown all members
    :returns: the IDs of the projects, empty when there are none
    :raises ServiceError: when Glance does not tell the members
    """
    if image.visibility != "shared":
        raise services.ServiceError(
            "Glance", services.Reason.CONFLICT, details=f"image {image.id} is {image.visibility}"
        )
    members = {member.project_id for member in images.members(image.id)} - {image.owner}
    if members:
        cache.set(_key(image.id), sorted(members), _LIFETIME)
    return sorted(members)


def noted(image_id: str) -> list[str]:
    """Return the IDs of the projects that came back and that nobody has looked at since."""
    return cache.get(_key(image_id), [])


def forget(image_id: str) -> None:
    """Forget them: somebody has looked at the image's access and changed it."""
    cache.delete(_key(image_id))


def _key(image_id: str) -> str:
    return f"xloud_images_panel:shared_again:{image_id}"
