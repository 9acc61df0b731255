# SPDX-License-Identifier: Apache-2.0
"""The forms of Admin > Compute > Images: an image's visibility, and who it is shared with."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from horizon import forms as horizon_forms
from openstack_dashboard.dashboards.admin.images import forms as upstream

from xloud_images_panel import edit_image, settings
from xloud_images_panel.access import Change, Invalid


class ProjectIDs(forms.Field):
    """Any number of project IDs, one value for each."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> tuple[str, ...]:
        """Return the IDs; :class:`Change` judges them. Line breaks are as Unix has them."""
        return tuple(one_line_break(item) for item in value or ())


def one_line_break(identifier: str) -> str:
    """Return an ID with the line breaks in it, which Glance takes as well, all alike.

    Browsers send each of them as the two characters of HTTP.
    """
    return identifier.replace("\r\n", "\n").replace("\r", "\n")


class ManageAccessForm(forms.Form):
    """Projects to add and to remove, never the whole selection.

    The valid form has its :class:`~xloud_images_panel.access.Change` as
    ``change``; the view carries it out.
    """

    add = ProjectIDs(required=False)
    remove = ProjectIDs(required=False)
    accept = forms.BooleanField(
        label=_("Accept on behalf of the projects"),
        required=False,
        initial=lambda: settings.get().accept_on_behalf,
        help_text=_(
            "An added project has the image in its image lists at once. Otherwise it "
            "finds the image under Shared Images and decides there. A project that has "
            "rejected the image is not overruled."
        ),
    )

    change: Change

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accept = self["accept"]
        # Django before 5.0 lets no field refer to its help.
        accept.field.widget.attrs["aria-describedby"] = f"{accept.auto_id}_helptext"

    def clean(self) -> dict[str, Any]:
        """Refuse what must not be sent to Glance."""
        data = super().clean()
        try:
            self.change = Change(data["add"], data["remove"])
        except Invalid as error:
            raise ValidationError(
                _("Nothing was changed: the request is not valid (%(why)s).") % {"why": error}
            ) from error
        return data


class NewImageAccessForm(ManageAccessForm):
    """The projects that an image is shared with as soon as it has been created.

    The valid form has its ``change`` only where projects were chosen: an
    image can be shared with nobody yet.
    """

    remove = None
    change: Change | None = None

    def clean(self) -> dict[str, Any]:
        """Refuse what must not be sent to Glance, before there is an image."""
        data = forms.Form.clean(self)
        if data["add"]:
            try:
                self.change = Change(data["add"])
            except Invalid as error:
                raise ValidationError(
                    _("No image was created: the projects are not valid (%(why)s).")
                    % {"why": error}
                ) from error
        return data


class CreateImageForm(upstream.AdminCreateImageForm):
    """Horizon's form, with a visibility in place of "Public" yes or no.

    :ivar image: the image, once :meth:`handle` has created it
    """

    visibility = horizon_forms.ThemableChoiceField(
        label=_("Visibility"),
        required=False,  # a form or script that knows Horizon's own fields does not send it
        initial="private",
        widget=edit_image.VisibilitySelect(
            _("Who can see the image. Shared: the projects that you choose below.")
        ),
    )
    image: Any = None

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        offered = edit_image.visibilities(request, request.user.project_id)
        edit_image.offer_visibility(self, offered)

    def clean_visibility(self) -> str:
        """Return the visibility; without any in the form, what Horizon makes of ``is_public``."""
        return edit_image.chosen_visibility(self, "private")

    def handle(self, request: HttpRequest, data: dict[str, Any]) -> Any:
        """Create the image and return it, False when that failed."""
        self.image = super().handle(request, data)
        return self.image


class UpdateImageForm(edit_image.UpdateImageForm, upstream.AdminUpdateImageForm):
    """The same for the administrator's Edit Image."""
