# SPDX-License-Identifier: Apache-2.0
"""The requests by which a browser has a plan carried out, and undone, slice by slice."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from xloud_images_panel.access.finding import Finding, Problem
from xloud_images_panel.dashboard import file_texts, log_in_again, trail
from xloud_images_panel.dashboard.catalogue import plan_part
from xloud_images_panel.dashboard.catalogue.plan_slice import ACTION, Slice
from xloud_images_panel.dashboard.manage_access import receipt
from xloud_images_panel.dashboard.manage_access.base import AdministratorMixin


class _SliceView(log_in_again.LogInAgainMixin, AdministratorMixin):
    def come_back(self) -> str:
        """Return an address for those whose browser has none of its own: the list of images."""
        return reverse("horizon:admin:images:index")


class PlanSliceView(_SliceView):
    """Carries out a part of a plan, as far as two seconds allow; the browser sends the rest."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Return as JSON what became of each project; what is not in the answer is left."""

        def carry_out(part: plan_part.Part) -> dict[str, Any]:
            if count := part.too_many_removals:
                trail.refused(request, ACTION, trail.Refusal.NOT_VALID)
                too_many = Finding(0, Problem.TOO_MANY_REMOVALS, count=count)
                return {"refused": file_texts.sentence(too_many)}
            work = Slice(request)
            work.run(part)
            return work.answer(self.come_back())

        return plan_part.answer(request, ACTION, plan_part.Part.of, carry_out)


class PlanUndoView(_SliceView):
    """Undoes what slices have done, as far as two seconds allow."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Return as JSON what became of each project, and how many receipts are through.

        ``again`` are those of them by which nothing was done, and that may be tried again.
        """

        def carry_out(tokens: list[str]) -> dict[str, Any]:
            work = Slice(request)
            try:
                through, again = work.undo(tokens)
            except receipt.Worthless as error:
                trail.refused(request, "undo", trail.Refusal.NOT_VALID)
                return {"refused": _("Nothing was changed: %(why)s") % {"why": error}}
            return work.answer(self.come_back()) | {"through": through, "again": again}

        return plan_part.answer(request, "undo", plan_part.receipts, carry_out)
