# SPDX-License-Identifier: Apache-2.0
"""Admin > Compute > Images: our URLs, which come before Horizon's own."""

from django.urls import path

from xloud_images_panel.dashboard import admin_pages, image_urls
from xloud_images_panel.dashboard.catalogue import (
    access_export,
    access_file,
    by_image,
    by_project,
    inventory_slices,
    many_images,
    plan_sheet,
    plan_views,
    stale_access,
    why,
)
from xloud_images_panel.dashboard.create_image import copy_access as new_image_copy
from xloud_images_panel.dashboard.create_image import new_image
from xloud_images_panel.dashboard.create_image.views import CreateView
from xloud_images_panel.dashboard.horizon import angular_images_panel
from xloud_images_panel.dashboard.manage_access import (
    addresses,
    copy_access,
    pasted,
    select_all,
    views,
)
from xloud_images_panel.dashboard.response_headers import never_stored

urlpatterns = [
    path("access/", addresses.AddressesView.as_view(), name="access_addresses"),
    *image_urls.patterns(),
    path("<image_id>/access/", views.ManageAccessView.as_view(), name="manage_access"),
    path("<image_id>/access/projects/", views.ProjectsView.as_view(), name="access_projects"),
    path("<image_id>/access/all/", select_all.AllProjectsView.as_view(), name="access_all"),
    path("<image_id>/access/list/", pasted.PastedListView.as_view(), name="access_list"),
    path("<image_id>/access/undo/", views.UndoView.as_view(), name="access_undo"),
    path("<image_id>/access/images/", copy_access.ImagesView.as_view(), name="access_images"),
    path("<image_id>/access/copy/", copy_access.CopyView.as_view(), name="access_copy"),
    # One project and one image.
    path("access/why/", why.WhyView.as_view(), name="why"),
    # All images of the cloud.
    path("access/by-image/", by_image.ByImageView.as_view(), name="by_image"),
    path("access/stale/", stale_access.StaleAccessView.as_view(), name="stale_access"),
    path("access/stale/members/", stale_access.StaleMembersView.as_view(), name="stale_members"),
    path("access/stale/remove/", stale_access.RemoveView.as_view(), name="stale_remove"),
    path("access/inventory/", inventory_slices.ImagesView.as_view(), name="inventory_images"),
    path(
        "access/inventory/members/",
        inventory_slices.MembersView.as_view(),
        name="inventory_members",
    ),
    path("access/inventory/names/", inventory_slices.NamesView.as_view(), name="inventory_names"),
    # Access to images as a file.
    path("access/export/members/", access_export.MembersView.as_view(), name="export_members"),
    path("access/export/projects/", access_export.ProjectsView.as_view(), name="export_projects"),
    path("access/export/lines/", access_export.LinesView.as_view(), name="export_lines"),
    path("access/file/", access_file.AccessFileView.as_view(), name="access_file"),
    path("access/file/read/", access_file.ReadView.as_view(), name="access_file_read"),
    path("access/file/look-up/", access_file.LookUpView.as_view(), name="access_file_look_up"),
    path("access/file/compare/", access_file.CompareView.as_view(), name="access_file_compare"),
    # All images of a project.
    path("access/by-project/", by_project.ByProjectView.as_view(), name="by_project"),
    path(
        "access/by-project/projects/",
        by_project.FindProjectsView.as_view(),
        name="find_projects",
    ),
    path(
        "access/inventory/memberships/",
        by_project.MembershipsView.as_view(),
        name="inventory_memberships",
    ),
    # A new image, before its creation.
    path("access/projects/", new_image.TableView.as_view(), name="new_image_projects"),
    path("access/projects/rows/", new_image.RowsView.as_view(), name="new_image_rows"),
    path("access/projects/all/", new_image.AllProjectsView.as_view(), name="new_image_all"),
    path("access/images/", new_image_copy.ImagesView.as_view(), name="new_image_images"),
    path("access/copy/", new_image_copy.CopyView.as_view(), name="new_image_copy"),
    path("access/offer/", new_image_copy.OfferView.as_view(), name="new_image_offer"),
    path("access/projects/list/", new_image.PastedListView.as_view(), name="new_image_list"),
    # Many images at once, and their plan.
    path("access/many/", many_images.ManyImagesView.as_view(), name="access_many"),
    path("access/many/projects/", many_images.ProjectsView.as_view(), name="access_many_projects"),
    path("access/many/all/", many_images.AllProjectsView.as_view(), name="access_many_all"),
    path("access/many/list/", many_images.PastedListView.as_view(), name="access_many_list"),
    path("access/many/images/", many_images.SourcesView.as_view(), name="access_many_images"),
    path("access/many/copy/", many_images.CopyView.as_view(), name="access_many_copy"),
    path("access/sheet/", plan_sheet.PlanSheetView.as_view(), name="access_sheet"),
    path("access/slice/", plan_views.PlanSliceView.as_view(), name="access_slice"),
    path("access/slice/undo/", plan_views.PlanUndoView.as_view(), name="access_slice_undo"),
]
if not angular_images_panel():
    urlpatterns += [
        path("", admin_pages.IndexView.as_view(), name="index"),
        path("create/", CreateView.as_view(), name="create"),
        path("<image_id>/update/", admin_pages.UpdateView.as_view(), name="update"),
        path("<image_id>/detail/", admin_pages.DetailView.as_view(), name="detail"),
    ]
urlpatterns = never_stored(urlpatterns)
