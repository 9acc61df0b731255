# SPDX-License-Identifier: Apache-2.0
"""Text as readers see it: whether it shows anything, and whether two texts look the same.

Names may contain characters without a shape of their own, or the same letter in several forms.
Glance compares names byte by byte or as its database does, so the panel compares them itself.
"""

import unicodedata

# Characters that are blank although their category is letters, marks or symbols.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# Controls, formats and unassigned characters: fonts show nothing, or the same empty box.
_WITHOUT_SHAPE = ("Cc", "Cf", "Cn")


def shows(text: str) -> bool:
    """Return whether a text shows anything."""
    return bool(folded(text))


def seen(text: str) -> str:
    """Return the visible text, with letters composed and each run of blanks as one."""
    there = "".join(char for char in text if not _is_invisible(char))
    return " ".join(unicodedata.normalize("NFC", there).split())


def folded(text: str) -> str:
    """Return a form that is equal for texts that look the same to a reader.

    Case, the composition of letters and their compatibility forms make no difference (Unicode's
    NFKC and case folding), nor do characters without a shape. A run of blanks becomes one, as a
    browser shows it.
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
