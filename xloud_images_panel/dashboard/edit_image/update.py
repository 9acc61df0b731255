# SPDX-License-Identifier: Apache-2.0
"""Edit Image in the Python panel: it can set every visibility, but only on request.

Horizon's own form has only a "Public" checkbox, and any edit in it makes a
shared or community image private.
"""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from horizon import forms as horizon_forms
from openstack_dashboard.dashboards.project.images.images import forms as upstream

from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.dashboard import actor, restored, roles, say, texts
from xloud_images_panel.services.glance import Glance


class VisibilitySelect(horizon_forms.ThemableSelectWidget):
    """Horizon's select with its help below; Horizon shows help to the mouse alone.

    :param explained: the help
    :ivar loss: attributes from which ``edit-image.js`` finds out who loses access; none if
        nobody can
    """

    def __init__(self, explained: Any) -> None:
        super().__init__()
        self.explained = explained
        self.loss: dict[str, str] = {}

    def render(self, name: str, value: Any, attrs: Any = None, **kwargs: Any) -> SafeString:
        """Return the select and the help as HTML."""
        described = f"{(attrs or {}).get('id', f'id_{name}')}_helptext"
        attrs = {**(attrs or {}), **self.loss, "aria-describedby": described}
        return format_html(
            '{}<div class="help-block" id="{}">{}</div>',
            super().render(name, value, attrs, **kwargs),
            described,
            self.explained,
        )


class UpdateImageForm(upstream.UpdateImageForm):
    """Horizon's form, with a visibility in place of its "Public" checkbox."""

    visibility = horizon_forms.ThemableChoiceField(
        label=_("Visibility"),
        required=False,  # forms and scripts made for Horizon's own fields do not send it
        widget=VisibilitySelect(
            _(
                "Who can see the image. Shared: the projects that Manage Access names. An image "
                "that is no longer shared keeps them: they have access again once it is."
            )
        ),
    )

    #: The form's dashboard.
    dashboard = "project"

    visibility_before = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        owner = self.initial.get("owner", "")
        current = self.initial.get("visibility", "")
        offer_visibility(self, visibilities(request, owner, current))
        if current == "shared":
            self.fields["visibility"].widget.loss = {
                "data-loss-image": self.initial.get("image_id", ""),
                "data-loss-url": reverse(f"horizon:{self.dashboard}:images:access_loss"),
            }
        if not roles.may_manage_access(request):
            self.fields["visibility"].widget.explained = _(
                "Who can see the image. Shared: an administrator chooses the projects; send them "
                "the image's ID, %(id)s. An image that is no longer shared keeps them: they have "
                "access again once it is."
            ) % {"id": self.initial.get("image_id", "")}

    def clean_visibility(self) -> str:
        """Return the image's new visibility; if the form has none, the current one.

        Horizon's ``is_public`` counts if it is sent. False makes a public image private, as it
        does in Horizon, and leaves every other visibility alone.
        """
        current = self.initial.get("visibility")
        public = is_public(self)
        otherwise = "private" if public is False and current == "public" else current
        return chosen_visibility(self, otherwise or "private")


class UpdateImageMixin(horizon_forms.ModalFormView):
    """A mixin for Horizon's view: it uses the form above and says who regains access."""

    request: HttpRequest
    kwargs: dict[str, str]

    def get_initial(self) -> dict[str, Any]:
        """Return the image as it is, with its visibility and owner."""
        image = self.get_object()
        return {
            **super().get_initial(),
            "visibility": image.visibility,
            "visibility_before": image.visibility,
            "owner": image.owner,
        }

    def form_valid(self, form: UpdateImageForm) -> HttpResponse:
        """Change the image; when it becomes shared, say who regained access.

        If the user chose no other visibility, the image keeps its current one:
        somebody else may have changed it while the form was open.
        """
        before = self.get_object().visibility
        data = form.cleaned_data
        if data.pop("visibility_before") == data["visibility"]:
            data["visibility"] = before
        response = super().form_valid(form)
        done = isinstance(response, HttpResponseRedirect)
        if done and before != "shared" and form.cleaned_data["visibility"] == "shared":
            self._tell_who_came_back()
        return response

    def _tell_who_came_back(self) -> None:
        images = Glance(actor.connection(self.request))
        try:
            image = images.image(self.kwargs["image_id"])
            project_ids = restored.note(self.request, image, images)
        except ServiceError:
            return  # Manage Access shows them in any case
        if project_ids:
            told = restored.tell(self.request, image.name, project_ids)
            say.info(self.request, told)


def visibilities(request: HttpRequest, owner: str, current: str = "") -> list[str]:
    """Return the visibilities that the user may give an image.

    :param owner: ID of the project that owns or will own the image
    :param current: the image's visibility, which it may always keep
    """
    rules = {"community": "communitize_image", "public": "publicize_image"}
    offered = ["private", "shared"]
    for value, rule in rules.items():
        if value == current or roles.may(request, rule, target={"project_id": owner}):
            offered.append(value)
    if current and current not in offered:
        offered.append(current)
    return offered


def is_public(form: forms.Form) -> bool | None:
    """Return the value of Horizon's own field in a POST, None without that field."""
    name = form.add_prefix("is_public")
    return forms.BooleanField().to_python(form.data[name]) if name in form.data else None


def chosen_visibility(form: forms.Form, otherwise: str) -> str:
    """Return the visibility from a form, or from Horizon's own field.

    :param otherwise: the visibility if neither field decides
    :raises ValidationError: when the user may not make the image public
    """
    chosen = form.cleaned_data["visibility"]
    if not chosen and is_public(form):
        return form.fields["visibility"].clean("public")
    return chosen or otherwise


def offer_visibility(form: horizon_forms.SelfHandlingForm, offered: list[str]) -> None:
    """Put the visibility in place of Horizon's "Public"."""
    form.fields["visibility"].choices = [(value, texts.visibility(value)) for value in offered]
    form.order_fields(
        [
            "visibility" if name == "is_public" else name
            for name in form.fields
            if name != "visibility"
        ]
    )
    # Horizon would send this field to Glance, whatever "visibility" says.
    del form.fields["is_public"]
