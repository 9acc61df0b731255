# SPDX-License-Identifier: Apache-2.0
"""Manage Access: the dialog that says which projects an image is shared with."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views import generic
from horizon import exceptions, forms, messages
from horizon.utils import http as http_utils

from xloud_images_panel import (
    access,
    audit,
    log_in_again,
    made_for,
    one_at_a_time,
    roles,
    services,
    shared_again,
    texts,
)
from xloud_images_panel.admin import carrying_out, member_quota, outcome, project_table
from xloud_images_panel.admin.forms import ManageAccessForm, one_line_break
from xloud_images_panel.glance import Glance, Image, Member, folded, is_image_id
from xloud_images_panel.keystone import Keystone, is_project_id
from xloud_images_panel.one_at_a_time import Busy
from xloud_images_panel.services import Reason, ServiceError
from xloud_images_panel.settings import page_size

INDEX_URL = reverse_lazy("horizon:admin:images:index")

# Horizon closes the admin panel to everybody else already; asking again here
# costs nothing and holds if an operator opens the panel to more roles.
MANAGE_ACCESS_RULES = ("context_is_admin", "get_members", "add_member", "delete_member")

# A project that was deleted while the dialog was open must not be reported as one that the image
# is shared with, so Keystone is asked for each project anew, not for what was read a while ago. Of
# a hundred projects that would take three times as long as adding them to the image (35 ms each):
# of more than these few, what was read within `names_lifetime` is taken.
MOST_ASKED_ANEW = 10


class ServicesMixin:
    """Keystone and Glance in a view, and what every project table needs of them."""

    request: HttpRequest

    @cached_property
    def glance(self) -> Glance:
        """Glance as this request's user."""
        return Glance(self.request)

    @cached_property
    def keystone(self) -> Keystone:
        """Keystone as this request's user."""
        return Keystone(self.request)

    def rows(
        self, image: project_table.Owned, members: list[Member], **query: Any
    ) -> dict[str, Any]:
        """Return the context of one page of rows; see :func:`project_table.page`."""
        limit = page_size(self.request)
        page = project_table.page(self.keystone, image, members, limit, images=self.glance, **query)
        return {"page": page, "error": self.unavailable(page.error) if page.error else ""}

    def unavailable(self, error: ServiceError) -> str:
        """Return why a page cannot show something."""
        return texts.describe(error)

    def domains(self) -> list[tuple[str, str]]:
        """Return the IDs and names of the domains, none when they cannot be had."""
        names = self.keystone.known_domains
        return sorted(names.items(), key=lambda item: item[1].casefold())

    def names(self, project_ids: Iterable[str]) -> dict[str, str]:
        """Return by ID how projects are called, as far as they have a name; see :mod:`naming`.

        :param project_ids: those that are going to be named, because each costs a request
        """
        return self.keystone.labels(project_ids)


class AdministratorMixin(ServicesMixin):
    """A view for who may manage the access to every image in the cloud."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Refuse everybody but administrators.

        :raises NotAuthorized: which Horizon answers with 403
        """
        if not roles.may(request, *MANAGE_ACCESS_RULES):
            audit.refused(
                request, "manage access", audit.Refusal.POLICY, kwargs.get("image_id", "")
            )
            raise exceptions.NotAuthorized
        return super().dispatch(request, *args, **kwargs)


class ImageMixin(log_in_again.LogInAgainMixin, AdministratorMixin):
    """A view of one image's access."""

    kwargs: dict[str, str]
    #: Whether this request has changed anything: then its answer has to say what.
    changed = False

    def come_back(self) -> str:
        """Return the address of the dialog, whatever part of it was asked for."""
        return reverse("horizon:admin:images:manage_access", args=[self.kwargs["image_id"]])

    def unavailable(self, error: ServiceError) -> str:
        """Return why the image's access cannot be shown or changed.

        :raises SessionEnded: for a 401, as long as nothing was changed
        """
        if not self.changed:
            log_in_again.check(error)
        if error.service == "Glance" and error.reason is Reason.MISSING:
            return str(_("There is no image with this ID (any more)."))
        return texts.describe(error)

    @property
    def image(self) -> Image:
        """The image that the URL names.

        :raises ServiceError: as :meth:`~xloud_images_panel.glance.Glance.image`
        """
        return self._image_and_members[0]

    @property
    def members(self) -> list[Member]:
        """Its members when this request came in; none of an image that is not shared.

        :raises ServiceError: as the services of Glance that tell of the image and its members
        """
        return self._image_and_members[1]

    @cached_property
    def _image_and_members(self) -> tuple[Image, list[Member]]:
        image_id = self.kwargs["image_id"]
        if not is_image_id(image_id):
            return self.glance.image(image_id), []  # which raises that there is none
        # At once, because neither needs the other's answer.
        with services.pool() as threads:
            members = threads.submit(self.glance.members, image_id)
            image = self.glance.image(image_id)
            # Glance does not show the members of an image that is not shared.
            return image, members.result() if image.visibility == "shared" else []


class RowsMixin:
    """One page of the project table's rows, for searching and paging in the open table."""

    def get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """Return the rows as HTML, or a sentence that says why there are none."""
        query = {name: request.GET.get(name, "").strip()[:255] for name in ("search", "domain_id")}
        context: dict[str, Any] = {"searched": any(query.values())}
        try:
            context |= self.page_of_rows(cursor=request.GET.get("cursor", ""), **query)
        except ServiceError as error:
            context["error"] = self.unavailable(error)
        except project_table.BadQuery:
            return HttpResponse(status=400)
        return fragment("xloud_images_panel/admin/_project_rows.html", context)


def fragment(template: str, context: dict[str, Any]) -> HttpResponse:
    """Return a part of a page.

    Rendered without the request: with it, Horizon would ask Keystone for the
    menus of a whole page.
    """
    return HttpResponse(render_to_string(template, context))


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
    refused_as = audit.Refusal.NOT_VALID
    template_name = "xloud_images_panel/admin/manage_access.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Open the dialog, or say why it cannot be opened and go back to the list."""
        try:
            if self.image.visibility == "shared":
                return super().get(request, *args, **kwargs)
            message = not_shared(self.image)
        except ServiceError as error:
            message = self.unavailable(error)
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
        context["cache_warning"] = one_at_a_time.shared_cache_problem()
        return context

    def _returned(self, members: set[str]) -> dict[str, Any]:
        """Return how many members have access from before, and which, for the note on top."""
        note = shared_again.noted(self.request, self.image.id)
        returned = [item for item in note.project_ids if item in members]
        names = self.names(returned[: texts.NAMED]) if returned else {}
        projects = texts.enumerated([names.get(item, item) for item in returned])
        return {"count": len(returned), "projects": projects, "at_least": not note.complete}

    def form_valid(self, form: ManageAccessForm) -> HttpResponse:
        """Carry the change out and tell what became of each project."""
        if switched := made_for.region_switched(self.request):
            return self._refuse(form, switched, audit.Refusal.SWITCHED)
        if refusal := self._refusal(form):
            return self._refuse(form, refusal, self.refused_as)
        accept = form.cleaned_data["accept"]
        try:
            done = carrying_out.carry_out(
                self.request, form.change, self.image.id, self.image.name, self.glance, accept
            )
        except Busy as error:
            return self._refuse(form, texts.busy(error), audit.Refusal.BUSY)
        self.changed = any(result.done or result.unsure for result in done.results)
        if not self.changed:
            for result in done.failed:
                log_in_again.check(result.error)
        told = outcome.tell(done, self.image.name, self.names(outcome.named(done)))
        del self._image_and_members  # they are not what they were
        # The next to look wants to know whether they are still there.
        self.keystone.forget(form.change.add + form.change.remove)
        if done.failed:
            return self.still_to_do(form, told)
        for level, message in told.messages:
            getattr(messages, level)(self.request, texts.inert(message))
        if http_utils.is_ajax(self.request) and "reload" not in self.request.POST:
            return HttpResponse(status=204)
        return HttpResponseRedirect(INDEX_URL)

    def still_to_do(
        self, form: ManageAccessForm, told: outcome.Told, **context: Any
    ) -> HttpResponse:
        """Return the dialog with what was done and, still selected, what was not."""
        if told.quota:
            member_quota.remember(self.request, told.quota)
        return self.render_to_response(
            self.get_context_data(form=form, told=told, changes=told.left, failed=True, **context)
        )

    def _refuse(self, form: ManageAccessForm, why: str, refusal: audit.Refusal) -> HttpResponse:
        form.add_error(None, why)
        self.refused_as = refusal
        return self.form_invalid(form)

    def form_invalid(self, form: ManageAccessForm) -> HttpResponse:
        """Show the dialog again with everything that was selected still selected."""
        audit.refused(self.request, "manage access", self.refused_as, self.kwargs["image_id"])
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
            self.refused_as = audit.Refusal.UNCHECKED
            return _("Nothing was changed. %(why)s") % {"why": self.unavailable(error)}
        except access.Invalid as error:
            why = str(_("the request is not valid (%(why)s).") % {"why": error})
        return _("Nothing was changed: %(why)s") % {"why": why} if why else ""

    def _not_removable(self, change: access.Change, members: set[str]) -> str:
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


def as_the_services_call_them(
    change: access.Change, members: set[str], keystone: Keystone
) -> access.Change:
    """Return a change that names members as Glance has them, and projects as Keystone has them.

    Keystone finds a project by its ID in capitals where its database compares
    so. One that is added in two writings is added once.

    :param members: the members as Glance lists them
    :raises Invalid: when a project turns out to be both added and removed
    """
    called = {one_line_break(item): item for item in members}
    odd = [item for item in change.add if folded(item) != item]
    found = keystone.projects_by_id(odd) if odd else {}
    add = [found[item].id if item in found else item for item in change.add]
    remove = tuple(called.get(item, item) for item in change.remove)
    return access.Change(tuple(dict.fromkeys(add)), remove)


def refusal(change: access.Change, owner: str, members: set[str], keystone: Keystone) -> str:
    """Return why a change must not be sent to Glance, which would take it; empty when it may.

    :param owner: ID of the project that the image belongs to
    :param members: IDs of the projects that it is shared with, which need not exist
    :returns: what follows a colon
    :raises ServiceError: when Keystone does not tell which projects there are
    """
    if owner in change.add:
        return str(_("the owner of an image has access to it anyway."))
    asked = [item for item in (*change.add, *change.remove) if item not in members]
    found = keystone.projects_by_id(asked, recent=len(asked) > MOST_ASKED_ANEW)
    unknown = [item for item in asked if not found[item].exists]
    # A project that is gone, and that somebody else has removed meanwhile, is as it was asked
    # for: that keeps nothing else from being done.
    stale = [item for item in unknown if item in change.remove and is_project_id(item)]
    if len(stale) < len(change.add) + len(change.remove):
        unknown = [item for item in unknown if item not in stale]
    if unknown:
        names = {item: found[item].name for item in unknown}
        ids = texts.enumerated(
            [f"{item} ({name})" if name else item for item, name in names.items()]
        )
        return str(_("there is no project with the ID %(ids)s.") % {"ids": ids})
    return ""


def not_shared(image: Image) -> str:
    """Return that an image would have to be shared first."""
    name = texts.inert(texts.in_sentence(image.name))
    return str(
        _(
            'The visibility of the image "%(name)s" is %(visibility)s. '
            "Set it to Shared to manage its access."
        )
        % {"name": name, "visibility": texts.visibility(image.visibility)}
    )
