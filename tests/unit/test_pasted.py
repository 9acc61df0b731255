# SPDX-License-Identifier: Apache-2.0
"""Reading the lines of a pasted list of projects."""

import pytest

from xloud_images_panel.access.model import Project
from xloud_images_panel.dashboard.manage_access import pasted
from xloud_images_panel.services.matches import Found
from xloud_images_panel.services.readings import readings
from xloud_images_panel.services.spellings import folded

DOMAINS = {"default": "Default", "d1": "partners", "d2": "a/b"}


def project(number, name, domain="default"):
    """Return a project that exists."""
    return Project(f"{number:032x}", name, domain)


PROJECTS = [
    project(1, "dev"),
    project(2, "dev", "d1"),
    project(3, "ops"),
    project(4, "red, green"),
    project(5, "north/south"),
    project(6, "x", "d2"),
    project(7, "only here", "d1"),
]


def find(names, ids):
    """Return the projects with these names or IDs."""
    by_name = {
        name: [item for item in PROJECTS if folded(item.name) == folded(name)] for name in names
    }
    return Found(by_name, {item.id: item for item in PROJECTS if item.id in ids})


def resolved(text):
    """Return the numbers of the projects, the ambiguous entries and the unknown ones."""
    answer = pasted.resolve(pasted.entries(text), find, lambda: DOMAINS)
    found = [int(item.id, 16) for item in answer.found]
    ambiguous = [(text, [int(item.id, 16) for item in these]) for text, these in answer.ambiguous]
    return found, ambiguous, answer.unknown


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ops", [3]),
        ("OPS", [3]),
        (f"  {3:032x}  ", [3]),
        (f"{10:032X}\n{3:032X}", [3]),
        ("00000000-0000-0000-0000-000000000003", [3]),
        ("red, green", [4]),
        ("north/south", [5]),
        ("partners/dev", [2]),
        ("Partners / dev", [2]),
        ("d1/dev", [2]),
        ("default/dev", [1]),
        ("a/b/x", [6]),
        ("ops, only here", [3, 7]),
        ("ops,,partners/dev,", [3, 2]),
        ("ops\r\n\r\nonly here\r\nops", [3, 7]),
        ("ops\nOPS", [3]),
        ("", []),
        (" \n\t\n", []),
    ],
)
def test_lines_that_are_projects(text, found):
    """The whole line is tried before its parts; an ID before a name before a domain and a name."""
    assert resolved(text)[0] == found
    assert resolved(text)[1] == []


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("nobody", ["nobody"]),
        ("ops, nobody, ops2", ["nobody", "ops2"]),
        ("nowhere/dev", ["nowhere/dev"]),
        (f"{9:032x}", [f"{9:032x}"]),
        ("nobody\nnobody", ["nobody"]),
        ("<script>alert(1)</script>", ["<script>alert(1)</script>"]),
        ("/", ["/"]),
        (",", [","]),
        ("\u202e", ["\u202e"]),
    ],
)
def test_lines_that_are_none_are_kept(text, unknown):
    """Unknown lines stay as they were written."""
    assert resolved(text)[2] == unknown


def test_name_in_several_domains_is_for_the_user_to_choose():
    """A name in several domains is ambiguous, even in the middle of a line."""
    assert resolved("ops, dev") == ([3], [("dev", [1, 2])], [])


def test_domains_are_read_only_where_one_may_be_named():
    """Domains are read only if a line may name one, because reading them may cost a request."""
    pasted.resolve(["ops, dev"], find, lambda: pytest.fail("not needed"))


def test_id_is_no_name():
    """An ID is no name, because a project's creator may choose another's ID as its name."""
    hostile = Project("e" * 32, f"{3:032x}", "d1")
    there = Found({f"{3:032x}": [hostile]}, {})
    assert pasted.resolve([f"{3:032x}"], lambda names, ids: there, dict).unknown == [f"{3:032x}"]


def test_name_with_a_slash_takes_no_project_of_a_domain_away():
    """An entry that is one project's name and another's domain and name is ambiguous."""
    hostile = project(8, "partners/dev")

    def with_hostile(names, ids):
        found = find(names, ids)
        return Found({**found.by_name, hostile.name: [hostile]}, found.by_id)

    answer = pasted.resolve(["partners/dev"], with_hostile, lambda: DOMAINS)
    assert [sorted(item.id for item in these) for _text, these in answer.ambiguous] == [
        [f"{2:032x}", f"{8:032x}"]
    ]


def test_long_line_is_no_name():
    """A long line is no name, because reading it at each slash takes memory that grows with it."""
    assert readings("/a" * 4000) == []


def test_list_is_cut_by_its_entries():
    """The list is cut by entries, not lines; entries that do not fit stay in the box."""
    lines = ["a", ", ".join("b" * 3), *map(str, range(pasted.MOST))]
    taken, left = pasted.first(lines)
    assert (taken, left) == (lines[: pasted.MOST - 2], lines[pasted.MOST - 2 :])
    taken, left = pasted.first([",".join(map(str, range(pasted.MOST + 1)))])
    assert (len(taken), left) == (pasted.MOST, [str(pasted.MOST)])


def test_line_of_slashes_ends():
    """Reading a line of slashes ends, although each could separate a domain from a name."""
    text = "/".join("x" * 100)
    assert resolved(text) == ([], [], [text])
