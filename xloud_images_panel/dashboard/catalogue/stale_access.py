# SPDX-License-Identifier: Apache-2.0
"""Stale Access: a scan finds members that are of no use; a second check precedes a removal."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy
from horizon import views

from xloud_images_panel.access import stale
from xloud_images_panel.access.failure import Busy, ServiceError
from xloud_images_panel.access.model import (
    Member,
    addressable,
    is_image_id,
    possible_project_ids,
)
from xloud_images_panel.dashboard import log_in_again, made_for, naming, roles, texts, trail
from xloud_images_panel.dashboard.catalogue import cells
from xloud_images_panel.dashboard.catalogue.inventory_slices import SliceView
from xloud_images_panel.dashboard.catalogue.refused import Refused
from xloud_images_panel.dashboard.catalogue.stale_removal import ACTION, Removal
from xloud_images_panel.dashboard.manage_access.addresses import IMAGE_ID
from xloud_images_panel.dashboard.manage_access.base import AdministratorMixin
from xloud_images_panel.dashboard.settings import page_size
from xloud_images_panel.services import existence, inventory

#: Members of one image that one request removes.
MOST_REMOVED = 100
_SECONDS = 1.2
REASONS = {
    stale.Kind.OWNER: gettext_lazy("The project owns the image"),
    stale.Kind.DELETED: gettext_lazy("The project is deleted"),
    stale.Kind.NO_PROJECT: gettext_lazy("No project has this ID"),
    stale.Kind.DOUBLE: gettext_lazy("The project is there twice"),
    stale.Kind.DISABLED: gettext_lazy("The project is disabled"),
}


class StaleAccessView(log_in_again.LogInAgainMixin, AdministratorMixin, views.HorizonTemplateView):
    """The page; the browser reads the images in slices."""

    readable = True
    template_name = "xloud_images_panel/admin/stale_access.html"
    page_title = gettext_lazy("Stale Access")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the addresses of the slices, and the reasons to filter rows by."""
        context = super().get_context_data(**kwargs)
        may_manage = roles.may_manage_access(self.request)
        return {
            **context,
            "may_manage": may_manage,
            "read_only": "" if may_manage else texts.only_read(),
            "members_url": reverse("horizon:admin:images:stale_members"),
            "remove_url": reverse("horizon:admin:images:stale_remove"),
            "detail_url": reverse("horizon:admin:images:detail", args=[IMAGE_ID]),
            "most_removed": MOST_REMOVED,
            "page_size": page_size(self.request),
            "reasons": [(kind.value, label) for kind, label in REASONS.items()],
        }


class StaleMembersView(SliceView):
    """The stale members of some images."""

    def answer(self) -> dict[str, Any]:
        """Return ``rows`` like :class:`.inventory_slices.MembersView`, each a list of members.

        The query has ``ids`` of images and their ``owners`` in the same order. Each owner is quoted
        once more, because it may be any text; an empty one repeats the owner before it.
        """
        ids = [item for item in self.ids() if is_image_id(item)]
        owners = self.request.GET.get("owners", "").split(",") if ids else []
        if len(owners) != len(ids):
            raise ValueError("an owner for each image")
        for at, owner in enumerate(owners):
            owners[at] = unquote(owner) or owners[max(at - 1, 0)]
        projects = existence.LookUps(self.services.keystone, cached_ok=True)
        found = inventory.members_and_projects(self.services.glance, projects, ids, _SECONDS)
        known = projects.known()
        names = naming.labels_of(self.services.keystone, known.found.values())
        owner_of = dict(zip(ids, owners, strict=True))
        return {
            "rows": {
                image_id: [
                    _as_json(item, names.get(item.member.project_id, ""))
                    for item in stale.find(owner_of[image_id], rows, known)
                ]
                for image_id, rows in found.rows.items()
            },
            "gone": found.not_shared,
            # An image with a failed project look-up still has rows.
            "unread": {item.image_id: texts.describe(item.error) for item in found.unread}
            | {
                image_id: texts.describe(error)
                for image_id, rows in found.rows.items()
                if (error := _not_known(rows, projects))
            },
            "left": found.left,
        }


def _not_known(rows: Iterable[Member], projects: existence.LookUps) -> ServiceError | None:
    """Return the error that left a member's project unknown, None if all are known."""
    ids = (item for row in rows for item in possible_project_ids(row.project_id))
    return next((projects.failed[item] for item in ids if item in projects.failed), None)


def _as_json(item: stale.Stale, name: str) -> dict[str, Any]:
    since = item.member.created_at
    return {
        "member": item.member.project_id,
        "name": name,
        "kind": item.kind.value,
        "status": item.member.status,
        "since": since.isoformat() if since else "",
        # Glance finds only addressable members by path, so others cannot be removed that way.
        "stuck": not addressable(item.member.project_id),
    }


class RemoveView(log_in_again.LogInAgainMixin, AdministratorMixin):
    """Removes stale members of one image, as far as a slice has time."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Check each member again, and remove those that are stale for the reason shown.

        :returns: JSON with ``done``, the members in the requested state, ``failed``, the reasons
            why others are not, and ``left``, the members for which there was no time; or with
            ``told``, the reason why nothing was done
        """
        image_id = request.POST.get("image", "")
        members, kinds = request.POST.getlist("member"), request.POST.getlist("kind")
        asked = dict(zip(members, kinds, strict=False))
        valid = is_image_id(image_id) and len(members) == len(kinds) == len(asked)
        if not valid or not 0 < len(asked) <= MOST_REMOVED:
            return HttpResponse(status=400)
        if switched := made_for.region_switched(request):
            trail.refused(request, ACTION, trail.Refusal.SWITCHED, image_id)
            return JsonResponse({"told": switched})
        try:
            return JsonResponse(Removal(request, image_id).run(asked))
        except Refused as error:
            trail.refused(request, ACTION, error.refusal, image_id)
            return JsonResponse({"told": error.why})
        except Busy as error:
            trail.refused(request, ACTION, trail.Refusal.BUSY, image_id)
            return JsonResponse({"told": cells.busy(error)})
        except ServiceError as error:
            log_in_again.check(error)
            trail.refused(request, ACTION, trail.Refusal.UNCHECKED, image_id)
            return JsonResponse({"told": texts.describe(error)})
