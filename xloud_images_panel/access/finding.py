# SPDX-License-Identifier: Apache-2.0
"""Errors and warnings about a line of an access file."""

import dataclasses
import enum
from collections.abc import Iterable


class Severity(enum.StrEnum):
    """Whether a line is left out: one with an error is, one with a warning is not."""

    ERROR = "error"
    WARNING = "warning"


class Problem(enum.StrEnum):
    """The kinds of problems with a line."""

    # Problems with the text itself: the whole file is refused.
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
    # Problems with the file's shape: the whole file is refused as well.
    NO_IMAGES = "no images"
    NOT_KEYS = "not a group of keys"
    NOT_A_LIST = "not a list"
    NOT_TEXT = "not text"
    EMPTY = "empty"
    UNKNOWN_KEY = "an unknown key"
    MISSING_KEY = "a missing key"
    BAD_MODE = "no mode"
    BAD_ENTRY = "no project and no rule"
    # Problems found in comparison with the cloud.
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

    :ivar line: counted from 1; 0 for the file as a whole
    :ivar text: the entry that the finding is about, as in the file
    :ivar others: the IDs that the entry may mean, or the actual name
    :ivar count: the number that the finding reports, if any
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
    """A file that cannot be read; nothing of it is used.

    :ivar findings: why, in the order of the lines
    """

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = sorted(findings, key=lambda finding: finding.line)
        super().__init__(*self.findings)
