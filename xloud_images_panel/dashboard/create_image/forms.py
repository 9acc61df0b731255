# SPDX-License-Identifier: Apache-2.0
"""The form of the admin's Create Image: a visibility, and who the image is shared with."""

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
    """The projects that an image is shared with as soon as it has been created.

    The valid form has its ``change`` only where projects were chosen: an
    image can be shared with nobody yet.
    """

    change = None
    refusal = _("No image was created: the projects are not valid (%(why)s).")

    def change_in(self, asked: dict[Verb, tuple[str, ...]]) -> Change | None:
        """Return the change that adds what was chosen, none where nothing was."""
        add = asked.get(Verb.ADD)
        return Change(add) if add else None


class CreateImageForm(upstream.AdminCreateImageForm):
    """Horizon's form, with a visibility in place of "Public" yes or no.

    :ivar image: the image, once :meth:`handle` has created it
    """

    visibility = horizon_forms.ThemableChoiceField(
        label=_("Visibility"),
        required=False,  # a form or script that knows Horizon's own fields does not send it
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
        """Return the visibility; without any in the form, what Horizon makes of ``is_public``."""
        return update.chosen_visibility(self, "private")

    def handle(self, request: HttpRequest, data: dict[str, Any]) -> Any:
        """Create the image and return it, False when that failed."""
        self.image = super().handle(request, data)
        return self.image
