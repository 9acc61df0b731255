# SPDX-License-Identifier: Apache-2.0
"""What the AngularJS panel has to know: whether the user may manage access, and where."""

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views import generic

from xloud_images_panel.dashboard import roles

#: What stands for an image's ID in an address; the browser puts it there.
IMAGE_ID = "IMAGE_ID"


class AddressesView(generic.View):
    """The addresses of the pages that an administrator's browser asks for by itself."""

    def get(self, request: HttpRequest) -> JsonResponse:
        """Return the addresses by name as JSON, none to a user who may not manage access."""
        if not roles.may(request, *roles.MANAGE_ACCESS):
            return JsonResponse({})
        return JsonResponse(
            {
                "images": reverse("horizon:admin:images:index"),
                "by_image": reverse("horizon:admin:images:by_image"),
                "by_project": reverse("horizon:admin:images:by_project"),
                "stale_access": reverse("horizon:admin:images:stale_access"),
                "manage_access": reverse("horizon:admin:images:manage_access", args=[IMAGE_ID]),
                "why": reverse("horizon:admin:images:why"),
                "manage_many": reverse("horizon:admin:images:access_many"),
                "new_image_projects": reverse("horizon:admin:images:new_image_projects"),
            }
        )
