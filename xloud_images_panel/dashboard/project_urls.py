# SPDX-License-Identifier: Apache-2.0
"""Project > Compute > Images: our URLs, which come before Horizon's own."""

from django.urls import path, re_path

from xloud_images_panel.dashboard import image_urls, project_pages, roles
from xloud_images_panel.dashboard.horizon import angular_images_panel
from xloud_images_panel.dashboard.manage_access.addresses import ProjectAddressesView
from xloud_images_panel.dashboard.received import community_images, hints, shared_images
from xloud_images_panel.dashboard.response_headers import never_stored

_ours = [
    path("shared/", shared_images.SharedImagesView.as_view(), name="shared"),
    path("shared/pending/", shared_images.PendingView.as_view(), name="pending"),
    path("shared/hints/", hints.HintsView.as_view(), name="shared_hints"),
    path("shared/<image_id>/", shared_images.SharedImageView.as_view(), name="shared_image"),
    path("access/", ProjectAddressesView.as_view(), name="access_addresses"),
    path("community/", community_images.CommunityImagesView.as_view(), name="community"),
    *image_urls.patterns(),
]
urlpatterns = roles.needed("get_images", _ours)
if not angular_images_panel():
    urlpatterns += [
        path("", project_pages.IndexView.as_view(), name="index"),
        path("<image_id>/update/", project_pages.UpdateView.as_view(), name="update"),
        # Match only an ID, because other plugins may have pages below ours.
        re_path(
            "^(?P<image_id>[0-9a-f-]{36})/$", project_pages.DetailView.as_view(), name="own_image"
        ),
    ]
urlpatterns = never_stored(urlpatterns)
