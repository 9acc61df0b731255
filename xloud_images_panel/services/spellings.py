# SPDX-License-Identifier: Apache-2.0
"""Searches for names in Keystone: by which spellings to ask, and what an answer has to match."""

import unicodedata

# Characters of a project's name. Keystone answers 500 when it is asked for more.
LONGEST_NAME = 64


def folded(text: str) -> str:
    """Return a text without differences in case and Unicode form."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def spellings(search: str) -> tuple[str, ...]:
    """Return how to ask Keystone for names that contain a text in any case.

    Its database folds the case of ASCII at least, of nothing else on SQLite. Not
    found there is a name that mixes the case of other letters (``äÖ`` by ``Äö``),
    or one with a letter that becomes two (``straße`` by ``STRASSE``).

    :returns: texts that differ in more than the case of ASCII; the empty one
        for everything; none when no name can contain the text
    """
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in search):
        return ()
    forms = [search, *(unicodedata.normalize(form, search) for form in ("NFC", "NFD"))]
    forms += [change(form) for form in forms for change in (str.lower, str.upper)]
    found: dict[str, str] = {}
    for form in forms:
        if len(form) <= LONGEST_NAME:
            # MariaDB takes a backslash for an escape, and both databases this for any character.
            form = form.replace("\\", "_")
            found.setdefault(_ascii_lower(form), form)
    return tuple(found.values())


def _ascii_lower(text: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)
