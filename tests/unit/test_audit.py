"""The lines of the trail."""

import json
import logging
from types import SimpleNamespace

import pytest

from xloud_images_panel import audit
from xloud_images_panel.access import Answer, Result, Verb
from xloud_images_panel.services import Reason, ServiceError

FORGERY = 'x"}\n2026-01-01 INFO xloud_images_panel.audit {"action": "add"}\r\u2028\u202e{%s}\x1b[2K'
OVER_QUOTA = ServiceError("Glance", Reason.OVER_QUOTA, 413, "attempted=129, maximum=128")


@pytest.fixture
def request_of_mallory():
    """The request of a user with a hostile name."""
    user = SimpleNamespace(id="u1", username=FORGERY, project_id="p1", project_name="admin")
    return SimpleNamespace(user=user)


@pytest.fixture
def lines(caplog):
    """Return a function that gives what was logged, as (level, what is in the line)."""
    caplog.set_level(logging.INFO, "xloud_images_panel.audit")
    return lambda: [
        (record.levelname, json.loads(record.getMessage())) for record in caplog.records
    ]


def test_names_cannot_forge_a_line(request_of_mallory, caplog):
    """Whatever is in a name, there is one line for one change, and it says who did it."""
    caplog.set_level(logging.INFO, "xloud_images_panel.audit")
    audit.change(request_of_mallory, "i1", FORGERY, Result("m1", Verb.ADD))
    (record,) = caplog.records
    line = record.getMessage()
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line) == {
        "user": {"id": "u1", "name": FORGERY},
        "project": {"id": "p1", "name": "admin"},
        "action": "add",
        "result": "done",
        "image": {"id": "i1", "name": FORGERY},
        "member": "m1",
    }


@pytest.mark.parametrize(
    ("result", "level", "expected"),
    [
        (Result("m", Verb.ADD, status="accepted"), "INFO", "done"),
        (Result("m", Verb.REMOVE, changed=False), "INFO", "unchanged"),
        (Result("m", Verb.ADD, error=OVER_QUOTA), "WARNING", "failed"),
        (Result("m", Verb.ADD, status="pending", error=OVER_QUOTA), "WARNING", "partial"),
        (Result("m", Verb.REMOVE, error=OVER_QUOTA, unsure=True), "WARNING", "unknown"),
    ],
)
def test_each_result_has_its_word(request_of_mallory, lines, result, level, expected):
    """What is not known is not called done, nor failed."""
    audit.change(request_of_mallory, "i1", "golden", result)
    [(logged, line)] = lines()
    assert (logged, line["result"]) == (level, expected)
    assert line["action"] == result.verb


def test_reason_is_named(request_of_mallory, lines):
    """In one word and with the status; Glance's own words are logged where it is asked."""
    failed = Result("m", Verb.ADD, error=OVER_QUOTA, request_ids=("req-1", "req-2"))
    audit.change(request_of_mallory, "i1", "golden", failed)
    [(_level, line)] = lines()
    assert (line["reason"], line["http_status"]) == ("over quota", 413)
    assert line["request_ids"] == ["req-1", "req-2"]
    assert "maximum" not in json.dumps(line)


def test_answers_are_those_of_the_current_project(request_of_mallory, lines):
    """The member is the project that accepts or rejects; one line for each image."""
    given = [Answer("i1", "one"), Answer("i2", "two", OVER_QUOTA)]
    for answer in given:
        audit.answer(request_of_mallory, "rejected", answer)
    assert [(line["action"], line["member"], line["result"]) for _level, line in lines()] == [
        ("reject", "p1", "done"),
        ("reject", "p1", "failed"),
    ]
