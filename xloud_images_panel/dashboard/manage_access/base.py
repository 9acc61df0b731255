# SPDX-License-Identifier: Apache-2.0
"""Common parts of the views of an image's access: permission, the image, pages of rows."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import cached_property
from django.views import generic
from horizon import exceptions

from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.dashboard import actor, log_in_again, roles, trail
from xloud_images_panel.dashboard.manage_access.image_access import ImageAccess, Services
from xloud_images_panel.dashboard.manage_access.query import BadQuery, Query


class AdministratorMixin(generic.View):
    """A view for administrators, who may manage the access to every image.

    :cvar readable: whether administrators who may only read can GET it
    :cvar post_reads: whether its POST only reads, because the query is too long for an address
    """

    readable = False
    post_reads = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse everybody but administrators.

        :raises NotAuthorized: which Horizon answers with 403
        """
        methods = ("GET", "HEAD", "OPTIONS", *(["POST"] if self.post_reads else []))
        if self.post_reads:
            actor.only_reads(request)
        reads = self.readable and request.method in methods
        allowed = roles.may_see_access if reads else roles.may_manage_access
        if not allowed(request):
            trail.refused(
                request, "manage access", trail.Refusal.POLICY, kwargs.get("image_id", "")
            )
            raise exceptions.NotAuthorized
        return super().dispatch(request, *args, **kwargs)


class ImageMixin(log_in_again.LogInAgainMixin, AdministratorMixin):
    """A view of the access to the image that the URL names."""

    kwargs: dict[str, str]

    @cached_property
    def access(self) -> ImageAccess:
        """The access to the image."""
        return ImageAccess(self.request, self.kwargs["image_id"])

    def come_back(self) -> str:
        """Return the address of the dialog, whichever part of it was requested."""
        return reverse("horizon:admin:images:manage_access", args=[self.kwargs["image_id"]])


def rows_of(
    request: HttpRequest, access: Services, read: Callable[[Query], dict[str, Any]]
) -> HttpResponse:
    """Return one page of the project table's rows as HTML, or a sentence that says why not.

    :param request: has the query
    :param access: the services that the rows are read from
    :param read: returns the context of the rows for a query
    """
    try:
        query = Query.of(request.GET)
    except BadQuery:
        return HttpResponse(status=400)
    context: dict[str, Any] = {"query": query}
    try:
        context |= read(query)
    except ServiceError as error:
        context["error"] = access.unavailable(error)
    return fragment("xloud_images_panel/admin/_project_rows.html", context)


def fragment(template: str, context: dict[str, Any]) -> HttpResponse:
    """Return a part of a page.

    It is rendered without the request: with it, Horizon would call Keystone for the
    menus of a whole page.
    """
    return HttpResponse(render_to_string(template, context))
