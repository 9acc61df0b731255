"""Projects that have access to an image from before.

Glance keeps the members of an image that is not shared any more, cannot list
them meanwhile, and lets them in again as soon as it is shared again: without a
word. Which projects came back that way is remembered here, in Django's cache,
until an administrator has changed the image's access in Manage Access: looking
at it is not enough, because the one who looks need not be the one who decides,
but who changes it has seen the note. A week later it is no news any more.
"""

from django.core.cache import cache
from django.http import HttpRequest
from openstack_dashboard import policy

from xloud_images_panel import glance, services, texts
from xloud_images_panel.keystone import Keystone

# Seconds. The cache is no archive.
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
    """Return the IDs of the projects that came back, until the access is changed."""
    return cache.get(_key(image_id), [])


def forget(image_id: str) -> None:
    """Forget them: an administrator has changed the image's access."""
    cache.delete(_key(image_id))


def tell(request: HttpRequest, image_name: str, project_ids: list[str]) -> str:
    """Return the sentence that names the projects, by their IDs to who may not see their names."""
    names: dict[str, str] = {}
    if policy.check((("identity", "identity:list_projects"),), request):
        names = Keystone(request).labels(project_ids[: texts.NAMED])
    return texts.shared_again(image_name, [names.get(item, item) for item in project_ids])


def _key(image_id: str) -> str:
    return f"xloud_images_panel:shared_again:{image_id}"
