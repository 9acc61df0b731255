# SPDX-License-Identifier: Apache-2.0
"""Copy access from image…, through Horizon's own URLs, against the real Keystone and Glance."""

import uuid

import pytest

from tests.cloud.pages import changes_in, selected
from xloud_images_panel.dashboard.manage_access import copy_access
from xloud_images_panel.services import image_lists

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}


def images_url(image):
    """Return the dialog's address for the images to copy from."""
    return f"/admin/images/{image.id}/access/images/"


def copy_url(image):
    """Return the dialog's address for copying an image's projects."""
    return f"/admin/images/{image.id}/access/copy/"


def text(response):
    """Return the text of a response."""
    return response.content.decode()


@pytest.fixture
def make(bulk, make):
    """Return a function that creates another image, shared with projects given by ID."""

    def another(name="", visibility="shared", members=(), **properties):
        name = name or f"other-{uuid.uuid4().hex[:8]}"
        image = make(name, visibility=visibility, **properties)
        bulk.members([(image.id, member, "pending") for member in members])
        return image

    return another


# -- finding an image


def test_finds_shared_images_by_part_of_the_name(admin, image, make):
    """The search ignores case, shows the owner, and omits private images and the image itself."""
    family = uuid.uuid4().hex[:8]
    make(f"{family}-Shared")
    make(f"{family}-private", visibility="private")
    page = text(admin.get(images_url(image), {"search": f"{family}-S".upper()}, **AJAX))
    assert f"{family}-Shared" in page
    assert "platform" in page
    assert page.count('class="xloud-copy-image"') == 1
    assert image.id not in text(admin.get(images_url(image), {"search": "golden"}, **AJAX))


def test_snapshots_and_hidden_images_are_marked(admin, connection, image, make):
    """Snapshots and hidden images are marked, and can be copied from like other images."""
    family = uuid.uuid4().hex[:8]
    make(f"{family}-snapshot", image_type="snapshot")
    hidden = make(f"{family}-hidden")
    # openstacksdk would send "True" in quotes, which Glance refuses.
    patch = [{"op": "add", "path": "/os_hidden", "value": True}]
    media_type = "application/openstack-images-v2.1-json-patch"
    connection.image.patch(f"/images/{hidden.id}", json=patch, headers={"Content-Type": media_type})
    page = text(admin.get(images_url(image), {"search": family}, **AJAX))
    assert hidden.id in page
    assert "Snapshot" in page
    assert "Hidden" in page


def test_finds_an_image_by_its_id(admin, image, make):
    """A search finds an image by its ID, in any case."""
    other = make()
    page = text(admin.get(images_url(image), {"search": other.id.upper()}, **AJAX))
    assert f'data-image="{other.id}"' in page


def test_id_that_cannot_be_copied_from_says_why(admin, image, make):
    """A search for the ID of a private image, of the target or of no image shows the reason."""
    private = make('pri"vate', visibility="private")
    for search, told in (
        (private.id, "&quot;pri&quot;vate&quot; is Private: it has no projects to copy."),
        (image.id, "This is the image itself."),
        (str(uuid.uuid4()), "There is no image with this ID"),
    ):
        page = text(admin.get(images_url(image), {"search": search}, **AJAX))
        assert told in page
        assert "copy-from" not in page


def test_no_match_says_so(admin, image):
    """A search without a match shows a sentence."""
    page = text(admin.get(images_url(image), {"search": "nothing-like-it"}, **AJAX))
    assert "No shared image matches." in page


def test_more_matches_than_shown_says_so(admin, image, make, monkeypatch):
    """A list with more matches than shown ends with a request for a longer search text."""
    monkeypatch.setattr(copy_access, "MOST_MATCHES", 2)
    family = uuid.uuid4().hex[:8]
    for number in range(3):
        make(f"{family}-{number}")
    page = text(admin.get(images_url(image), {"search": family}, **AJAX))
    assert page.count('class="xloud-copy-image"') == 2
    assert "There are more." in page


def test_list_that_was_cut_says_so(admin, image, monkeypatch):
    """An incomplete search is not reported as "no match"."""
    monkeypatch.setattr(image_lists, "MOST_BATCHES", 0)
    page = text(admin.get(images_url(image), {"search": "x"}, **AJAX))
    assert "they were not all looked through" in page
    assert "No shared image matches." not in page


# -- its projects


def test_projects_come_as_changes(admin, connection, image, make, members, project_id):
    """Each copied project becomes a label with its name; nothing is sent to Glance yet."""
    other = make(members=[project_id("research"), project_id("app-team-a")])
    page = text(admin.post(copy_url(image), {"source": other.id}, **AJAX))
    assert "2 projects added to the selection." in page
    for name in ("research", "app-team-a"):
        assert project_id(name) in selected(page)
        assert name in {change["name"] for change in changes_in(page)}
    assert members() == {}


def test_everything_else_is_told(admin, connection, image, make, project_id):
    """The message counts deleted and selected projects, members and the owner, without labels."""
    gone = connection.identity.create_project(name=f"gone-{uuid.uuid4().hex[:8]}")
    others = ["research", "app-team-a", "app-team-b", "data-science", "platform", "admin"]
    other = make(members=[gone.id, "not/an?id", *map(project_id, others)])
    connection.image.update_member(project_id("research"), other.id, status="rejected")
    for member in ("app-team-a", "admin"):
        connection.image.add_member(image.id, member_id=project_id(member))
    connection.identity.delete_project(gone)
    form = {"add": project_id("app-team-b"), "remove": project_id("admin")}
    page = text(admin.post(copy_url(image), {"source": other.id, **form}, **AJAX))
    assert (
        "2 projects added to the selection; 1 of them has rejected the other image; 1 was "
        "selected already; 2 have access already; 1 of these stays selected to be removed; 2 no "
        "longer exist; the owner has access anyway." in page
    )
    assert list(selected(page).values()) == ["add", "add"]


def test_image_that_is_shared_with_nobody_adds_nothing(admin, image, make):
    """An image without members adds zero projects, as the message says."""
    page = text(admin.post(copy_url(image), {"source": make().id}, **AJAX))
    assert "0 projects added to the selection." in page


@pytest.mark.parametrize("source", ["", "not-an-id", "%00", "a" * 300, str(uuid.UUID(int=7))])
def test_unknown_source_is_told(admin, image, source):
    """An unknown source gets a message instead of labels."""
    page = text(admin.post(copy_url(image), {"source": source}, **AJAX))
    assert "There is no image with this ID" in page
    assert selected(page) == {}


def test_source_that_is_no_longer_shared_is_told(admin, image, make):
    """A source that was made private after the search, and the image itself, are refused."""
    for other, told in (
        (make(visibility="private"), "it has no projects to copy"),
        (image, "This is the image itself."),
    ):
        assert told in text(admin.post(copy_url(image), {"source": other.id}, **AJAX))


def test_bad_selection_is_no_harm(admin, image, make, project_id):
    """Invalid IDs in a tampered selection do no harm, because they are only compared."""
    other = make(members=[project_id("research")])
    sent = {"source": other.id, "add": ["x" * 300, "", "a", "a"], "remove": ["no/such"]}
    assert "1 project added" in text(admin.post(copy_url(image), sent, **AJAX))


def test_more_than_the_quota_is_told_at_confirm(admin, connection, image, make, members):
    """Projects beyond the quota, unknown before Confirm, stay selected with one message."""
    projects = [
        connection.identity.create_project(name=f"full-{number}-{uuid.uuid4().hex[:6]}").id
        for number in range(3)
    ]
    try:
        other = make(members=projects)
        for number in range(126):
            connection.image.add_member(image.id, member_id=f"filler-{number}")
        copied = text(admin.post(copy_url(image), {"source": other.id}, **AJAX))
        assert "3 projects added" in copied
        page = text(admin.post(f"/admin/images/{image.id}/access/", {"add": projects}, **AJAX))
        left = [project for project in projects if project in selected(page)]
        assert len(left) == 1
        assert page.count("1 project was not added: the quota of 128 projects") == 1
        assert {*projects} - {*left} == {*projects} & {*members()}
    finally:
        for project in projects:
            connection.identity.delete_project(project)


# -- permissions, and services that are down


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("user", ["pat", "ann", "rita", "bob"])
def test_only_administrators_get_in(login, image, make, project_id, user, method):
    """All users other than administrators get 403, even those of the owner."""
    other = make(members=[project_id("research")])
    for path in (images_url(image), copy_url(image)):
        response = getattr(login(user), method)(path, {"source": other.id}, **AJAX)
        assert response.status_code == 403
        assert project_id("research") not in text(response)


@pytest.mark.parametrize("method", ["get", "post"])
def test_somebody_not_logged_in_is_sent_to_the_login_page(client, image, method):
    """Reading and copying both require a login."""
    for path in (images_url(image), copy_url(image)):
        response = getattr(client, method)(path, headers={"host": "127.0.0.1"})
        assert response.status_code == 302
        assert "/auth/login/" in response["Location"]


def test_other_methods_are_refused(admin, image):
    """The search accepts only GET, and copying only POST."""
    assert admin.post(images_url(image), **AJAX).status_code == 405
    assert admin.get(copy_url(image), **AJAX).status_code == 405


def test_keystone_is_down(admin, image, make, down, project_id, settings):
    """Without Keystone, images are found without owners' names; projects cannot be checked."""
    settings.XLOUD_IMAGES_PANEL = {"tries": 1, "names_lifetime": 0}
    other = make(members=[project_id("research")])
    owner = project_id("platform")
    down("identity")
    page = text(admin.get(images_url(image), {"search": other.name}, **AJAX))
    assert other.id in page
    assert owner in page
    page = text(admin.post(copy_url(image), {"source": other.id}, **AJAX))
    assert "The identity service (Keystone) could not be reached." in page


def test_glance_is_down(admin, image, down, settings):
    """Both requests report that Glance could not be reached."""
    settings.XLOUD_IMAGES_PANEL = {"tries": 1}
    down("image")
    for response in (
        admin.get(images_url(image), {"search": "x"}, **AJAX),
        admin.post(copy_url(image), {"source": image.id}, **AJAX),
    ):
        assert "The image service (Glance) could not be reached." in text(response)
