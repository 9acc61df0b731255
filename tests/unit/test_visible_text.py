# SPDX-License-Identifier: Apache-2.0
"""Texts that look the same, and texts that show nothing."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xloud_images_panel.access.visible_text import folded, shows

words = st.text(st.characters(categories=["L", "N", "P", "S", "Z"]), max_size=12)


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
@given(words)
def test_form_makes_no_difference(form, text):
    """Composed letters and compatible forms, such as full-width letters, make no difference."""
    assert folded(unicodedata.normalize(form, text)) == folded(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GOLDEN", "golden"),
        ("Straße", "STRASSE"),
        ("ÉCLAIR", "e\u0301clair"),
        ("ﬁne", "FINE"),
        ("gol\u200bden", "golden"),  # Horizon's messages do this to keep AngularJS from compiling
        ("a\u00a0 \t b", "a b"),  # a browser shows one blank
        ("a\tb", "a b"),
        (" a ", "a"),
        ("❤\ufe0f", "❤\ufe0e"),  # a picture or a letter
        ("\u8fbb\U000e0100", "\u8fbb\U000e01ef"),  # forms of one Chinese character
    ],
)
def test_looks_the_same(one, other):
    """Texts that a reader cannot distinguish are equal."""
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), [("e", "é"), ("ab", "a b"), ("0", "O"), ("\u0131", "I")])
def test_looks_different(one, other):
    """Accents and blanks are visible; similar letters and Turkish letters stay distinct."""
    assert folded(one) != folded(other)


@pytest.mark.parametrize("text", ["", " ", "\t\n", "\u200b", "\u202e\u2066", "\x00\x07", "\u3164"])
def test_shows_nothing(text):
    """Blanks, invisible characters, control characters and fillers show nothing."""
    assert not shows(text)


@pytest.mark.parametrize("selector", ["\ufe00", "\ufe0f", "\U000e0100", "\U000e01ef"])
def test_choice_of_a_form_shows_nothing_by_itself(selector):
    """A variation selector, here the first and last of each kind, shows nothing by itself."""
    assert not shows(selector)


@pytest.mark.parametrize("text", ["\ufdff", "\ufe10"])
def test_neighbours_of_the_choices_are_no_choice(text):
    """The neighbours of variation selectors are characters of their own."""
    assert folded(f"a{text}") != "a"


@pytest.mark.parametrize("text", ["\u115f", "\u2800"])
def test_fillers_show_nothing(text):
    assert not shows(text)


@pytest.mark.parametrize("text", ["a", " a ", "\u200bx", ".", "💿"])
def test_shows_something(text):
    """A text with one visible character shows something."""
    assert shows(text)
