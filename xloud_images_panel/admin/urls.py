"""Admin > Compute > Images: Horizon's own URLs with ours in front."""

from django.urls import path
from openstack_dashboard.dashboards.admin.images import urls as upstream

from xloud_images_panel.admin import views
from xloud_images_panel.panels import angular_images_panel

urlpatterns = [
    path("<image_id>/access/", views.ManageAccessView.as_view(), name="manage_access"),
    path("<image_id>/access/projects/", views.ProjectsView.as_view(), name="access_projects"),
]
if not angular_images_panel():
    urlpatterns += [
        path("", views.IndexView.as_view(), name="index"),
        path("<image_id>/detail/", views.DetailView.as_view(), name="detail"),
    ]
urlpatterns += upstream.urlpatterns
