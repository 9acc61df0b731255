# SPDX-License-Identifier: Apache-2.0
"""Tells who has access from before when an image becomes shared again.

Horizon's AngularJS Edit Image asks twice (``shared-again.service.js``), in Project and in
Admin alike: before the change, and after it. The view answers only for images that it
has seen before they were shared.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import generic
from horizon import exceptions

from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import Image
from xloud_images_panel.dashboard import actor, restored, texts, trail
from xloud_images_panel.services.glance import Glance

_STATUSES = {Reason.MISSING: 404, Reason.FORBIDDEN: 403, Reason.CONFLICT: 409}


class _EditedImageView(generic.View):
    """A view of an image for its owner or an administrator, who may edit it."""

    def post(self, request: HttpRequest, image_id: str) -> HttpResponse:
        """Look at the image as it is in Glance now.

        :raises NotAuthorized: for everybody else; Horizon answers 403
        """
        images = Glance(actor.connection(request))
        try:
            image = images.image(image_id)
            if not restored.may_note(request, image):
                trail.refused(request, "shared again", trail.Refusal.POLICY, image_id)
                raise exceptions.NotAuthorized
            return self.answer(request, image, images)
        except ServiceError as error:
            status = _STATUSES.get(error.reason, 502)
            return JsonResponse({"message": texts.describe(error)}, status=status)

    def answer(self, request: HttpRequest, image: Image, images: Glance) -> HttpResponse:
        """Return the answer for the browser."""
        raise NotImplementedError


class BeforeView(_EditedImageView):
    """POST says that the image's visibility may become shared now."""

    def answer(self, request: HttpRequest, image: Image, images: Glance) -> HttpResponse:
        """Remember that the image is not shared: 204; 409 when it is."""
        return HttpResponse(status=204 if restored.look(request, image) else 409)


class SharedAgainView(_EditedImageView):
    """POST says that the image's visibility has become shared."""

    def answer(self, request: HttpRequest, image: Image, images: Glance) -> HttpResponse:
        """Note the projects that came back and answer with a sentence that names them.

        :returns: JSON with ``message``; 204 when there is nothing to tell
        """
        if image.visibility == "shared" and not restored.seen(request, image.id):
            return HttpResponse(status=204)
        project_ids = restored.note(request, image, images)
        if not project_ids:
            return HttpResponse(status=204)
        return JsonResponse({"message": restored.tell(request, image.name, project_ids)})
