# SPDX-License-Identifier: Apache-2.0
"""Text as the eye has it: whether it shows anything, and whether two texts look the same.

Names may contain characters without a shape of their own, or the same letter in several forms.
Glance compares names byte by byte or as its database does, so the panel compares them itself.
"""

import unicodedata

# Letters, marks and symbols by their category that are blank nevertheless.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# Controls, formats and unassigned characters: fonts show nothing, or the same empty box.
_WITHOUT_SHAPE = ("Cc", "Cf", "Cn")


def shows(text: str) -> bool:
    """Return whether there is anything to see in a text."""
    return bool(folded(text))


def seen(text: str) -> str:
    """Return what a reader sees of a text: letters are composed, and blanks in a row are one."""
    there = "".join(char for char in text if not _is_invisible(char))
    return " ".join(unicodedata.normalize("NFC", there).split())


def folded(text: str) -> str:
    """Return the form that texts have in common when a reader would call them the same.

    Case, the composition of letters and their compatibility forms make no difference (Unicode's
    NFKC and case folding), nor do characters without a shape; blanks in a row are one, as a
    browser shows them.
    """
    composed = unicodedata.normalize("NFKC", seen(text)).casefold()
    return " ".join(unicodedata.normalize("NFKC", composed).split())


def _is_invisible(char: str) -> bool:
    return not char.isspace() and (
        char in _BLANK
        or unicodedata.category(char) in _WITHOUT_SHAPE
        or "\ufe00" <= char <= "\ufe0f"  # variation selectors
        or "\U000e0100" <= char <= "\U000e01ef"
    )
