# SPDX-License-Identifier: Apache-2.0
"""All projects that a search or a filter finds, for the selection."""

from collections.abc import Callable, Collection, Mapping

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from xloud_images_panel.access import threads
from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.access.model import Project
from xloud_images_panel.dashboard import naming
from xloud_images_panel.dashboard.manage_access import member_quota
from xloud_images_panel.dashboard.manage_access.base import ImageMixin
from xloud_images_panel.dashboard.manage_access.checks import not_shared
from xloud_images_panel.dashboard.manage_access.image_access import ImageAccess, Services
from xloud_images_panel.dashboard.manage_access.query import BadQuery, Query
from xloud_images_panel.services import matches
from xloud_images_panel.services.keystone import Keystone


def answer(
    request: HttpRequest, access: Services, owner: str, members: Mapping[str, str]
) -> HttpResponse:
    """Return the projects that a request's query finds, and a sentence about them, as JSON.

    :param access: the services that the projects are read from
    :param owner: ID of the project that the image belongs to
    :param members: the statuses of the projects that have access already, by ID
    """
    try:
        query = Query.of(request.GET)
    except BadQuery:
        return HttpResponse(status=400)
    if query.status:
        return _with_status(access, members, query.status)
    return _matching(request, access, lambda: _find(access.keystone, query), owner, members)


def _find(keystone: Keystone, query: Query) -> matches.Matches:
    return matches.matching(keystone, query.search, query.domain_id, query.tag)


def _matching(
    request: HttpRequest,
    access: Services,
    find: Callable[[], matches.Matches],
    owner: str,
    members: Mapping[str, str],
) -> HttpResponse:
    """Return the projects of a search that can be added, and a sentence, as JSON.

    :param find: returns the matches of the search; raises :class:`ServiceError`
    """
    try:
        found = find()
    except ServiceError as error:
        return failure(access.unavailable(error))
    new = [item for item in found.projects if item.id != owner and item.id not in members]
    enabled = [item for item in new if item.enabled]
    quota = member_quota.known(request)
    if refused := _too_many(len(enabled), quota, complete=found.complete):
        return failure(refused)
    told = _told(len(enabled), disabled=len(new) - len(enabled), had=len(found.projects) - len(new))
    return JsonResponse({"projects": named(access.keystone, enabled), "told": told})


def _with_status(access: Services, members: Mapping[str, str], status: str) -> HttpResponse:
    """Return the members with a status as JSON, including those without a row on the page."""
    ids = [item for item in members if members[item] == status]
    names = access.names(ids)
    projects = [{"id": item, "name": names.get(item, item)} for item in sorted(ids)]
    return JsonResponse({"projects": projects, "told": _told(len(ids), disabled=0, had=0)})


def named(keystone: Keystone, projects: Collection[Project]) -> list[dict[str, str]]:
    """Return the IDs and labels of projects for the selection."""
    keystone.kept.remember(projects)
    labels = naming.labels_of(keystone, projects)
    return [{"id": project.id, "name": labels[project.id]} for project in projects]


def _too_many(count: int, quota: int | None, *, complete: bool) -> str:
    """Return why so many projects cannot be selected at once, empty when they can."""
    if not complete:
        text = _("More than %(count)d projects match: search for less to select all of them.")
        return text % {"count": matches.MOST}
    if quota and count > quota:
        text = ngettext(
            "%(count)d projects match, and one image can be shared with %(quota)d project at most.",
            "%(count)d projects match, and one image can be shared with %(quota)d projects at "
            "most.",
            quota,
        )
        return text % {"count": count, "quota": quota}
    return ""


def selected_and_had(selected: int, had: int) -> list[str]:
    """Return how many projects are selected and how many had access, as parts of a sentence."""
    text = ngettext("%(count)d project is selected", "%(count)d projects are selected", selected)
    parts = [text % {"count": selected}]
    if had:
        text = ngettext("%(count)d has access already", "%(count)d have access already", had)
        parts.append(text % {"count": had})
    return parts


def _told(count: int, *, disabled: int, had: int) -> str:
    """Return the result of selecting all matches, in one sentence."""
    parts = selected_and_had(count, had)
    if disabled:
        text = ngettext(
            "%(count)d is disabled and left out", "%(count)d are disabled and left out", disabled
        )
        parts.append(text % {"count": disabled})
    return "; ".join(parts) + "."


def of_shared_image(
    access: ImageAccess, answer: Callable[[str, Mapping[str, str]], HttpResponse]
) -> HttpResponse:
    """Return an answer about a shared image, or JSON that says why there is none.

    :param answer: takes the image's owner, and the statuses of its members by ID
    """
    try:
        image, members = access.image, access.members
    except ServiceError as error:
        return failure(access.unavailable(error))
    if image.visibility != "shared":
        return failure(not_shared(image))
    statuses = {item.project_id: item.status for item in members}
    statuses.pop(image.owner, None)
    return answer(image.owner, statuses)


def failure(why: str) -> HttpResponse:
    """Return JSON that says why nothing is selected."""
    return JsonResponse({"projects": [], "told": why, "failed": True})


class AllProjectsView(ImageMixin):
    """All projects that a search finds, for an existing image."""

    def get(self, request: HttpRequest, image_id: str) -> HttpResponse:
        """Return the projects, and a sentence about them."""
        try:
            query = Query.of(request.GET)
        except BadQuery:
            return HttpResponse(status=400)
        access = self.access
        if query.status:
            return of_shared_image(
                access, lambda _owner, members: _with_status(access, members, query.status)
            )
        # In parallel: neither Keystone nor Glance needs the other's answer.
        with threads.pool(1) as workers:
            finding = workers.submit(_find, access.keystone, query)
            return of_shared_image(
                access,
                lambda owner, members: _matching(request, access, finding.result, owner, members),
            )
