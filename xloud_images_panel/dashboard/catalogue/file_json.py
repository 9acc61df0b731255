# SPDX-License-Identifier: Apache-2.0
"""A file of access and the matches of its entries, as a browser keeps them between requests.

The server stores no file. The browser returns the parsed and resolved parts with the next request;
its user is an administrator who could request each change directly. Malformed data raises
:class:`.plan_part.BadPart`. Texts of a file are never used as keys of an object, because JavaScript
objects have keys of their own.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from xloud_images_panel.access.document import Document, Entry, ImageEntry, Kind, Mode
from xloud_images_panel.access.finding import Finding
from xloud_images_panel.access.model import Image, Project, is_image_id
from xloud_images_panel.access.wanted import Cloud
from xloud_images_panel.dashboard import file_texts, naming, texts
from xloud_images_panel.dashboard.catalogue.plan_part import BadPart, text_of

Thing = TypeVar("Thing")

# Candidates of an ambiguous name that a sentence lists.
_MOST_NAMED = 20


def findings(found: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings about lines."""
    return [
        {
            "line": finding.line,
            "severity": finding.severity.value,
            "text": naming.cut(texts.in_sentence(finding.text)),
            "why": file_texts.sentence(finding),
        }
        for finding in found
    ]


# -- the file


def document(asked: Document) -> list[dict[str, Any]]:
    """Return the images of a file."""
    return [
        {
            "line": image.line,
            "text": image.text,
            "mode": image.mode.value,
            "name": image.name,
            "entries": [
                [entry.line, entry.kind.value, entry.text, entry.name] for entry in image.entries
            ],
        }
        for image in asked.images
    ]


def read_document(given: Any) -> Document:
    """Return a part of a file.

    :raises BadPart: for data that :func:`document` never returns
    """
    return _readable(lambda: Document(tuple(map(_image_entry, given))))


def _image_entry(given: Mapping[str, Any]) -> ImageEntry:
    return ImageEntry(
        _number(given["line"]),
        text_of(given["text"]),
        Mode(given["mode"]),
        tuple(map(_entry, given["entries"])),
        text_of(given["name"]),
    )


def _entry(given: list[Any]) -> Entry:
    line, kind, text, name = given
    return Entry(_number(line), Kind(kind), text_of(text), text_of(name))


def read_texts(given: Any) -> list[str]:
    """Return texts of a file.

    :raises BadPart: for anything else
    """
    return _readable(lambda: list(map(text_of, given)))


# -- its images and projects


def images(found: Mapping[str, Iterable[Image]]) -> list[Any]:
    """Return images by the texts that name them, shared images first."""

    def first(images: Iterable[Image]) -> list[Image]:
        return sorted(images, key=lambda image: image.visibility != "shared")[:_MOST_NAMED]

    return [
        [text, [[item.id, item.name, item.owner, item.visibility] for item in first(these)]]
        for text, these in found.items()
    ]


def projects(found: Mapping[str, list[Project]]) -> list[Any]:
    """Return projects by the texts that name them."""
    return [
        [
            text,
            [[item.id, item.name, item.domain_id, item.enabled] for item in these[:_MOST_NAMED]],
        ]
        for text, these in found.items()
    ]


def ruled(found: Mapping[str, list[Project]]) -> list[Any]:
    """Return the projects of rules by the rules' texts."""
    return [[text, [[item.id, item.enabled] for item in these]] for text, these in found.items()]


def read_cloud(given: Mapping[str, Any]) -> Cloud:
    """Return the images and projects that a part of a file names, without members.

    :raises BadPart: for data that the functions above never return
    """

    def pairs(name: str, thing: Callable[[list[Any]], Thing]) -> dict[str, list[Thing]]:
        return {text_of(text): list(map(thing, these)) for text, these in given[name]}

    return _readable(
        lambda: Cloud(
            images=pairs("there", _image),
            members={},
            projects=pairs("projects", _project),
            domains=pairs("domains", _of_rule),
            tags=pairs("tags", _of_rule),
        )
    )


def _image(given: list[Any]) -> Image:
    image_id, name, owner, visibility = map(text_of, given)
    if not is_image_id(image_id):
        raise BadPart("no image")
    return Image(image_id, name, owner, visibility, "", "", "", None)


def _project(given: list[Any]) -> Project:
    *words, enabled = given
    project_id, name, domain_id = map(text_of, words)
    return Project(project_id, name, domain_id, enabled=enabled is True)


def _of_rule(given: list[Any]) -> Project:
    project_id, enabled = given
    return Project(text_of(project_id), enabled=enabled is True)


def _readable(read: Callable[[], Thing]) -> Thing:
    try:
        return read()
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadPart("not readable") from error


def _number(given: Any) -> int:
    if type(given) is not int:
        raise BadPart("no number")
    return given
