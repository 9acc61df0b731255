# SPDX-License-Identifier: Apache-2.0
"""The project table of a new image, and the sharing of the image after its creation."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from xloud_images_panel.access.failure import Busy, ServiceError
from xloud_images_panel.access.plan import Verb
from xloud_images_panel.dashboard import actor, made_for, roles, say, texts, trail
from xloud_images_panel.dashboard.create_image.forms import NewImageAccessForm
from xloud_images_panel.dashboard.manage_access import (
    carrying_out,
    dialog,
    member_quota,
    outcome,
    pasted,
    project_table,
    select_all,
)
from xloud_images_panel.dashboard.manage_access.base import (
    AdministratorMixin,
    rows_of,
)
from xloud_images_panel.dashboard.manage_access.checks import as_the_services_call_them, refusal
from xloud_images_panel.dashboard.manage_access.image_access import ImageAccess, Services
from xloud_images_panel.dashboard.manage_access.query import Query

# Horizon's modals upload the file themselves, to the address in these headers.
_UPLOAD_HEADERS = ("X-File-Upload-URL", "X-Auth-Token")


class NewImageAccess(Services):
    """The projects to share a new image with, as one request carries them.

    :param request: GET for an empty table, POST with the chosen projects
    """

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.form = NewImageAccessForm(request.POST if request.method == "POST" else None)

    @property
    def image(self) -> project_table.NewImage:
        """The image, which the current project will own."""
        return project_table.NewImage(actor.user(self.request).project_id)

    def page_of_rows(self, query: Query | None = None) -> dict[str, Any]:
        """Return the context of one page of rows."""
        return self.rows(self.image, [], query)

    def context(self) -> dict[str, Any]:
        """Return the context of the table, with the chosen projects still selected."""
        if not roles.may_manage_access(self.request):
            return {}
        selected = self.form.asked
        names = self.names(item for ids in selected.values() for item in ids)
        return {
            "access_form": self.form,
            "new_image": True,
            "made_for_region": self.request.POST.get(made_for.REGION),
            "projects_url": reverse("horizon:admin:images:new_image_rows"),
            "all_url": reverse("horizon:admin:images:new_image_all"),
            "images_url": reverse("horizon:admin:images:new_image_images"),
            "copy_url": reverse("horizon:admin:images:new_image_copy"),
            "offer_url": reverse("horizon:admin:images:new_image_offer"),
            "list_url": reverse("horizon:admin:images:new_image_list"),
            "domains": self.domains(),
            "quota": member_quota.known(self.request),
            "changes_json": outcome.as_json(outcome.changes(selected, names)),
            **self.page_of_rows(),
        }

    def problem(self) -> str:
        """Return why these projects keep the image from being created, or an empty string."""
        if not self.form.is_valid():
            return " ".join(map(str, self.form.non_field_errors()))
        change = self.form.change
        if change is None:
            return ""
        if not roles.may_manage_access(self.request):
            return _("No image was created: you may not share images with other projects.")
        try:
            change = self.form.change = as_the_services_call_them(change, set(), self.keystone)
            why = refusal(change, actor.user(self.request).project_id, set(), self.keystone)
        except ServiceError as error:
            return _("No image was created. %(why)s") % {"why": self.unavailable(error)}
        return _("No image was created: %(why)s") % {"why": why} if why else ""

    def share(self, image_id: str, image_name: str, created: HttpResponse) -> HttpResponse:
        """Share the new image with the chosen projects.

        :param created: the response to the creation itself
        :returns: that response; after a failure, the image's Manage Access
            with the remaining changes and the reasons
        """
        change = self.form.change
        if change is None:
            return created
        accept = self.form.cleaned_data["accept"]
        try:
            done = carrying_out.carry_out(
                self.request, change, image_id, image_name, self.glance, accept=accept
            )
            told = outcome.tell(done, image_name, self.names(outcome.named(done)))
        except Busy as error:  # another administrator has already found the image
            trail.refused(self.request, "add", trail.Refusal.BUSY, image_id)
            names = self.names(change.add)
            left = outcome.changes({Verb.ADD: change.add}, names, _("not done"))
            told = outcome.Told([], left, [outcome.Failure(texts.busy(error), mendable=True)])
        if not told.left:
            say.each(self.request, told.messages)
            return created
        text = _('The image "%(image)s" was created.') % {"image": texts.in_sentence(image_name)}
        told.messages.insert(0, ("success", text))
        access = ImageAccess(self.request, image_id, changed=True)  # the image exists now
        # A service that did not answer is not asked again.
        access.glance, access.keystone = self.glance, self.keystone
        response = dialog.show(access, self.form, told.left, told, reload=True)
        for header in _UPLOAD_HEADERS:
            if header in created:
                response[header] = created[header]
        return response


class TableView(AdministratorMixin):
    """The whole project table, for the step in Horizon's AngularJS Create Image."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the table as HTML, with the CSRF token for its POST."""
        context = NewImageAccess(request).context()
        return render(request, "xloud_images_panel/admin/_new_image_access.html", context)


class RowsView(AdministratorMixin):
    """The rows of that table."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the rows that match a query."""
        access = NewImageAccess(request)
        return rows_of(request, access, access.page_of_rows)


class AllProjectsView(AdministratorMixin):
    """All projects that a search finds."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the projects that can be added, and a sentence."""
        access = NewImageAccess(request)
        return select_all.answer(request, access, access.image.owner, {})


class PastedListView(AdministratorMixin):
    """A pasted list of projects."""

    post_reads = True

    def post(self, request: HttpRequest) -> HttpResponse:
        """Return the result of looking up the list."""
        access = NewImageAccess(request)
        return pasted.answer(request, access, access.image.owner, ())
