# SPDX-License-Identifier: Apache-2.0
"""Copying an existing image's access for a new image before its creation."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import ngettext

from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.access.visible_text import folded
from xloud_images_panel.dashboard import scan_lease, texts
from xloud_images_panel.dashboard.create_image.new_image import NewImageAccess
from xloud_images_panel.dashboard.manage_access.base import AdministratorMixin, fragment
from xloud_images_panel.dashboard.manage_access.copy_access import (
    copied,
    images_to_copy,
    member_counts,
    not_a_source,
)
from xloud_images_panel.services import image_lists

# Most images to look at whose names contain the new image's name.
_MOST_NAMESAKES = 20


class ImagesView(AdministratorMixin):
    """Shared images to copy from, by part of the name or by ID."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the images as HTML, or a sentence that says why there are none."""
        return images_to_copy(request, NewImageAccess(request), not_a_source)


class CopyView(AdministratorMixin):
    """The projects of one of those images, as changes for the project table."""

    post_reads = True

    def post(self, request: HttpRequest) -> HttpResponse:
        """Return a sentence and the changes; see the view of an existing image."""
        access = NewImageAccess(request)
        context: dict[str, Any] = {}
        try:
            source = access.glance.image(request.POST.get("source", ""))
            if error := not_a_source(source):
                context["error"] = error
            else:
                context = copied(request, access, source, access.image.owner, ())
        except ServiceError as error:
            context["error"] = access.unavailable(error)
        return fragment("xloud_images_panel/admin/_copied.html", context)


class OfferView(AdministratorMixin):
    """The image that a new one seems to replace: it has the same name, and projects."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return JSON with ``image`` and a sentence, or empty JSON without an offer.

        An offer is not worth an error, so there is no offer when a service does not answer.
        """
        name = request.GET.get("name", "").strip()
        if not folded(name):
            return JsonResponse({})
        access = NewImageAccess(request)
        try:
            with scan_lease.scanning(request):
                found = image_lists.all_shared(access.glance, _MOST_NAMESAKES, name)
        except ServiceError:
            return JsonResponse({})
        namesakes = [image for image in found.items if folded(image.name) == folded(name)]
        counts = member_counts(access.glance, namesakes)
        most, image = max(
            ((count or 0, image) for count, image in zip(counts, namesakes, strict=True)),
            key=lambda item: item[0],
            default=(0, None),
        )
        if not image or not most:
            return JsonResponse({})
        text = ngettext(
            '"%(name)s" is there already and shared with %(count)d project. Use the same?',
            '"%(name)s" is there already and shared with %(count)d projects. Use the same?',
            most,
        )
        told = text % {"name": texts.in_sentence(image.name), "count": most}
        return JsonResponse({"image": image.id, "told": told})
