"""The form behind Manage Access: what is added and what is removed."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from xloud_images_panel import settings
from xloud_images_panel.access import Change, Invalid


class ProjectIDs(forms.Field):
    """Any number of project IDs, one value for each."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> tuple[str, ...]:
        """Return the IDs as they were sent; :class:`Change` judges them."""
        return tuple(value or ())


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
