# SPDX-License-Identifier: Apache-2.0
"""The common part of Shared Images and Community Images: a page of images for a URL."""

import contextlib
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from horizon import tables

from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.visible_text import folded
from xloud_images_panel.dashboard import (
    actor,
    log_in_again,
    roles,
    say,
    scan_lease,
    settings,
    texts,
)
from xloud_images_panel.dashboard.received.tables import ImageListTable
from xloud_images_panel.dashboard.settings import page_size
from xloud_images_panel.services import keystone
from xloud_images_panel.services.glance import Glance
from xloud_images_panel.services.image_lists import Page
from xloud_images_panel.services.markers import Marker


class ImageListView(log_in_again.LogInAgainMixin, tables.DataTableView):
    """A page of images for the URL's filters and the marker where the page begins.

    Subclasses define the images (:meth:`read`), their rows (:meth:`rows`), and
    the text of an empty table.
    """

    table: ImageListTable
    #: Whether the page was read towards the beginning of the list.
    _backwards = False
    #: The table's text when the images could not be read.
    unavailable_message = _("The images cannot be shown.")

    @property
    def asks(self) -> bool:
        """Whether the page needs images from Glance."""
        return True

    @cached_property
    def query(self) -> dict[str, str]:
        """The filters in force, as URL parameters."""
        raise NotImplementedError

    @cached_property
    def glance(self) -> Glance:
        """Glance as this request's user."""
        return Glance(actor.connection(self.request))

    def read(
        self, limit: int, marker: Marker | None = None, *, backwards: bool = False
    ) -> Page[Any]:
        """Return one page from Glance.

        :raises ServiceError: when Glance fails
        """
        raise NotImplementedError

    def rows(self, page: Page[Any]) -> list[Any]:
        """Return the rows of the table."""
        raise NotImplementedError

    def nothing_found(self) -> str:
        """Return the text of a table without rows."""
        raise NotImplementedError

    def get_data(self) -> list[Any]:
        """Return the rows for the URL; report a failure instead of "no images".

        :raises SessionEnded: when Glance or Keystone no longer accepts the session
        """
        self.table.query = self.query
        try:
            with scan_lease.scanning(self.request) if self.asks else contextlib.nullcontext():
                page = self._page()
        except ServiceError as error:
            log_in_again.check(error)
            say.error(self.request, texts.describe(error))
            self.table.empty_message = str(self.unavailable_message)
            return []
        if self.asks and self.glance.lists.passed_over:
            say.warning(self.request, texts.too_large(self.glance.lists.passed_over))
        self.table.page = page
        self.table.empty_message = self._empty_message(page)
        return self.rows(page)

    def _empty_message(self, page: Page[Any]) -> str:
        if not page.complete:
            return gettext("None so far.")
        if self._reads_on:
            return gettext("There are no more images.")
        return self.nothing_found()

    @property
    def _reads_on(self) -> bool:
        """Whether the previous page was incomplete: its end may be the list's end."""
        return "after" in self.request.GET and "further" in self.request.GET

    def _page(self) -> Page[Any]:
        before, after = (self.request.GET.get(name, "") for name in ("before", "after"))
        limit = page_size(self.request)
        if not before and not after:
            return self.read(limit)
        try:
            marker = Marker.parse(before or after)
        except ValueError:
            # None of our pages links there, except perhaps one of an older release.
            say.info(self.request, gettext("The list has changed; this is its first page."))
            return self.read(limit)
        page = self.read(limit, marker, backwards=bool(before))
        if page.items or not page.complete or self._reads_on:
            self._backwards = bool(before)
            return page
        return self.read(limit)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the table, its filters and, if the scan was cut short, the link to continue."""
        context = super().get_context_data(**kwargs)
        context["query"] = self.query
        if not self.table.page.complete:
            context["go_on"] = (
                self.table.get_prev_pagination_string()
                if self._backwards
                else self.table.get_pagination_string()
            )
        return context


def owner_names(request: HttpRequest, owners: Iterable[str]) -> dict[str, str]:
    """Return the names of projects by ID, as far as the user may see them.

    The ID follows names that look the same.

    A project's member may not read the names of other projects (Keystone
    answers 403). That is no error: the ID replaces the name.

    :raises SessionEnded: when Keystone no longer accepts the session
    """
    # Users whose only role is on a domain have no project.
    names = {actor.user(request).project_id or "": actor.user(request).project_name or ""}
    others = set(owners) - names.keys()
    if others and roles.may_list_projects(request):
        try:
            found = keystone.Keystone(actor.connection(request)).projects_by_id(
                others, cached_ok=True
            )
        except ServiceError as error:
            log_in_again.check(error)
            if error.reason is not Reason.FORBIDDEN:
                say.warning(request, texts.describe(error))
            return names
        names |= {project.id: project.name for project in found.values() if project.name}
    names |= {item: settings.get().trusted_projects.get(item, names[item]) for item in names}
    names |= {
        item: label for item, label in settings.get().trusted_projects.items() if item in others
    }
    looks = [folded(name) for name in names.values()]
    return {
        project_id: f"{name} ({project_id})" if looks.count(folded(name)) > 1 else name
        for project_id, name in names.items()
    }
