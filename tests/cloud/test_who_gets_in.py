# SPDX-License-Identifier: Apache-2.0
"""Access to the panel's URLs, with Horizon's real policy files, by GET and POST."""

from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from openstack_dashboard.dashboards.admin.images import urls as horizon_admin_urls
from openstack_dashboard.dashboards.project.images import urls as horizon_project_urls

from tests.cloud.login_page import comes_back_to
from tests.cloud.pages import shown
from tests.environment import HORIZON, PANEL
from xloud_images_panel.dashboard import admin_urls, project_urls

pytestmark = pytest.mark.usefixtures("without_menus")

METHODS = ("get", "post")
# HEAD is like GET; the panel's pages have no use for the others.
ALL_METHODS = (*METHODS, "head", "options", "put", "patch", "delete")
HOW = ({}, {"headers": {"x-requested-with": "XMLHttpRequest"}})
# A member of the owner, and a member and a reader of another project.
PROJECT_USERS = ("pat", "ann", "rita")


def ours(urlconf, horizons):
    """Return the names of the URLs that are not Horizon's own."""
    return [pattern.name for pattern in urlconf.urlpatterns if pattern not in horizons.urlpatterns]


ADMIN_URLS = ours(admin_urls, horizon_admin_urls)
PROJECT_URLS = ours(project_urls, horizon_project_urls)
# Horizon's own pages with the panel's parts need an image that these users do not have.
OUR_PROJECT_URLS = [name for name in PROJECT_URLS if name not in ("index", "update")]


@pytest.fixture
def image(make):
    """A shared image of the project platform, without members yet."""
    return make("guarded")


@pytest.fixture
def request_url(image):
    """Return a function that requests one of the panel's URLs by its name."""

    def request_url(client, method, dashboard, name, form=None, **how):
        try:
            address = reverse(f"horizon:{dashboard}:images:{name}")
        except NoReverseMatch:
            address = reverse(f"horizon:{dashboard}:images:{name}", args=[image.id])
        if form and method in ("put", "patch", "delete"):
            # Django's client encodes forms only for POST.
            how["content_type"] = "application/x-www-form-urlencoded"
            form = urlencode(form)
        if form and method == "options":
            form = urlencode(form)
        return getattr(client, method)(address, *([form] if form else []), **how)

    return request_url


def test_these_are_all():
    """The tests below cover the panel's URLs, including Horizon's pages with the panel's parts."""
    assert PANEL == "python"
    assert {"manage_access", "access_projects", "access_copy", "create"} <= set(ADMIN_URLS)
    assert {"shared", "shared_again", "index"} <= set(PROJECT_URLS)


@pytest.fixture(scope="module")
def newcomers(cloud):
    """Users by name, with roles that no demo user has.

    Keystone's default policy lets users with a role only on a domain log in to the domain, without
    a project; Glance has no domains.
    """
    identity = cloud.connection("admin").identity
    roles = {role.name: role for role in identity.roles()}
    domain = identity.find_domain("Default")
    project = {name: identity.find_project(name) for name in ("platform", "service")}
    users = {}

    def newcomer(name, on_domain="", **in_projects):
        user = users[name] = identity.create_user(name=name, password=cloud.password)
        if on_domain:
            identity.assign_domain_role_to_user(domain, user, roles[on_domain])
        for name, role in in_projects.items():
            identity.assign_project_role_to_user(project[name], user, roles[role])

    newcomer("domain-admin", "admin")
    newcomer("domain-manager", "manager")
    newcomer("domain-admin-and-member", "admin", platform="member")
    newcomer("service-user", service="service")
    yield users
    for user in users.values():
        identity.delete_user(user)


@pytest.fixture
def statuses(connection, image, newcomers, login, members, project_id, request_url):
    """Return a function that requests all URLs of a dashboard as a user, in all ways.

    It returns the statuses by name, method, and whether it was AJAX, after checking that nothing
    has changed.
    """

    def statuses(user, dashboard, names, methods=ALL_METHODS):
        client = login(user)
        form = {
            "add": project_id("research"),
            "accept": "on",
            "action": f"shared_images__accept__{image.id}",
            **shown(client),
        }
        found = {
            (name, method, bool(how)): request_url(
                client, method, dashboard, name, form, **how
            ).status_code
            for name in names
            for method in methods
            for how in HOW
        }
        assert members() == {}
        assert connection.image.get_image(image.id).visibility == "shared"
        return found

    return statuses


@pytest.mark.parametrize(
    "user",
    [
        *PROJECT_USERS,
        "domain-manager",
        "domain-admin-and-member",
        "service-user",
    ],
)
def test_admin_urls_are_closed(statuses, user):
    """Members and readers get 403, even in the project that owns the image.

    A user with an additional role on a domain is logged in to the project, with the roles there.
    """
    assert set(statuses(user, "admin", ADMIN_URLS).values()) == {403}


def test_administrator_of_a_domain_is_shown_no_image(login, newcomers, request_url, statuses):
    """Horizon admits domain administrators by the role's name; Glance answers only for projects."""
    assert max(statuses("domain-admin", "admin", ADMIN_URLS).values()) < 500
    dialog = request_url(login("domain-admin"), "get", "admin", "manage_access", **HOW[1])
    assert dialog.status_code == 409
    assert "There is no image with this ID" in dialog["X-Horizon-Messages"]


def test_service_user_has_no_page(statuses):
    """The role that services use among each other opens no page, not even the tabs."""
    # Up to version 26, Horizon's own details page is open to all users.
    names = [name for name in OUR_PROJECT_URLS if HORIZON >= (27,) or name != "own_image"]
    assert set(statuses("service-user", "project", names).values()) == {403}


@pytest.mark.parametrize("user", [*PROJECT_USERS, "domain-manager", "domain-admin-and-member"])
def test_no_method_changes_what_others_own(statuses, user):
    """No request to the tabs breaks or changes anything."""
    assert max(statuses(user, "project", OUR_PROJECT_URLS).values()) < 500


def test_methods_without_a_use_have_no_effect(statuses):
    """An administrator's PUT is an empty form; other methods are refused, or describe the URL."""
    without_use = ("head", "options", "put", "patch", "delete")
    found = statuses("admin", "admin", ADMIN_URLS, without_use)
    found |= statuses("admin", "project", OUR_PROJECT_URLS, without_use)
    for (name, method, ajax), status in found.items():
        expected = {"patch": {405}, "delete": {405}, "options": {200}}.get(method)
        if expected:
            assert status in expected, (name, method, ajax)
        assert status < 500, (name, method, ajax)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ADMIN_URLS)
def test_admin_urls_are_open_to_administrators(login, request_url, name, method):
    """Each page is shown, or refuses the method or the form; none breaks.

    An image that is shared cannot become shared again, which is a conflict.
    """
    response = request_url(login("admin"), method, "admin", name)
    conflict = (name, method) == ("shared_again_before", "post")
    assert response.status_code in ((409,) if conflict else (200, 204, 400, 405))


@pytest.mark.parametrize("method", ALL_METHODS)
@pytest.mark.parametrize(("dashboard", "names"), [("admin", ADMIN_URLS), ("project", PROJECT_URLS)])
def test_strangers_are_sent_to_the_login_page(request_url, dashboard, names, method):
    """All URLs require a login."""
    for name in names:
        for how in HOW:
            client = Client(HTTP_HOST="127.0.0.1")
            response = request_url(client, method, dashboard, name, **how)
            assert response.status_code == (401 if how else 302)
            assert comes_back_to(response) == response.wsgi_request.get_full_path()


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
    """Only users who may edit the image may report that it is shared again; others get 404."""
    response = request_url(login(user), "post", "project", "shared_again")
    assert response.status_code == status
    assert request_url(login(user), "get", "project", "shared_again").status_code == 405
