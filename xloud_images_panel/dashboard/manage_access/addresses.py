# SPDX-License-Identifier: Apache-2.0
"""What the AngularJS panel has to know: whether the user may see and manage access, and where."""

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views import generic

from xloud_images_panel.dashboard import roles

#: What stands for an image's ID in an address; the browser puts it there.
IMAGE_ID = "IMAGE_ID"
# Pages of the administrator's: those to be read, and those that are there to change something.
_READABLE = ("manage_access", "by_image", "why")
_MANAGING = ("new_image_projects", "by_project", "stale_access", "manage_many")
_NAMES = {"manage_many": "access_many"}


class AddressesView(generic.View):
    """The addresses of the pages that an administrator's browser asks for by itself."""

    def get(self, request: HttpRequest) -> JsonResponse:
        """Return as JSON, by name, the addresses of what the user may open."""
        if not roles.may_see_access(request):
            return JsonResponse({})
        names = (*_READABLE, *(_MANAGING if roles.may_manage_access(request) else ()))
        addresses = {
            name: reverse(
                f"horizon:admin:images:{_NAMES.get(name, name)}",
                args=[IMAGE_ID] if name == "manage_access" else [],
            )
            for name in names
        }
        return JsonResponse({"images": reverse("horizon:admin:images:index"), **addresses})
