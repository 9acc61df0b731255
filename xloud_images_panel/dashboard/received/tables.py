# SPDX-License-Identifier: Apache-2.0
"""The tables of Shared Images and Community Images."""

import dataclasses
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.http import HttpResponse
from django.template import defaultfilters
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.timezone import localtime
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from horizon import forms, tables
from horizon.utils import filters
from openstack_dashboard.dashboards.project.images.images import tables as upstream

from xloud_images_panel.access.model import Image, SharedImage
from xloud_images_panel.access.visible_text import folded
from xloud_images_panel.dashboard import made_for, texts
from xloud_images_panel.dashboard.received import actions
from xloud_images_panel.services.image_lists import Page
from xloud_images_panel.services.markers import Marker

#: Horizon's words, and those for the statuses of Glance that it has none for.
STATUS_CHOICES = (
    *upstream.ImagesTable.STATUS_DISPLAY_CHOICES,
    ("uploading", pgettext_lazy("Current status of an Image", "Uploading")),
    ("importing", pgettext_lazy("Current status of an Image", "Importing")),
)


@dataclasses.dataclass(frozen=True)
class CommunityImage:
    """A row of Community Images.

    :ivar owner_name: the owner's name, where the user may see it
    :ivar own: whether it belongs to the current project
    """

    image: Image
    owner_name: str = ""
    own: bool = False


Row = SharedImage | CommunityImage


class NameColumn(tables.WrappingColumn):
    """The name, which leads to the image's details, and what is special about the image.

    Horizon's own links have nothing beside the name, so this makes its own.

    :param view: name of the details' URL, which takes the image's ID
    """

    def __init__(self, view: str) -> None:
        self._view = view
        super().__init__("name", verbose_name=_("Name"))

    def get_raw_data(self, row: Row) -> str:
        """Return the cell's content."""
        url = reverse(self._view, args=[row.image.id])
        labels = format_html_join(
            "", '<span class="xloud-mark label label-{}">{}</span>', _marks(row)
        )
        link = format_html(
            '<a href="{}" title="{}"><bdi>{}</bdi></a>{}',
            url,
            row.image.id,
            row.image.name,
            labels,
        )
        if row.image.id not in self.table.looking_alike:
            return link
        return format_html('{}<div class="small">{}</div>', link, row.image.id)


def _marks(row: Row) -> Iterator[tuple[str, str]]:
    if row.image.snapshot:
        yield "info", gettext("Snapshot")
    if row.image.hidden:
        yield "default", gettext("Hidden")
    if isinstance(row, CommunityImage) and row.own:
        yield "primary", gettext("This Project")


class OwnerColumn(tables.WrappingColumn):
    """The owner by name, or by ID for users who may not see the names of projects."""

    def __init__(self) -> None:
        super().__init__(
            lambda row: row.owner_name or row.image.owner or None, verbose_name=_("Owner")
        )


class StatusColumn(tables.Column):
    """The status of the image itself."""

    def __init__(self) -> None:
        super().__init__(
            lambda row: row.image.status,
            verbose_name=_("Status"),
            display_choices=STATUS_CHOICES,
        )


class FormatColumn(tables.Column):
    """The disk format, in Horizon's words."""

    def __init__(self) -> None:
        super().__init__(lambda row: format_name(row.image), verbose_name=_("Disk Format"))


class CreatedColumn(tables.Column):
    """The day of creation: the lists are in this order, the newest image first."""

    def __init__(self) -> None:
        super().__init__(
            lambda row: row.image.created_at,
            verbose_name=_("Created"),
            filters=(lambda time: time and date_format(localtime(time), "SHORT_DATE_FORMAT"),),
        )


def format_name(image: Image) -> str:
    """Return the format of an image as Horizon names it in Create Image.

    Horizon's own list calls an OVA by the disk format that it gives it, VMDK.
    """
    return image.format.upper() if image.format == "ova" else upstream.get_format(image)


class SizeColumn(tables.Column):
    """The size of the image's data."""

    def __init__(self) -> None:
        super().__init__(
            lambda row: row.image.size,
            verbose_name=_("Size"),
            filters=(defaultfilters.filesizeformat,),
            attrs={"data-type": "size"},
        )


class ImageListTable(tables.DataTable):
    """Images that belong to other projects; the view puts the page and its filters in.

    See :class:`~xloud_images_panel.dashboard.received.image_list.ImageListView`.
    """

    page = Page([])
    query: Mapping[str, str] = {}
    #: IDs of the images whose rows are ticked already.
    ticked: Collection[str] = ()
    empty_message = ""

    @cached_property
    def looking_alike(self) -> set[str]:
        """The IDs of the images that another one on the page has the name of, to the eye."""
        rows = self.data or []  # a details page has the actions of a row, and no rows
        names = [folded(row.image.name) for row in rows]
        return {
            row.image.id for row, name in zip(rows, names, strict=True) if names.count(name) > 1
        }

    # Horizon keeps these two on the table's class, which is one for all the
    # threads of a worker.
    def has_prev_data(self) -> bool:
        """Tell whether there is a page before this one."""
        return bool(self.page.previous_marker)

    def has_more_data(self) -> bool:
        """Tell whether there is a page after this one."""
        return bool(self.page.next_marker)

    def get_prev_pagination_string(self) -> str:
        """Return the query of the page before, with the filters in it."""
        return self._page_query(before=self.page.previous_marker)

    def get_pagination_string(self) -> str:
        """Return the query of the next page, with the filters in it."""
        return self._page_query(after=self.page.next_marker)

    def _page_query(self, **marker: Marker | None) -> str:
        # Behind a page that is not complete there may be none: that is the end, no list that has
        # changed meanwhile.
        further = {} if self.page.complete else {"further": "yes"}
        places = {name: str(place) for name, place in marker.items()}
        return urlencode({**self.query, **places, **further})

    def get_empty_message(self) -> str:
        """Return what stands in a table without rows."""
        return self.empty_message

    @staticmethod
    def parse_action(action_string: str) -> tuple[str | None, str | None, str | None]:
        """Return table, action and image of a button; of no button Horizon makes an error 500."""
        if tables.base.STRING_SEPARATOR not in action_string:
            return None, None, None
        return tables.DataTable.parse_action(action_string)

    def inline_edit_handle(self, *_: Any) -> HttpResponse:
        """Refuse to edit a cell: there is none that can be, of which Horizon makes an error 500."""
        return HttpResponse(status=400)

    def get_object_id(self, datum: Row) -> str:
        """Return the image's ID."""
        return datum.image.id

    def get_object_display(self, datum: Row) -> str:
        """Return what the image is called in the question before an action."""
        name = texts.in_sentence(datum.image.name)
        return f"{name} ({datum.image.id})" if datum.image.id in self.looking_alike else name


class SharedImageRow(tables.Row):
    """A row with a checkbox for users who may do something with it."""

    def can_be_selected(self, datum: SharedImage) -> bool:
        """Tell whether the image can be accepted or rejected by this user."""
        return actions.may_answer(self.table.request)


class TickedCell(tables.base.Cell):
    """A cell whose checkbox may be ticked from the beginning, which Horizon's never is."""

    @property
    def value(self) -> Any:
        """Return the cell's content."""
        value = super().value
        table, image_id = self.row.table, self.row.table.get_object_id(self.datum)
        if self.column.auto == "multi_select" and value and image_id in table.ticked:
            box = forms.ThemableCheckboxInput(check_test=lambda _value: True)
            return box.render("object_ids", image_id, {"class": "table-row-multi-select"})
        return value


class SharedImagesTable(ImageListTable):
    """Images that other projects share with the current one."""

    name = NameColumn("horizon:project:images:shared_image")
    owner = OwnerColumn()
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
        lambda shared: shared.member.created_at,
        verbose_name=_("Shared since"),
        filters=(filters.timesince_sortable,),
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
