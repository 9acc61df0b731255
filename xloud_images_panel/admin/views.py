"""Admin > Compute > Images: Manage Access, and Horizon's own pages with our table in them."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views import generic
from horizon import exceptions, forms, messages
from horizon.utils import functions
from horizon.utils import http as http_utils
from openstack_dashboard import policy
from openstack_dashboard.dashboards.admin.images import views as upstream

from xloud_images_panel import access, texts
from xloud_images_panel.admin import outcome, project_table, tables
from xloud_images_panel.admin.forms import ManageAccessForm
from xloud_images_panel.glance import Glance, Image, Member
from xloud_images_panel.keystone import Keystone, is_project_id
from xloud_images_panel.services import Reason, ServiceError

INDEX_URL = reverse_lazy("horizon:admin:images:index")

# Horizon closes the admin panel to everybody else already; asking again here
# costs nothing and holds if an operator opens the panel to more roles.
MANAGE_ACCESS_RULES = (
    ("image", "context_is_admin"),
    ("image", "get_members"),
    ("image", "add_member"),
    ("image", "delete_member"),
)


class IndexView(upstream.IndexView):
    """Horizon's admin Images page (the Python one) with Manage Access in its rows."""

    table_class = tables.ImagesTable


class DetailView(upstream.DetailView):
    """Horizon's admin details page (the Python one) with Manage Access among its actions."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Render the row's actions from our table instead of Horizon's."""
        context = super().get_context_data(**kwargs)
        context["actions"] = tables.ImagesTable(self.request).render_row_actions(context["image"])
        return context


class AccessMixin:
    """What the views of one image's access share: who may see them, and the image."""

    request: HttpRequest
    kwargs: dict[str, str]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Refuse everybody but administrators, and say it when the image cannot be shown.

        :raises NotAuthorized: which Horizon answers with 403
        """
        if not policy.check(MANAGE_ACCESS_RULES, request):
            raise exceptions.NotAuthorized
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def glance(self) -> Glance:
        """Glance as this request's user."""
        return Glance(self.request)

    @cached_property
    def keystone(self) -> Keystone:
        """Keystone as this request's user."""
        return Keystone(self.request)

    @cached_property
    def image(self) -> Image:
        """The image that the URL names.

        :raises ServiceError: as :meth:`~xloud_images_panel.glance.Glance.image`
        """
        return self.glance.image(self.kwargs["image_id"])

    @cached_property
    def members(self) -> list[Member]:
        """Its members now.

        :raises ServiceError: as :meth:`~xloud_images_panel.glance.Glance.members`
        """
        return self.glance.members(self.image.id)

    def rows(self, **query: str) -> dict[str, Any]:
        """Return the context of one page of rows; see :func:`project_table.page`."""
        limit = functions.get_page_size(self.request)
        page = project_table.page(self.keystone, self.image, self.members, limit, **query)
        return {"page": page, "error": unavailable(page.error) if page.error else ""}


class ProjectsView(AccessMixin, generic.View):
    """One page of the project table's rows, for searching and paging in the open dialog."""

    def get(self, request: HttpRequest, image_id: str) -> HttpResponse:
        """Return the rows as HTML, or a sentence that says why there are none."""
        query = {name: request.GET.get(name, "").strip() for name in ("search", "domain_id")}
        context: dict[str, Any] = {"searched": any(query.values())}
        try:
            context |= self.rows(cursor=request.GET.get("cursor", ""), **query)
        except ServiceError as error:
            context["error"] = unavailable(error)
        except project_table.BadCursor:
            return HttpResponse(status=400)
        return render(request, "xloud_images_panel/admin/_project_rows.html", context)


class ManageAccessView(AccessMixin, forms.ModalFormView):
    """The dialog: which projects an image is shared with."""

    form_class = ManageAccessForm
    form_id = "manage_access_form"
    modal_id = "manage_access_modal"
    modal_header = page_title = _("Manage Access")
    submit_label = _("Confirm")
    success_url = cancel_url = INDEX_URL
    template_name = "xloud_images_panel/admin/manage_access.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Open the dialog, or say why it cannot be opened and go back to the list."""
        try:
            if self.image.visibility == "shared":
                self.members  # noqa: B018 - without them the dialog would not be true
                return super().get(request, *args, **kwargs)
            message = not_shared(self.image)
        except ServiceError as error:
            message = unavailable(error)
        messages.error(request, message)
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
        context["submit_url"] = reverse(
            "horizon:admin:images:manage_access", args=[self.kwargs["image_id"]]
        )
        context["projects_url"] = reverse(
            "horizon:admin:images:access_projects", args=[self.kwargs["image_id"]]
        )
        try:
            context["image"] = self.image
            context |= self.rows()
            context["members_count"] = len(
                {member.project_id for member in self.members} - {self.image.owner}
            )
        except ServiceError as error:
            context["error"] = unavailable(error)
        try:
            context["domains"] = sorted(
                self.keystone.domain_names.items(), key=lambda item: item[1].casefold()
            )
        except ServiceError:
            context["domains"] = []
        return context

    def form_valid(self, form: ManageAccessForm) -> HttpResponse:
        """Carry the change out and tell what became of each project."""
        if refusal := self._refusal(form.change):
            form.add_error(None, refusal)
            return self.form_invalid(form)
        done = access.carry_out(
            form.change, self.image.id, self.glance, form.cleaned_data["accept"]
        )
        del self.members  # they are not what they were
        names = self._names(form.change.add + form.change.remove)
        told = outcome.tell(done, self.image.name, names)
        if not done.failed:
            for level, message in told.messages:
                getattr(messages, level)(self.request, texts.inert(message))
            if http_utils.is_ajax(self.request):
                return HttpResponse(status=204)
            return HttpResponseRedirect(INDEX_URL)
        return self.render_to_response(
            self.get_context_data(form=form, told=told, changes=told.left, failed=True)
        )

    def form_invalid(self, form: ManageAccessForm) -> HttpResponse:
        """Show the dialog again with everything that was selected still selected."""
        add, remove = form.cleaned_data.get("add", ()), form.cleaned_data.get("remove", ())
        changes = outcome.changes(add, remove, self._names([*add, *remove]))
        return self.render_to_response(self.get_context_data(form=form, changes=changes))

    def _refusal(self, change: access.Change) -> str:
        """Return why a change is not sent to Glance at all, empty when it is."""
        try:
            if self.image.visibility != "shared":
                return not_shared(self.image)
            known = {member.project_id for member in self.members}
            if self.image.owner in change.add:
                return _("Nothing was changed: the owner of an image has access to it anyway.")
            asked = [item for item in (*change.add, *change.remove) if item not in known]
            found = self.keystone.projects_by_id(asked, recent=True)
        except ServiceError as error:
            return _("Nothing was changed. %(why)s") % {"why": unavailable(error)}
        if unknown := [item for item in asked if not found[item].exists]:
            return _("Nothing was changed: there is no project with the ID %(ids)s.") % {
                "ids": outcome.enumerated(unknown)
            }
        return ""

    def _names(self, project_ids: Iterable[str]) -> dict[str, str]:
        possible = [item for item in project_ids if is_project_id(item)]
        try:
            found = self.keystone.projects_by_id(possible, recent=True)
        except ServiceError:
            return {}
        return {project.id: project.name for project in found.values() if project.name}


def unavailable(error: ServiceError) -> str:
    """Return why an image's access cannot be shown or changed."""
    if error.service == "Glance" and error.reason is Reason.MISSING:
        return str(_("There is no image with this ID (any more)."))
    if error.service == "Glance" and error.reason is Reason.FORBIDDEN:
        return str(_("Glance does not show the members of this image: it is not shared any more."))
    return texts.describe(error)


def not_shared(image: Image) -> str:
    """Return that an image would have to be shared first."""
    return str(
        _(
            'The visibility of the image "%(name)s" is %(visibility)s. '
            "Set it to Shared to manage its access."
        )
        % {"name": texts.inert(image.name), "visibility": texts.visibility(image.visibility)}
    )
