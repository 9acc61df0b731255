"""Project > Compute > Images: Horizon's own URLs with ours in front."""

from openstack_dashboard.dashboards.project.images import urls as upstream

from xloud_images_panel.confidential import path
from xloud_images_panel.panels import angular_images_panel
from xloud_images_panel.project import (
    community_images,
    edit,
    shared_again,
    shared_images,
    views,
)

urlpatterns = [
    path("shared/", shared_images.SharedImagesView.as_view(), name="shared"),
    path("shared/pending/", shared_images.PendingView.as_view(), name="pending"),
    path("shared/<image_id>/", shared_images.SharedImageView.as_view(), name="shared_image"),
    path("community/", community_images.CommunityImagesView.as_view(), name="community"),
    path("<image_id>/shared-again/", shared_again.SharedAgainView.as_view(), name="shared_again"),
]
if not angular_images_panel():
    urlpatterns += [
        path("", views.IndexView.as_view(), name="index"),
        path("<image_id>/update/", edit.UpdateView.as_view(), name="update"),
    ]
urlpatterns += upstream.urlpatterns
