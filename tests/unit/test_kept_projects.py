# SPDX-License-Identifier: Apache-2.0
"""Projects that are cached between requests."""

import itertools
from types import SimpleNamespace

import pytest

from xloud_images_panel.access.model import Project
from xloud_images_panel.services import kept_projects
from xloud_images_panel.services.kept_projects import KeptProjects

LIFETIME = 60
DEV, OPS = Project("dev-id", "dev", "default", enabled=True), Project("ops-id", "ops")
IDS = [DEV.id, OPS.id]


class Cache:
    """A cache inside one process.

    :ivar written: keys and lifetimes, in the order of writing
    """

    def __init__(self):
        self.values, self.written = {}, []

    @staticmethod
    def key(kind, *parts):
        return f"{kind} {parts}"

    def get(self, name, default=None):
        return self.values.get(name, default)

    def set(self, name, value, seconds):
        self.written.append((name, seconds))
        self.values[name] = value


@pytest.fixture
def cache():
    return Cache()


@pytest.fixture
def kept(cache):
    return KeptProjects(cache, ("user",), LIFETIME)


def test_projects_that_were_read_are_known(cache, kept):
    """Only projects that were read are cached, for the lifetime in the setting."""
    kept.remember([DEV])
    assert kept.get(IDS) == {DEV.id: DEV}
    assert [seconds for _name, seconds in cache.written] == [LIFETIME]


def test_projects_of_another_user_are_not_known(cache, kept):
    """Another user does not get cached projects, because they may be forbidden to that user."""
    kept.remember([DEV])
    assert KeptProjects(cache, ("other",), LIFETIME).get(IDS) == {}


def test_more_is_kept_beside_what_there_was(kept):
    kept.remember([DEV])
    kept.remember([OPS])
    assert kept.get(IDS) == {DEV.id: DEV, OPS.id: OPS}


def test_only_as_much_is_kept_as_a_table_shows(kept):
    """A project's owner writes freely, so its description is cut and its tags are dropped."""
    kept.remember([Project("dev-id", "dev", description="x" * 1000, tags=("gpu",))])
    [project] = kept.get(IDS).values()
    assert project.name == "dev"
    assert 100 <= len(project.description) <= 200
    assert project.tags == ()


def test_project_is_forgotten_for_itself(kept):
    kept.remember([DEV, OPS])
    kept.forget([DEV.id, "nobody"])
    assert kept.get(IDS) == {OPS.id: OPS}


def test_nothing_is_written_where_nothing_changes(cache, kept):
    """An invalid ID, an empty list, or forgetting an unknown project causes no write."""
    kept.remember([Project("no ID")])
    kept.remember([])
    kept.forget([DEV.id])
    assert cache.written == []


def test_nothing_is_written_where_nothing_is_to_be_kept(cache):
    KeptProjects(cache, ("user",), 0).remember([DEV])
    assert cache.written == []


def test_oldest_projects_go_first(kept, monkeypatch):
    """Projects whose last reading is the oldest are dropped first, whatever their names."""
    seconds = itertools.count(1000, step=0.001)
    monkeypatch.setattr(kept_projects, "time", SimpleNamespace(time=lambda: next(seconds)))
    kept.remember([OPS])
    kept.remember([DEV])
    kept.remember([OPS])
    others = [f"{number:032x}" for number in range(499)]
    kept.remember([Project(item) for item in others])
    assert kept.get([*IDS, others[0], others[-1]]).keys() == {OPS.id, others[0], others[-1]}
