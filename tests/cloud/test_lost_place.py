# SPDX-License-Identifier: Apache-2.0
"""A change that loses its place in the lock, in two Horizon processes with one shared cache."""

import collections
import json
import os
import signal
import subprocess
import sys

import pytest

from tests.cloud.pages import selected
from tests.environment import CLOUD, PANEL
from xloud_images_panel.dashboard import lock

TEAMS = 8


@pytest.fixture
def teams(bulk):
    """The IDs of new projects."""
    ids = bulk.projects([f"lost-place-{number}" for number in range(TEAMS)])
    yield ids
    bulk.remove_projects(ids)


@pytest.fixture
def change(image, teams):
    """Return a function that starts a change in a separate process."""
    processes = []
    environment = os.environ | CLOUD.horizon_environment(0, PANEL)

    def change(**order):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.cloud.changing"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        order = {"image": image.id, "add": teams, "password": CLOUD.password, "then": "", **order}
        process.stdin.write(json.dumps(order))
        process.stdin.close()
        return process

    yield change
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


@pytest.fixture
def rows(connection, image):
    """Return a function that counts the rows of each member in Glance's own list."""
    return lambda: collections.Counter(
        item.member_id for item in connection.image.members(image.id)
    )


def is_stopped(process):
    """Wait until a process has stopped itself."""
    pid, status = os.waitpid(process.pid, os.WUNTRACED)
    assert pid == process.pid
    assert os.WIFSTOPPED(status), process.stderr.read()


def answer(process):
    """Return the final answer of a process."""
    told = process.stdout.read()
    assert told, process.stderr.read()
    return json.loads(told)


def not_done(answered):
    """Return the number of messages about projects that the dialog has not reached."""
    return answered["text"].count("Nothing more was changed")


@pytest.mark.parametrize("when", ["before", "after"])
def test_holder_that_was_paused_leaves_the_rest_to_the_next(change, rows, teams, when):
    """Paused before the check of its place it sends nothing more; after it, one last request."""
    paused = change(at=5, when=when, then="stop")
    is_stopped(paused)
    assert 0 < len(rows()) < TEAMS

    def next_one():
        return answer(change())

    # The place becomes free at the end of the lease.
    for _try in range(20):
        if (answered := next_one())["status"] == 204:
            break
        assert "alert-danger" in answered["text"]  # the message has the reason for waiting
    assert answered["status"] == 204
    assert rows() == dict.fromkeys(teams, 1)

    os.kill(paused.pid, signal.SIGCONT)
    answered = answer(paused)
    assert answered["status"] == 200
    assert not_done(answered)
    assert rows() == dict.fromkeys(teams, 1)


def test_holder_whose_place_was_flushed_stops(change, rows, teams):
    """Projects not reached are reported as not done, stay selected, and can be done at once."""
    answered = answer(change(at=5, when="before", then="flush"))
    assert answered["status"] == 200
    done = rows()
    assert 0 < len(done) < TEAMS
    left = [team for team in teams if team in selected(answered["text"])]
    assert sorted([*left, *done]) == sorted(teams)
    assert not_done(answered) >= len(left)
    assert answer(change(add=left))["status"] == 204
    assert rows() == dict.fromkeys(teams, 1)


def test_lease_is_longer_than_a_renewal_that_is_missed():
    """A living holder keeps its place even if one or two renewals are late."""
    assert lock.LEASE >= 3 * lock.RENEWED_EVERY
