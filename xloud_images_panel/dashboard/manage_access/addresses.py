# SPDX-License-Identifier: Apache-2.0
"""Permissions and addresses for the AngularJS panel: the pages that the user may open."""

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views import generic

from xloud_images_panel.dashboard import roles

#: The placeholder for an image's ID in an address; the browser fills the ID in.
IMAGE_ID = "IMAGE_ID"
# Pages for administrators: those that can be read, and those whose purpose is a change.
_READABLE = ("manage_access", "by_image", "by_project", "stale_access", "why")
_MANAGING = ("new_image_projects", "access_file", "manage_many")
_NAMES = {"manage_many": "access_many"}


class ProjectAddressesView(generic.View):
    """The addresses of the pages that every user's browser requests by itself.

    :cvar dashboard: the dashboard of these pages; an operator may have removed the other's panel
    """

    dashboard = "project"

    def get(self, request: HttpRequest) -> JsonResponse:
        """Return the addresses by name as JSON."""
        return JsonResponse(self.addresses(request))

    def addresses(self, request: HttpRequest) -> dict[str, str]:
        """Return the addresses by name."""
        images = f"horizon:{self.dashboard}:images"
        return {
            "access_loss": reverse(f"{images}:access_loss"),
            "shared_again": reverse(f"{images}:shared_again", args=[IMAGE_ID]),
            "shared_again_before": reverse(f"{images}:shared_again_before", args=[IMAGE_ID]),
        }


class AddressesView(ProjectAddressesView):
    """The same for an administrator's browser."""

    dashboard = "admin"

    def addresses(self, request: HttpRequest) -> dict[str, str]:
        """Return the addresses, including those of administrators' pages that the user may open."""
        found = super().addresses(request)
        if not roles.may_see_access(request):
            return found
        names = (*_READABLE, *(_MANAGING if roles.may_manage_access(request) else ()))
        found["images"] = reverse("horizon:admin:images:index")
        for name in names:
            found[name] = reverse(
                f"horizon:admin:images:{_NAMES.get(name, name)}",
                args=[IMAGE_ID] if name == "manage_access" else [],
            )
        return found
