# SPDX-License-Identifier: Apache-2.0
"""Searching for all matching projects in order, and finding projects by name."""

import pytest

from tests.unit.test_keystone import (
    PROJECTS,
    database,  # noqa: F401
    identifier,
    keystone,  # noqa: F401
    record,
)
from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.services import matches


def found(*given, **query):
    """Return the names of the projects that a search finds."""
    return [project.name for project in matches.matching(*given, **query).projects]


def test_matches_are_in_alphabetical_order(keystone, database):  # noqa: F811
    """Matches are in alphabetical order, whatever Keystone's order and the case."""
    database(["zeta team", "Team B", "team a", "other"])
    assert found(keystone, "team") == ["team a", "Team B", "zeta team"]


@pytest.mark.parametrize("cut", [30, 1000])
def test_matches_beyond_one_answer_are_all_there(keystone, database, cut):  # noqa: F811
    """All matches are read, although Keystone silently truncates its answers."""
    names = [f"team-{number:03}" for number in range(100)]
    database(names[::-1], cut=cut)
    assert matches.matching(keystone, "team").complete
    assert found(keystone, "team") == names


def test_thousand_matches_are_put_in_order(keystone, database):  # noqa: F811
    """A thousand matches cost two requests; the second shows that there are no more."""
    asked = database(["x"] * 1000)
    assert matches.matching(keystone, "x").complete
    assert len(asked) == 2


def test_more_than_a_thousand_matches_are_not_all_read(keystone, database):  # noqa: F811
    """A search for one letter in a large cloud costs at most two requests."""
    asked = database(["x"] * 5000)
    answer = matches.matching(keystone, "x")
    assert not answer.complete
    assert len(asked) == 2


def test_search_that_keystone_takes_for_everything_ends(keystone, database):  # noqa: F811
    """A search for "%" scans a bounded number of projects, and is marked as incomplete."""
    asked = database(["a%"] + ["x"] * 7000)
    answer = matches.matching(keystone, "%")
    assert [project.name for project in answer.projects] == ["a%"]
    assert not answer.complete
    assert len(asked) == 5


def test_project_is_matched_by_its_id(keystone, database, requests_mock):  # noqa: F811
    """A search for an ID finds its project and projects that have the ID in their names."""
    database([f"copy of {identifier(9)}"])
    requests_mock.get(f"{PROJECTS}/{identifier(9)}", json={"project": record(9, name="nine")})
    assert found(keystone, identifier(9)) == [f"copy of {identifier(9)}", "nine"]
    assert found(keystone, identifier(9), domain_id="elsewhere") == [f"copy of {identifier(9)}"]


def test_search_that_no_name_can_contain_matches_nothing(keystone, database):  # noqa: F811
    """A search that no name can contain sends no request."""
    asked = database(["x"])
    assert matches.matching(keystone, "x" * 65) == matches.Matches([], complete=True)
    assert asked == []


def test_projects_with_a_tag(keystone, database):  # noqa: F811
    """A search by tag scans all projects, because Keystone cannot filter by tag this way."""
    tagged = [{"name": f"p{number}", "tags": ["gpu", "eu"]} for number in range(3)]
    asked = database([*tagged, {"name": "other", "tags": ["gpu2"]}] + ["x"] * 6000)
    answer = matches.matching(keystone, tag="gpu")
    assert [project.name for project in answer.projects] == ["p0", "p1", "p2"]
    assert answer.complete
    assert len(asked) == 7


# -- by name


def named(keystone, *names):  # noqa: F811
    """Return the IDs of the projects with these names."""
    answer = matches.find(keystone, names).by_name
    return {name: sorted(project.id for project in answer[name]) for name in answer}


@pytest.mark.parametrize("more", [0, 50])
def test_projects_are_found_by_their_names(keystone, database, more):  # noqa: F811
    """Names in two domains, in another case or unknown work with look-ups and full reads."""
    database(["dev", {"name": "dev", "domain_id": "partners"}, "Ops", "OPS2", "ops2"])
    unknown = {f"nobody-{number}": [] for number in range(more)}
    assert named(keystone, "dev", "ops", "ops2", "de", "x" * 65, *unknown) == {
        "dev": [identifier(1), identifier(2)],
        "ops": [identifier(3)],
        "ops2": [identifier(5)],
        "de": [],
        **unknown,
    }


def test_few_names_are_looked_up(keystone, database):  # noqa: F811
    """Few names are looked up one by one, and each existing one costs one request."""
    asked = database([f"p{number}" for number in range(5000)])
    assert named(keystone, "p1", "p4000") == {"p1": [identifier(2)], "p4000": [identifier(4001)]}
    assert len(asked) == 2


def test_many_names_in_a_small_cloud_cost_its_pages(keystone, database):  # noqa: F811
    """Many names in a small cloud are found on its pages, without a look-up of any name."""
    names = [f"p{number}" for number in range(500)]
    asked = database(names)
    assert all(named(keystone, *names).values())
    assert len(asked) == 2


def test_many_names_in_a_large_cloud_cost_half_as_much_again(keystone, database):  # noqa: F811
    """For many names in a large cloud, reading pages ends at half the cost of the look-ups."""
    asked = database([f"p{number}" for number in range(2_000)])
    assert all(named(keystone, *(f"p{number}" for number in range(50))).values())
    assert len(asked) == 1 + 50


@pytest.mark.parametrize("more", [0, 50])
def test_projects_are_found_by_their_ids(keystone, database, requests_mock, more):  # noqa: F811
    """Projects are found by ID, either with look-ups or among all projects."""
    database(["dev", "ops"])
    requests_mock.get(f"{PROJECTS}/{identifier(2)}", json={"project": record(2, name="ops")})
    requests_mock.get(f"{PROJECTS}/{identifier(9)}", status_code=404)
    names = [f"nobody-{number}" for number in range(more)]
    found = matches.find(keystone, names, [identifier(2), identifier(9)])
    assert {item: project.name for item, project in found.by_id.items()} == {identifier(2): "ops"}


def test_failure_is_no_empty_answer(keystone, requests_mock):  # noqa: F811
    """A failure of Keystone does not make a name unknown."""
    requests_mock.get(PROJECTS, status_code=400)
    with pytest.raises(ServiceError):
        matches.find(keystone, ["dev"])
    with pytest.raises(ServiceError):
        matches.matching(keystone, "dev")
