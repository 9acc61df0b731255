# SPDX-License-Identifier: Apache-2.0
"""Manage Access of many images: one project table, whose changes apply to all of them.

The page carries each project's access to each image. The rows of the table do not: the browser adds
the access to them (``ui/many-images.js``), so that a search needs no call to Glance.
"""

import dataclasses
import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.access.model import STATUSES, Member
from xloud_images_panel.dashboard import lock, log_in_again, naming
from xloud_images_panel.dashboard.catalogue import image_ids, seen
from xloud_images_panel.dashboard.manage_access import (
    copy_access,
    dialog,
    member_quota,
    pasted,
    project_table,
    select_all,
)
from xloud_images_panel.dashboard.manage_access.base import AdministratorMixin, fragment, rows_of
from xloud_images_panel.dashboard.manage_access.forms import ManageAccessForm
from xloud_images_panel.dashboard.manage_access.image_access import Services
from xloud_images_panel.dashboard.manage_access.query import Query

#: The browser's letters for a project's access to an image.
_LETTERS = {"accepted": "a", "pending": "p", "rejected": "r"}
_OWNER, _NONE = "o", "-"
# The table disables the owner's row; here each image has an owner of its own.
_NO_IMAGE = project_table.NewImage(owner="")


def address(ids: list[str]) -> str:
    """Return the address of the page for these images."""
    return f"{reverse('horizon:admin:images:access_many')}?images={image_ids.short(ids)}"


def too_many(count: int) -> str:
    """Return the sentence that this is too many images for one page."""
    text = ngettext(
        "%(count)d image is selected; Manage Access takes %(most)d at once.",
        "%(count)d images are selected; Manage Access takes %(most)d at once.",
        count,
    )
    return text % {"count": count, "most": image_ids.MOST}


class _ManyMixin(log_in_again.LogInAgainMixin, AdministratorMixin):
    """A view of the images that the address names."""

    @cached_property
    def services(self) -> Services:
        """Keystone and Glance as this request's user."""
        return Services(self.request)

    @cached_property
    def found(self) -> seen.Found:
        """The images in their current state.

        :raises BadIDs: for an address that no page of the panel has
        :raises SessionEnded: when Glance does not accept the session
        :raises ServiceError: when Glance does not list images
        """
        return seen.read(self.services, image_ids.read(self.request.GET.get("images", "")))

    def rows(self, query: Query | None = None, *, at_once: bool = False) -> dict[str, Any]:
        """Return the context of a page of rows, projects with access to any image first."""
        if query and query.status:
            given = [Member(item, query.status) for item in _having(self.found, query.status)]
        elif query and query.narrowed:
            given = []  # a search has an order of its own and needs no members
        else:
            given = [Member(item, "") for item in _access(self.found.images)]
        rows = self.services.rows(_NO_IMAGE, given, query, at_once=at_once)
        # The browser shows the status, which differs by image.
        page = [dataclasses.replace(row, status="") for row in rows["page"].rows]
        return {**rows, "page": dataclasses.replace(rows["page"], rows=page)}


class ManyImagesView(_ManyMixin):
    """The page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the images and the project table, or say why there are none."""
        try:
            content = self._content()
        except ServiceError as error:
            log_in_again.check(error)
            content = {"problem": self.services.unavailable(error)}
        except image_ids.BadIDs:
            content = {"problem": _no_images()}
        content["page_title"] = _("Manage Access")
        return render(request, "xloud_images_panel/admin/many_images.html", content)

    def _content(self) -> dict[str, Any]:
        images, services = self.found.images, self.services
        owners = services.names(item.image.owner for item in images)
        labels = naming.image_labels({item.image.id: item.image.name for item in images})
        quota = member_quota.known(self.request)
        query = f"?{self.request.GET.urlencode()}"
        there = [
            {
                "id": item.image.id,
                "name": labels[item.image.id],
                "owner": owners.get(item.image.owner, item.image.owner),
                "listed": len(item.rows),
                "projects": item.projects,
                "full": bool(quota) and len(item.rows) >= (quota or 0),
            }
            for item in images
        ]
        return {
            **self.rows(at_once=True),
            "images": there,
            "left_out": self.found.left_out,
            "images_json": _json([{"id": item["id"], "name": item["name"]} for item in there]),
            "access_json": _json(_access(images, owners=True)),
            "form": ManageAccessForm(),
            "many": True,
            "projects_url": reverse("horizon:admin:images:access_many_projects") + query,
            "all_url": reverse("horizon:admin:images:access_many_all") + query,
            "list_url": reverse("horizon:admin:images:access_many_list") + query,
            "images_url": reverse("horizon:admin:images:access_many_images"),
            "copy_url": reverse("horizon:admin:images:access_many_copy") + query,
            # A project counts once for each of its statuses.
            "status_counts": dialog.status_counts(
                status for status in STATUSES for _project in _having(self.found, status)
            ),
            "domains": services.domains(),
            "quota": quota,
            "cache_warning": lock.shared_cache_problem(),
        }


class ProjectsView(_ManyMixin):
    """The rows of the table, for searching and paging."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the rows for a query."""
        try:
            return rows_of(request, self.services, self.rows)
        except image_ids.BadIDs:
            return fragment("xloud_images_panel/admin/_project_rows.html", {"error": _no_images()})


class AllProjectsView(_ManyMixin):
    """All projects that a search or a filter finds.

    A search also finds projects that already have access to all images.
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the projects, and a sentence about them."""
        status = request.GET.get("status", "")
        try:
            having = _having(self.found, status) if status else ()
        except ServiceError as error:
            log_in_again.check(error)
            return select_all.failure(self.services.unavailable(error))
        except image_ids.BadIDs:
            return select_all.failure(_no_images())
        return select_all.answer(request, self.services, "", dict.fromkeys(having, status))


class PastedListView(_ManyMixin):
    """A pasted list of projects."""

    post_reads = True

    def post(self, request: HttpRequest) -> HttpResponse:
        """Return the projects in the list; only the open page changes."""
        return pasted.answer(request, self.services, "", ())


class SourcesView(_ManyMixin):
    """Shared images to copy from, including those of the page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the images as HTML, or a sentence that says why there are none."""
        return copy_access.images_to_copy(request, self.services, copy_access.not_a_source)


class CopyView(_ManyMixin):
    """The projects of one of those images, as changes for all images of the page."""

    post_reads = True

    def post(self, request: HttpRequest) -> HttpResponse:
        """Return a sentence and the changes; only the open page changes.

        The request has the same fields as for one image, see :class:`.copy_access.CopyView`.
        """
        try:
            source = self.services.glance.image(request.POST.get("source", ""))
            context = {"error": copy_access.not_a_source(source)}
            if not context["error"]:
                access = _access(self.found.images, owners=True)
                there = [item for item in access if _NONE not in access[item]]
                listed = _access(self.found.images)
                context = copy_access.copied(
                    request, self.services, source, "", there, listed=listed
                )
        except ServiceError as error:
            log_in_again.check(error)
            context = {"error": self.services.unavailable(error)}
        except image_ids.BadIDs:
            context = {"error": _no_images()}
        return fragment("xloud_images_panel/admin/_copied.html", context)


def _no_images() -> str:
    return _("The address names no images, or too many.")


def _having(found: seen.Found, status: str) -> list[str]:
    """Return the IDs of the projects that have a member status on any of the images."""
    ids = (item for image in found.images for item, its in image.statuses.items() if its == status)
    return list(dict.fromkeys(ids))


def _access(images: list[seen.Seen], *, owners: bool = False) -> dict[str, str]:
    """Return each project's access by ID: a letter for each image, in the images' order.

    :param owners: whether to include the owners of the images
    """
    found: dict[str, list[str]] = {}

    def put(project_id: str, number: int, letter: str) -> None:
        found.setdefault(project_id, [_NONE] * len(images))[number] = letter

    for number, item in enumerate(images):
        for project_id, status in item.statuses.items():
            put(project_id, number, _LETTERS.get(status, "p"))
        if owners and item.image.owner:
            put(item.image.owner, number, _OWNER)
    return {project_id: "".join(letters) for project_id, letters in found.items()}


def _json(content: Any) -> str:
    # Horizon's escaping turns "{$" into "{%", which keeps AngularJS from running it.
    return json.dumps(content).replace("$", "\\u0024")
