# SPDX-License-Identifier: Apache-2.0
"""The tab Community Images, which shows images only after a search."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from xloud_images_panel.access import model
from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.dashboard import actor, caching
from xloud_images_panel.dashboard.received.columns import CommunityImage
from xloud_images_panel.dashboard.received.image_list import ImageListView, owner_names
from xloud_images_panel.dashboard.received.tables import CommunityImagesTable
from xloud_images_panel.services import image_lists
from xloud_images_panel.services.connection import MIB
from xloud_images_panel.services.glance import Glance
from xloud_images_panel.services.image_lists import LONGEST_NAME, Page
from xloud_images_panel.services.markers import Marker

# Glance stores a size in 63 bits.
_LARGEST_MIB = (2**63 - 1) // MIB
# Glance's default for ``disk_formats``.
_USUAL_FORMATS = ["ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop"]
# Seconds for which a region's formats are cached: they change when Glance is reconfigured.
_FORMATS_LIFETIME = 3600


class SearchForm(forms.Form):
    """The search; Glance filters by all fields except the name and the container of an OVA."""

    name = forms.CharField(
        label=_("Part of the name, or ID"), max_length=LONGEST_NAME, required=False
    )
    owner = forms.CharField(label=_("Owner (project ID)"), max_length=64, required=False)
    disk_format = forms.ChoiceField(label=_("Disk Format"), required=False)
    size_min = forms.IntegerField(
        label=_("Smallest size (MiB)"), min_value=0, max_value=_LARGEST_MIB, required=False
    )
    size_max = forms.IntegerField(
        label=_("Largest size (MiB)"), min_value=0, max_value=_LARGEST_MIB, required=False
    )

    def __init__(self, data: QueryDict | None, formats: Iterable[tuple[str, str]]) -> None:
        # Horizon's dialogs above this page have fields with Django's usual IDs.
        super().__init__(data, auto_id="id_community_%s")
        disk_formats = cast(forms.ChoiceField, self.fields["disk_format"])
        disk_formats.choices = [("", _("All formats")), *formats]
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control"

    def full_clean(self) -> None:
        """Let an invalid field refer to its error, which Django before 5.2 does not do."""
        super().full_clean()
        for name in self.errors:
            self.fields[name].widget.attrs |= {
                "aria-describedby": f"{self[name].auto_id}_error",
                "aria-invalid": "true",
            }

    def clean_owner(self) -> str:
        """Refuse a text that cannot be the ID of a project."""
        owner = self.cleaned_data["owner"]
        if owner and not model.is_project_id(owner):
            raise forms.ValidationError(_("This is not the ID of a project."))
        return owner

    def clean(self) -> dict[str, Any]:
        """Refuse an empty size range."""
        super().clean()
        data = self.cleaned_data
        smallest, largest = data.get("size_min"), data.get("size_max")
        if smallest is not None and largest is not None and smallest > largest:
            self.add_error("size_max", _("This is less than the smallest size."))
        return data

    def filters(self) -> dict[str, Any]:
        """Return the filters of a valid form for Glance, with sizes in bytes."""
        data = self.cleaned_data
        filters = {"owner": data["owner"]} if data["owner"] else {}
        if data["disk_format"]:
            filters["image_format"] = data["disk_format"]
        for name in ("size_min", "size_max"):
            if data[name] is not None:
                filters[name] = data[name] * MIB
        return filters


class CommunityImagesView(ImageListView):
    """Community images of the whole cloud, shown after a search."""

    table_class = CommunityImagesTable
    template_name = "xloud_images_panel/project/community_images.html"
    page_title = _("Community Images")

    @cached_property
    def form(self) -> SearchForm:
        """The search form, filled from the URL."""
        data = self.request.GET if self.searched else None
        return SearchForm(data, _formats(self.request, self.glance))

    @property
    def searched(self) -> bool:
        """Whether the URL has a search; the list is empty without one."""
        return "all" in self.request.GET or any(
            name in self.request.GET for name in SearchForm.base_fields
        )

    @cached_property
    def asks(self) -> bool:
        """Whether the URL has a valid search."""
        return self.searched and self.form.is_valid()

    @cached_property
    def query(self) -> dict[str, str]:
        """The search as URL parameters, for the links to other pages."""
        given = ((name, self.request.GET.get(name, "").strip()) for name in SearchForm.base_fields)
        query = {name: value for name, value in given if value}
        return query or ({"all": "yes"} if self.searched else {})

    def read(
        self, limit: int, marker: Marker | None = None, *, backwards: bool = False
    ) -> Page[model.Image]:
        """Return one page of matches, or an empty page without a valid search."""
        if not self.asks:
            return Page([])
        name = self.form.cleaned_data["name"]
        return image_lists.community(
            self.glance, limit, marker, backwards=backwards, search=name, **self.form.filters()
        )

    def rows(self, page: Page[model.Image]) -> list[CommunityImage]:
        """Return the images with the names of their owners; mark the project's own images."""
        names = owner_names(self.request, {image.owner for image in page.items})
        return [
            CommunityImage(
                image,
                owner_name=names.get(image.owner, ""),
                own=image.owner == actor.user(self.request).project_id,
            )
            for image in page.items
        ]

    def nothing_found(self) -> str:
        """Return a sentence that nothing matches, or that explains the tab."""
        if not self.searched:
            return gettext(
                "Any project can offer images to everybody as community images. They are in "
                "nobody's catalog: search for one, or show all."
            )
        if not self.form.is_valid():
            return gettext("The search has errors.")
        if set(self.query) == {"all"}:
            return gettext("There are no community images in this cloud.")
        return gettext("No community image matches.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the table with the search above it."""
        return {**super().get_context_data(**kwargs), "form": self.form, "searched": self.searched}


def _formats(request: HttpRequest, glance: Glance) -> list[tuple[str, str]]:
    """Return the formats that the operator offers in Create Image, and Glance's other formats."""
    offered = {
        value: label for value, label in settings.OPENSTACK_IMAGE_BACKEND["image_formats"] if value
    }
    others = {value: value.upper() for value in _disk_formats(request, glance)}
    return list((offered | {key: others[key] for key in others if key not in offered}).items())


def _disk_formats(request: HttpRequest, glance: Glance) -> list[str]:
    """Return Glance's disk formats, or its default ones if Glance does not answer.

    Glance is asked once an hour in each region.
    """
    key = caching.key("disk-formats", actor.user(request).services_region or "")
    formats = caching.get(key)
    if formats is None:
        try:
            formats = glance.disk_formats()
        except ServiceError:
            return _USUAL_FORMATS  # the list meets the same error and reports it
        caching.set(key, formats, _FORMATS_LIFETIME)
    return formats
