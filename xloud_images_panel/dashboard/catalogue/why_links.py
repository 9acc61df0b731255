# SPDX-License-Identifier: Apache-2.0
"""Links to where a step that changes an answer can be taken."""

import dataclasses
from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from xloud_images_panel.access.explain import Action
from xloud_images_panel.access.model import Image, Project
from xloud_images_panel.dashboard import actor
from xloud_images_panel.dashboard.horizon import image_details, image_editing


@dataclasses.dataclass(frozen=True)
class Link:
    """A link to where a step can be taken.

    :ivar modal: whether Horizon opens it as a dialog on the page
    """

    text: str
    url: str
    modal: bool = False


def other_regions(request: HttpRequest) -> list[str]:
    """Return the regions of the user's catalog, without the user's current one."""
    user = actor.user(request)
    return [item for item in user.available_services_regions if item != user.services_region]


def links(
    request: HttpRequest, action: Action, image: Image | None, project: Project | None
) -> list[Link]:
    """Return links to where a step can be taken, none if it has no page.

    :param request: has the address that a switch of the region returns to
    """
    if action is Action.SWITCH_REGION:
        return _regions(request, other_regions(request))
    if action is Action.ENABLE_PROJECT and project:
        return _page(_("Open the project"), "horizon:identity:projects:detail", project.id)
    if action is Action.ENABLE_DOMAIN:
        return _page(_("Open the domains"), "horizon:identity:domains:index")
    if not image:
        return []
    if action in (Action.SHARE, Action.PUBLISH):
        url, modal = image_editing(image.id)
        return [Link(_("Edit Image"), url, modal)]
    if action in (Action.ADD_PROJECT, Action.ASK_AGAIN, Action.ACCEPT):
        if image.visibility != "shared":
            return []  # the dialog only says to share the image first
        url = reverse("horizon:admin:images:manage_access", args=[image.id])
        return [Link(_("Manage Access"), url, modal=True)]
    own = image.owner == actor.user(request).project_id
    if action is Action.UPLOAD or (action is Action.REACTIVATE and own):
        # Horizon offers Reactivate only for images of the current project.
        return [Link(_("Open the image"), image_details(image.id))]
    return []


def _page(text: str, view: str, *args: str) -> list[Link]:
    """Return a link to one of Horizon's pages, none if the operator has disabled its panel."""
    try:
        return [Link(text, reverse(view, args=args))]
    except NoReverseMatch:
        return []


def _regions(request: HttpRequest, regions: Sequence[str]) -> list[Link]:
    come_back = urlencode({"next": request.get_full_path()})
    return [
        Link(link.text, f"{link.url}?{come_back}")
        for region in regions
        for link in _page(region, "switch_services_region", region)
    ]
