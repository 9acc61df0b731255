# SPDX-License-Identifier: Apache-2.0
"""Reports who regains access when an image becomes shared again.

Horizon's AngularJS Edit Image sends two requests (``shared-again.service.js``), in both
Project and Admin: one before the change, one after it. The second view reports only on
images that the first one has seen not shared.
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
        """Read the image as it is in Glance now.

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
    """POST announces that the image's visibility may become shared."""

    def answer(self, request: HttpRequest, image: Image, images: Glance) -> HttpResponse:
        """Remember that the image is not shared and return 204; return 409 if it is."""
        return HttpResponse(status=204 if restored.look(request, image) else 409)


class SharedAgainView(_EditedImageView):
    """POST reports that the image's visibility has become shared."""

    def answer(self, request: HttpRequest, image: Image, images: Glance) -> HttpResponse:
        """Note the projects that regained access and return a sentence that names them.

        :returns: JSON with ``message``; 204 when there is nothing to report
        """
        if image.visibility == "shared" and not restored.seen(request, image.id):
            return HttpResponse(status=204)
        project_ids = restored.note(request, image, images)
        if not project_ids:
            return HttpResponse(status=204)
        return JsonResponse({"message": restored.tell(request, image.name, project_ids)})
