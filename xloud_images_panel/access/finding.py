# SPDX-License-Identifier: Apache-2.0
"""Errors and remarks about a line of a file of access."""

import dataclasses
import enum
from collections.abc import Iterable


class Severity(enum.StrEnum):
    """Whether a line can be carried out: an error is left out, a warning is not."""

    ERROR = "error"
    WARNING = "warning"


class Problem(enum.StrEnum):
    """The kinds of errors in a line."""

    # The text itself: nothing of the file is used.
    TOO_MANY_BYTES = "too many bytes"
    TOO_MANY_LINES = "too many lines"
    TOO_MANY_ENTRIES = "too many entries"
    NOT_UTF8 = "not UTF-8"
    CONTROL_CHARACTER = "a control character"
    SYNTAX = "not YAML"
    TOO_DEEP = "too many levels"
    TAG = "a tag"
    ANCHOR = "an anchor"
    ALIAS = "an alias"
    DUPLICATE_KEY = "a key twice"
    SEVERAL_DOCUMENTS = "several documents"
    # Its shape: nothing of the file is used either.
    NO_IMAGES = "no images"
    NOT_KEYS = "not a group of keys"
    NOT_A_LIST = "not a list"
    NOT_TEXT = "not text"
    EMPTY = "empty"
    UNKNOWN_KEY = "an unknown key"
    MISSING_KEY = "a missing key"
    BAD_MODE = "no mode"
    BAD_ENTRY = "no project and no rule"
    # Compared with the cloud.
    IMAGE_UNKNOWN = "image unknown"
    IMAGE_AMBIGUOUS = "image ambiguous"
    IMAGE_NOT_SHARED = "image not shared"
    IMAGE_TWICE = "image twice"
    PROJECT_UNKNOWN = "project unknown"
    PROJECT_AMBIGUOUS = "project ambiguous"
    MEMBER_UNKNOWN = "member unknown"
    RULE_EMPTY = "rule without a project"
    NO_REMOVALS = "no removals"
    TOO_MANY_REMOVALS = "too many removals"
    OTHER_NAME = "another name"
    OWNER = "the owner"
    DISABLED = "a disabled project"
    NO_PROJECT = "a member that is no project"


_WARNINGS = {Problem.OTHER_NAME, Problem.OWNER, Problem.DISABLED, Problem.NO_PROJECT}


@dataclasses.dataclass(frozen=True)
class Finding:
    """A remark on one line of a file.

    :ivar line: from 1 on; 0 for the file as a whole
    :ivar text: the entry that it is about, as the file has it
    :ivar others: IDs of what the entry may stand for, or the name that something really has
    :ivar count: how many there are, where something is counted
    """

    line: int
    problem: Problem
    text: str = ""
    others: tuple[str, ...] = ()
    count: int = 0

    @property
    def severity(self) -> Severity:
        """Whether the line is left out."""
        return Severity.WARNING if self.problem in _WARNINGS else Severity.ERROR


class Refused(Exception):
    """A file cannot be read, and nothing of it is used.

    :ivar findings: why, in the order of the lines
    """

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = sorted(findings, key=lambda finding: finding.line)
        super().__init__(*self.findings)
