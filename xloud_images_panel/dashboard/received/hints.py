# SPDX-License-Identifier: Apache-2.0
"""Hints that follow the rows of Shared Images; the rows never wait for them.

The hints are the numbers of images by the project's answer, the owners whose images it has
accepted before, and the names that public images have too.
"""

import contextlib
import urllib.parse
from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import generic

from xloud_images_panel.access import threads
from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.access.model import ACCEPTED, STATUSES, is_project_id
from xloud_images_panel.dashboard import actor, roles, settings
from xloud_images_panel.services import pending
from xloud_images_panel.services.glance import Glance

# Most owners and names of one page to look up.
_MOST_OWNERS = 20
_MOST_NAMES = settings.LARGEST_PAGE
# Most characters of names in one request.
_LONGEST_QUERY = 2000


class HintsView(generic.View):
    """The counts of the filter buttons, and facts to know before accepting an image."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Return JSON about the images on a page, from the ``owner`` and ``name`` of each.

        :returns: ``counts`` by status, each with ``count`` and ``more``; ``first``, the owners
            none of whose images the project has accepted yet; ``public``, the owners of public
            images by image name. ``counts`` and ``first`` are missing for an administrator, whose
            token sees every shared image in the cloud. A hint is missing if Glance fails.
        """
        actor.only_reads(request)
        images = Glance(actor.connection(request))
        owners = [item for item in request.POST.getlist("owner") if is_project_id(item)]
        names = [item for item in request.POST.getlist("name") if item]
        hints: dict[str, object] = {}
        with contextlib.suppress(ServiceError):
            hints["public"] = _public(images, list(dict.fromkeys(names))[:_MOST_NAMES])
        sees_all = roles.sees_every_image(request)
        with contextlib.suppress(ServiceError):
            if not sees_all:
                hints["counts"] = _counts(images)
        with contextlib.suppress(ServiceError):
            if owners and not sees_all:
                hints["first"] = _first(images, list(dict.fromkeys(owners))[:_MOST_OWNERS])
        return JsonResponse(hints) if hints else HttpResponse(status=204)


def _counts(images: Glance) -> dict[str, dict[str, object]]:
    """Return the numbers of images by status, with hidden ones, which the page lists too."""
    asked = [(status, hidden) for status in STATUSES for hidden in (False, True)]
    found = threads.in_parallel(
        lambda item: pending.count(images, item[0], hidden=item[1]), asked, images.workers
    )
    numbers = dict(zip(asked, found, strict=True))
    counts: dict[str, dict[str, object]] = {}
    for status in STATUSES:
        both = [numbers[status, hidden] for hidden in (False, True)]
        count = sum(number for number, _more in both)
        more = count > pending.MOST_COUNTED or any(more for _number, more in both)
        counts[status] = {"count": min(count, pending.MOST_COUNTED), "more": more}
    return counts


def _first(images: Glance, owners: list[str]) -> list[str]:
    """Return the owners none of whose images the project has accepted."""

    def accepted(owner: str) -> bool:
        query: dict[str, str | int] = {"visibility": "shared", "member_status": ACCEPTED}
        query |= {"owner": owner, "limit": 1}
        found, _next = images.listed(query)
        return bool(found)

    answers = threads.in_parallel(accepted, owners, images.workers)
    return [owner for owner, known in zip(owners, answers, strict=True) if not known]


def _public(images: Glance, names: list[str]) -> dict[str, list[str]]:
    """Return the owners of the public images with these names, by name.

    Glance cannot search for a name that contains a quotation mark or a backslash.
    """
    owners: dict[str, list[str]] = {}
    for part in _parts(name for name in names if not {*'"\\'} & {*name}):
        quoted = ",".join(f'"{name}"' for name in part)
        found, _next = images.listed(
            {"visibility": "public", "name": f"in:{quoted}", "limit": len(part) * 10}
        )
        for image in found:
            owners.setdefault(image.name, []).append(image.owner)
    return owners


def _parts(names: Iterable[str]) -> list[list[str]]:
    """Return names in parts that each fit into a URL."""
    parts: list[list[str]] = []
    length = _LONGEST_QUERY
    for name in names:
        characters = len(urllib.parse.quote(name))
        if length + characters > _LONGEST_QUERY:
            parts.append([])
            length = 0
        parts[-1].append(name)
        length += characters
    return parts
