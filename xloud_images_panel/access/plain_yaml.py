# SPDX-License-Identifier: Apache-2.0
"""YAML in which every scalar is text with a line number.

``no`` stays ``no`` and ``0123`` stays ``0123``: no scalar is resolved. The parser's events are read
one by one, and reading stops at the first anchor, alias, tag or excess level. A hostile file
therefore expands nothing, and does not make Python's stack grow.
"""

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

import yaml

from xloud_images_panel.access.finding import Finding, Problem, Refused

#: Limits of a file.
MOST_BYTES = 10_000_000
MOST_LINES = 100_000
MOST_LEVELS = 8
MOST_ENTRIES = 600_000
# libyaml's parser takes a second where PyYAML's own takes half a minute.
LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
# Line breaks as YAML defines them.
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclasses.dataclass(frozen=True, slots=True)
class Text:
    """A scalar."""

    line: int
    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    line: int
    items: list["Node"] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True, slots=True)
class Keys:
    """A group of keys with their values."""

    line: int
    keys: dict[str, "Node"] = dataclasses.field(default_factory=dict)


Node = Text | Items | Keys


def read(content: bytes) -> Node | None:
    """Return the content of a file, None if the file is empty.

    :param content: the bytes of the file, UTF-8
    :raises Refused: with the line
    """
    text = _text(content)
    builder = _Builder()
    try:
        for event in _events(text):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        raise Refused([Finding(line, Problem.SYNTAX, str(error.problem or ""))]) from error
    except yaml.YAMLError as error:
        raise Refused([Finding(0, Problem.SYNTAX, str(error))]) from error
    return builder.root


def _events(text: str) -> Iterator[yaml.Event]:
    loader = LOADER(text)
    try:
        while loader.check_event():
            yield loader.get_event()
    finally:
        loader.dispose()


def _text(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise Refused([Finding(0, Problem.TOO_MANY_BYTES, count=MOST_BYTES)])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Refused([Finding(line, Problem.NOT_UTF8)]) from error
    if sum(1 for _break in _LINE_BREAK.finditer(text)) > MOST_LINES:
        raise Refused([Finding(MOST_LINES + 1, Problem.TOO_MANY_LINES, count=MOST_LINES)])
    if unreadable := _UNREADABLE.search(text):
        line = sum(1 for _break in _LINE_BREAK.finditer(text, 0, unreadable.start())) + 1
        raise Refused([Finding(line, Problem.CONTROL_CHARACTER, ascii(unreadable[0])[1:-1])])
    return text


class _Builder:
    """A builder of nodes from a parser's events.

    :ivar root: the whole document, as soon as it has ended
    """

    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[Items | Keys] = []
        # For each open group, the key that waits for its value.
        self._waiting: list[Text | None] = []
        self._count = 0

    def take(self, event: yaml.Event) -> None:
        """Take one event.

        :raises Refused: for YAML that an access file must not use
        """
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.DocumentStartEvent):
            if self._count:
                raise Refused([Finding(line, Problem.SEVERAL_DOCUMENTS)])
            if event.tags:
                raise Refused([Finding(line, Problem.TAG, " ".join(event.tags))])
        elif isinstance(event, yaml.AliasEvent):
            raise Refused([Finding(line, Problem.ALIAS, f"*{event.anchor}")])
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            self._waiting.pop()
        elif isinstance(event, yaml.NodeEvent):
            self._begin(event, line)

    def _begin(self, event: Any, line: int) -> None:
        if event.anchor is not None:
            raise Refused([Finding(line, Problem.ANCHOR, f"&{event.anchor}")])
        if event.tag is not None:
            raise Refused([Finding(line, Problem.TAG, event.tag)])
        self._count += 1
        if self._count > MOST_ENTRIES:
            raise Refused([Finding(line, Problem.TOO_MANY_ENTRIES, count=MOST_ENTRIES)])
        if isinstance(event, yaml.ScalarEvent):
            self._put(Text(line, event.value))
            return
        opened = Items(line) if isinstance(event, yaml.SequenceStartEvent) else Keys(line)
        self._put(opened)
        if len(self._open) == MOST_LEVELS:
            raise Refused([Finding(line, Problem.TOO_DEEP, count=MOST_LEVELS)])
        self._open.append(opened)
        self._waiting.append(None)

    def _put(self, node: Node) -> None:
        """Put a node into the innermost open one."""
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if isinstance(parent, Items):
            parent.items.append(node)
        elif (key := self._waiting[-1]) is not None:
            parent.keys[key.text] = node
            self._waiting[-1] = None
        elif not isinstance(node, Text):
            raise Refused([Finding(node.line, Problem.NOT_TEXT)])
        elif node.text in parent.keys:
            raise Refused([Finding(node.line, Problem.DUPLICATE_KEY, node.text)])
        else:
            self._waiting[-1] = node


def quoted(text: str) -> str:
    """Return a text as a scalar on one line that every YAML reader takes literally.

    Letters stay readable. Characters that show nothing, or reverse the text around them, are
    escaped. JSON escapes a character beyond U+FFFF as two, which YAML does not join.
    """
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return "\\" + letter
    if letter.isprintable() and not _UNREADABLE.match(letter):
        return letter
    code = ord(letter)
    if 0xD800 <= code <= 0xDFFF:  # half a character, which UTF-8 cannot encode
        return "\ufffd"
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
