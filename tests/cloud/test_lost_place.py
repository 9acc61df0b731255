# SPDX-License-Identifier: Apache-2.0
"""A change that loses its place in the lock, in two Horizon processes with one shared cache."""

import collections
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.cloud.pages import selected
from tests.environment import CLOUD, PANEL
from xloud_images_panel.dashboard import lock

TEAMS = 8
# A place is free after the lease of four seconds, which a busy machine may exceed by far.
MOST_SECONDS = 60


@pytest.fixture
def teams(bulk):
    """The IDs of new projects."""
    ids = bulk.projects([f"lost-place-{number}" for number in range(TEAMS)])
    yield ids
    bulk.remove_projects(ids)


class Changes:
    """A Horizon process that makes one change after another; see ``changing.py``."""

    def __init__(self, log):
        self._log = log
        self._process, self._begun = None, False

    @property
    def pid(self):
        """Return the ID of the process."""
        return self._process.pid

    def begin(self, **order):
        """Begin a change, in the process of the last one or in a new one."""
        if not self._process:
            with self._log.open("w") as log:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "tests.cloud.changing", CLOUD.password],
                    env=os.environ | CLOUD.horizon_environment(0, PANEL),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                )
        self._process.stdin.write(f"{json.dumps(order)}\n")
        self._process.stdin.flush()
        self._begun = True

    def wait_until_stopped(self):
        """Wait until the process has stopped itself."""
        pid, status = os.waitpid(self.pid, os.WUNTRACED)
        assert pid == self.pid
        assert os.WIFSTOPPED(status), self._log.read_text()

    def answer(self):
        """Return the answer to the change that was begun."""
        line = self._process.stdout.readline()
        assert line, self._log.read_text()
        self._begun = False
        return json.loads(line)

    def end(self):
        """End the process, if there is one."""
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process, self._begun = None, False

    def end_unless_idle(self):
        """End the process if it has not answered; a failed test may leave it stopped."""
        if self._begun:
            self.end()


@pytest.fixture(scope="module")
def processes(cloud, tmp_path_factory):
    """Return two processes that share a cache; importing Horizon takes them seconds."""
    folder = tmp_path_factory.mktemp("changes")
    processes = [Changes(folder / name) for name in ("one.log", "two.log")]
    yield processes
    for process in processes:
        process.end()


@pytest.fixture
def one(processes):
    """Return the first process."""
    yield processes[0]
    processes[0].end_unless_idle()


@pytest.fixture
def two(processes):
    """Return the second process."""
    yield processes[1]
    processes[1].end_unless_idle()


@pytest.fixture
def order(image, teams):
    """Return the order to share an image with all teams."""
    return {"image": image.id, "add": teams}


@pytest.fixture
def rows(connection, image):
    """Return a function that counts the rows of each member in Glance's own list."""
    return lambda: collections.Counter(
        item.member_id for item in connection.image.members(image.id)
    )


def not_done(answered):
    """Return the number of messages about projects that the dialog has not reached."""
    return answered["text"].count("Nothing more was changed")


@pytest.mark.parametrize("when", ["before", "after"])
def test_holder_that_was_paused_leaves_the_rest_to_the_next(one, two, order, rows, teams, when):
    """A change paused before checking its place sends nothing more; after it, one last request."""
    one.begin(**order, at=5, when=when, then="stop")
    one.wait_until_stopped()
    assert 0 < len(rows()) < TEAMS

    # The place becomes free at the end of the lease.
    answered, until = {"status": 0}, time.monotonic() + MOST_SECONDS
    while answered["status"] != 204 and time.monotonic() < until:
        two.begin(**order)
        answered = two.answer()
        # Until then, the message gives the reason for waiting.
        assert answered["status"] == 204 or "alert-danger" in answered["text"]
    assert answered["status"] == 204
    assert rows() == dict.fromkeys(teams, 1)

    os.kill(one.pid, signal.SIGCONT)
    answered = one.answer()
    assert answered["status"] == 200
    assert not_done(answered)
    assert rows() == dict.fromkeys(teams, 1)


def test_holder_whose_place_was_flushed_stops(one, two, order, rows, teams):
    """After a flush, unreached projects are not done, stay selected, and can be added at once."""
    one.begin(**order, at=5, when="before", then="flush")
    answered = one.answer()
    assert answered["status"] == 200
    done = rows()
    assert 0 < len(done) < TEAMS
    left = [team for team in teams if team in selected(answered["text"])]
    assert sorted([*left, *done]) == sorted(teams)
    assert not_done(answered) >= len(left)
    two.begin(**order | {"add": left})
    assert two.answer()["status"] == 204
    assert rows() == dict.fromkeys(teams, 1)


def test_lease_is_longer_than_a_renewal_that_is_missed():
    """A living holder keeps its place even if one or two renewals are late."""
    assert lock.LEASE >= 3 * lock.RENEWED_EVERY
