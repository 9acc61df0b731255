# SPDX-License-Identifier: Apache-2.0
"""Hints that follow the rows of Shared Images, which never wait for them.

How many images there are by the project's answer, whose images it has accepted before, and which
names are those of public images.
"""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import generic

from xloud_images_panel.access import threads
from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.access.model import ACCEPTED, STATUSES, is_project_id
from xloud_images_panel.dashboard import actor, roles, settings
from xloud_images_panel.services import pending
from xloud_images_panel.services.glance import Glance

# Owners and names of one page that are looked at.
_MOST_OWNERS = 20
_MOST_NAMES = settings.LARGEST_PAGE
# Characters of names in one request.
_LONGEST_QUERY = 2000


class HintsView(generic.View):
    """The counts of the filter buttons, and what to know before accepting an image."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Return JSON about the images on a page, whose ``owner`` and ``name`` it has.

        :returns: ``counts`` by status, each with ``count`` and ``more``; ``known``, the owners
            that the project has accepted an image of; ``public``, the owners of public images by
            their names. An administrator's token is shown every shared image in the cloud: then
            the counts and the owners are not known. 204 when Glance does not tell.
        """
        images = Glance(actor.connection(request))
        owners = [item for item in request.POST.getlist("owner") if is_project_id(item)]
        names = [item for item in request.POST.getlist("name") if item]
        hints: dict[str, object] = {}
        try:
            hints["public"] = _public(images, list(dict.fromkeys(names))[:_MOST_NAMES])
            if not roles.may(request, "context_is_admin"):
                hints["counts"] = _counts(images)
                hints["known"] = _known(images, list(dict.fromkeys(owners))[:_MOST_OWNERS])
        except ServiceError:
            return HttpResponse(status=204)
        return JsonResponse(hints)


def _counts(images: Glance) -> dict[str, dict[str, object]]:
    found = threads.in_parallel(
        lambda status: pending.count(images, status), STATUSES, images.workers
    )
    return {
        status: {"count": count, "more": more}
        for status, (count, more) in zip(STATUSES, found, strict=True)
    }


def _known(images: Glance, owners: list[str]) -> list[str]:
    """Return the owners of which the project has accepted an image."""

    def accepted(owner: str) -> bool:
        query: dict[str, str | int] = {"visibility": "shared", "member_status": ACCEPTED}
        query |= {"owner": owner, "limit": 1}
        found, _next = images.listed(query)
        return bool(found)

    answers = threads.in_parallel(accepted, owners, images.workers)
    return [owner for owner, known in zip(owners, answers, strict=True) if known]


def _public(images: Glance, names: list[str]) -> dict[str, list[str]]:
    """Return the owners of the public images with these names, by name.

    Glance cannot be asked for a name with a quotation mark or a backslash in it.
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
    """Return names in parts of which each fits into a URL."""
    parts: list[list[str]] = []
    length = _LONGEST_QUERY
    for name in names:
        if length + len(name) > _LONGEST_QUERY:
            parts.append([])
            length = 0
        parts[-1].append(name)
        length += len(name)
    return parts
