# SPDX-License-Identifier: Apache-2.0
"""Leaving rows out of Horizon's overview of an image."""

import pytest

from xloud_images_panel.dashboard.details.overview import without_row

LIST = """<dl>
  <dt>Owner</dt>
  <dd>0123</dd>
  <dt>Status</dt>
  <dd>Active</dd>
</dl>"""


def test_row_is_left_out_with_its_value():
    """A row is left out together with its value, and nothing else is."""
    assert "".join(without_row(LIST, "Owner").split()) == "<dl><dt>Status</dt><dd>Active</dd></dl>"


@pytest.mark.parametrize("title", ["Besitzer", "Own.r", "Owner</dt>"])
def test_other_titles_leave_it_as_it_is(title):
    """Other titles change nothing, because a title is text, not a pattern."""
    assert without_row(LIST, title) == LIST


@pytest.mark.parametrize(
    "row",
    [
        '<dt title="Owner">Owner</dt><dd>0123</dd>',
        "<dt>Owner</dt><dd><b>0123</b></dd>",
    ],
)
def test_rows_that_are_not_horizons_stay(row):
    """Other rows stay: properties may have any title, and an unknown value may contain markup."""
    assert without_row(row, "Owner") == row
