# SPDX-License-Identifier: Apache-2.0
"""Manage Access: the dialog that says which projects an image is shared with."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import generic
from horizon import forms
from horizon.utils import http as http_utils

from xloud_images_panel.access import plan
from xloud_images_panel.access.failure import Busy, Reason, ServiceError
from xloud_images_panel.dashboard import lock, log_in_again, made_for, restored, say, texts, trail
from xloud_images_panel.dashboard.manage_access import (
    carrying_out,
    member_quota,
    outcome,
    project_table,
)
from xloud_images_panel.dashboard.manage_access.base import INDEX_URL, ImageMixin, RowsMixin
from xloud_images_panel.dashboard.manage_access.checks import (
    as_the_services_call_them,
    not_shared,
    refusal,
)
from xloud_images_panel.dashboard.manage_access.forms import AccessForm, ManageAccessForm
from xloud_images_panel.dashboard.settings import page_size


class ProjectsView(RowsMixin, ImageMixin, generic.View):
    """The rows of an image's project table."""

    def page_of_rows(self, **query: str) -> dict[str, Any]:
        """Return the rows that a query asks for; the members come first."""
        # Keystone looks for the projects while Glance tells of the image.
        with project_table.read_ahead(self.keystone, page_size(self.request), **query):
            image, members = self.image, self.members
        if image.visibility != "shared":
            return {"error": not_shared(image)}
        return self.rows(image, members, **query)


class ManageAccessView(ImageMixin, forms.ModalFormView):
    """The dialog: which projects an image is shared with."""

    form_class = ManageAccessForm
    form_id = "manage_access_form"
    modal_id = "manage_access_modal"
    modal_header = page_title = _("Manage Access")
    submit_label = _("Confirm")
    success_url = cancel_url = INDEX_URL
    #: How the trail calls it when the form is refused.
    refused_as = trail.Refusal.NOT_VALID
    template_name = "xloud_images_panel/admin/manage_access.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Open the dialog, or say why it cannot be opened and go back to the list."""
        try:
            if self.image.visibility == "shared":
                return super().get(request, *args, **kwargs)
            message = not_shared(self.image)
        except ServiceError as error:
            message = self.unavailable(error)
        say.error(request, message)
        if http_utils.is_ajax(request):
            # Horizon shows the queued message on the page that is open.
            return HttpResponse(status=409)
        return HttpResponseRedirect(INDEX_URL)

    def get_form(self, form_class: Any = None) -> ManageAccessForm:
        """Return the form; it does not carry itself out, as Horizon's would."""
        return ManageAccessForm(**self.get_form_kwargs())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the dialog's content; what cannot be had is said in it."""
        context = super().get_context_data(**kwargs)
        for name, view in (
            ("submit_url", "manage_access"),
            ("projects_url", "access_projects"),
            ("images_url", "access_images"),
            ("copy_url", "access_copy"),
        ):
            context[name] = reverse(f"horizon:admin:images:{view}", args=[self.kwargs["image_id"]])
        context.setdefault("reload", "reload" in self.request.POST)
        context["log_in_url"] = log_in_again.url(self.come_back())
        # As the dialog has it: in another region Confirm must not become good by being refused.
        context["made_for_region"] = self.request.POST.get(made_for.REGION)
        if switched := made_for.region_switched(self.request):
            return {**context, "error": switched}
        try:
            context["image"] = self.image
            if self.image.visibility == "shared":
                context |= self.rows(self.image, self.members, at_once=True)
            else:
                context["error"] = not_shared(self.image)
            members = {member.project_id for member in self.members} - {self.image.owner}
            context["members_count"] = len(members)
            context["listed_count"] = len(self.members)  # which is what counts for the quota
            context["returned"] = self._returned(members)
        except ServiceError as error:
            context["error"] = self.unavailable(error)
        context["domains"] = self.domains()
        told = context.get("told")
        # Also without a cache, the quota that this answer names is known in this dialog.
        context["quota"] = (told and told.quota) or member_quota.known(self.request)
        context["cache_warning"] = lock.shared_cache_problem()
        return context

    def _returned(self, members: set[str]) -> dict[str, Any]:
        """Return how many members have access from before, and which, for the note on top."""
        note = restored.noted(self.request, self.image.id)
        returned = [item for item in note.project_ids if item in members]
        names = self.names(returned[: texts.NAMED]) if returned else {}
        projects = texts.enumerated([names.get(item, item) for item in returned])
        return {"count": len(returned), "projects": projects, "at_least": not note.complete}

    def form_valid(self, form: ManageAccessForm) -> HttpResponse:
        """Carry the change out and tell what became of each project."""
        if switched := made_for.region_switched(self.request):
            return self._refuse(form, switched, trail.Refusal.SWITCHED)
        if refusal := self._refusal(form):
            return self._refuse(form, refusal, self.refused_as)
        accept = form.cleaned_data["accept"]
        try:
            done = carrying_out.carry_out(
                self.request,
                form.change,
                self.image.id,
                self.image.name,
                self.glance,
                accept=accept,
            )
        except Busy as error:
            return self._refuse(form, texts.busy(error), trail.Refusal.BUSY)
        self.changed = any(result.done or result.uncertain for result in done.results)
        if not self.changed:
            for result in done.failed:
                if result.error:
                    log_in_again.check(result.error)
        told = outcome.tell(done, self.image.name, self.names(outcome.named(done)))
        del self._image_and_members  # they are not what they were
        # The next to look wants to know whether they are still there.
        self.keystone.kept.forget(form.change.add + form.change.remove)
        if done.failed:
            return self.still_to_do(form, told)
        say.each(self.request, told.messages)
        if http_utils.is_ajax(self.request) and "reload" not in self.request.POST:
            return HttpResponse(status=204)
        return HttpResponseRedirect(INDEX_URL)

    def still_to_do(self, form: AccessForm, told: outcome.Told, **context: Any) -> HttpResponse:
        """Return the dialog with what was done and, still selected, what was not."""
        if told.quota:
            member_quota.remember(self.request, told.quota)
        return self.render_to_response(
            self.get_context_data(form=form, told=told, changes=told.left, failed=True, **context)
        )

    def _refuse(self, form: ManageAccessForm, why: str, refusal: trail.Refusal) -> HttpResponse:
        form.add_error(None, why)
        self.refused_as = refusal
        return self.form_invalid(form)

    def form_invalid(self, form: ManageAccessForm) -> HttpResponse:
        """Show the dialog again with everything that was selected still selected."""
        trail.refused(self.request, "manage access", self.refused_as, self.kwargs["image_id"])
        add, remove = form.cleaned_data.get("add", ()), form.cleaned_data.get("remove", ())
        changes = outcome.changes(add, remove, self.names([*add, *remove]))
        return self.render_to_response(self.get_context_data(form=form, changes=changes))

    def _refusal(self, form: ManageAccessForm) -> str:
        """Return why a change is not sent to Glance at all, empty when it is.

        The members in it are called then as Glance calls them.
        """
        try:
            if self.image.visibility != "shared":
                return not_shared(self.image)
            members = {member.project_id for member in self.members}
            form.change = as_the_services_call_them(form.change, members, self.keystone)
            why = self._not_removable(form.change, members) or refusal(
                form.change, self.image.owner, members, self.keystone
            )
        except ServiceError as error:
            self.refused_as = trail.Refusal.UNCHECKED
            return _("Nothing was changed. %(why)s") % {"why": self.unavailable(error)}
        except plan.Invalid as error:
            why = str(
                _("the request is not valid (%(why)s).") % {"why": texts.invalid(error.problem)}
            )
        return _("Nothing was changed: %(why)s") % {"why": why} if why else ""

    def _not_removable(self, change: plan.Change, members: set[str]) -> str:
        """Return why members cannot be removed that Glance has no address for."""
        stuck = []
        for listed in members.intersection(change.remove):
            try:
                self.glance.address(self.image.id, listed)
            except ServiceError as error:
                if error.reason is not Reason.UNADDRESSABLE:
                    raise
                stuck.append(listed)
        if not stuck:
            return ""
        return f"{texts.enumerated(stuck)}: {texts.not_removable()}"
