# SPDX-License-Identifier: Apache-2.0
"""More projects than Keystone returns at once: 1,500, with its default limit of 1,000."""

import sqlite3
import uuid

import pytest

from tests.environment import CLOUD
from xloud_images_panel.dashboard import actor
from xloud_images_panel.services import domains as domains_module
from xloud_images_panel.services import keystone

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}
COUNT = 1500


@pytest.fixture(scope="module")
def crowd(cloud):
    """The names of new projects by ID, in Keystone's order.

    They are written into Keystone's database, because its API would take minutes.
    """
    names = {uuid.uuid4().hex: f"crowd-{number:04}" for number in range(COUNT)}
    with sqlite3.connect(CLOUD.folder / "keystone.db", timeout=20) as database:
        database.executemany(
            "INSERT INTO project"
            " (id, name, extra, description, enabled, domain_id, parent_id, is_domain)"
            " VALUES (?, ?, '{}', '', 1, 'default', 'default', 0)",
            names.items(),
        )
    database.close()
    yield dict(sorted(names.items()))
    with sqlite3.connect(CLOUD.folder / "keystone.db", timeout=20) as database:
        database.executemany("DELETE FROM project WHERE id = ?", [(id_,) for id_ in names])
    database.close()


@pytest.fixture(scope="module")
def address(cloud):
    """The address of a project table's rows for a shared image."""
    image = cloud.connection("admin").image.find_image("ubuntu-24.04-lts", ignore_missing=False)
    return f"/admin/images/{image.id}/access/projects/"


@pytest.fixture
def found(login, address, settings):
    """Return a function that returns the project IDs on all pages of a query."""
    settings.API_RESULT_PAGE_SIZE = 100
    admin = login("admin")

    def found(**query):
        ids, cursor = [], ""
        while True:
            page = admin.get(address, {**query, "cursor": cursor}).context["page"]
            ids += [row.project.id for row in page.rows]
            cursor = page.cursor
            if not cursor:
                return ids

    return found


def test_keystone_cuts_its_list(cloud, crowd):
    """Keystone's own list silently ends after 1,000 projects, hence these tests."""
    assert len(cloud.connection("admin").identity.get("/projects").json()["projects"]) < COUNT


def test_paging_reaches_every_project(found, crowd):
    """Each project appears once, from the first page to the last."""
    ids = found()
    assert len(ids) == len(set(ids))
    assert crowd.keys() < set(ids)


def test_search_finds_every_project(found, crowd):
    """Part of a name, in any case, finds exactly the projects whose names contain it."""
    assert set(found(search="ROWD-")) == crowd.keys()
    assert {crowd[id_] for id_ in found(search="rowd-14")} == {
        f"crowd-14{number:02}" for number in range(100)
    }


@pytest.mark.parametrize("position", [0, 999, 1000, COUNT - 1])
def test_project_is_found_wherever_it_stands(found, crowd, position):
    """A project is found by its name and its ID, before and after the place where Keystone cuts."""
    id_, name = list(crowd.items())[position]
    assert found(search=name) == [id_]
    assert found(search=id_) == [id_]


@pytest.mark.parametrize(
    ("member", "why"),
    [
        ("two words", ""),
        ("x" * 200, ""),
        (" ", ""),
        ("..", "Can only be removed in Glance"),  # no client can send a request for it
        ("ü", "Can only be removed in Glance"),  # Glance lists it but does not find it
    ],
)
def test_member_that_is_no_project_keeps_nothing_from_being_done(
    admin, connection, image, members, crowd, member, why
):
    """Glance accepts any text as a member; such a member is marked, and removed if possible."""
    connection.image.add_member(image.id, member_id=member)
    url = f"/admin/images/{image.id}/access/"
    rows = admin.get(url, **AJAX).context["page"].rows
    [row] = [row for row in rows if row.project.id == member]
    assert row.no_project
    assert row.removable is not bool(why)

    team = next(iter(crowd))
    response = admin.post(url, {"add": team, "remove": member}, **AJAX)
    assert response.status_code == (200 if why else 204)
    assert why in response.content.decode()
    assert members() == ({member: "pending"} if why else {team: "pending"})


def test_every_domain_is_named(admin, address, connection, monkeypatch):
    """All domains are read in pages: Keystone accepts a domain as a marker, like a project."""
    monkeypatch.setattr(domains_module, "CUT_AT", 20)
    domains = [connection.identity.create_domain(name=f"crowd-{n}") for n in range(20)]
    try:
        request = admin.get(f"{address}", {"search": "platform"}).wsgi_request
        names = keystone.Keystone(actor.connection(request)).domains.listed().values()
    finally:
        for domain in domains:
            connection.identity.update_domain(domain, enabled=False)
            connection.identity.delete_domain(domain)
    assert {domain.name for domain in domains} <= set(names)
