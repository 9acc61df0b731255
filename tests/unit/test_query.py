# SPDX-License-Identifier: Apache-2.0
"""The query of the project table, and the start of a page in an ordered list."""

import pytest
from django.http import QueryDict

from xloud_images_panel.dashboard.manage_access.query import (
    BadQuery,
    Query,
    cursor_after,
    offset_after,
)


def asked(text):
    """Return the query of a request."""
    return Query.of(QueryDict(text))


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", Query()),
        ("search= team ", Query(search="team")),
        ("search=tag:gpu", Query(tag="gpu")),
        ("search=tag:", Query(search="tag:")),
        ("search=" + "x" * 300, Query(search="x" * 255)),
        ("domain_id=abc&status=pending", Query(domain_id="abc", status="pending")),
        ("cursor=projects:abc", Query(place="projects", start="abc")),
        ("cursor=members:100", Query(place="members", start="100")),
        (
            "search=x&cursor=matches:20-abc",
            Query(search="x", place="matches", start="20-abc"),
        ),
    ],
)
def test_request_is_read(text, query):
    """Blanks around a search are ignored, and a prefix marks a tag."""
    assert asked(text) == query


@pytest.mark.parametrize(
    "text",
    [
        "cursor=nowhere:1",
        "cursor=members:x",
        "cursor=matches:20-abc",
        "search=x&cursor=members:100",
        "search=x&status=pending&cursor=matches:20-abc",
        "cursor=matches:20",
        "cursor=matches:x-abc",
        "cursor=projects:../x",
        "cursor=projects:",
        "domain_id=a/b",
        "status=half",
    ],
)
def test_what_no_page_gave_out_is_refused(text):
    """A text that no page has produced is refused before a request to Keystone."""
    with pytest.raises(BadQuery):
        asked(text)


@pytest.mark.parametrize(
    ("ids", "offset"),
    [
        ("abcdef", 3),
        ("abc", 3),
        ("abxcdef", 4),
        ("acdef", 2),
        ("abdef", 3),
        ("a", 1),
        ("", 0),
    ],
)
def test_page_begins_behind_the_last_project_wherever_it_stands(ids, offset):
    """A page begins after the last project wherever it is, or at its old offset if it is gone."""
    start = cursor_after(3, "c").removeprefix("matches:")
    assert offset_after(start, list(ids)) == offset
    assert offset_after("", list(ids)) == 0
