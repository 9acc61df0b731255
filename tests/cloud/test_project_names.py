# SPDX-License-Identifier: Apache-2.0
"""Projects in Manage Access: searches by visible text, and unambiguous names."""

import html
import re
import uuid

import pytest

from tests.cloud.pages import changes_in
from xloud_images_panel.services import transport

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}


def url(image_id):
    """Return the address of an image's dialog."""
    return f"/admin/images/{image_id}/access/"


def said(response):
    """Return the text of a response, of its page and of Horizon's messages."""
    headers = response.get("X-Horizon-Messages", "").encode().decode("unicode_escape")
    return html.unescape(response.content.decode()) + headers


@pytest.fixture
def asked(monkeypatch):
    """The panel's requests in their order, as method and path."""
    asked = []
    request = transport.Session.request

    def spy(self, url, method, **kwargs):
        asked.append(f"{method} {url}")
        return request(self, url, method, **kwargs)

    monkeypatch.setattr(transport.Session, "request", spy)
    return asked


@pytest.fixture
def project(connection):
    """Return a function that creates a project."""
    made = []

    def project(name, domain="Default"):
        domain_id = connection.identity.find_domain(domain).id
        made.append(connection.identity.create_project(name=name, domain_id=domain_id))
        return made[-1]

    yield project
    for item in made:
        connection.identity.delete_project(item, ignore_missing=True)


@pytest.fixture
def two(project):
    """Two projects with one name, in the administrator's domain and in another."""
    name = f"dev-{uuid.uuid4().hex[:8]}"
    return project(name), project(name, "partners")


def test_image_that_is_deleted_while_its_dialog_is_open(
    admin, connection, image, asked, project_id
):
    """Next reports only that the image is gone; one request to Glance is enough."""
    connection.image.delete_image(image.id)
    query = {"cursor": f"projects:{min(project_id('platform'), project_id('research'))}"}
    page = said(admin.get(f"{url(image.id)}projects/", query, **AJAX))
    assert "There is no image with this ID (any more)." in page
    assert "The list has changed" not in page
    assert not [item for item in asked if "/projects" in item]
    assert len([item for item in asked if item.endswith(f"/images/{image.id}")]) == 1


def test_image_that_stops_being_shared_while_its_dialog_is_open(admin, connection, image, asked):
    """A search reports an image that is no longer shared, without a second request for it."""
    connection.image.update_image(image.id, visibility="private")
    page = said(admin.get(f"{url(image.id)}projects/", {"search": "platform"}, **AJAX))
    assert 'The visibility of the image "golden" is Private.' in page
    assert len([item for item in asked if item.endswith(f"/images/{image.id}")]) == 1


def test_two_of_one_name_in_the_table(admin, image, two):
    """A row's label has the domain, unless it is the administrator's own."""
    rows = admin.get(f"{url(image.id)}projects/", {"search": two[0].name}, **AJAX)
    names = re.findall(r'data-name="([^"]*)"', rows.content.decode())
    assert sorted(names) == [two[0].name, f"{two[0].name} (partners)"]
    assert f'aria-label="Share with {two[0].name} (partners)"' in rows.content.decode()


def test_two_of_one_name_in_the_message(admin, image, two):
    """When two projects of one name are added, the message has both labels."""
    response = admin.post(url(image.id), {"add": [item.id for item in two]}, **AJAX)
    assert f"is now shared with {two[0].name} and {two[0].name} (partners)." in said(response)


def test_two_of_one_name_in_the_labels(admin, image, two):
    """In a form that is shown again, labels distinguish two projects of one name."""
    form = {"add": [*(item.id for item in two), "0" * 32]}
    page = said(admin.post(url(image.id), form, **AJAX))
    names = {change["name"] for change in changes_in(page)}
    assert {two[0].name, f"{two[0].name} (partners)"} <= names


def test_two_of_one_name_that_are_copied(admin, connection, image, make, two):
    """Copied projects of one name have the same labels as in the dialog."""
    source = make("source")
    for item in two:
        connection.image.add_member(source.id, member_id=item.id)
    page = said(admin.post(f"{url(image.id)}copy/", {"source": source.id}, **AJAX))
    names = {change["name"] for change in changes_in(page)}
    assert {two[0].name, f"{two[0].name} (partners)"} <= names


def share_again(admin, connection, image):
    """Share an image again as Edit Image of the AngularJS panel does, with a request before."""
    connection.image.update_image(image.id, visibility="private")
    assert admin.post(f"/project/images/{image.id}/shared-again/before/").status_code == 204
    connection.image.update_image(image.id, visibility="shared")


def test_two_of_one_name_that_have_access_again(admin, connection, image, two):
    """The sentence after Edit Image distinguishes two projects of one name."""
    for item in two:
        connection.image.add_member(image.id, member_id=item.id)
    share_again(admin, connection, image)
    told = admin.post(f"/project/images/{image.id}/shared-again/").json()["message"]
    assert f"{two[0].name} (partners)" in told


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{}_one", ["{}_one"]),
        ("{}_ÄR", ["{}_Ärzte", "{}_A\u0308rzte"]),
        ("{}_är", ["{}_Ärzte", "{}_A\u0308rzte"]),
        ("{}%", []),
        ("{}" + "x" * 64, []),
        ("{}\x00", []),
    ],
)
def test_search_finds_what_the_eye_sees(admin, image, project, asked, text, found):
    """A search matches visible text, though Keystone leaves LIKE unescaped and folds only ASCII."""
    family = f"s{uuid.uuid4().hex[:8]}"
    for name in ("{}_one", "{}Xone", "{}_Ärzte", "{}_A\u0308rzte"):
        project(name.format(family))
    page = admin.get(f"{url(image.id)}projects/", {"search": text.format(family)}, **AJAX)
    rows = page.context["page"].rows
    assert {row.project.name for row in rows} == {name.format(family) for name in found}
    if len(text) > 64 or "\x00" in text:
        assert not any("/projects" in item for item in asked)


def test_many_that_do_not_exist_cost_one_lookup_each(admin, image, asked):
    """Missing projects are cached, so a dialog that is shown again does not look them up."""
    ids = [f"{number:032x}" for number in range(30)]
    for _time in range(2):
        page = said(admin.post(url(image.id), {"add": ids}, **AJAX))
        assert f"there is no project with the ID {ids[0]}, {ids[1]}, " in page
        assert len([item for item in asked if "/projects/" in item]) == len(ids)


def test_note_of_many_costs_five_lookups(admin, bulk, image, project_id, asked, connection):
    """The sentence looks up five names; the administrator's dialog shows the others as rows."""
    ids = [f"{number:032x}" for number in range(128)]
    bulk.members((image.id, item, "accepted") for item in ids)
    share_again(admin, connection, image)
    admin.post(f"/project/images/{image.id}/shared-again/")
    assert len([item for item in asked if "/projects/" in item]) == 5
    asked.clear()
    admin.get(url(image.id), **AJAX)
    # The owner is looked up as well, unless it is on the page of other projects.
    assert len([item for item in asked if "/projects/" in item]) <= 1
