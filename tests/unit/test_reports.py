# SPDX-License-Identifier: Apache-2.0
"""The output of the command, for a reader and as JSON lines."""

import io
import json

import pytest
from django.core.management import call_command

from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.finding import Finding, Problem
from xloud_images_panel.access.model import Image, Member
from xloud_images_panel.access.outcome import Result
from xloud_images_panel.access.plan import Verb
from xloud_images_panel.access.stale import Kind, Stale
from xloud_images_panel.dashboard import file_texts
from xloud_images_panel.management import reports
from xloud_images_panel.management.commands import image_access

HOSTILE = 'x\x1b[2K\r\n\u202e"forged": 1'
IMAGE = Image("i1", "golden", "o", "shared", "active", "raw", "bare", None)


class Terminal(io.StringIO):
    """A terminal that keeps its output."""

    def isatty(self):
        return True


@pytest.fixture
def program():
    """Return a report without a terminal, and a function that returns its lines."""
    out = io.StringIO()
    return reports.Report(out, out), lambda: [
        json.loads(line) for line in out.getvalue().splitlines()
    ]


@pytest.fixture
def reader():
    """Return a report at a terminal, and a function that returns its output."""
    out = Terminal()
    return reports.Report(out, out), out.getvalue


def everything(report, name):
    """Report one event of each kind."""
    error = ServiceError("Glance", Reason.OVER_QUOTA, 413)
    report.finding("a.yaml", Finding(3, Problem.PROJECT_UNKNOWN, name))
    report.change(IMAGE, Verb.ADD, "p1", name)
    report.result(
        IMAGE, Result("p1", Verb.REMOVE, error=error, request_ids=("req-1",)), "failed", name
    )
    report.stale(IMAGE, Stale(Member("p2", "pending"), Kind.DELETED), name, "It is deleted")
    report.skipped(IMAGE, "busy")
    report.warning("careful")
    report.summary("one image", images=1)


def test_each_answer_is_one_json_object(program):
    """Each answer is one JSON object, whatever a name contains."""
    report, lines = program
    everything(report, HOSTILE)
    concerned = {
        "image": {"id": "i1", "name": "golden"},
        "project": {"id": "p1", "name": HOSTILE},
    }
    finding, *others = lines()
    assert finding.pop("message").startswith("There is no project")
    assert finding == {
        "event": "finding",
        "line": 3,
        "severity": "error",
        "problem": "project unknown",
        "text": HOSTILE,
    }
    assert others == [
        {"event": "change", "action": "add", **concerned},
        {
            "event": "result",
            "action": "remove",
            **concerned,
            "result": "failed",
            "reason": "over quota",
            "message": "the quota of projects that one image can be shared with is used up.",
            "request_ids": ["req-1"],
        },
        {
            "event": "stale",
            "image": concerned["image"],
            "project": {"id": "p2", "name": HOSTILE},
            "kind": "deleted",
            "status": "pending",
            "rows": 1,
            "message": "It is deleted",
        },
        {"event": "skipped", "image": concerned["image"], "message": "busy"},
        {"event": "warning", "message": "careful"},
        {"event": "summary", "message": "one image", "images": 1},
    ]


def test_reader_sees_image_by_image(reader):
    """A file's finding looks like a compiler's; each image is named once, above its changes."""
    report, shown = reader
    everything(report, "research")
    assert shown().splitlines() == [
        'a.yaml:3: error: There is no project "research".',
        "golden (i1)",
        "  + research (p1)",
        "  - research (p1): failed: the quota of projects that one image can be shared with is "
        "used up.",
        "  research (p2): It is deleted",
        "  busy",
        "Warning: careful",
        "one image",
    ]


def test_name_moves_no_cursor(reader):
    """A name cannot move the cursor, start a new line or reverse one."""
    report, shown = reader
    everything(report, HOSTILE)
    assert all(line.isprintable() for line in shown().split("\n"))
    assert len(shown().splitlines()) == 8


def test_progress_at_a_terminal_is_one_line(reader, monkeypatch):
    """Progress at a terminal is written now and then, and removed before the next answer."""
    report, shown = reader
    clock = iter([10, 10.1, 10.3, 10.35, 11])
    monkeypatch.setattr(reports.time, "monotonic", lambda: next(clock))
    for number in (1, 2, 3, 4):
        report.progress("images", number, 4)
    report.progress("rows", 5)
    report.summary("done")
    steps = "".join(f"\r\x1b[Kimages: {number} of 4" for number in (1, 3, 4))
    assert shown() == f"{steps}\r\x1b[Krows: 5\r\x1b[Kdone\n"


def test_progress_of_the_command_stays_on_its_line(monkeypatch):
    """Progress stays on its line, although Django ends a command's output with a line break."""
    out, err = Terminal(), Terminal()

    def show(operator, report):
        report.progress("images", 1, 1)
        return reports.Status.DONE

    monkeypatch.setattr(image_access.node, "refusal", lambda: "")
    monkeypatch.setattr(image_access, "Operator", lambda *_cloud, changes: None)
    monkeypatch.setattr(image_access.staleness, "show", show)
    call_command("image_access", "stale", stdout=out, stderr=err)
    assert err.getvalue() == "\r\x1b[Kimages: 1 of 1"


def test_progress_without_a_terminal_is_json_now_and_then(program, monkeypatch):
    """Without a terminal, progress is reported only now and then, so a night's log stays short."""
    report, lines = program
    clock = iter([10, 14, 15])
    monkeypatch.setattr(reports.time, "monotonic", lambda: next(clock))
    for number in (1, 2, 3):
        report.progress("memberships", number)
    assert [line["done"] for line in lines()] == [1, 3]


@pytest.mark.parametrize("problem", Problem)
def test_every_problem_has_a_sentence(problem):
    """Every problem has a sentence that includes its subject."""
    sentence = file_texts.sentence(Finding(1, problem, "golden", ("a", "b"), 20_000_000))
    assert "%" not in sentence
    assert sentence.endswith(".")
