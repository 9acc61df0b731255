"""The table of Shared Images."""

from collections.abc import Mapping

from django.template import defaultfilters
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from horizon import tables
from horizon.utils import filters
from openstack_dashboard.dashboards.project.images.images import tables as upstream

from xloud_images_panel import texts
from xloud_images_panel.glance import Page, SharedImage


def _detail_url(shared: SharedImage) -> str:
    return reverse("horizon:project:images:images:detail", args=[shared.image.id])


class SharedImagesTable(tables.DataTable):
    """Images that other projects share with the current one.

    The view puts the page, its filters and the names of the owners in; see
    :class:`~xloud_images_panel.project.views.SharedImagesView`.
    """

    name = tables.WrappingColumn(
        lambda shared: shared.image.name, link=_detail_url, verbose_name=_("Name")
    )
    owner = tables.WrappingColumn(
        lambda shared: shared.owner_name or shared.image.owner, verbose_name=_("Owner")
    )
    access = tables.Column(
        lambda shared: shared.member.status,
        verbose_name=_("Access"),
        display_choices=texts.STATUS_CHOICES,
    )
    status = tables.Column(
        lambda shared: shared.image.status,
        verbose_name=_("Status"),
        display_choices=upstream.ImagesTable.STATUS_DISPLAY_CHOICES,
    )
    disk_format = tables.Column(
        lambda shared: upstream.get_format(shared.image), verbose_name=_("Disk Format")
    )
    size = tables.Column(
        lambda shared: shared.image.size,
        verbose_name=_("Size"),
        filters=(defaultfilters.filesizeformat,),
        attrs={"data-type": "size"},
    )
    since = tables.Column(
        lambda shared: shared.member.created_at,
        verbose_name=_("Shared since"),
        filters=(filters.timesince_sortable,),
    )

    class Meta:
        name = "shared_images"
        verbose_name = _("Shared Images")

    page = Page([])
    query: Mapping[str, str] = {}
    empty_message = ""

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
        return urlencode({**self.query, "before": self.page.previous_marker})

    def get_pagination_string(self) -> str:
        """Return the query of the next page, with the filters in it."""
        return urlencode({**self.query, "after": self.page.next_marker})

    def get_empty_message(self) -> str:
        """Return what stands in a table without rows."""
        return self.empty_message

    def get_object_id(self, datum: SharedImage) -> str:
        """Return the image's ID."""
        return datum.image.id

    def get_object_display(self, datum: SharedImage) -> str:
        """Return the image's name."""
        return datum.image.name
