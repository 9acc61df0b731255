# SPDX-License-Identifier: Apache-2.0
"""Names in sentences."""

from hypothesis import given, settings
from hypothesis import strategies as st

from xloud_images_panel import naming, texts


@settings(deadline=None)
@given(st.text(st.sampled_from("{$} a…\u200b"), max_size=12))
def test_no_expression_begins_in_an_inert_text(text):
    """AngularJS looks for the beginning first; without one, an end ends nothing."""
    made = texts.inert(text)
    assert "{{" not in made
    assert "{$" not in made
    assert "…" not in made
    assert made.replace("\u200b", "") == text.replace("\u200b", "").replace("…", "...")


def test_long_names_are_cut_in_the_middle():
    """Both ends are seen."""
    text = texts.enumerated(["a" * 200 + "b" * 200, "c"])
    assert len(text) == naming.LONGEST + len(" and c")
    assert text.startswith("aaa")
    assert text.endswith("bbb and c")
