# SPDX-License-Identifier: Apache-2.0
"""The browser's requests that carry out a plan, and undo it, slice by slice."""

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
        """Return the address of the list of images, for browsers that send none of their own."""
        return reverse("horizon:admin:images:index")


class PlanSliceView(_SliceView):
    """Carries out as much of a part of a plan as two seconds allow; the browser sends the rest."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Return the result for each project as JSON; projects not in it are left for later."""

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
    """Undoes as many changes of slices as two seconds allow."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Return the result for each project, and the number of finished receipts, as JSON.

        ``again`` has the receipts with failures that can be retried.
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
