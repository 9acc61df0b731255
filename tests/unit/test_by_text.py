# SPDX-License-Identifier: Apache-2.0
"""Finding projects and images by a user's text."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.unit.conftest import GLANCE
from tests.unit.test_glance import record as image_record
from tests.unit.test_keystone import (
    PROJECTS,
    database,  # noqa: F401
    identifier,
    keystone,  # noqa: F401
    record,
)
from xloud_images_panel.services import by_text, image_lists


def names(meant):
    """Return the names of the matches."""
    return [item.name for item in meant.items]


# -- projects


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("team", ["team"]),
        ("TEAM", ["team"]),
        ("tea", ["team", "team-b"]),
        ("-B", ["team-b"]),
        ("%", []),
        ("x" * 65, []),
        ("a\x00b", []),
        ("a/b", []),
    ],
)
def test_projects_by_name(keystone, database, asked, found):  # noqa: F811
    """An exact name matches alone; otherwise all projects match whose names contain the text."""
    database(["team", "team-b", "other"])
    meant = by_text.projects(keystone, asked, 20)
    assert names(meant) == found
    assert meant.complete


def test_projects_of_one_name_are_all_meant(keystone, database):  # noqa: F811
    """A name matches in all domains, because each may have a project of that name."""
    database(["team", {"name": "team", "domain_id": "partners"}])
    assert [item.domain_id for item in by_text.projects(keystone, "team", 20).items] == [
        "default",
        "partners",
    ]


@pytest.mark.parametrize(("most", "complete"), [(3, False), (4, True)])
@pytest.mark.parametrize("asked", ["tea", "team"])
def test_more_projects_than_are_wanted(keystone, database, asked, most, complete):  # noqa: F811
    """The result is incomplete only if more projects match."""
    database([{"name": "team", "domain_id": str(number)} for number in range(4)])
    meant = by_text.projects(keystone, asked, most)
    assert len(meant.items) == most
    assert meant.complete is complete


def test_more_projects_than_can_be_looked_through(keystone, database):  # noqa: F811
    """A search through too many projects is incomplete: Keystone treats "%" as a wildcard."""
    database(["a%"] + ["x"] * 7000)
    meant = by_text.projects(keystone, "%", 20)
    assert names(meant) == ["a%"]
    assert not meant.complete


def test_project_by_id(keystone, requests_mock):  # noqa: F811
    """An ID, even in capitals, finds its project with one request."""
    url = f"{PROJECTS}/{identifier(0xABC)}"
    requests_mock.get(url, json={"project": record(0xABC)})
    assert names(by_text.projects(keystone, identifier(0xABC).upper(), 20)) == ["project-2748"]
    assert requests_mock.call_count == 1


def test_name_that_looks_like_an_id_is_a_name(keystone, database, requests_mock):  # noqa: F811
    """A text that looks like an ID is a name if no project has that ID."""
    name = "a" * 32
    database([name])
    requests_mock.get(f"{PROJECTS}/{name}", status_code=404)
    assert names(by_text.projects(keystone, name, 20)) == [name]


def test_id_of_another_form(keystone, database, requests_mock):  # noqa: F811
    """A text is looked up as an ID if no name contains it."""
    database(["team"])
    requests_mock.get(f"{PROJECTS}/legacy-7", json={"project": {**record(1), "id": "legacy-7"}})
    assert [item.id for item in by_text.projects(keystone, "legacy-7", 20).items] == ["legacy-7"]


# -- images


@pytest.fixture
def asked(requests_mock):
    """Return the names requested from a Glance with one visible and one hidden image."""
    asked = []

    def answer(request, _context):
        # requests_mock lowercases the query.
        query = parse_qs(urlsplit(request._request.url).query)
        assert query["visibility"] == ["all"]
        asked.append(query.get("name", [""])[0])
        hidden = query.get("os_hidden") == ["true"]
        found = [image_record(2, name="Golden", os_hidden=True)] if hidden else [image_record(1)]
        wanted = asked[-1].removeprefix('in:"').removesuffix('"')
        return {"images": [item for item in found if wanted in ("", item["name"])]}

    requests_mock.get(f"{GLANCE}/v2/images", json=answer)
    return asked


def test_image_by_its_name_is_asked_for(images, asked):
    """A whole name is requested from both of Glance's lists, without a scan."""
    assert names(by_text.images(images, "Golden", 20)) == ["Golden"]
    assert asked == ['in:"Golden"'] * 2


def test_name_in_another_case_is_a_part(images, asked, requests_mock):
    """A name in another case, which MariaDB takes for equal, matches like a part of a name."""
    requests_mock.get(
        f"{GLANCE}/v2/images", json={"images": [image_record(1, name="golden-7"), image_record(2)]}
    )
    assert names(by_text.images(images, "GOLDEN-7", 20)) == ["golden-7"]


def test_image_by_part_of_its_name_is_looked_for(images, asked):
    """Part of a name is found by a scan, which ignores case."""
    assert names(by_text.images(images, "gold", 20)) == ["Golden"]
    assert asked[2:] == ["", ""]


@pytest.mark.parametrize("name", ['a"b', "a\\b"])
def test_name_that_glance_cannot_be_asked_for_is_looked_for(images, asked, name):
    """A name is scanned for if it has characters that Glance's filter cannot escape."""
    assert names(by_text.images(images, name, 20)) == []
    assert asked == ["", ""]


@pytest.mark.parametrize(("most", "complete"), [(2, False), (3, True)])
@pytest.mark.parametrize("asked", ["twin", "twi"])
def test_more_images_than_are_wanted(images, requests_mock, asked, most, complete):
    """The result is incomplete only if more images match."""

    def answer(request, _context):
        query = parse_qs(urlsplit(request._request.url).query)
        named = query.get("name", ['in:"twin"']) == ['in:"twin"']
        there = named and query.get("os_hidden") != ["true"]
        return {"images": [image_record(number, name="twin") for number in range(3)] * there}

    requests_mock.get(f"{GLANCE}/v2/images", json=answer)
    meant = by_text.images(images, asked, most)
    assert len(meant.items) == most
    assert meant.complete is complete


def test_more_images_than_can_be_looked_through(images, requests_mock, monkeypatch):
    """A scan that stopped early is incomplete; it does not prove that no image matches."""
    monkeypatch.setattr(image_lists, "MOST_BATCHES", 1)
    page = {"images": [image_record(1)], "next": "/v2/images?marker=1"}
    requests_mock.get(f"{GLANCE}/v2/images", json=page)
    meant = by_text.images(images, 'a"b', 20)
    assert meant.items == []
    assert not meant.complete


@pytest.mark.parametrize("name", ["x" * 256, "\u200b"])
def test_text_that_is_in_no_name_asks_nothing(images, asked, name):
    """A text that is too long, or has no visible character, sends no request."""
    assert names(by_text.images(images, name, 20)) == []
    assert asked == []
