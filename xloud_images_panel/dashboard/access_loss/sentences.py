# SPDX-License-Identifier: Apache-2.0
"""Sentences that say who has access to images before somebody takes it away."""

import enum
from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from xloud_images_panel.dashboard import texts


class Loss(enum.StrEnum):
    """An action on shared images that takes access away, or another visibility."""

    DELETE = "delete"
    DEACTIVATE = "deactivate"
    PRIVATE = "private"
    COMMUNITY = "community"
    PUBLIC = "public"


def of_one_image(loss: Loss, projects: Sequence[str]) -> str:
    """Return who has access to an image, and what happens to that access.

    :param projects: their labels, see :func:`texts.enumerated`; at least one
    """
    count = len(projects)
    if loss in (Loss.DELETE, Loss.PRIVATE):
        text = ngettext(
            "%(count)d project has access to this image and will lose it: %(projects)s.",
            "%(count)d projects have access to this image and will lose it: %(projects)s.",
            count,
        )
    elif loss is Loss.DEACTIVATE:
        text = ngettext(
            "%(count)d project has access to this image and cannot use it until it is "
            "reactivated: %(projects)s.",
            "%(count)d projects have access to this image and cannot use it until it is "
            "reactivated: %(projects)s.",
            count,
        )
    else:
        text = ngettext(
            "%(count)d project has access to this image: %(projects)s.",
            "%(count)d projects have access to this image: %(projects)s.",
            count,
        )
    said = text % {"count": count, "projects": texts.enumerated(projects)}
    return " ".join([said, *_afterwards(loss)])


def of_several_images(loss: Loss, count: int, *, complete: bool) -> str:
    """Return how many projects have access to images, and what happens to that access.

    :param count: the number of projects known to have access to any of them; at least one
    :param complete: whether no other projects can have access
    """
    if loss is Loss.DELETE:
        text = ngettext(
            "%(count)d project has access to these images and will lose it.",
            "%(count)d projects have access to these images and will lose it.",
            count,
        )
    else:
        text = ngettext(
            "%(count)d project has access to these images.",
            "%(count)d projects have access to these images.",
            count,
        )
    said = text % {"count": count}
    if complete:
        return said
    return f"{said} {_('There may be more: not all of the images could be looked at.')}"


def not_known() -> str:
    """Return that the number of projects could not be determined."""
    return _("It could not be determined how many projects have access.")


def _afterwards(loss: Loss) -> list[str]:
    """Return what a visibility means for projects that have access now."""
    kept = _("Glance keeps the list: it counts again once the image is shared again.")
    if loss is Loss.PRIVATE:
        return [kept]
    if loss is Loss.COMMUNITY:
        return [
            _("Every project can use a community image, but it leaves their image lists."),
            kept,
        ]
    if loss is Loss.PUBLIC:
        return [_("Every project can see and use a public image."), kept]
    return []
