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
        """Return the IDs with Unix line breaks; :class:`Change` validates them."""
        return tuple(one_line_break(item) for item in value or ())


def sendable(text: str) -> str:
    """Return a text if it can be sent to a service.

    :raises ValueError: for half of a surrogate pair, which JSON allows and UTF-8 does not
    """
    text.encode()
    return text


def one_line_break(identifier: str) -> str:
    """Return an ID with uniform line breaks, which Glance accepts in an ID.

    Browsers send each line break as the two characters of HTTP.
    """
    return identifier.replace("\r\n", "\n").replace("\r", "\n")


class Selection(forms.Field):
    """The whole selection as JSON: lists of project IDs by verb.

    It is one field, because Django accepts at most 1,000.
    """

    widget = forms.HiddenInput

    def clean(self, value: Any) -> dict[Verb, tuple[str, ...]]:
        """Return the IDs by verb.

        :raises ValidationError: for data that the dialog does not send
        """
        try:
            return {
                Verb(verb): tuple(one_line_break(sendable(item)) for item in ids)
                for verb, ids in json.loads(value or "{}").items()
            }
        except (AttributeError, RecursionError, TypeError, ValueError) as error:
            raise ValidationError("not readable") from error  # the form has its own message


class AccessForm(forms.Form):
    """Projects to share an image with.

    A valid form has its :class:`~xloud_images_panel.access.plan.Change` as
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
    #: The message of an invalid form.
    refusal = _("Nothing was changed: the request is not valid (%(why)s).")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accept = self["accept"]
        # Django before 5.0 does not let a field refer to its help.
        accept.field.widget.attrs["aria-describedby"] = f"{accept.auto_id}_helptext"

    def clean(self) -> dict[str, Any]:
        """Refuse a change that must not be sent to Glance."""
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
        """The requested project IDs by verb, whether valid or not."""
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
        """Return the requested change, or None where none is required.

        :raises Invalid: when the change cannot be sent
        """
        raise NotImplementedError


class ManageAccessForm(AccessForm):
    """The changes by project, never the whole selection."""

    remove = ProjectIDs(required=False)

    change: Change

    def change_in(self, asked: dict[Verb, tuple[str, ...]]) -> Change:
        """Return the requested change.

        :raises Invalid: when nothing is requested
        """
        return Change(**{verb.name.lower(): ids for verb, ids in asked.items()})
