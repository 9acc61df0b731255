# SPDX-License-Identifier: Apache-2.0
"""Checks of a change before it is sent: Glance accepts any text as a member."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from xloud_images_panel.access import plan
from xloud_images_panel.access.model import Image, folded, is_project_id
from xloud_images_panel.dashboard import say, texts
from xloud_images_panel.dashboard.manage_access.forms import one_line_break
from xloud_images_panel.services.keystone import Keystone

# A project that was deleted while the dialog was open must not be reported as shared with, so each
# project is looked up again. For a hundred projects this would take three times as long as adding
# them to the image (35 ms each), so larger changes use names cached within `names_lifetime`.
MOST_ASKED_ANEW = 10


def names_at_the_services(
    change: plan.Change, members: set[str], keystone: Keystone
) -> dict[str, str]:
    """Return Glance's IDs of members, and Keystone's of projects, by the IDs in a change.

    Keystone finds a project by its upper-case ID if its database ignores case.

    :param members: the members as Glance lists them
    """
    called = {one_line_break(item): item for item in members}
    odd = [item for item in change.add if folded(item) != item]
    found = keystone.projects_by_id(odd) if odd else {}
    names = {item: called.get(item, item) for _verb, item in change.named()}
    return names | {item: found[item].id if item in found else item for item in change.add}


def as_the_services_call_them(
    change: plan.Change, members: set[str], keystone: Keystone
) -> plan.Change:
    """Return a change with Glance's IDs of members, and Keystone's of projects.

    A project that is added in two spellings is added once.

    :param members: the members as Glance lists them
    :raises Invalid: when a project turns out to be both added and removed
    """
    return renamed(change, names_at_the_services(change, members, keystone))


def renamed(change: plan.Change, names: Mapping[str, str]) -> plan.Change:
    """Return a change with its IDs replaced.

    :param names: the new IDs by the IDs in the change
    :raises Invalid: when a project turns out to be both added and removed
    """
    add, remove, accept_for, ask_again = (
        tuple(names[item] for item in ids)
        for ids in (change.add, change.remove, change.accept_for, change.ask_again)
    )
    return plan.Change(tuple(dict.fromkeys(add)), remove, accept_for, ask_again)


def unknown(
    change: plan.Change, members: set[str], keystone: Keystone, *, cached_ok: bool
) -> dict[str, str]:
    """Return the added or removed IDs that are not projects, with their last names.

    Any member may be removed, even one that is not a project.

    :param members: IDs of the projects that the image is shared with, which need not exist
    :param cached_ok: see :meth:`.Keystone.projects_by_id`
    :raises ServiceError: when Keystone does not say which projects exist
    """
    asked = [item for item in (*change.add, *change.remove) if item not in members]
    found = keystone.projects_by_id(asked, cached_ok=cached_ok)
    return {item: found[item].name for item in asked if not found[item].exists}


def refusal(change: plan.Change, owner: str, members: set[str], keystone: Keystone) -> str:
    """Return why a change must not be sent, although Glance would accept it; empty if it may.

    :param owner: ID of the project that the image belongs to
    :param members: IDs of the projects that it is shared with, which need not exist
    :returns: the text after a colon
    :raises ServiceError: when Keystone does not say which projects exist
    """
    if owner in change.add:
        return owner_has_it()
    asked = [item for item in (*change.add, *change.remove) if item not in members]
    names = unknown(change, members, keystone, cached_ok=len(asked) > MOST_ASKED_ANEW)
    # A deleted project that somebody else has already removed is as requested, and does not block
    # the other changes.
    stale = [item for item in names if item in change.remove and is_project_id(item)]
    if len(stale) < len(change.named()):
        names = {item: name for item, name in names.items() if item not in stale}
    return no_project(names) if names else ""


def owner_has_it() -> str:
    """Return why an image is not shared with its owner, as the text after a colon."""
    return str(_("the owner of an image has access to it anyway."))


def no_project(names: Mapping[str, str]) -> str:
    """Return that there are no such projects, as the text after a colon.

    :param names: their last names by ID, empty if not known
    """
    ids = texts.enumerated([f"{item} ({name})" if name else item for item, name in names.items()])
    return str(_("there is no project with the ID %(ids)s.") % {"ids": ids})


def not_shared(image: Image) -> str:
    """Return that an image must be set to Shared first."""
    name = say.inert(texts.in_sentence(image.name))
    return str(
        _(
            'The visibility of the image "%(name)s" is %(visibility)s. '
            "Set it to Shared to manage its access."
        )
        % {"name": name, "visibility": texts.visibility(image.visibility)}
    )
