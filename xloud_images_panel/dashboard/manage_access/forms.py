# SPDX-License-Identifier: Apache-2.0
"""The forms of Admin > Compute > Images: an image's visibility, and who it is shared with."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from xloud_images_panel.access.plan import Change, Invalid, Verb
from xloud_images_panel.dashboard import settings, texts


class ProjectIDs(forms.Field):
    """Any number of project IDs, one value for each."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> tuple[str, ...]:
        """Return the IDs; :class:`Change` judges them. Line breaks are as Unix has them."""
        return tuple(one_line_break(item) for item in value or ())


def sendable(text: str) -> str:
    """Return a text that can be put into a request to a service.

    :raises ValueError: for half of a surrogate pair, which JSON can have and UTF-8 cannot
    """
    text.encode()
    return text


def one_line_break(identifier: str) -> str:
    """Return an ID with the line breaks in it, which Glance takes as well, all alike.

    Browsers send each of them as the two characters of HTTP.
    """
    return identifier.replace("\r\n", "\n").replace("\r", "\n")


class Selection(forms.Field):
    """Everything that is selected, as JSON: lists of project IDs by verb.

    One field, because Django takes no more than 1,000.
    """

    widget = forms.HiddenInput

    def clean(self, value: Any) -> dict[Verb, tuple[str, ...]]:
        """Return the IDs by verb.

        :raises ValidationError: for what the dialog does not send
        """
        try:
            return {
                Verb(verb): tuple(one_line_break(sendable(item)) for item in ids)
                for verb, ids in json.loads(value or "{}").items()
            }
        except (AttributeError, RecursionError, TypeError, ValueError) as error:
            raise ValidationError("not readable") from error  # the form says so in its own words


class AccessForm(forms.Form):
    """Projects to share an image with.

    The valid form has its :class:`~xloud_images_panel.access.plan.Change` as
    ``change``; the view carries it out.
    """

    add = ProjectIDs(required=False)
    changes = Selection(required=False)
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
        if self.errors.pop("changes", None):
            raise ValidationError(self.refusal % {"why": _("it cannot be read")})
        if self.errors:
            return data
        try:
            self.change = self.change_in(self.asked)
        except Invalid as error:
            raise ValidationError(self.refusal % {"why": texts.invalid(error.problem)}) from error
        return data

    @property
    def asked(self) -> dict[Verb, tuple[str, ...]]:
        """The IDs of the projects by what is to be done, whether or not it can be."""
        if not self.is_bound:
            return {}
        if not hasattr(self, "cleaned_data"):
            self.full_clean()
        data = self.cleaned_data
        fields = {verb: data.get(verb.value, ()) for verb in (Verb.ADD, Verb.REMOVE)}
        selected = data.get("changes") or {}
        asked = {verb: (*fields.get(verb, ()), *selected.get(verb, ())) for verb in Verb}
        return {verb: ids for verb, ids in asked.items() if ids}

    def change_in(self, asked: dict[Verb, tuple[str, ...]]) -> Change | None:
        """Return the change that is asked for, if there has to be one.

        :raises Invalid: when it cannot be sent
        """
        raise NotImplementedError


class ManageAccessForm(AccessForm):
    """The changes by project, never the whole selection."""

    remove = ProjectIDs(required=False)

    change: Change

    def change_in(self, asked: dict[Verb, tuple[str, ...]]) -> Change:
        """Return the change that is asked for.

        :raises Invalid: when nothing is
        """
        return Change(**{verb.name.lower(): ids for verb, ids in asked.items()})
