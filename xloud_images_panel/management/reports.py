# SPDX-License-Identifier: Apache-2.0
"""The command's answers: as text at a terminal, or as JSON lines for a program.

At a terminal, progress is one line that overwrites itself. Without a terminal, each answer is an
ASCII JSON object on its own line.
"""

import enum
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from xloud_images_panel.access.finding import Finding
from xloud_images_panel.access.model import Image
from xloud_images_panel.access.outcome import Result
from xloud_images_panel.access.plain_yaml import quoted
from xloud_images_panel.access.plan import Verb
from xloud_images_panel.access.stale import Stale
from xloud_images_panel.dashboard import file_texts, texts

# Seconds between two lines of progress.
_PROGRESS_EVERY = {True: 0.2, False: 5.0}
_SIGNS = {Verb.ADD: "+", Verb.REMOVE: "-", Verb.ACCEPT_FOR: "~"}


class Status(enum.IntEnum):
    """The exit status of the command.

    ``USAGE``: the options, the file, the user or the node must be different.
    ``CHANGES``: a plan has changes, and nothing is wrong with its file.
    """

    DONE = 0
    FAILED = 1
    USAGE = 2
    CHANGES = 3


class Stream(Protocol):
    """A stream of text, or Django's wrapper around one."""

    def write(self, text: str) -> Any: ...

    def flush(self) -> Any: ...

    def isatty(self) -> bool: ...


class Report:
    """A report of the command's findings and actions.

    :param answers: the stream for answers
    :param progress: the stream for progress at a terminal
    """

    def __init__(self, answers: Stream, progress: Stream) -> None:
        self._answers, self._progress = answers, progress
        self._terminal = answers.isatty()
        self._image = ""
        self._said = 0.0
        self._line_open = False

    def finding(self, path: str, finding: Finding) -> None:
        """Report a finding about a line of a file."""
        sentence = file_texts.sentence(finding)
        place = f"{path}:{finding.line}" if finding.line else path
        self._say(
            f"{place}: {finding.severity}: {_inert(sentence)}",
            "finding",
            line=finding.line,
            severity=finding.severity.value,
            problem=finding.problem.value,
            text=finding.text,
            others=finding.others,
            message=sentence,
        )

    def change(self, image: Image, verb: Verb, project_id: str, label: str) -> None:
        """Report a planned change."""
        self._of_image(image)
        self._say(
            f"  {_SIGNS[verb]} {_called(project_id, label)}",
            "change",
            **_concerns(image, verb, project_id, label),
        )

    def result(self, image: Image, result: Result, word: str, label: str) -> None:
        """Report a result.

        :param word: the trail's word for the result
        """
        why = ""
        if result.error:
            why = texts.describe(result.error, uncertain=result.uncertain)
        self._of_image(image)
        self._say(
            f"  {_SIGNS[result.verb]} {_called(result.project_id, label)}: {word}"
            + (f": {_inert(why)}" if why else ""),
            "result",
            **_concerns(image, result.verb, result.project_id, label),
            result=word,
            status=result.status,
            reason=result.error.reason.value if result.error else "",
            message=why,
            request_ids=result.request_ids,
        )

    def stale(self, image: Image, found: Stale, label: str, why: str) -> None:
        """Report a stale member.

        :param why: the reason in words
        """
        member = found.member
        self._of_image(image)
        self._say(
            f"  {_called(member.project_id, label)}: {_inert(why)}",
            "stale",
            image=_image(image),
            project={"id": member.project_id, "name": label},
            kind=found.kind.value,
            status=member.status,
            rows=found.rows,
            message=why,
        )

    def skipped(self, image: Image, message: str) -> None:
        """Report why an image was skipped."""
        self._of_image(image)
        self._say(f"  {_inert(message)}", "skipped", image=_image(image), message=message)

    def answer(
        self, asked: str, /, message: Sequence[str], changes: Sequence[str], **fields: Any
    ) -> None:
        """Answer a question.

        :param asked: the question as a sentence
        :param message: sentences, the deciding one first
        :param changes: the steps to another answer
        :param fields: ``answer``, and further values for a program
        """
        why = [f"  {_inert(sentence)}" for sentence in message]
        steps = [f"  To change this: {_inert(step)}" for step in changes]
        self._say(
            "\n".join([f"{asked} {fields['answer'].capitalize()}.", *why, *steps]),
            "answer",
            message=message,
            changes=changes,
            **fields,
        )

    def summary(self, text: str, **counts: int) -> None:
        """Report the totals of the run."""
        self._say(text, "summary", message=text, **counts)

    def warning(self, text: str) -> None:
        """Warn the operator."""
        self._say(f"Warning: {text}", "warning", message=text)

    def progress(self, what: str, done: int, count: int = 0) -> None:
        """Report progress, but not too often.

        :param what: the name of the counted items
        :param count: the total, 0 if unknown
        """
        now = time.monotonic()
        if now - self._said < _PROGRESS_EVERY[self._terminal] and done != count:
            return
        self._said = now
        if not self._terminal:
            self._write("progress", what=what, done=done, **({"of": count} if count else {}))
        elif self._progress.isatty():
            of = f" of {count}" if count else ""
            self._progress.write(f"\r\x1b[K{what}: {done}{of}")
            self._progress.flush()
            self._line_open = True

    def end_of_progress(self) -> None:
        """Remove the line of progress."""
        if self._line_open:
            self._progress.write("\r\x1b[K")
            self._progress.flush()
            self._line_open = False

    def _of_image(self, image: Image) -> None:
        if self._terminal and self._image != image.id:
            self._image = image.id
            self._say(_called(image.id, image.name), "image")

    def _say(self, words: str, event: str, /, **fields: Any) -> None:
        if self._terminal:
            self.end_of_progress()
            self._answers.write(words + "\n")
        else:
            self._write(event, **fields)

    def _write(self, event: str, /, **fields: Any) -> None:
        present = {name: value for name, value in fields.items() if value not in ("", (), [], None)}
        self._answers.write(json.dumps({"event": event, **present}) + "\n")
        self._answers.flush()


def _concerns(image: Image, verb: Verb, project_id: str, label: str) -> Mapping[str, Any]:
    return {
        "image": _image(image),
        "action": verb.value,
        "project": {"id": project_id, "name": label},
    }


def _image(image: Image) -> dict[str, str]:
    return {"id": image.id, "name": image.name}


def _called(item_id: str, name: str) -> str:
    return f"{_inert(name)} ({_inert(item_id)})" if name and name != item_id else _inert(item_id)


def _inert(text: str) -> str:
    """Return a text that neither moves the cursor nor reverses a line."""
    return quoted(text)[1:-1].replace('\\"', '"').replace("\\\\", "\\")
