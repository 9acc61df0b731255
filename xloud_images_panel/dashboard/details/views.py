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

    A request of its own, after the page: many projects have many names to look up.
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
    """Return where the image is answered; empty where an operator removed Project > Images."""
    try:
        return reverse("horizon:project:images:shared_image", args=[image_id])
    except NoReverseMatch:
        return ""


def _why(error: ServiceError) -> str:
    if error.service == "Glance" and error.reason is Reason.MISSING:
        return gettext("There is no image with this ID (any more).")
    return texts.describe(error)


class DetailsMixin:
    """In front of Horizon's details page: the facts above the overview, which leaves them out.

    :cvar dashboard: the dashboard that the page is in; an operator may have removed the other's
    """

    dashboard = "project"
    template_name = "xloud_images_panel/details/image.html"
    tab_group_class = overview.ImageDetailTabs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return Horizon's details, and what is known of the access without asking for more."""
        context = super().get_context_data(**kwargs)  # type: ignore[misc]
        image = context["image"]
        return {
            **context,
            "facts_url": reverse(f"horizon:{self.dashboard}:images:facts", args=[image.id]),
            "visibility": texts.visibility(image.visibility),
        }
