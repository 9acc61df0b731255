# SPDX-License-Identifier: Apache-2.0
"""Admin > Create Image of the Python panel, and the addresses for the AngularJS panel."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openstack_dashboard.api import glance as horizon_glance

from tests.cloud.pages import changes_in, selected
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.dashboard.create_image import new_image
from xloud_images_panel.services import glance

CREATE = "/admin/images/create/"
TABLE = "/admin/images/access/projects/"
ROWS = "/admin/images/access/projects/rows/"
AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}


def text(response):
    """Return the text of a response."""
    return response.content.decode()


@pytest.fixture
def name(connection, delete_image):
    """Return a name for an image; images with this name are removed after the test."""
    name = f"new-{uuid.uuid4().hex[:8]}"
    yield name
    for image in connection.image.images(name=name):
        delete_image(image.id)


@pytest.fixture
def create(admin, name):
    """Return a function that submits Horizon's form, with additional fields."""

    def create(**more):
        return admin.post(
            CREATE,
            {
                "name": name,
                "source_type": "file",
                "image_file": SimpleUploadedFile("disk.raw", bytes(512)),
                "disk_format": "raw",
                "visibility": "shared",
                **more,
            },
            **AJAX,
        )

    return create


@pytest.fixture
def created(connection, name):
    """Return a function that returns the created images' visibilities and members."""

    def created():
        return [
            (
                image.visibility,
                {member.member_id: member.status for member in connection.image.members(image.id)}
                if image.visibility == "shared"
                else None,
            )
            for image in connection.image.images(name=name)
        ]

    return created


@pytest.fixture
def failing(monkeypatch):
    """Return a function that makes Glance fail to add one project."""
    add_member = glance.Glance.add_member

    def failing(project_id, reason):
        def fails(self, image_id, wanted):
            if wanted == project_id:
                raise ServiceError("Glance", reason, details="attempted=129, maximum=128")
            return add_member(self, image_id, wanted)

        monkeypatch.setattr(glance.Glance, "add_member", fails)

    return failing


def test_form_has_the_project_table(admin):
    """The form has the projects below the visibility, and the future owner cannot be ticked."""
    page = text(admin.get(CREATE, **AJAX))
    assert 'data-role="new-image-access" hidden' in page
    row = page[page.index('data-name="admin"') :]
    assert "disabled" in row[: row.index("</tr>")]
    for visibility in ("private", "shared", "community", "public"):
        assert f'<option value="{visibility}"' in page
    assert "is_public" not in page


def test_image_is_shared_as_soon_as_it_exists(create, created, project_id):
    """Each selected project becomes a member, and is accepted if that was ticked."""
    response = create(add=[project_id("research"), project_id("app-team-a")], accept="on")
    assert response["X-Horizon-Location"] == "/admin/images/"
    assert created() == [
        ("shared", {project_id("research"): "accepted", project_id("app-team-a"): "accepted"})
    ]


def test_without_accepting_the_projects_are_asked(create, created, project_id):
    """Unless accepting was ticked, the projects' status is Pending."""
    create(add=project_id("research"))
    assert created() == [("shared", {project_id("research"): "pending"})]


def test_nothing_selected_just_creates(create, created):
    """A shared image can be created without any project."""
    assert create().status_code == 200
    assert created() == [("shared", {})]


@pytest.mark.parametrize("visibility", ["private", "community", "public"])
def test_selection_counts_for_shared_only(
    connection, create, created, name, project_id, visibility
):
    """A selection made before another visibility was chosen is ignored, even if it is invalid."""
    create(visibility=visibility, add=[project_id("research"), "0" * 32])
    assert created() == [(visibility, None)]
    image = next(connection.image.images(name=name))
    connection.image.update_image(image.id, visibility="shared")
    assert created() == [("shared", {})]


@pytest.mark.parametrize(
    ("add", "reason"),
    [
        (["x" * 300], "too long"),
        ([""], "empty"),
        (["0" * 32], "no project with the ID"),
        (["no/such"], "no project with the ID"),
        (["a", "a"], "named twice"),
    ],
)
def test_bad_project_ids_create_nothing(create, created, add, reason):
    """The form names the error before an image is created."""
    page = text(create(add=add))
    assert "No image was created" in page
    assert reason in page
    assert created() == []


def test_owner_is_refused(create, created, project_id):
    """The current project cannot be added, because it owns the image."""
    assert "owner of an image has access" in text(create(add=project_id("admin")))
    assert created() == []


def test_project_that_was_deleted_meanwhile_is_named(admin, connection, create, created):
    """A project deleted after the table showed it is reported with its name."""
    project = connection.identity.create_project(name=f"gone-{uuid.uuid4().hex[:8]}")
    assert project.name in text(admin.get(ROWS, {"search": project.name}, **AJAX))
    connection.identity.delete_project(project)
    page = text(create(add=project.id))
    assert f"no project with the ID {project.id} ({project.name})" in page
    assert created() == []


def test_error_elsewhere_keeps_the_selection(create, created, project_id):
    """After another error in the form, all projects stay selected with their names."""
    page = text(create(add=[project_id("research"), "x" * 300], name=""))
    assert "This field is required" in page
    assert project_id("research") in selected(page)
    assert "research" in {change["name"] for change in changes_in(page)}
    assert created() == []


@pytest.mark.parametrize(
    ("sent", "visibility"), [({}, "private"), ({"is_public": "False"}, "private"),
                             ({"is_public": "on"}, "public")],
)  # fmt: skip
def test_horizons_own_fields_are_enough(create, created, sent, visibility):
    """For a form or script without the panel's visibility, Horizon's "Public" works as before."""
    assert create(visibility="", **sent).status_code == 200
    assert created() == [(visibility, None)]


def test_unknown_visibility_is_refused(create, created):
    """Only the values that the form offers are accepted."""
    assert "Select a valid choice" in text(create(visibility="everybody"))
    assert created() == []


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (Reason.OVER_QUOTA, "quota of 128 projects"),
        (Reason.BROKEN, "The image service (Glance) failed with an error of its own."),
    ],
)
def test_what_fails_opens_manage_access(create, created, failing, name, project_id, reason, told):
    """The image stays, and Manage Access opens with the failed projects selected and the reason."""
    failing(project_id("research"), reason)
    response = create(add=[project_id("research"), project_id("app-team-a")], accept="on")
    page = text(response)
    assert f"The image &quot;{name}&quot; was created." in page
    assert "is now shared with app-team-a" in page
    assert told in page
    assert project_id("research") in selected(page)
    assert project_id("app-team-a") not in selected(page)
    assert 'name="reload"' in page
    assert created() == [("shared", {project_id("app-team-a"): "accepted"})]


def test_page_of_its_own_does_the_same(admin, created, failing, name, project_id):
    """Opened without the list, the form is a whole page, and so is the dialog after it."""
    assert 'data-role="new-image-access"' in text(admin.get(CREATE))
    sent = {"name": name, "disk_format": "raw", "visibility": "shared", "add": project_id("admin")}
    disk = SimpleUploadedFile("disk.raw", bytes(512))
    assert "No image was created" in text(admin.post(CREATE, {**sent, "image_file": disk}))
    sent["add"] = project_id("research")
    failing(project_id("research"), Reason.FORBIDDEN)
    disk.seek(0)
    page = text(admin.post(CREATE, {**sent, "image_file": disk}))
    assert "<html" in page
    assert "1 change was not made." in page
    assert created() == [("shared", {})]


def test_confirm_in_that_dialog_returns_to_the_list(admin, image, members, project_id):
    """Confirm reloads the list of images, because the one under the dialog lacks the new image."""
    change = {"add": project_id("research"), "reload": "1"}
    response = admin.post(f"/admin/images/{image.id}/access/", change, **AJAX)
    assert response["X-Horizon-Location"] == "/admin/images/"
    assert set(members()) == {project_id("research")}


def test_image_that_vanishes_at_once_is_said_to_be_gone(
    after_creation, connection, create, created, name, project_id
):
    """If the image is deleted before it is shared, the page reports its creation and its loss."""
    after_creation(connection.image.delete_image)
    page = text(create(add=project_id("research")))
    assert f"The image &quot;{name}&quot; was created." in page
    assert "There is no image with this ID" in page
    assert "is now shared" not in page
    assert created() == []


def test_file_that_the_browser_uploads_is_still_uploaded(
    create, created, failing, monkeypatch, project_id
):
    """In Horizon's direct mode the browser learns the upload address, even if sharing failed."""
    image_create = horizon_glance.image_create

    def image_create_for_browser(request, **meta):
        del meta["data"]
        image = image_create(request, **meta)
        return horizon_glance.ExternallyUploadedImage(image, request)

    monkeypatch.setattr(horizon_glance, "image_create", image_create_for_browser)
    failing(project_id("research"), Reason.BROKEN)
    response = create(add=project_id("research"))
    assert response["X-File-Upload-URL"].endswith("/file")
    assert response["X-Auth-Token"]
    assert created() == [("shared", {})]


def test_image_that_cannot_be_created_is_shared_with_nobody(create, created, monkeypatch):
    """If the creation fails, the form stays open with Horizon's own message and its content."""

    def fails(request, **meta):
        raise RuntimeError

    monkeypatch.setattr(horizon_glance, "image_create", fails)
    page = text(create())
    assert "create_image_form" in page
    assert created() == []


# -- Keystone or Glance is down


def test_form_says_that_keystone_is_down(admin, create, created, down, project_id, settings):
    """Without Keystone, the table has the reason; no image is created with unchecked projects."""
    research = project_id("research")
    settings.XLOUD_IMAGES_PANEL = {"tries": 1, "names_lifetime": 0}
    down("identity")
    assert "The identity service (Keystone) could not be reached." in text(admin.get(TABLE, **AJAX))
    page = text(create(add=research))
    assert "No image was created. The identity service (Keystone) could not be reached." in page
    assert research in selected(page)
    assert created() == []


def test_glance_is_down_when_the_image_is_to_be_shared(
    create, created, monkeypatch, project_id, settings
):
    """If Glance fails after the creation, all projects stay selected."""
    settings.XLOUD_IMAGES_PANEL = {"tries": 1}

    def unreachable(*_args):
        raise ServiceError("Glance", Reason.UNREACHABLE)

    for call in ("image", "add_member"):
        monkeypatch.setattr(glance.Glance, call, unreachable)
    page = text(create(add=project_id("research")))
    assert "The image service (Glance) could not be reached." in page
    assert project_id("research") in selected(page)
    assert created() == [("shared", {})]


# -- requests of the AngularJS panel


def test_table_comes_with_the_token_of_its_post(admin):
    """The table, which is the wizard's step, comes with the CSRF token for its POST."""
    page = text(admin.get(TABLE, **AJAX))
    assert "csrfmiddlewaretoken" in page
    assert "data-new-image" in page
    assert ROWS in page


def test_rows_are_searched_and_paged(admin):
    """Part of a name is found in any case; an invalid cursor is refused."""
    page = text(admin.get(ROWS, {"search": "ESEAR"}, **AJAX))
    assert page.count("<tr data-project") == 1
    assert 'data-name="research"' in page
    assert "No project matches." in text(admin.get(ROWS, {"search": "nobody-at-all"}, **AJAX))
    for cursor in ("x", "members:abc", "projects:../../x"):
        assert admin.get(ROWS, {"cursor": cursor}, **AJAX).status_code == 400


# -- permissions


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("user", ["pat", "ann", "rita", "bob"])
def test_only_administrators_get_in(login, image, members, project_id, name, created, user, method):
    """Members and readers get 403 for every request, and nothing happens."""
    sent = {"add": project_id("research"), "name": name, "visibility": "shared"}
    for path in (CREATE, TABLE, ROWS):
        for kwargs in ({}, AJAX):
            assert getattr(login(user), method)(path, sent, **kwargs).status_code == 403
    assert members() == {}
    assert created() == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_somebody_not_logged_in_is_sent_to_the_login_page(client, image, method):
    """The form and the table require a login."""
    for path in (CREATE, TABLE, ROWS):
        response = getattr(client, method)(path, headers={"host": "127.0.0.1"})
        assert response.status_code == 302
        assert "/auth/login/" in response["Location"]


def test_administrator_who_may_not_share_has_no_table(
    admin, create, created, monkeypatch, project_id
):
    """If the policy forbids sharing, the form says so instead of showing the table."""
    monkeypatch.setattr(new_image.roles, "may", lambda *_args, **_kwargs: False)
    assert "new-image-access" not in text(admin.get(CREATE, **AJAX))
    assert "you may not share images" in text(create(add=project_id("research")))
    assert created() == []


def test_project_users_form_is_horizons_own(login):
    """Project > Create Image has neither the table nor the visibility."""
    page = text(login("pat").get("/project/images/create/", **AJAX))
    assert 'name="is_public"' in page
    assert "xloud" not in page
    assert 'name="visibility"' not in page


# -- access of an existing image


def test_image_of_the_same_name_is_offered(admin, make, project_id):
    """The image with the most projects is offered; the case of the name makes no difference."""
    make("successor-x", shared_with=["research"])
    most = make("Successor-X", shared_with=["research", "app-team-a"])
    make("successor-x2", shared_with=["research", "app-team-a", "app-team-b"])
    found = admin.get("/admin/images/access/offer/", {"name": " successor-x "}, **AJAX).json()
    assert found["image"] == most.id
    assert "shared with 2 projects. Use the same?" in found["told"]


@pytest.mark.parametrize("name", ["", " ", "nobody-has-this", "%", "x" * 300])
def test_nothing_is_offered_where_there_is_nothing(admin, name):
    """If no image has the name, the answer has neither an image nor a message."""
    assert admin.get("/admin/images/access/offer/", {"name": name}, **AJAX).json() == {}


def test_offer_stays_away_when_glance_is_down(admin, down):
    """While Glance is down, there is no offer and no error, because the offer is optional."""
    down("image")
    assert admin.get("/admin/images/access/offer/", {"name": "x"}, **AJAX).json() == {}


def test_projects_of_an_image_are_copied_into_a_new_one(admin, make, project_id):
    """Create Image gets a source's projects as changes, but never its own project."""
    source = make("source", shared_with=["research", "app-team-a", "admin"])
    answer = admin.post("/admin/images/access/copy/", {"source": source.id}, **AJAX)
    expected = {project_id(name): "add" for name in ("research", "app-team-a")}
    assert selected(answer.content.decode()) == expected
    found = admin.get("/admin/images/access/images/", {"search": source.id}, **AJAX)
    assert "source" in found.content.decode()


def test_image_that_is_not_shared_has_nothing_to_copy(admin, make):
    """An image that is not shared has no projects to copy, found by its ID or chosen."""
    source = make("hers", visibility="private")
    for answer in (
        admin.post("/admin/images/access/copy/", {"source": source.id}, **AJAX),
        admin.get("/admin/images/access/images/", {"search": source.id}, **AJAX),
    ):
        assert "it has no projects to copy" in answer.content.decode()
