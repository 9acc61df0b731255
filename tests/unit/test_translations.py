# SPDX-License-Identifier: Apache-2.0
"""Translations fit what they translate."""

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
    """Return the forms of a text, of which there are several where it counts."""
    return [value] if isinstance(value, str) else list(value)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: "-".join(path.parts[-3:]))
def test_placeholders_are_the_same(path):
    """Every translation has the %-placeholders of its source; one more would be an error 500."""
    catalogue = read(path)
    assert [(message.id, errors) for message, errors in catalogue.check()] == []
    # Babel's checkers do not mind one that is missing.
    wrong = [
        message.id
        for message in catalogue
        if message.id
        for text in texts(message.string)
        if text and set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(texts(message.id)[0]))
    ]
    assert wrong == []


def test_german_is_there():
    """The first language has both catalogues: Django's and the browser's."""
    assert {path.name for path in (LOCALE / "de").rglob("*.po")} == {"django.po", "djangojs.po"}
