# SPDX-License-Identifier: Apache-2.0
"""An access file: YAML that lists the projects that each image is shared with.

Example::

    mode: exact
    images:
      - image: ubuntu-24.04-lts
        projects:
          - app-team-a
          - partners/observatory
          - domain: partners
          - tag: gpu

``docs/access-files.md`` describes the format. This module reads a file; :mod:`.wanted` compares it
with the cloud.
"""

import dataclasses
import enum
from collections.abc import Collection, Iterator

from xloud_images_panel.access import plain_yaml
from xloud_images_panel.access.finding import Finding, Problem, Refused
from xloud_images_panel.access.plain_yaml import Items, Keys, Node, Text


class Mode(enum.StrEnum):
    """The projects that an image gets: at least those in the file, or exactly those."""

    ADD = "add"
    EXACT = "exact"


class Kind(enum.StrEnum):
    """The ways in which an entry names projects; each value is also a key in the file.

    ``MEMBER`` is the text of a member that Glance lists, whether or not it is a project.
    """

    PROJECT = "project"
    MEMBER = "member"
    DOMAIN = "domain"
    TAG = "tag"

    @property
    def is_rule(self) -> bool:
        """Whether an entry may match many projects."""
        return self in (Kind.DOMAIN, Kind.TAG)


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """One project, or one rule, of an image.

    :ivar name: the name beside an ID, for readers of the file
    """

    line: int
    kind: Kind
    text: str
    name: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class ImageEntry:
    """The projects that the file lists for one image.

    :ivar text: the image's ID or name
    :ivar name: the name beside an ID, for readers of the file
    """

    line: int
    text: str
    mode: Mode
    entries: tuple[Entry, ...]
    name: str = ""


@dataclasses.dataclass(frozen=True)
class Document:
    """The access that a file asks for."""

    images: tuple[ImageEntry, ...]

    def texts(self, kind: Kind) -> list[str]:
        """Return the texts of all entries of a kind, each once."""
        return list(
            dict.fromkeys(
                entry.text for image in self.images for entry in image.entries if entry.kind is kind
            )
        )


def read(content: bytes) -> Document:
    """Return the access that a file asks for.

    :param content: the file's bytes; see :mod:`.plain_yaml` for their limits
    :raises Refused: with the lines that are wrong, only the first ones if there are many
    """
    root = plain_yaml.read(content)
    reader = _Reader()
    images = tuple(reader.images(root))
    if reader.findings:
        raise Refused(reader.findings[:_MOST_FINDINGS])
    return Document(images)


# Reported findings about the shape of a file: a file of another kind has one in every line.
_MOST_FINDINGS = 100
_NAME = "name"


class _Reader:
    """A reader of a file's shape, with findings about errors in it."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def images(self, root: Node | None) -> Iterator[ImageEntry]:
        """Yield the images of a document."""
        if root is None:
            self._note(0, Problem.NO_IMAGES)
            return
        keys = self._keys(root, needed=("images",), others=("mode",))
        mode = self._mode(keys.get("mode"), Mode.ADD)
        images = keys.get("images")
        if images is None:
            return
        for node in self._items(images):
            if entry := self._image(node, mode):
                yield entry

    def _image(self, node: Node, mode: Mode) -> ImageEntry | None:
        keys = self._keys(node, needed=("image", "projects"), others=("mode", _NAME))
        projects = keys.get("projects")
        text, name = self._text(keys.get("image")), self._remark(keys.get(_NAME))
        mode = self._mode(keys.get("mode"), mode)
        if projects is None:
            return None
        entries = tuple(self._entries(projects))
        return ImageEntry(node.line, text, mode, entries, name)

    def _entries(self, node: Node) -> Iterator[Entry]:
        """Yield the entries of a list, or a single entry without a list."""
        for item in node.items if isinstance(node, Items) else [node]:
            if isinstance(item, Text):
                yield Entry(item.line, Kind.PROJECT, self._text(item))
            elif isinstance(item, Items):
                self._note(item.line, Problem.BAD_ENTRY)
            else:
                yield from self._entry(item)

    def _entry(self, node: Keys) -> Iterator[Entry]:
        kinds = [kind for kind in Kind if kind.value in node.keys]
        if len(kinds) != 1:
            self._note(node.line, Problem.BAD_ENTRY)
            return
        (kind,) = kinds
        keys = self._keys(node, needed=(kind.value,), others=() if kind.is_rule else (_NAME,))
        # Glance accepts a blank text as a member, and exports contain it.
        text = self._text(keys.get(kind.value), blank_ok=kind is Kind.MEMBER)
        yield Entry(node.line, kind, text, self._remark(keys.get(_NAME)))

    def _keys(
        self, node: Node, needed: Collection[str], others: Collection[str]
    ) -> dict[str, Node]:
        if not isinstance(node, Keys):
            self._note(node.line, Problem.NOT_KEYS)
            return {}
        for key in node.keys:
            if key not in needed and key not in others:
                self._note(node.keys[key].line, Problem.UNKNOWN_KEY, key)
        for key in needed:
            if key not in node.keys:
                self._note(node.line, Problem.MISSING_KEY, key)
        return node.keys

    def _items(self, node: Node) -> list[Node]:
        if isinstance(node, Items):
            return node.items
        self._note(node.line, Problem.NOT_A_LIST)
        return []

    def _mode(self, node: Node | None, default: Mode) -> Mode:
        if node is None:
            return default
        text = self._text(node)
        if text in list(Mode):
            return Mode(text)
        if text:
            self._note(node.line, Problem.BAD_MODE, text)
        return default

    def _text(self, node: Node | None, *, blank_ok: bool = False) -> str:
        """Return a required text."""
        if node is None:
            return ""  # already noted as missing
        if not isinstance(node, Text):
            self._note(node.line, Problem.NOT_TEXT)
            return ""
        if not (node.text if blank_ok else node.text.strip()):
            self._note(node.line, Problem.EMPTY)
        return node.text

    def _remark(self, node: Node | None) -> str:
        if node is None or isinstance(node, Text):
            return node.text if node else ""
        self._note(node.line, Problem.NOT_TEXT)
        return ""

    def _note(self, line: int, problem: Problem, text: str = "") -> None:
        self.findings.append(Finding(line, problem, text))
