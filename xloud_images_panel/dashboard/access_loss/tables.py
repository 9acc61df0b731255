# SPDX-License-Identifier: Apache-2.0
"""Delete and Deactivate in Horizon's Python tables of images, which say who loses access.

Horizon builds their question in the browser from the button's attributes. Our buttons add the
address where ``access-loss.js`` requests the sentence below the question.
"""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from horizon import tables
from openstack_dashboard.dashboards.admin.images import tables as admin
from openstack_dashboard.dashboards.project.images.images import tables as project

from xloud_images_panel.dashboard.access_loss.sentences import Loss


class SaysWhoLosesMixin(tables.BatchAction):
    """A mixin for one of Horizon's actions.

    :cvar loss: the action as a :class:`.Loss`
    :cvar dashboard: the table's dashboard
    """

    loss = Loss.DELETE
    dashboard = "project"

    def get_default_attrs(self) -> dict[str, Any]:
        """Return the button's attributes."""
        return {
            **super().get_default_attrs(),
            "data-loss": self.loss.value,
            "data-loss-url": reverse(f"horizon:{self.dashboard}:images:access_loss"),
        }


class DeleteImage(SaysWhoLosesMixin, project.DeleteImage):
    """Delete Image in Project."""


class AdminDeleteImage(SaysWhoLosesMixin, admin.AdminDeleteImage):
    """Delete Image in Admin."""

    dashboard = "admin"


_OURS: dict[type[tables.BatchAction], type[tables.BatchAction]] = {
    project.DeleteImage: DeleteImage,
    admin.AdminDeleteImage: AdminDeleteImage,
}

if hasattr(project, "DeactivateImage"):  # from 27 on

    class DeactivateImage(SaysWhoLosesMixin, project.DeactivateImage):
        """Deactivate Image in Project.

        Horizon intends a question first, but its CSS class for that does not reach the page.
        """

        loss = Loss.DEACTIVATE
        action_type = "danger"
        # Instead of "This action cannot be undone."
        help_text = _("A deactivated image can be reactivated.")

    _OURS[project.DeactivateImage] = DeactivateImage


def ours(actions: Iterable[type]) -> tuple[type, ...]:
    """Return the actions of one of Horizon's tables, with ours in place of Horizon's."""
    return tuple(_OURS.get(action, action) for action in actions)


class ImagesTable(project.ImagesTable):
    """Horizon's table of images in Project."""

    class Meta(project.ImagesTable.Meta):
        row_actions = ours(project.ImagesTable.Meta.row_actions)
        table_actions = ours(project.ImagesTable.Meta.table_actions)
