# SPDX-License-Identifier: Apache-2.0
"""The form of the admin's Create Image: a visibility, and the projects to share with."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from horizon import forms as horizon_forms
from openstack_dashboard.dashboards.admin.images import forms as upstream

from xloud_images_panel.access.plan import Change, Verb
from xloud_images_panel.dashboard import actor
from xloud_images_panel.dashboard.edit_image import update
from xloud_images_panel.dashboard.manage_access.forms import AccessForm


class NewImageAccessForm(AccessForm):
    """The projects to share an image with as soon as it has been created.

    A valid form has a ``change`` only if projects were chosen: a shared
    image needs no projects yet.
    """

    change = None
    refusal = _("No image was created: the projects are not valid (%(why)s).")

    def change_in(self, asked: dict[Verb, tuple[str, ...]]) -> Change | None:
        """Return the change that adds the chosen projects, None without any."""
        add = asked.get(Verb.ADD)
        return Change(add) if add else None


class CreateImageForm(upstream.AdminCreateImageForm):
    """Horizon's form, with a visibility in place of its "Public" checkbox.

    :ivar image: the image, once :meth:`handle` has created it
    """

    visibility = horizon_forms.ThemableChoiceField(
        label=_("Visibility"),
        required=False,  # forms and scripts made for Horizon's own fields do not send it
        initial="private",
        widget=update.VisibilitySelect(
            _("Who can see the image. Shared: the projects that you choose below.")
        ),
    )
    image: Any = None

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        offered = update.visibilities(request, actor.user(request).project_id)
        update.offer_visibility(self, offered)

    def clean_visibility(self) -> str:
        """Return the visibility; if the form has none, derive it from Horizon's ``is_public``."""
        return update.chosen_visibility(self, "private")

    def handle(self, request: HttpRequest, data: dict[str, Any]) -> Any:
        """Create the image and return it, or return False after a failure."""
        self.image = super().handle(request, data)
        return self.image
