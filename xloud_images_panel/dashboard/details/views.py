# SPDX-License-Identifier: Apache-2.0
"""The facts about an image on its details page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext
from django.views import generic

from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.dashboard import log_in_again, texts
from xloud_images_panel.dashboard.details import facts, overview
from xloud_images_panel.dashboard.manage_access.base import fragment
from xloud_images_panel.dashboard.received import actions

_FACTS = "xloud_images_panel/details/_facts.html"


class FactsView(log_in_again.LogInAgainMixin, generic.View):
    """The facts as a part of a page: the same in Project and Admin, in both Images panels.

    The page requests the facts after it has loaded, because many names cost many lookups.
    """

    def get(self, request: HttpRequest, image_id: str) -> HttpResponse:
        """Return the facts as HTML, or a sentence that says why there are none."""
        context: dict[str, Any] = {}
        try:
            found = context["facts"] = facts.read(request, image_id)
            if found.member and actions.may_answer(request):
                context["answer_url"] = _answer_url(image_id)
        except ServiceError as error:
            log_in_again.check(error)
            context["problem"] = _why(error)
        return fragment(_FACTS, {**context, "facts_url": request.path})


def _answer_url(image_id: str) -> str:
    """Return the address for an answer; empty if an operator removed Project > Images."""
    try:
        return reverse("horizon:project:images:shared_image", args=[image_id])
    except NoReverseMatch:
        return ""


def _why(error: ServiceError) -> str:
    if error.service == "Glance" and error.reason is Reason.MISSING:
        return gettext("There is no image with this ID (any more).")
    return texts.describe(error)


class DetailsMixin:
    """A mixin for Horizon's details page: the facts above an overview without them.

    :cvar dashboard: the page's dashboard; an operator may have removed the other's panel
    """

    dashboard = "project"
    template_name = "xloud_images_panel/details/image.html"
    tab_group_class = overview.ImageDetailTabs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return Horizon's details, and the facts that need no further request."""
        context = super().get_context_data(**kwargs)  # type: ignore[misc]
        image = context["image"]
        return {
            **context,
            "facts_url": reverse(f"horizon:{self.dashboard}:images:facts", args=[image.id]),
            "visibility": texts.visibility(image.visibility),
        }
