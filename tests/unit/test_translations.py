# SPDX-License-Identifier: Apache-2.0
"""Translations match their sources."""

import re
from pathlib import Path

import pytest
from babel.messages import pofile

LOCALE = Path(__file__).resolve().parent.parent.parent / "xloud_images_panel" / "locale"
CATALOGUES = sorted(LOCALE.rglob("*.po"))
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[a-z]")


def read(path):
    """Return a catalogue."""
    with path.open("rb") as file:
        return pofile.read_po(file, locale=path.parent.parent.name)


def texts(value):
    """Return the forms of a text; a plural has several."""
    return [value] if isinstance(value, str) else list(value)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: "-".join(path.parts[-3:]))
def test_placeholders_are_the_same(path):
    """Each translation has its source's %-placeholders; an additional one would be an error 500."""
    catalogue = read(path)
    assert [(message.id, errors) for message, errors in catalogue.check()] == []
    # Babel's checkers accept a missing placeholder.
    wrong = [
        message.id
        for message in catalogue
        if message.id
        for text in texts(message.string)
        if text and set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(texts(message.id)[0]))
    ]
    assert wrong == []


def test_german_is_there():
    """German has both catalogues: Django's and the browser's."""
    assert {path.name for path in (LOCALE / "de").rglob("*.po")} == {"django.po", "djangojs.po"}
