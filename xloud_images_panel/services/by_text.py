# SPDX-License-Identifier: Apache-2.0
"""The project or the image that somebody means by an ID or a name.

An exact name wins, even if other names contain the text. Otherwise the names that contain it are
offered.
"""

import dataclasses
from typing import Generic, TypeVar

from xloud_images_panel.access.model import (
    Image,
    Project,
    is_given_project_id,
    is_project_id,
)
from xloud_images_panel.services import image_lists, matches
from xloud_images_panel.services.glance import Glance
from xloud_images_panel.services.keystone import Keystone
from xloud_images_panel.services.spellings import spellings

Item = TypeVar("Item", Image, Project)

# Names are sent to Glance in quotation marks, because it reads text before a colon as an operator.
# Glance has no way to escape these characters in a name.
_NOT_QUOTED = {*'"\\'}


@dataclasses.dataclass(frozen=True)
class Meant(Generic[Item]):
    """The candidates that a text may mean.

    :ivar complete: whether these are all candidates
    """

    items: list[Item]
    complete: bool = True


def projects(keystone: Keystone, text: str, most: int) -> Meant[Project]:
    """Return the projects that a text may mean.

    :param text: an ID, a name in any case, or a part of one
    :param most: the maximum number of projects
    :raises ServiceError: when Keystone does not answer or refuses
    """
    if is_given_project_id(text):
        found = _by_id(keystone, text.lower())
        if found:
            return Meant(found)
    if spellings(text):
        exactly = matches.find(keystone, [text]).by_name.get(text)
        if exactly:
            return Meant(exactly[:most], complete=len(exactly) <= most)
        containing = matches.matching(keystone, text)
        if containing.projects:
            complete = containing.complete and len(containing.projects) <= most
            return Meant(containing.projects[:most], complete)
    # Operators can give IDs of other forms to projects from an older identity service.
    return Meant(_by_id(keystone, text) if is_project_id(text) else [])


def _by_id(keystone: Keystone, project_id: str) -> list[Project]:
    project = keystone.projects_by_id([project_id])[project_id]
    return [project] if project.exists else []


def images(glance: Glance, text: str, most: int) -> Meant[Image]:
    """Return the images that a name may mean, including hidden and community images.

    :param text: a name, or a part of one in any case
    :param most: the maximum number of images
    :returns: incomplete also if there are too many images to search
    :raises ServiceError: when the service fails
    """
    if not image_lists.can_match(text):
        return Meant([])
    exactly = [] if _NOT_QUOTED & {*text} else _named(glance, text, most + 1)
    if exactly:
        return Meant(exactly[:most], complete=len(exactly) <= most)
    page = image_lists.every(glance, most, text)
    return Meant(page.items, complete=page.complete and not page.next_marker)


def _named(glance: Glance, name: str, most: int) -> list[Image]:
    found: list[Image] = []
    for hidden in ("false", "true"):
        query = {"visibility": "all", "os_hidden": hidden, "name": f'in:"{name}"', "limit": most}
        # MariaDB ignores case and accents when it compares.
        found += [image for image in glance.listed(query)[0] if image.name == name]
    return found
