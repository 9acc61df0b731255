# SPDX-License-Identifier: Apache-2.0
"""The page with the dialog Manage Access, for its own view and the answer to Create Image."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from horizon import forms
from horizon.utils import http as http_utils

from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.dashboard import lock, log_in_again, made_for, restored, texts
from xloud_images_panel.dashboard.manage_access import member_quota
from xloud_images_panel.dashboard.manage_access.checks import not_shared
from xloud_images_panel.dashboard.manage_access.forms import AccessForm
from xloud_images_panel.dashboard.manage_access.image_access import ImageAccess
from xloud_images_panel.dashboard.manage_access.outcome import PendingChange, Told, as_json

#: The list that the dialog belongs to.
INDEX_URL = reverse_lazy("horizon:admin:images:index")

# The context of Horizon's template for modal forms.
_MODAL = {
    "form_id": "manage_access_form",
    "modal_id": "manage_access_modal",
    "modal_header": _("Manage Access"),
    "page_title": _("Manage Access"),
    "submit_label": _("Confirm"),
    "cancel_label": forms.ModalFormView.cancel_label,
    "cancel_url": INDEX_URL,
}
_ADDRESSES = {
    "submit_url": "manage_access",
    "projects_url": "access_projects",
    "all_url": "access_all",
    "list_url": "access_list",
    "images_url": "access_images",
    "copy_url": "access_copy",
}


def show(
    access: ImageAccess,
    form: AccessForm,
    changes: Sequence[PendingChange] = (),
    told: Told | None = None,
    *,
    reload: bool = False,
) -> HttpResponse:
    """Return the dialog, with a sentence in place of unavailable content.

    :param changes: the selected changes
    :param told: the result of a change with parts left to do
    :param reload: whether the list below must be read again when the dialog is closed
    """
    request = access.request
    modal = http_utils.is_ajax(request)
    if told and told.quota:
        member_quota.remember(request, told.quota)
    context = {
        **_MODAL,
        "hide": modal,
        "modal_backdrop": settings.HORIZON_CONFIG.get("modal_backdrop", "static"),
        **{
            name: reverse(f"horizon:admin:images:{view}", args=[access.image_id])
            for name, view in _ADDRESSES.items()
        },
        "form": form,
        "changes": changes,
        "changes_json": as_json(changes),
        "told": told,
        "failed": told is not None,
        "reload": reload or "reload" in request.POST,
        # The dialog's own region: a refused Confirm must not become valid in another region.
        "made_for_region": request.POST.get(made_for.REGION),
    }
    context["log_in_url"] = log_in_again.url(str(context["submit_url"]))
    if switched := made_for.region_switched(request):
        context["error"] = switched
    else:
        context |= _content(access)
        # Even without a cache, this dialog knows the quota that the answer names.
        context["quota"] = (told and told.quota) or member_quota.known(request)
    name = "_manage_access.html" if modal else "manage_access.html"
    return render(request, f"xloud_images_panel/admin/{name}", context)


def _content(access: ImageAccess) -> dict[str, Any]:
    """Return the image, its rows, and the counts and notes about its members."""
    content: dict[str, Any] = {"cache_warning": lock.shared_cache_problem()}
    try:
        image = content["image"] = access.image
        if access.read_only:
            content |= {"read_only": texts.only_read(), "cancel_label": _("Close")}
        if image.visibility == "shared":
            content |= access.rows(image, access.members, at_once=True)
        else:
            content["error"] = not_shared(image)
        statuses = {item.project_id: item.status for item in access.members}
        statuses.pop(image.owner, None)
        members = set(statuses)
        content["members_count"] = len(members)
        content["status_counts"] = status_counts(statuses.values())
        content["listed_count"] = len(access.members)  # this counts towards the quota
        content["returned"] = _returned(access, members)
    except ServiceError as error:
        content["error"] = access.unavailable(error)
    content["domains"] = access.domains()
    return content


def status_counts(statuses: Iterable[str]) -> list[dict[str, Any]]:
    """Return each member status that occurs, with its label and number of members."""
    counts = Counter(statuses)
    return [
        {"status": status, "label": label, "count": counts[status]}
        for status, label in texts.STATUS_CHOICES
        if counts[status]
    ]


def _returned(access: ImageAccess, members: set[str]) -> dict[str, Any]:
    """Return the number and names of members with access from before, for the note on top."""
    note = restored.noted(access.request, access.image.id)
    returned = [item for item in note.project_ids if item in members]
    names = access.names(returned[: texts.NAMED]) if returned else {}
    projects = texts.enumerated([names.get(item, item) for item in returned])
    return {"count": len(returned), "projects": projects, "at_least": not note.complete}
