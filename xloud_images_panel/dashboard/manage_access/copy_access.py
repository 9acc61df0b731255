# SPDX-License-Identifier: Apache-2.0
"""Copy access from image: another image's projects, as changes that Confirm will make."""

import dataclasses
from collections.abc import Callable, Collection
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from xloud_images_panel.access import model, threads
from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.access.model import Image, Member, Project
from xloud_images_panel.access.plan import Verb
from xloud_images_panel.dashboard import naming, scan_lease, texts
from xloud_images_panel.dashboard.manage_access import outcome
from xloud_images_panel.dashboard.manage_access.base import ImageMixin, fragment
from xloud_images_panel.dashboard.manage_access.checks import not_shared
from xloud_images_panel.dashboard.manage_access.forms import ManageAccessForm
from xloud_images_panel.dashboard.manage_access.image_access import Services
from xloud_images_panel.services import image_lists
from xloud_images_panel.services.glance import Glance

# A longer list does not help: users narrow the search instead.
MOST_MATCHES = 20


@dataclasses.dataclass(frozen=True)
class Copied:
    """The members of the other image, grouped by the effect of copying.

    :ivar projects: the projects added to the selection
    :ivar selected: how many were selected before
    :ivar members: how many have access already
    :ivar removed: how many of these are selected to be removed
    :ivar gone: how many no longer exist
    :ivar owner: whether the image's owner was among them
    :ivar rejected: how many of ``projects`` have rejected the other image
    :ivar removals: IDs of members that the other image lacks, if the access is made equal
    """

    projects: list[Project]
    selected: int
    members: int
    removed: int
    gone: int
    owner: bool
    rejected: int
    removals: tuple[str, ...] = ()

    def tell(self) -> str:
        """Return the result in one sentence."""
        count = len(self.projects)
        parts = [
            ngettext(
                "%(count)d project added to the selection",
                "%(count)d projects added to the selection",
                count,
            )
            % {"count": count}
        ]
        if self.removals:
            text = ngettext(
                "%(count)d selected to be removed",
                "%(count)d selected to be removed",
                len(self.removals),
            )
            parts.append(text % {"count": len(self.removals)})
        if self.rejected:
            text = ngettext(
                "%(count)d of them has rejected the other image",
                "%(count)d of them have rejected the other image",
                self.rejected,
            )
            parts.append(text % {"count": self.rejected})
        if self.selected:
            text = ngettext(
                "%(count)d was selected already", "%(count)d were selected already", self.selected
            )
            parts.append(text % {"count": self.selected})
        if self.members:
            text = ngettext(
                "%(count)d has access already", "%(count)d have access already", self.members
            )
            parts.append(text % {"count": self.members})
        if self.removed:
            text = ngettext(
                "%(count)d of these stays selected to be removed",
                "%(count)d of these stay selected to be removed",
                self.removed,
            )
            parts.append(text % {"count": self.removed})
        if self.gone:
            text = ngettext("%(count)d no longer exists", "%(count)d no longer exist", self.gone)
            parts.append(text % {"count": self.gone})
        if self.owner:
            parts.append(_("the owner has access anyway"))
        return "; ".join(parts) + "."


def sort_out(
    others: list[Member],
    projects: dict[str, Project],
    owner: str,
    members: Collection[str],
    selected: Collection[str],
    removed: Collection[str] = (),
    *,
    source_owner: str = "",
    listed: Collection[str] | None = None,
    equal: bool = False,
) -> Copied:
    """Group another image's members by the effect of copying.

    :param others: the members of the other image
    :param projects: their projects by ID
    :param owner: the project that the image belongs to
    :param members: IDs of the projects that the image is shared with; for several images, of those
        that have access to all
    :param selected: IDs of the projects that are selected to be added
    :param removed: IDs of the projects that are selected to be removed
    :param source_owner: the project that the other image belongs to
    :param listed: for several images, IDs of the projects that any of them is shared with
    :param equal: whether to remove members that the other image lacks
    """
    members = {*members} - {owner}
    removable = members if listed is None else {*listed}
    # The other image's owner has access to it without being a member.
    there = {source_owner, *(member.project_id for member in others)}
    rest = [member for member in others if member.project_id not in {owner, *members}]
    new = [member for member in rest if member.project_id not in selected]
    added = [member for member in new if projects[member.project_id].exists]
    return Copied(
        removals=tuple(sorted(removable - there - {*removed})) if equal else (),
        projects=sorted(
            (projects[member.project_id] for member in added),
            key=lambda project: (project.name.casefold(), project.id),
        ),
        selected=len(rest) - len(new),
        members=sum(member.project_id in members for member in others),
        removed=sum(member.project_id in members.intersection(removed) for member in others),
        gone=len(new) - len(added),
        owner=any(member.project_id == owner for member in others),
        rejected=sum(member.status == model.REJECTED for member in added),
    )


def images_to_copy(
    request: HttpRequest, access: Services, why_not: Callable[[Image], str], exclude: str = ""
) -> HttpResponse:
    """Return shared images, by part of the name or by ID, or why there are none, as HTML.

    :param access: the services that the images are read from
    :param why_not: returns why an image requested by ID cannot be copied from
    :param exclude: ID of an image to leave out
    """
    search = request.GET.get("search", "").strip()
    context: dict[str, Any] = {}
    try:
        if model.is_image_id(search):
            image = access.glance.image(search.lower())
            context["error"] = why_not(image)
            images = [] if context["error"] else [image]
        else:
            with scan_lease.scanning(request):
                found = image_lists.all_shared(access.glance, MOST_MATCHES, search, exclude=exclude)
            images = found.items
            context |= {
                "more": bool(found.next_marker) and found.complete,
                "cut": not found.complete,
                "too_large": texts.too_large(access.glance.lists.passed_over),
            }
        names = access.names({image.owner for image in images if image.owner})
        counts = member_counts(access.glance, images)
        context["images"] = [
            {"image": image, "owner": names.get(image.owner, image.owner), "members": count}
            for image, count in zip(images, counts, strict=True)
        ]
    except ServiceError as error:
        context = {"error": access.unavailable(error)}
    return fragment("xloud_images_panel/admin/_shared_images.html", context)


def member_counts(images: Glance, found: list[Image]) -> list[int | None]:
    """Return how many projects each image is shared with, None if Glance does not say."""

    def count(image: Image) -> int | None:
        try:
            members = images.members(image.id)
        except ServiceError:
            return None
        return len({member.project_id for member in members} - {image.owner})

    return threads.in_parallel(count, found, images.workers)


def copied(
    request: HttpRequest,
    access: Services,
    source: Image,
    owner: str,
    members: Collection[str],
    *,
    listed: Collection[str] | None = None,
) -> dict[str, Any]:
    """Return the context of the changes that copying from another image selects.

    :param request: has the selection, and ``equal`` to make the access equal
    :param owner: the project that the image belongs to
    :param members: IDs of the projects that the image is shared with
    :param listed: see :func:`sort_out`
    :raises ServiceError: when a service fails
    """
    others = access.glance.members(source.id)
    asked = [item.project_id for item in others if item.project_id not in members]
    projects = access.keystone.projects_by_id(asked)
    form = ManageAccessForm(request.POST)
    result = sort_out(
        others,
        projects,
        owner,
        members,
        form.asked.get(Verb.ADD, ()),
        form.asked.get(Verb.REMOVE, ()),
        source_owner=source.owner,
        listed=listed,
        equal="equal" in request.POST,
    )
    labels = naming.labels_of(access.keystone, result.projects) | access.names(result.removals)
    added = [project.id for project in result.projects]
    changes = {Verb.ADD: added, Verb.REMOVE: result.removals}
    return {
        "told": result.tell(),
        "changes_json": outcome.as_json(outcome.changes(changes, labels)),
    }


class ImagesView(ImageMixin):
    """Shared images to copy from, by part of the name or by ID."""

    def get(self, request: HttpRequest, image_id: str) -> HttpResponse:
        """Return the images as HTML, or a sentence that says why there are none."""

        def why_not(source: Image) -> str:
            return refusal(source, self.access.image)

        return images_to_copy(request, self.access, why_not, exclude=image_id)


class CopyView(ImageMixin):
    """The projects of one of those images, as changes for the dialog."""

    post_reads = True

    def post(self, request: HttpRequest, image_id: str) -> HttpResponse:
        """Return a sentence and the changes; only the open dialog changes.

        The request has the other image's ID as ``source``, the dialog's selection, and ``equal`` to
        make the access equal. It is a POST, because this may not fit into a URL.
        """
        context: dict[str, Any] = {}
        try:
            source = self.access.glance.image(request.POST.get("source", ""))
            image = self.access.image
            if error := refusal(source, image):
                context["error"] = error
            elif image.visibility != "shared":
                context["error"] = not_shared(image)
            else:
                members = {member.project_id for member in self.access.members}
                context = copied(request, self.access, source, image.owner, members)
        except ServiceError as error:
            context["error"] = self.access.unavailable(error)
        return fragment("xloud_images_panel/admin/_copied.html", context)


def refusal(source: Image, image: Image) -> str:
    """Return why no access can be copied from one image to another, empty when it can."""
    if source.id == image.id:
        return _("This is the image itself.")
    return not_a_source(source)


def not_a_source(source: Image) -> str:
    """Return why an image has no projects to copy, empty when it may have some."""
    if source.visibility == "shared":
        return ""
    text = _(
        'The visibility of the image "%(name)s" is %(visibility)s: it has no projects to copy.'
    )
    name = texts.in_sentence(source.name)
    return text % {"name": name, "visibility": texts.visibility(source.visibility)}
