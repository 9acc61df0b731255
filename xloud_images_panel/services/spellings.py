# SPDX-License-Identifier: Apache-2.0
"""Searches for names in Keystone: spellings to ask for, and a form to match answers by."""

import unicodedata

# The most characters of a project's name. Keystone answers 500 to a search for more.
LONGEST_NAME = 64


def folded(text: str) -> str:
    """Return a text without differences in case and Unicode form."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def spellings(search: str) -> tuple[str, ...]:
    """Return spellings by which Keystone finds names that contain a text in any case.

    Keystone's database folds at least the case of ASCII, and on SQLite nothing else.
    There, searches miss a name that mixes the case of other letters (``äÖ`` by ``Äö``),
    or that has a letter that becomes two (``straße`` by ``STRASSE``).

    :returns: texts that differ in more than the case of ASCII; the empty text
        for everything; none if no name can contain the text
    """
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in search):
        return ()
    forms = [search, *(unicodedata.normalize(form, search) for form in ("NFC", "NFD"))]
    forms += [change(form) for form in forms for change in (str.lower, str.upper)]
    found: dict[str, str] = {}
    for form in forms:
        if len(form) <= LONGEST_NAME:
            # MariaDB reads a backslash as an escape; both databases read "_" as any character.
            form = form.replace("\\", "_")
            found.setdefault(_ascii_lower(form), form)
    return tuple(found.values())


def _ascii_lower(text: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)
