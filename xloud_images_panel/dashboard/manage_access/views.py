# SPDX-License-Identifier: Apache-2.0
"""Manage Access: the dialog for the projects that an image is shared with."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from horizon.utils import http as http_utils

from xloud_images_panel.access import plan, undo
from xloud_images_panel.access.failure import Busy, Reason, ServiceError
from xloud_images_panel.dashboard import log_in_again, made_for, say, texts, trail
from xloud_images_panel.dashboard.manage_access import carrying_out, dialog, outcome, receipt
from xloud_images_panel.dashboard.manage_access.base import ImageMixin, rows_of
from xloud_images_panel.dashboard.manage_access.checks import (
    as_the_services_call_them,
    no_project,
    not_shared,
    refusal,
)
from xloud_images_panel.dashboard.manage_access.forms import ManageAccessForm
from xloud_images_panel.dashboard.manage_access.query import Query


class ProjectsView(ImageMixin):
    """The rows of an image's project table, for searching and paging in the open table."""

    readable = True

    def get(self, request: HttpRequest, image_id: str) -> HttpResponse:
        """Return the rows for a query, members first."""
        return rows_of(request, self.access, self._read)

    def _read(self, query: Query) -> dict[str, Any]:
        image = self.access.image
        if image.visibility != "shared":
            return {"error": not_shared(image)}
        rows = self.access.rows(image, self.access.members, query)
        return {**rows, "read_only": self.access.read_only}


class _Refused(Exception):
    """A change that is not sent to Glance.

    :ivar why: the sentence for the user
    :ivar refusal: the trail's word for it
    """

    def __init__(self, why: str, refusal: trail.Refusal = trail.Refusal.NOT_VALID) -> None:
        super().__init__(why)
        self.why, self.refusal = why, refusal


class ManageAccessView(ImageMixin):
    """The dialog for the projects that an image is shared with."""

    readable = True

    def get(self, request: HttpRequest, image_id: str) -> HttpResponse:
        """Open the dialog, or say why it cannot be opened and go back to the list."""
        try:
            if self.access.image.visibility == "shared":
                return dialog.show(self.access, ManageAccessForm())
            message = not_shared(self.access.image)
        except ServiceError as error:
            message = self.access.unavailable(error)
        say.error(request, message)
        if http_utils.is_ajax(request):
            # Horizon shows the queued message on the open page.
            return HttpResponse(status=409)
        return HttpResponseRedirect(dialog.INDEX_URL)

    def post(self, request: HttpRequest, image_id: str) -> HttpResponse:
        """Carry out the change, and report the result for each project."""
        form = ManageAccessForm(request.POST)
        try:
            self._check(form)
            return self._carry_out(form)
        except _Refused as error:
            if error.why:
                form.add_error(None, error.why)
            trail.refused(request, "manage access", error.refusal, image_id)
        names = self.access.names(item for ids in form.asked.values() for item in ids)
        return dialog.show(self.access, form, outcome.changes(form.asked, names))

    def _carry_out(self, form: ManageAccessForm) -> HttpResponse:
        access, accept = self.access, form.cleaned_data["accept"]
        image = access.image
        before = {member.project_id: member.status for member in access.members}
        try:
            done = carrying_out.carry_out(
                self.request, form.change, image.id, image.name, access.glance, accept=accept
            )
        except Busy as error:
            raise _Refused(texts.busy(error), trail.Refusal.BUSY) from error
        access.changed = any(result.done or result.uncertain for result in done.results)
        if not access.changed:
            for result in done.failed:
                if result.error:
                    log_in_again.check(result.error)
        told = outcome.tell(done, image.name, access.names(outcome.named(done)))
        access.read_again()
        # The next look-up must find out whether these projects still exist.
        access.keystone.kept.forget(item for _verb, item in form.change.named())
        if done.failed:
            return dialog.show(access, form, told.left, told)
        if "receipt" in self.request.POST:
            return receipt.show(self.request, image, done, told, undo.done_by(done, before))
        say.each(self.request, told.messages)
        if http_utils.is_ajax(self.request) and "reload" not in self.request.POST:
            return HttpResponse(status=204)
        return HttpResponseRedirect(dialog.INDEX_URL)

    def _check(self, form: ManageAccessForm) -> None:
        """Check that a change may be sent to Glance, and give it Glance's IDs of members.

        :raises _Refused: when it may not be sent
        """
        if not form.is_valid():
            raise _Refused("")  # the form says why
        if switched := made_for.region_switched(self.request):
            raise _Refused(switched, trail.Refusal.SWITCHED)
        access = self.access
        try:
            if access.image.visibility != "shared":
                raise _Refused(_nothing_changed(not_shared(access.image)))
            if access.read_only:
                raise _Refused(texts.only_read(), trail.Refusal.POLICY)
            members = {member.project_id for member in access.members}
            form.change = as_the_services_call_them(form.change, members, access.keystone)
            why = self._not_removable(form.change, members) or refusal(
                form.change, access.image.owner, members, access.keystone
            )
        except ServiceError as error:
            text = _("Nothing was changed. %(why)s") % {"why": access.unavailable(error)}
            raise _Refused(text, trail.Refusal.UNCHECKED) from error
        except plan.Invalid as error:
            why = _("the request is not valid (%(why)s).") % {"why": texts.invalid(error.problem)}
        if why:
            raise _Refused(_nothing_changed(why))

    def _not_removable(self, change: plan.Change, members: set[str]) -> str:
        """Return why members without an address in Glance cannot be removed."""
        stuck = []
        for listed in members.intersection(change.remove + change.ask_again):
            try:
                self.access.glance.address(self.access.image.id, listed)
            except ServiceError as error:
                if error.reason is not Reason.UNADDRESSABLE:
                    raise
                stuck.append(listed)
        if not stuck:
            return ""
        return f"{texts.enumerated(stuck)}: {texts.not_removable()}"


class UndoView(ImageMixin):
    """The Undo of a receipt."""

    def post(self, request: HttpRequest, image_id: str) -> HttpResponse:
        """Restore each project's access from before the change, and report the results."""
        try:
            changes, gone = self._changes()
        except (ServiceError, receipt.Worthless, _Refused) as error:
            trail.refused(request, "undo", trail.Refusal.NOT_VALID, image_id)
            return receipt.refused(_nothing_changed(self._why(error)))
        access, image = self.access, self.access.image
        try:
            done = carrying_out.undo(request, changes, image.id, image.name, access.glance)
        except Busy as error:
            trail.refused(request, "undo", trail.Refusal.BUSY, image_id)
            return receipt.refused(texts.busy(error))
        except ServiceError as error:
            return receipt.refused(_nothing_changed(access.unavailable(error)))
        access.keystone.kept.forget(item.project_id for item in changes)
        names = access.names(item.project_id for item in changes)
        messages = outcome.tell_undo(done, image.name, names)
        for item in gone:
            text = _("Not undone for %(projects)s: %(reason)s")
            messages.append(("danger", text % {"projects": item, "reason": no_project({item: ""})}))
        return receipt.undone(image, messages)

    def _changes(self) -> tuple[list[undo.Done], list[str]]:
        """Return the changes to undo, and the deleted projects, which are not added again.

        :raises ServiceError: when a service fails
        :raises Worthless: for a receipt that cannot undo anything
        :raises _Refused: when none of the changes can be undone now
        """
        changes = receipt.changes_in(self.request, self.kwargs["image_id"])
        if switched := made_for.region_switched(self.request):
            raise _Refused(switched)
        if self.access.image.visibility != "shared":
            raise _Refused(not_shared(self.access.image))
        if self.access.read_only:
            raise _Refused(texts.only_read())
        gone = receipt.projects_gone(self.access.keystone, changes)
        left = [item for item in changes if item.project_id not in gone]
        if gone and not left:
            raise _Refused(no_project(dict.fromkeys(gone, "")))
        return left, gone

    def _why(self, error: Exception) -> str:
        return self.access.unavailable(error) if isinstance(error, ServiceError) else str(error)


def _nothing_changed(why: str) -> str:
    return _("Nothing was changed: %(why)s") % {"why": why}
