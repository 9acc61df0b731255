"""Project > Compute > Images: Horizon's own page (the Python one) below the tab strip."""

from openstack_dashboard.dashboards.project.images import views as upstream


class IndexView(upstream.IndexView):
    """Horizon's project Images page with the tabs above it."""

    template_name = "xloud_images_panel/project/images.html"
