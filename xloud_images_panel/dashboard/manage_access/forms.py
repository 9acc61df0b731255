# SPDX-License-Identifier: Apache-2.0
"""The forms of Admin > Compute > Images: an image's visibility, and who it is shared with."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from xloud_images_panel.access.plan import Change, Invalid
from xloud_images_panel.dashboard import settings, texts


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


class AccessForm(forms.Form):
    """Projects to share an image with.

    The valid form has its :class:`~xloud_images_panel.access.plan.Change` as
    ``change``; the view carries it out.
    """

    add = ProjectIDs(required=False)
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

    change: Change | None
    #: The sentence of a form that is not valid.
    refusal = _("Nothing was changed: the request is not valid (%(why)s).")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accept = self["accept"]
        # Django before 5.0 lets no field refer to its help.
        accept.field.widget.attrs["aria-describedby"] = f"{accept.auto_id}_helptext"

    def clean(self) -> dict[str, Any]:
        """Refuse what must not be sent to Glance."""
        super().clean()
        data = self.cleaned_data
        try:
            self.change = self.change_in(data)
        except Invalid as error:
            raise ValidationError(self.refusal % {"why": texts.invalid(error.problem)}) from error
        return data

    def change_in(self, data: dict[str, Any]) -> Change | None:
        """Return the change that the fields make, if they have to make one.

        :raises Invalid: when it cannot be sent
        """
        raise NotImplementedError


class ManageAccessForm(AccessForm):
    """Projects to add and to remove, never the whole selection."""

    remove = ProjectIDs(required=False)

    change: Change

    def change_in(self, data: dict[str, Any]) -> Change:
        """Return the change that the fields make.

        :raises Invalid: when they make none
        """
        return Change(data["add"], data["remove"])
