# SPDX-License-Identifier: Apache-2.0
"""The receipt of a change: its results, with Undo, until the receipt is closed.

The receipt carries the signed data for Undo. The server stores nothing, and a browser cannot forge
a change.
"""

from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from xloud_images_panel.access.model import Image
from xloud_images_panel.access.outcome import Outcome
from xloud_images_panel.access.plan import Verb
from xloud_images_panel.access.undo import Done
from xloud_images_panel.dashboard import actor, made_for, texts
from xloud_images_panel.dashboard.manage_access.base import fragment
from xloud_images_panel.dashboard.manage_access.outcome import Told
from xloud_images_panel.services.keystone import Keystone

_SALT = "xloud_images_panel.undo"
# Seconds for which a change can be undone: a receipt is for correcting a mistake.
_LIFETIME = 24 * 60 * 60
_TEMPLATE = "xloud_images_panel/admin/_receipt.html"
_WORST_FIRST = ("danger", "warning", "info", "success")


class Worthless(Exception):
    """A receipt that cannot undo anything, with the reason in the user's terms."""


def show(
    request: HttpRequest, image: Image, outcome: Outcome, told: Told, changes: list[Done]
) -> HttpResponse:
    """Return the receipt of a change.

    :param changes: the effects of the change, for Undo; if empty, there is no Undo
    """
    context: dict[str, Any] = {"headline": _headline(image, outcome), **_said(told.messages)}
    if changes:
        context |= {
            "undo_url": reverse("horizon:admin:images:access_undo", args=[image.id]),
            "undo_token": token(request, image.id, changes),
            "region_field": made_for.REGION,
            "region": made_for.region(request),
            "csrf_token": get_token(request),
        }
    return fragment(_TEMPLATE, context)


def undone(image: Image, messages: list[tuple[str, str]]) -> HttpResponse:
    """Return the receipt of an undo."""
    return fragment(_TEMPLATE, {"headline": texts.in_sentence(image.name), **_said(messages)})


def refused(why: str) -> HttpResponse:
    """Return a receipt that says why nothing was undone; the one before stays valid."""
    return fragment(_TEMPLATE, {"refused": True, **_said([("danger", why)])})


def changes_in(request: HttpRequest, image_id: str) -> list[Done]:
    """Return the effects of a change from the receipt in a request.

    :raises Worthless: for a receipt that is too old, another user's, or of another image or region
    """
    image, changes = read(request, request.POST.get("receipt", ""))
    if image != image_id:
        raise Worthless(_("there is no such change to undo."))
    return changes


def read(request: HttpRequest, token: str) -> tuple[str, list[Done]]:
    """Return the image of a receipt, and the effects on its projects.

    :param token: a text that :func:`token` has returned
    :raises Worthless: for a receipt that is too old, another user's, or of another region
    """
    try:
        image, region, user, changes = signing.loads(token, salt=_SALT, max_age=_LIFETIME)
    except signing.SignatureExpired as error:
        raise Worthless(_("the change was made too long ago to be undone here.")) from error
    except (signing.BadSignature, ValueError) as error:
        raise Worthless(_("there is no such change to undo.")) from error
    if [image, region, user] != _whose(request, image):
        raise Worthless(_("there is no such change to undo."))
    return image, [Done(*item) for item in changes]


def projects_gone(keystone: Keystone, changes: list[Done]) -> list[str]:
    """Return the IDs of deleted projects, which cannot be given an image again.

    :raises ServiceError: when Keystone does not answer
    """
    lost = [item.project_id for item in changes if not item.after]
    known = keystone.projects_by_id(lost)
    return [item for item in lost if not known[item].exists]


def token(request: HttpRequest, image_id: str, changes: list[Done]) -> str:
    """Return the effects of a change as a text that nobody else can forge."""
    done = [(item.project_id, item.before, item.after) for item in changes]
    return signing.dumps([*_whose(request, image_id), done], salt=_SALT, compress=True)


def _whose(request: HttpRequest, image_id: str) -> list[str]:
    return [image_id, made_for.region(request), str(actor.user(request).id)]


def _said(messages: list[tuple[str, str]]) -> dict[str, Any]:
    levels = [level for level, _text in messages]
    worst = next((level for level in _WORST_FIRST if level in levels), "success")
    return {"level": worst, "messages": [text for _level, text in messages]}


def _headline(image: Image, outcome: Outcome) -> str:
    """Return one line with the number of changed projects by verb."""
    counts = {
        verb: sum(item.changed for item in outcome.done(verb))
        for verb in Verb
        if outcome.done(verb)
    }
    words = {
        Verb.ADD: ngettext("%(count)d added", "%(count)d added", counts.get(Verb.ADD, 0)),
        Verb.REMOVE: ngettext("%(count)d removed", "%(count)d removed", counts.get(Verb.REMOVE, 0)),
        Verb.ACCEPT_FOR: ngettext(
            "%(count)d accepted for", "%(count)d accepted for", counts.get(Verb.ACCEPT_FOR, 0)
        ),
        Verb.ASK_AGAIN: ngettext(
            "%(count)d asked again", "%(count)d asked again", counts.get(Verb.ASK_AGAIN, 0)
        ),
    }
    parts = [words[verb] % {"count": counts[verb]} for verb in counts]
    return f"{texts.in_sentence(image.name)}: {', '.join(parts)}"
