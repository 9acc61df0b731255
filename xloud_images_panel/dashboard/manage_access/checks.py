# SPDX-License-Identifier: Apache-2.0
"""Checks of a change before it is sent: Glance takes any text as a member."""

from django.utils.translation import gettext_lazy as _

from xloud_images_panel.access import plan
from xloud_images_panel.access.model import Image, folded, is_project_id
from xloud_images_panel.dashboard import say, texts
from xloud_images_panel.dashboard.manage_access.forms import one_line_break
from xloud_images_panel.services.keystone import Keystone

# A project that was deleted while the dialog was open must not be reported as one that the image
# is shared with, so Keystone is asked for each project anew, not for what was read a while ago. Of
# a hundred projects that would take three times as long as adding them to the image (35 ms each):
# of more than these few, what was read within `names_lifetime` is taken.
MOST_ASKED_ANEW = 10


def as_the_services_call_them(
    change: plan.Change, members: set[str], keystone: Keystone
) -> plan.Change:
    """Return a change that names members as Glance has them, and projects as Keystone has them.

    Keystone finds a project by its ID in capitals where its database compares
    so. One that is added in two writings is added once.

    :param members: the members as Glance lists them
    :raises Invalid: when a project turns out to be both added and removed
    """
    called = {one_line_break(item): item for item in members}
    odd = [item for item in change.add if folded(item) != item]
    found = keystone.projects_by_id(odd) if odd else {}
    add = [found[item].id if item in found else item for item in change.add]

    def as_listed(ids: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(called.get(item, item) for item in ids)

    return plan.Change(
        tuple(dict.fromkeys(add)),
        as_listed(change.remove),
        as_listed(change.accept_for),
        as_listed(change.ask_again),
    )


def refusal(change: plan.Change, owner: str, members: set[str], keystone: Keystone) -> str:
    """Return why a change must not be sent to Glance, which would take it; empty when it may.

    :param owner: ID of the project that the image belongs to
    :param members: IDs of the projects that it is shared with, which need not exist
    :returns: what follows a colon
    :raises ServiceError: when Keystone does not tell which projects there are
    """
    if owner in change.add:
        return str(_("the owner of an image has access to it anyway."))
    asked = [item for item in (*change.add, *change.remove) if item not in members]
    found = keystone.projects_by_id(asked, cached_ok=len(asked) > MOST_ASKED_ANEW)
    unknown = [item for item in asked if not found[item].exists]
    # A deleted project that somebody else has already removed is as it was asked for, and keeps
    # nothing else from being done.
    stale = [item for item in unknown if item in change.remove and is_project_id(item)]
    if len(stale) < len(change.named()):
        unknown = [item for item in unknown if item not in stale]
    if unknown:
        names = {item: found[item].name for item in unknown}
        ids = texts.enumerated(
            [f"{item} ({name})" if name else item for item, name in names.items()]
        )
        return str(_("there is no project with the ID %(ids)s.") % {"ids": ids})
    return ""


def not_shared(image: Image) -> str:
    """Return that an image would have to be shared first."""
    name = say.inert(texts.in_sentence(image.name))
    return str(
        _(
            'The visibility of the image "%(name)s" is %(visibility)s. '
            "Set it to Shared to manage its access."
        )
        % {"name": name, "visibility": texts.visibility(image.visibility)}
    )
