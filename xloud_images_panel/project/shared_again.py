"""Tells who has access from before when an image becomes shared again.

Horizon's AngularJS Edit Image calls it (``static/xloud_images_panel/shared-again.js``),
in Project and in Admin alike.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import generic
from horizon import exceptions
from openstack_dashboard import policy

from xloud_images_panel import shared_again, texts
from xloud_images_panel.glance import Glance
from xloud_images_panel.services import Reason, ServiceError

_STATUSES = {Reason.MISSING: 404, Reason.FORBIDDEN: 403, Reason.CONFLICT: 409}


class SharedAgainView(generic.View):
    """POST says that the image's visibility has just become shared."""

    def post(self, request: HttpRequest, image_id: str) -> HttpResponse:
        """Remember the projects that came back and answer with a sentence that names them.

        :returns: JSON with ``message``; 204 when there is nothing to tell
        :raises NotAuthorized: for who may not edit the image; Horizon answers 403
        """
        images = Glance(request)
        try:
            image = images.image(image_id)
            rule = (("image", "modify_image"),)
            if not policy.check(rule, request, {"project_id": image.owner}):
                raise exceptions.NotAuthorized
            project_ids = shared_again.note(image, images)
        except ServiceError as error:
            status = _STATUSES.get(error.reason, 502)
            return JsonResponse({"message": texts.describe(error)}, status=status)
        if not project_ids:
            return HttpResponse(status=204)
        return JsonResponse({"message": shared_again.tell(request, image.name, project_ids)})
