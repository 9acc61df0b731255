# SPDX-License-Identifier: Apache-2.0
"""Members whose text differs from their project's ID, although the database treats both as equal.

MariaDB's default collation ignores case, accents and trailing blanks.
"""

import html
import re

import pytest

from tests.cloud.pages import selected
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.services.glance import Glance

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}


def capitals(project_id):
    """Return an ID in capitals, as with caps lock on."""
    return project_id.upper()


def blank(project_id):
    """Return an ID with a trailing blank, as a careless copy has."""
    return project_id + " "


def accent(project_id):
    """Return an ID with an accent, which nobody types by accident."""
    letter = next(item for item in project_id if item in "ace")
    return project_id.replace(letter, {"a": "á", "c": "ç", "e": "é"}[letter], 1)


WRITINGS = pytest.mark.parametrize("writing", [capitals, blank, accent])


def text(response):
    """Return the page of a response, and Horizon's messages in its header."""
    return response.content.decode() + response.get("X-Horizon-Messages", "")


def url(image):
    """Return the address of an image's dialog."""
    return f"/admin/images/{image.id}/access/"


def rows_of(page, name):
    """Return a project's rows in a page, as pairs of the member's text and whether it is ticked."""
    rows = re.findall(r"<tr data-project=.*?</tr>", page, re.DOTALL)
    return [
        (html.unescape(re.search(r'data-project="([^"]*)"', row)[1]), "checked" in row)
        for row in rows
        if re.search(rf'data-name="{re.escape(name)}(?: \(|")', row)  # an ID may follow the name
    ]


@pytest.fixture
def team(connection):
    """Yield a project whose ID has a letter that can take an accent."""
    made = []
    while not made or not set(made[-1].id) & set("ace"):
        made.append(connection.identity.create_project(name=f"writings-{len(made)}"))
    yield made[-1]
    for item in made:
        connection.identity.delete_project(item)


@pytest.fixture
def rows(connection, image):
    """Return a function that lists the members in Glance, with one entry for each row."""
    return lambda: sorted(item.member_id for item in connection.image.members(image.id))


@pytest.fixture
def twice(bulk, image, team):
    """Yield a project that has two rows in Glance's database, one of them in capitals."""
    bulk.members([(image.id, item, "pending") for item in (team.id, capitals(team.id))])
    yield team
    bulk.remove_members([image.id])


@WRITINGS
def test_member_in_another_writing_is_the_project_and_ticked(
    admin, connection, image, team, writing
):
    """Each list has one ticked row for the member, with Keystone's name and Glance's text."""
    listed = writing(team.id)
    connection.image.add_member(image.id, member_id=listed)
    first = text(admin.get(url(image), **AJAX))
    assert rows_of(first, team.name) == [(listed, True)]
    for search in (team.name, team.id):
        found = text(admin.get(f"{url(image)}projects/", {"search": search}, **AJAX))
        assert rows_of(found, team.name) == [(listed, True)]


@WRITINGS
def test_member_in_another_writing_is_removed(admin, connection, image, rows, team, writing):
    """After the removal, Glance itself says that the project no longer has access."""
    connection.image.add_member(image.id, member_id=writing(team.id))
    response = admin.post(url(image), {"remove": writing(team.id)}, **AJAX)
    assert response.status_code == 204, text(response)
    assert "no longer shared" in text(response)
    assert rows() == []
    address = f"/images/{image.id}/members/{team.id}"
    assert connection.image.get(address).status_code == 404


@WRITINGS
def test_project_that_has_access_in_another_writing_is_not_shared_with_now(
    admin, connection, image, rows, team, writing
):
    """The member is accepted on behalf of the project, and Glance gets no second row."""
    connection.image.add_member(image.id, member_id=writing(team.id))
    response = admin.post(url(image), {"add": team.id, "accept": "on"}, **AJAX)
    assert response.status_code == 204, text(response)
    assert "is accepted on behalf of" in text(response)
    assert "is now shared" not in text(response)
    assert rows() == [writing(team.id)]


def test_two_writings_added_at_once_are_one_member(admin, image, rows, team):
    """Keystone finds the project by both texts, and its answers have the right ID."""
    response = admin.post(url(image), {"add": [capitals(team.id), team.id]}, **AJAX)
    assert response.status_code == 204, text(response)
    assert rows() == [team.id]


def test_two_rows_are_shown_as_two_and_both_are_the_project(admin, image, twice):
    """The dialog shows both rows of Glance under the project's name."""
    page = text(admin.get(url(image), **AJAX))
    expected = [(item, True) for item in (twice.id, capitals(twice.id))]
    assert sorted(rows_of(page, twice.name)) == sorted(expected)


@pytest.mark.parametrize("which", [[str], [capitals], [str, capitals]], ids=len)
def test_project_with_two_rows_loses_its_access_wholly(
    admin, connection, image, rows, twice, which
):
    """Removing either row removes both: the removal repeats over two seconds until none is left."""
    change = {"remove": [writing(twice.id) for writing in which]}
    response = admin.post(url(image), change, **AJAX)
    assert response.status_code == 204, text(response)
    assert rows() == []
    assert connection.image.get(f"/images/{image.id}/members/{twice.id}").status_code == 404


def test_it_is_not_called_removed_when_glance_does_not_say_so(
    admin, image, monkeypatch, rows, twice
):
    """A project is not called removed when Glance removes one of its rows and then fails."""
    remove, removed = Glance.remove_member, []

    def once(self, image_id, member):
        if removed:
            raise ServiceError("Glance", Reason.FORBIDDEN, 403)
        removed.append(member)
        return remove(self, image_id, member)

    monkeypatch.setattr(Glance, "remove_member", once)
    page = text(admin.post(url(image), {"remove": twice.id}, **AJAX))
    assert "no longer shared" not in page
    assert selected(page) == {twice.id: "remove"}
    assert len(rows()) == 1


def test_member_with_an_accent_is_removed_by_its_letter(admin, connection, image, rows):
    """The member "á" is removed under "a", because Glance 33 reads a path as Latin-1."""
    connection.image.add_member(image.id, member_id="á")
    assert connection.image.get(f"/images/{image.id}/members/á").status_code == 404
    response = admin.post(url(image), {"remove": "á"}, **AJAX)
    assert response.status_code == 204, text(response)
    assert rows() == []


def test_member_that_glance_has_no_address_for_is_shown_and_refused(admin, connection, image, rows):
    """The panel sends no part of a change that removes a member without an address."""
    member = "日本"
    connection.image.add_member(image.id, member_id=member)
    assert connection.image.get(f"/images/{image.id}/members/{member}").status_code == 404
    page = text(admin.get(url(image), **AJAX))
    [(listed, ticked)] = rows_of(page, member)
    assert (listed, ticked) == (member, True)
    response = admin.post(url(image), {"remove": member}, **AJAX)
    assert "Can only be removed in Glance&#x27;s database" in text(response)
    assert rows() == [member]
