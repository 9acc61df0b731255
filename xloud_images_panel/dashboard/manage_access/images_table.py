# SPDX-License-Identifier: Apache-2.0
"""Horizon's admin table of images (the Python one) with Manage Access and a true Visibility."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from horizon import tables
from openstack_dashboard.dashboards.admin.images import tables as upstream

from xloud_images_panel.access.model import is_image_id
from xloud_images_panel.dashboard import roles, say
from xloud_images_panel.dashboard.access_loss import tables as access_loss
from xloud_images_panel.dashboard.catalogue import image_ids, many_images, why_fields


class ManageAccess(tables.LinkAction):
    """Opens the dialog that shares an image with projects, or shows who has access."""

    name = "manage_access"
    verbose_name = _("Manage Access")
    url = "horizon:admin:images:manage_access"
    classes = ("ajax-modal",)
    icon = "share-alt"
    policy_rules = tuple(("image", rule) for rule in roles.SEE_ACCESS)

    def allowed(self, request: HttpRequest, image: Any = None) -> bool:
        """Offer the action where Glance accepts members: on shared images."""
        return bool(image) and image.visibility == "shared"


class CheckAccess(tables.LinkAction):
    """Leads to the page that says whether a project lists the image and can use it, and why."""

    name = "check_access"
    verbose_name = _("Check Access")
    icon = "question-circle"
    policy_rules = ManageAccess.policy_rules

    def get_link_url(self, image: Any) -> str:
        """Return the address of the page with the image filled in."""
        return why_fields.address(image=image.id)


class ManageAccessOfMany(tables.Action):
    """Leads to one page for the ticked images."""

    name = "manage_access_of_many"
    verbose_name = verbose_name_plural = _("Manage Access")
    icon = "share-alt"
    policy_rules = ManageAccess.policy_rules

    def allowed(self, request: HttpRequest, image: Any = None) -> bool:
        """Offer the action to users who may change the access."""
        return roles.may_manage_access(request)

    def handle(
        self, data_table: tables.DataTable, request: HttpRequest, object_ids: list[str]
    ) -> HttpResponse:
        """Redirect to the page, which says which images are not shared."""
        object_ids = [item for item in object_ids if is_image_id(item)]
        if len(object_ids) > image_ids.MOST:
            say.error(request, many_images.too_many(len(object_ids)))
            return HttpResponseRedirect(request.get_full_path())
        return HttpResponseRedirect(many_images.address(object_ids))


class ImagesTable(upstream.AdminImagesTable):
    """Horizon's table, with the visibility instead of "Public: No" and actions to share images."""

    class Meta(upstream.AdminImagesTable.Meta):
        # Before Delete Image, which stays last; the action for many images too.
        table_actions = access_loss.ours(
            item
            for action in upstream.AdminImagesTable.Meta.table_actions
            for item in (
                (ManageAccessOfMany, action) if action is upstream.AdminDeleteImage else (action,)
            )
        )
        row_actions = access_loss.ours(
            (
                *upstream.AdminImagesTable.Meta.row_actions[:-1],
                ManageAccess,
                CheckAccess,
                upstream.AdminImagesTable.Meta.row_actions[-1],
            )
        )
        columns = tuple(
            "visibility" if column == "public" else column
            for column in upstream.AdminImagesTable.Meta.columns
        )
