"""Who may request which of our URLs, with Horizon's real policy files, by GET and POST."""

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from openstack_dashboard.dashboards.admin.images import urls as horizon_admin_urls
from openstack_dashboard.dashboards.project.images import urls as horizon_project_urls

from tests.environment import PANEL
from xloud_images_panel.admin import urls as admin_urls
from xloud_images_panel.project import urls as project_urls

METHODS = ("get", "post")
# Owner's member, another project's member and reader.
PROJECT_USERS = ("pat", "ann", "rita")


def ours(urlconf, horizons):
    """Return the names of the URLs that are not Horizon's own."""
    return [pattern.name for pattern in urlconf.urlpatterns if pattern not in horizons.urlpatterns]


ADMIN_URLS = ours(admin_urls, horizon_admin_urls)
PROJECT_URLS = ours(project_urls, horizon_project_urls)


@pytest.fixture
def connection(cloud):
    """The administrator's openstacksdk connection."""
    return cloud.connection("admin")


@pytest.fixture
def image(connection):
    """A shared image of the project platform, and nobody else's yet."""
    image = connection.image.create_image(
        name="guarded",
        visibility="shared",
        owner=connection.identity.find_project("platform", ignore_missing=False).id,
        disk_format="raw",
        container_format="bare",
        allow_duplicates=True,
    )
    yield image
    connection.image.delete_image(image.id)


@pytest.fixture
def request_url(image):
    """Return a function that requests a URL of ours by its name."""

    def request_url(client, method, dashboard, name):
        try:
            address = reverse(f"horizon:{dashboard}:images:{name}")
        except NoReverseMatch:
            address = reverse(f"horizon:{dashboard}:images:{name}", args=[image.id])
        return getattr(client, method)(address)

    return request_url


def test_these_are_all():
    """The tests below see our URLs, those of Horizon's pages with our parts in them too."""
    assert PANEL == "python"
    assert {"manage_access", "access_projects", "access_copy", "create"} <= set(ADMIN_URLS)
    assert {"shared", "shared_again", "index"} <= set(PROJECT_URLS)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ADMIN_URLS)
@pytest.mark.parametrize("user", PROJECT_USERS)
def test_admin_urls_are_closed_to_projects(login, request_url, user, name, method):
    """403 for members and readers, even of the project that the image belongs to."""
    assert request_url(login(user), method, "admin", name).status_code == 403


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ADMIN_URLS)
def test_admin_urls_are_open_to_administrators(login, request_url, name, method):
    """Each page is there, or says that it does not know this method; none breaks."""
    response = request_url(login("admin"), method, "admin", name)
    assert response.status_code in (200, 204, 405)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("dashboard", "name"),
    [("admin", name) for name in ADMIN_URLS] + [("project", name) for name in PROJECT_URLS],
)
def test_strangers_are_sent_to_the_login_page(request_url, dashboard, name, method):
    """Nobody is told anything without logging in."""
    response = request_url(Client(HTTP_HOST="127.0.0.1"), method, dashboard, name)
    assert response.status_code == 302
    assert "/auth/login/?next=" in response["Location"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("user", ["admin", *PROJECT_USERS])
def test_shared_images_is_open_to_everybody(login, request_url, user, method):
    """Members, readers and administrators have the tab."""
    assert request_url(login(user), method, "project", "shared").status_code == 200


@pytest.mark.parametrize(
    ("user", "status"),
    [("admin", 204), ("pat", 204), ("ann", 404), ("rita", 404)],
)
def test_shared_again_is_for_who_may_edit_the_image(login, request_url, user, status):
    """Others do not even see this image."""
    response = request_url(login(user), "post", "project", "shared_again")
    assert response.status_code == status
    assert request_url(login(user), "get", "project", "shared_again").status_code == 405
