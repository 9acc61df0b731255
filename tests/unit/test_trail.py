# SPDX-License-Identifier: Apache-2.0
"""The lines of the trail."""

import json
import logging
from types import SimpleNamespace

import pytest
from django.core.cache import cache

from xloud_images_panel.access.answer import Answer
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.outcome import Result
from xloud_images_panel.access.plan import Verb
from xloud_images_panel.dashboard import trail

FORGERY = 'x"}\n2026-01-01 INFO xloud_images_panel.audit {"action": "add"}\r\u2028\u202e{%s}\x1b[2K'
OVER_QUOTA = ServiceError("Glance", Reason.OVER_QUOTA, 413, "attempted=129, maximum=128")


@pytest.fixture
def request_of_mallory():
    """Return the request of a user with a hostile name."""
    cache.clear()
    user = SimpleNamespace(
        id="u1",
        username=FORGERY,
        project_id="p1",
        project_name="admin",
        services_region="RegionOne",
    )
    return SimpleNamespace(user=user, META={"REMOTE_ADDR": "192.0.2.1"})


@pytest.fixture
def lines(caplog):
    """Return a function that returns the logged lines as (level, content)."""
    caplog.set_level(logging.INFO, "xloud_images_panel.audit")
    return lambda: [
        (record.levelname, json.loads(record.getMessage()))
        for record in caplog.records
        if record.name == "xloud_images_panel.audit"
    ]


def test_names_cannot_forge_a_line(request_of_mallory, caplog):
    """Each change has one line with its user, whatever characters a name has."""
    caplog.set_level(logging.INFO, "xloud_images_panel.audit")
    trail.change(request_of_mallory, "i1", FORGERY, Result("m1", Verb.ADD))
    (record,) = caplog.records
    line = record.getMessage()
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line) == {
        "user": {"id": "u1", "name": FORGERY},
        "project": {"id": "p1", "name": "admin"},
        "region": "RegionOne",
        "address": "192.0.2.1",
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
        (Result("m", Verb.REMOVE, error=OVER_QUOTA, uncertain=True), "WARNING", "unknown"),
    ],
)
def test_each_result_has_its_word(request_of_mallory, lines, result, level, expected):
    """Each result has its own word; an unknown result is neither done nor failed."""
    trail.change(request_of_mallory, "i1", "golden", result)
    [(logged, line)] = lines()
    assert (logged, line["result"]) == (level, expected)
    assert line["action"] == result.verb


def test_reason_is_named(request_of_mallory, lines):
    """A line gives a one-word reason and a status; Glance's words are logged with the request."""
    failed = Result("m", Verb.ADD, error=OVER_QUOTA, request_ids=("req-1", "req-2"))
    trail.change(request_of_mallory, "i1", "golden", failed)
    [(_level, line)] = lines()
    assert (line["reason"], line["http_status"]) == ("over quota", 413)
    assert line["request_ids"] == ["req-1", "req-2"]
    assert "maximum" not in json.dumps(line)


def test_answers_are_those_of_the_current_project(request_of_mallory, lines):
    """Each answered image has one line, whose member is the project that accepts or rejects."""
    given = [Answer("i1", "one"), Answer("i2", "two", OVER_QUOTA)]
    for answer in given:
        trail.answer(request_of_mallory, "rejected", answer)
    assert [(line["action"], line["member"], line["result"]) for _level, line in lines()] == [
        ("reject", "p1", "done"),
        ("reject", "p1", "failed"),
    ]


# -- bounds

IMAGE = "12345678-1234-1234-1234-123456789abc"


def test_texts_are_cut(request_of_mallory, caplog):
    """A line stays short for any input, and shows where text is left out."""
    caplog.set_level(logging.INFO, "xloud_images_panel.audit")
    long = "\u202e" * 100_000
    request_of_mallory.user.username = long
    trail.answer(request_of_mallory, "accepted", Answer(long, long, request_ids=(long,) * 10_000))
    (record,) = caplog.records
    line = json.loads(record.getMessage())
    for text in (line["user"]["name"], line["image"]["id"], line["image"]["name"]):
        assert len(text) == trail.LONGEST
        assert text.endswith("\u202e...")
    assert len(line["request_ids"]) == trail.MOST_NAMED
    assert len(record.getMessage()) < 6 * trail.LONGEST * (trail.MOST_NAMED + 10)


def test_what_came_back_is_counted_and_named_in_part(request_of_mallory, lines):
    """The line about returned members counts all of them and names as many as fit."""
    ids = [f"{number:032x}" for number in range(2_000)]
    trail.returned(request_of_mallory, IMAGE, "golden", ids)
    [(level, line)] = lines()
    assert (level, line["action"], line["count"]) == ("INFO", "returned", 2_000)
    assert line["members"] == ids[: trail.MOST_NAMED]
    assert line["image"] == {"id": IMAGE, "name": "golden"}


@pytest.mark.parametrize(("image_id", "image"), [(IMAGE, {"id": IMAGE}), ("../x" * 99, None)])
def test_refusal_names_only_what_can_be_an_image(request_of_mallory, lines, image_id, image):
    """A refusal names an image only if the text can be an ID; other texts are not logged."""
    trail.refused(request_of_mallory, "accept", trail.Refusal.POLICY, image_id)
    [(level, line)] = lines()
    assert (level, line["action"], line["result"]) == ("WARNING", "accept", "refused")
    assert line["reason"] == "policy"
    assert line.get("image") == image


@pytest.fixture
def at(monkeypatch):
    """Return a function that sets the clock of the trail."""
    return lambda seconds: monkeypatch.setattr(trail.time, "time", lambda: seconds)


def test_refusals_of_one_user_are_a_few_in_a_minute(request_of_mallory, lines, at):
    """A user's refusals are limited per minute, and one line reports that more were left out."""
    at(600.0)
    for _number in range(100):
        trail.refused(request_of_mallory, "accept", trail.Refusal.POLICY)
    results = [line["result"] for _level, line in lines()]
    assert results == ["refused"] * trail.MOST_REFUSALS + ["suppressed"]
    at(659.9)
    trail.refused(request_of_mallory, "accept", trail.Refusal.POLICY)
    assert len(lines()) == len(results)
    at(660.0)
    trail.refused(request_of_mallory, "accept", trail.Refusal.POLICY)
    assert len(lines()) == len(results) + 1
    request_of_mallory.user.id = "u2"
    trail.refused(request_of_mallory, "accept", trail.Refusal.POLICY)
    assert len(lines()) == len(results) + 2


def test_changes_are_never_left_out(request_of_mallory, lines):
    """A hundred refusals do not hide a user's changes."""
    for _number in range(100):
        trail.refused(request_of_mallory, "accept", trail.Refusal.POLICY)
    before = len(lines())
    for number in range(100):
        trail.change(request_of_mallory, IMAGE, "golden", Result(f"m{number}", Verb.ADD))
    assert len(lines()) == before + 100


def test_without_a_cache_everything_is_written(request_of_mallory, lines, monkeypatch):
    """Without a cache refusals cannot be counted, so each is written, and none fails."""
    monkeypatch.setattr(cache, "add", lambda *_args: 1 / 0)
    for _number in range(trail.MOST_REFUSALS + 10):
        trail.refused(request_of_mallory, "accept", trail.Refusal.POLICY)
    assert len([line for _level, line in lines() if line["result"] == "refused"]) == 30


def test_address_is_the_clients_behind_a_proxy(request_of_mallory, lines, settings):
    """The address comes from the header that Horizon trusts, as in Horizon's own log."""
    settings.SECURE_PROXY_ADDR_HEADER = "HTTP_X_FORWARDED_FOR"
    request_of_mallory.META["HTTP_X_FORWARDED_FOR"] = "198.51.100.7"
    trail.change(request_of_mallory, IMAGE, "golden", Result("m1", Verb.ADD))
    [(_level, line)] = lines()
    assert line["address"] == "198.51.100.7"
