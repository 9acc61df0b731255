# SPDX-License-Identifier: Apache-2.0
"""The tables of Shared Images and Community Images."""

from collections.abc import Collection, Mapping
from typing import Any

from django.http import HttpResponse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from horizon import forms, tables

from xloud_images_panel.access.model import SharedImage
from xloud_images_panel.access.visible_text import folded
from xloud_images_panel.dashboard import made_for, settings, texts
from xloud_images_panel.dashboard.received import actions
from xloud_images_panel.dashboard.received.columns import (
    CreatedColumn,
    FilteringOwnerColumn,
    FormatColumn,
    NameColumn,
    OwnerColumn,
    Row,
    SizeColumn,
    StatusColumn,
    ago,
)
from xloud_images_panel.services.image_lists import Page
from xloud_images_panel.services.markers import Marker


class ImageListTable(tables.DataTable):
    """Images that belong to other projects; the view sets the page and its filters.

    See :class:`~xloud_images_panel.dashboard.received.image_list.ImageListView`.
    """

    page = Page([])
    query: Mapping[str, str] = {}
    #: IDs of the images whose rows are ticked at first.
    ticked: Collection[str] = ()
    empty_message = ""

    @cached_property
    def looking_alike(self) -> set[str]:
        """The IDs of the images whose names look like another one's on the page."""
        rows = self.data or []  # a details page has a row's actions, but no rows
        names = [folded(row.image.name) for row in rows]
        return {
            row.image.id for row, name in zip(rows, names, strict=True) if names.count(name) > 1
        }

    # Horizon keeps these two on the table's class, which all threads of a
    # worker share.
    def has_prev_data(self) -> bool:
        """Return whether there is a page before this one."""
        return bool(self.page.previous_marker)

    def has_more_data(self) -> bool:
        """Return whether there is a page after this one."""
        return bool(self.page.next_marker)

    def get_prev_pagination_string(self) -> str:
        """Return the query of the previous page, with the filters in it."""
        return self._page_query(before=self.page.previous_marker)

    def get_pagination_string(self) -> str:
        """Return the query of the next page, with the filters in it."""
        return self._page_query(after=self.page.next_marker)

    def _page_query(self, **marker: Marker | None) -> str:
        # An incomplete page may be the last one. An empty page after it means the end of the
        # list, not that the list has changed.
        further = {} if self.page.complete else {"further": "yes"}
        places = {name: str(place) for name, place in marker.items()}
        return urlencode({**self.query, **places, **further})

    def get_empty_message(self) -> str:
        """Return the text of a table without rows."""
        return self.empty_message

    @staticmethod
    def parse_action(action_string: str) -> tuple[str | None, str | None, str | None]:
        """Return a button's table, action and image; without one Horizon would answer 500."""
        if tables.base.STRING_SEPARATOR not in action_string:
            return None, None, None
        return tables.DataTable.parse_action(action_string)

    def inline_edit_handle(self, *_: Any) -> HttpResponse:
        """Refuse to edit a cell: none can be edited, and Horizon would answer 500."""
        return HttpResponse(status=400)

    def get_object_id(self, datum: Row) -> str:
        """Return the image's ID."""
        return datum.image.id

    def get_object_display(self, datum: Row) -> str:
        """Return the image's label for the question before an action."""
        name = texts.in_sentence(datum.image.name)
        return f"{name} ({datum.image.id})" if datum.image.id in self.looking_alike else name


class SharedImageRow(tables.Row):
    """A row with a checkbox for users who may accept or reject the image."""

    def load_cells(self, datum: SharedImage | None = None) -> None:
        """Fill the row, and add the attributes that its hints need."""
        super().load_cells(datum)
        shared = datum or self.datum
        if isinstance(shared, SharedImage):
            self.attrs["data-access"] = shared.member.status
            if shared.image.owner in settings.get().trusted_projects:
                self.attrs["data-trusted"] = ""
            self.attrs["data-owner"] = shared.image.owner
            self.attrs["data-image-name"] = shared.image.name

    def can_be_selected(self, datum: SharedImage) -> bool:
        """Return whether this user may accept or reject the image."""
        return actions.may_answer(self.table.request)


class TickedCell(tables.base.Cell):
    """A cell whose checkbox may be ticked at first, which Horizon's never is."""

    @property
    def value(self) -> Any:
        """The cell's content."""
        value = super().value
        table, image_id = self.row.table, self.row.table.get_object_id(self.datum)
        if self.column.auto == "multi_select" and value and image_id in table.ticked:
            box = forms.ThemableCheckboxInput(check_test=lambda _value: True)
            return box.render("object_ids", image_id, {"class": "table-row-multi-select"})
        return value


class SharedImagesTable(ImageListTable):
    """Images that other projects share with the current one."""

    name = NameColumn("horizon:project:images:shared_image")
    owner = FilteringOwnerColumn()
    access = tables.Column(
        lambda shared: shared.member.status,
        verbose_name=_("Access"),
        display_choices=texts.STATUS_CHOICES,
    )
    status = StatusColumn()
    disk_format = FormatColumn()
    size = SizeColumn()
    created = CreatedColumn()
    since = tables.Column(
        lambda shared: shared.member.created_at, verbose_name=_("Shared"), filters=(ago,)
    )

    def made_for(self) -> str:
        """Return the hidden fields that say whose images the table shows."""
        return made_for.fields(self.request)

    class Meta:
        name = "shared_images"
        verbose_name = _("Shared Images")
        template = "xloud_images_panel/project/_shared_images_table.html"
        row_class = SharedImageRow
        cell_class = TickedCell
        table_actions = (actions.AcceptImage, actions.RejectImage)
        row_actions = (
            actions.AcceptImage,
            actions.LaunchImage,
            actions.CreateVolume,
            actions.ShowDetails,
            actions.RejectImage,
        )


class CommunityImagesTable(ImageListTable):
    """Community images of the whole cloud."""

    name = NameColumn("horizon:project:images:images:detail")
    owner = OwnerColumn()
    status = StatusColumn()
    disk_format = FormatColumn()
    size = SizeColumn()
    created = CreatedColumn()

    class Meta:
        name = "community_images"
        verbose_name = _("Community Images")
        row_actions = (actions.LaunchImage, actions.CreateVolume)
