# SPDX-License-Identifier: Apache-2.0
"""Read-only administrators see everything, and pages offer them only permitted actions."""

import re

import pytest
from django.test import override_settings
from django.urls import NoReverseMatch, reverse

from tests import auditor as auditors
from tests.cloud.conftest import read_policy_again
from tests.cloud.pages import shown
from tests.cloud.test_who_gets_in import ADMIN_URLS

pytestmark = pytest.mark.usefixtures("without_menus", "opened")

AJAX = {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}
# The views that an auditor may GET, apart from Horizon's own pages with the panel's parts.
READABLE = {
    "access_addresses",
    "access_loss",
    "facts",
    "manage_access",
    "access_projects",
    "by_image",
    "by_project",
    "export_members",
    "export_projects",
    "inventory_images",
    "inventory_members",
    "inventory_names",
    "inventory_memberships",
    "find_projects",
    "stale_access",
    "stale_members",
    "why",
}
# Views that read but need POST, because of the size of the request.
POST_READS = {"export_lines"}
HORIZONS = {"index", "create", "update", "detail"}
# The dialog's controls for administrators who may change access.
OFFERS = ("Confirm", "Ask again", "Paste a list", "Copy access", "Undo all", 'name="accept"')


@pytest.fixture(scope="module")
def in_cloud(cloud):
    """A cloud with an auditor, and a Glance policy for the role."""
    with auditors.in_cloud(cloud):
        yield


@pytest.fixture(scope="module")
def opened(in_cloud, tmp_path_factory):
    """An operator's policy for Horizon that opens the admin pages to auditors.

    One policy for all tests, because Horizon takes a second to read it.
    """
    directories = auditors.for_horizon(tmp_path_factory.mktemp("policy"), auditors.HORIZONS_RULES)
    with override_settings(POLICY_DIRS=directories):
        read_policy_again()
        yield
    read_policy_again()


@pytest.fixture
def auditor(login):
    """The auditor's client."""
    return login(auditors.NAME)


def dialog(client, image):
    """Return an image's Manage Access dialog."""
    response = client.get(f"/admin/images/{image.id}/access/", **AJAX)
    assert response.status_code == 200
    return response.content.decode()


def test_dialog_shows_who_has_access_and_why_nothing_can_be_changed(auditor, make, project_id):
    """Auditors see the members and their statuses, without buttons or enabled boxes."""
    image = make("audited", shared_with=["app-team-a", "app-team-b"], status="rejected")
    page = dialog(auditor, image)
    assert "You may see who has access, and not change it" in page
    assert "2 Rejected" in page
    for name in ("app-team-a", "app-team-b"):
        assert f'data-project="{project_id(name)}"' in page
    boxes = re.findall(r'<input type="checkbox"[^>]*>', page, re.DOTALL)
    assert len(boxes) > 2
    assert all("disabled" in box for box in boxes)
    assert [offer for offer in OFFERS if offer in page] == []


def test_administrator_is_offered_all_of_it(admin, make):
    """An administrator sees all the controls that an auditor lacks."""
    page = dialog(admin, make("audited", shared_with=["app-team-a"], status="rejected"))
    assert "You may see who has access" not in page
    assert [offer for offer in OFFERS if offer in page] == list(OFFERS)


def test_rows_that_are_searched_for_cannot_be_ticked_either(auditor, make):
    """The rows of a search, which come in a separate request, have disabled boxes too."""
    image = make("audited", shared_with=["app-team-a"])
    rows = auditor.get(
        f"/admin/images/{image.id}/access/projects/", {"status": "pending"}, **AJAX
    ).content.decode()
    assert "Pending" in rows
    assert rows.count("<input") == rows.count("disabled>") == 1
    assert "Accept for it" not in rows


def test_list_and_details_lead_to_it(auditor, make):
    """The image list and the details link to the dialog, and the details show who has access."""
    image = make("audited", shared_with=["app-team-a"])
    access = f"/admin/images/{image.id}/access/"
    assert access in auditor.get("/admin/images/").content.decode()
    details = auditor.get(f"/admin/images/{image.id}/detail/")
    assert access in details.context_data["actions"]  # in the page's header
    facts = auditor.get(f"/project/images/{image.id}/facts/", **AJAX).content.decode()
    assert "1 Pending" in facts


def test_create_image_has_no_projects(auditor, admin):
    """Neither the Python panel's form nor AngularJS's step offers projects."""
    assert "new-image-access" not in auditor.get("/admin/images/create/", **AJAX).content.decode()
    assert "new-image-access" in admin.get("/admin/images/create/", **AJAX).content.decode()
    assert "new_image_projects" not in auditor.get("/admin/images/access/").json()
    assert "new_image_projects" in admin.get("/admin/images/access/").json()


@pytest.mark.parametrize("path", ["", "access/by-image/", "access/stale/"])
def test_tabs_have_what_can_be_read(auditor, path):
    """Horizon's list and the panel's own pages have the same tabs."""
    page = auditor.get(f"/admin/images/{path}").content.decode()
    for tab in ("by-image", "by-project", "stale", "why"):
        assert f'href="/admin/images/access/{tab}/"' in page


@pytest.mark.parametrize(
    ("path", "offers"),
    [
        (
            "access/by-project/?project={}",
            ("Remove Access", "Accept on Behalf", "Add Images", "The Same Images", "xloud-plan"),
        ),
        ("access/stale/", ("Remove Selected", "Select All", "data-remove-url")),
    ],
)
def test_page_of_the_catalogue_is_to_be_read(admin, auditor, path, offers, project_id):
    """Auditors see a note on the page, and no box or button whose request would be refused."""
    path = f"/admin/images/{path.format(project_id('app-team-a'))}"
    page = auditor.get(path).content.decode()
    assert "You may see who has access, and not change it" in page
    assert [offer for offer in ("checkbox", *offers) if offer in page] == []
    administrators = admin.get(path).content.decode()
    assert "You may see who has access, and not change it" not in administrators
    assert [offer for offer in offers if offer not in administrators] == []


def test_stale_members_are_shown(auditor, make, project_id):
    """Auditors see stale members with the reason, like every user who may read members."""
    image = make("audited", shared_with=["platform"])
    query = {"ids": image.id, "owners": project_id("platform")}
    url = "/admin/images/access/stale/members/"
    [row] = auditor.get(url, query, **AJAX).json()["rows"][image.id]
    assert (row["kind"], row["name"]) == ("owner", "platform")


def test_identity_leads_to_the_images_of_a_project(auditor, project_id):
    """The list of projects links to their images, if the operator's policy opens the list."""
    page = auditor.get("/identity/").content.decode()
    assert f"/admin/images/access/by-project/?project={project_id('platform')}" in page


@pytest.mark.parametrize("method", ["get", "post", "put"])
@pytest.mark.parametrize("name", [name for name in ADMIN_URLS if name not in HORIZONS])
def test_server_refuses_everything_but_reading(auditor, image, members, method, name, project_id):
    """An auditor's requests that do not read get 403 or 405 and change nothing."""
    try:
        address = reverse(f"horizon:admin:images:{name}")
    except NoReverseMatch:
        address = reverse(f"horizon:admin:images:{name}", args=[image.id])
    form = {"add": project_id("app-team-a"), "accept": "on", **shown(auditor)}
    response = getattr(auditor, method)(address, form, **AJAX)
    reads = name in {"get": READABLE, "post": POST_READS}.get(method, ())
    # 400: a slice without content; 204: no sentence to show.
    assert response.status_code in ({200, 204, 400} if reads else {403, 405})
    assert members() == {}
