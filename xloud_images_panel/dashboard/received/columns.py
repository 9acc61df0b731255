# SPDX-License-Identifier: Apache-2.0
"""The columns of Shared Images and Community Images."""

import dataclasses
import datetime
from collections.abc import Iterator
from typing import Any

from django.template import defaultfilters
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince
from django.utils.timezone import localtime, now
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from horizon import tables
from openstack_dashboard.dashboards.project.images.images import tables as upstream

from xloud_images_panel.access.model import Image, SharedImage

#: Horizon's words, and ours for the statuses of Glance that Horizon has no words for.
STATUS_CHOICES = (
    *upstream.ImagesTable.STATUS_DISPLAY_CHOICES,
    ("uploading", pgettext_lazy("Current status of an Image", "Uploading")),
    ("importing", pgettext_lazy("Current status of an Image", "Importing")),
)


@dataclasses.dataclass(frozen=True)
class CommunityImage:
    """A row of Community Images.

    :ivar owner_name: the owner's name, if the user may see it
    :ivar own: whether it belongs to the current project
    """

    image: Image
    owner_name: str = ""
    own: bool = False


Row = SharedImage | CommunityImage

#: Classes of columns that narrow windows hide; the details page shows their contents.
WIDE = ("xloud-wide",)
# Classes of columns that Shared Images also hides at 1024 pixels, beside Horizon's menu.
_WIDER = (*WIDE, "xloud-wider")


class NameColumn(tables.WrappingColumn):
    """The name, which links to the image's details, and marks of special images.

    Horizon's own links show nothing but the name, so this column builds its own.

    :param view: name of the details' URL, which takes the image's ID
    """

    def __init__(self, view: str) -> None:
        self._view = view
        super().__init__("name", verbose_name=_("Name"))

    def get_raw_data(self, row: Row) -> str:
        """Return the cell's content."""
        url = reverse(self._view, args=[row.image.id])
        marks = format_html_join("", '<span class="xloud-fact xloud-mark">{}</span>', _marks(row))
        link = format_html(
            '<a href="{}" title="{}"><bdi>{}</bdi></a>{}',
            url,
            row.image.id,
            row.image.name,
            marks,
        )
        if row.image.id not in self.table.looking_alike:
            return link
        return format_html('{}<div class="small">{}</div>', link, row.image.id)


def _marks(row: Row) -> Iterator[tuple[str]]:
    if row.image.snapshot:
        yield (gettext("Snapshot"),)
    if row.image.hidden:
        yield (gettext("Hidden"),)
    if isinstance(row, CommunityImage) and row.own:
        yield (gettext("This Project"),)


class OwnerColumn(tables.WrappingColumn):
    """The owner by name, or by ID for users who may not see the names of projects."""

    def __init__(self) -> None:
        super().__init__("owner", verbose_name=_("Owner"))

    def get_raw_data(self, row: Row) -> Any:
        """Return the cell's content, None for an image without an owner."""
        return row.owner_name or (row.image.owner and identifier(row.image.owner)) or None


class FilteringOwnerColumn(OwnerColumn):
    """The owner, with a link that shows only the owner's images."""

    def get_raw_data(self, row: Row) -> Any:
        """Return the cell's content, None for an image without an owner."""
        shown = super().get_raw_data(row)
        if not shown or self.table.query.get("owner"):
            return shown
        return format_html(
            '{} <a class="xloud-only-owner" target="_self" href="?{}" title="{}" aria-label="{}">'
            "{}</a>",
            format_html("<bdi>{}</bdi>", shown),
            urlencode({**self.table.query, "owner": row.image.owner}),
            gettext("Only images of this project"),
            gettext("Only images of %(project)s") % {"project": row.owner_name or row.image.owner},
            mark_safe('<span class="fa fa-filter" aria-hidden="true"></span>'),
        )


def identifier(text: str) -> SafeString:
    """Return an ID in readable groups; copying it from the page adds no blanks."""
    groups = [text[start : start + 8] for start in range(0, len(text), 8)]
    return format_html(
        '<span class="xloud-id">{}</span>', format_html_join("", "<span>{}</span>", zip(groups))
    )


def ago(time: datetime.datetime | None) -> Any:
    """Return how long ago a time was, with the seconds by which Horizon's tables are sorted."""
    if not time:
        return None
    text = gettext("%(time)s ago") % {"time": timesince(time)}
    seconds = int((now() - time).total_seconds())
    return format_html(
        '<span data-seconds="{}" title="{}">{}</span>',
        seconds,
        date_format(localtime(time), "SHORT_DATETIME_FORMAT"),
        text,
    )


class StatusColumn(tables.Column):
    """The status of the image itself."""

    classes = WIDE

    def __init__(self) -> None:
        super().__init__(
            lambda row: row.image.status,
            verbose_name=_("Status"),
            display_choices=STATUS_CHOICES,
        )


class FormatColumn(tables.Column):
    """The disk format, in Horizon's words."""

    classes = _WIDER

    def __init__(self) -> None:
        super().__init__(lambda row: format_name(row.image), verbose_name=_("Disk Format"))


class CreatedColumn(tables.Column):
    """The day of creation, by which the lists are sorted, the newest image first."""

    classes = WIDE

    def __init__(self) -> None:
        super().__init__(
            lambda row: row.image.created_at,
            verbose_name=_("Created"),
            filters=(lambda time: time and date_format(localtime(time), "SHORT_DATE_FORMAT"),),
        )


def format_name(image: Image) -> str:
    """Return the format of an image as Horizon names it in Create Image.

    Horizon's own list calls an OVA VMDK, the disk format that Horizon gives it.
    """
    return image.format.upper() if image.format == "ova" else upstream.get_format(image)


class SizeColumn(tables.Column):
    """The size of the image's data."""

    classes = _WIDER

    def __init__(self) -> None:
        super().__init__(
            lambda row: row.image.size,
            verbose_name=_("Size"),
            filters=(defaultfilters.filesizeformat,),
            attrs={"data-type": "size"},
        )
