# SPDX-License-Identifier: Apache-2.0
"""The panel's sentences: reasons, and names in them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.dashboard import naming, say, texts


@settings(deadline=None)
@given(st.text(st.sampled_from("{$} a…\u200b"), max_size=12))
def test_no_expression_begins_in_an_inert_text(text):
    """No expression starts in an inert text; AngularJS ignores an end without a start."""
    made = say.inert(text)
    assert "{{" not in made
    assert "{$" not in made
    assert "…" not in made
    assert made.replace("\u200b", "") == text.replace("\u200b", "").replace("…", "...")


def test_long_names_are_cut_in_the_middle():
    """Long names are cut in the middle, so that both ends stay visible."""
    text = texts.enumerated(["a" * 200 + "b" * 200, "c"])
    assert len(text) == naming.LONGEST + len(" and c")
    assert text.startswith("aaa")
    assert text.endswith("bbb and c")


def test_quota_is_named():
    """A message about the quota has Glance's own number."""
    error = ServiceError("Glance", Reason.OVER_QUOTA, 413, "attempted=129, maximum=128")
    assert "quota of 128 projects" in texts.describe(error)
    assert "used up" in texts.describe(ServiceError("Glance", Reason.OVER_QUOTA, 413))


@pytest.mark.parametrize("text", ["{$ 1 $}", "{{ 1 }}"])
def test_angularjs_does_not_find_its_brackets(text):
    """AngularJS shows a name in a message but does not evaluate it."""
    assert "{$" not in say.inert(text)
    assert "{{" not in say.inert(text)
