# SPDX-License-Identifier: Apache-2.0
"""Members that lead nowhere, and when that is known."""

import time
from types import SimpleNamespace

import pytest

from tests.unit.conftest import KEYSTONE, MINE
from tests.unit.test_glance import OTHER, refusal
from xloud_images_panel.access import stale
from xloud_images_panel.access.failure import Reason
from xloud_images_panel.access.model import Member, Project
from xloud_images_panel.access.stale import Kind, Known
from xloud_images_panel.dashboard.actor import connection
from xloud_images_panel.services import existence, kept_projects
from xloud_images_panel.services.keystone import Keystone

PROJECT = "c" * 32


def kinds(*rows, found=(), missing=(), owner=OTHER):
    """Return why members are stale, by their ID."""
    known = Known({project.id: project for project in found}, missing)
    return {item.member.project_id: item.kind for item in stale.find(owner, rows, known)}


def test_enabled_project_is_not_stale():
    """Whatever it has answered."""
    assert kinds(Member(PROJECT, "rejected"), found=[Project(PROJECT, enabled=True)]) == {}


def test_project_that_is_not_known_is_not_stale():
    """A prohibition or a failure of Keystone says nothing about it."""
    assert kinds(Member(PROJECT, "pending")) == {}


def test_deleted_project():
    """Its ID is one that Keystone gives."""
    assert kinds(Member(PROJECT, "pending"), missing=[PROJECT]) == {PROJECT: Kind.DELETED}


@pytest.mark.parametrize("member", ["research", "../x", "ü", "x" * 65])
def test_no_project_has_this_id(member):
    """A name that somebody took for an ID; of what Keystone cannot have it need not be asked."""
    assert kinds(Member(member, "pending"), missing=["research"]) == {member: Kind.NO_PROJECT}


def test_disabled_project():
    """It may be enabled again."""
    found = [Project(PROJECT, enabled=False)]
    assert kinds(Member(PROJECT, "accepted"), found=found) == {PROJECT: Kind.DISABLED}


def test_owner_itself():
    """Also one that is deleted: the reason is the membership."""
    assert kinds(Member(OTHER, "pending"), missing=[OTHER]) == {OTHER: Kind.OWNER}


def test_double_row_of_an_enabled_project_is_merged():
    """It is there once in what is found, with its stronger answer, and is not removed."""
    rows = [Member(PROJECT, "pending"), Member(PROJECT, "accepted")]
    known = Known({PROJECT: Project(PROJECT, enabled=True)}, ())
    [found] = stale.find(OTHER, rows, known)
    assert (found.kind, found.rows, found.member.status) == (Kind.DOUBLE, 2, "accepted")
    assert found.kind in stale.MERGED


def test_double_row_of_a_deleted_project_is_removed():
    """Merging it would leave a member that leads nowhere."""
    rows = [Member(PROJECT, "pending")] * 2
    assert kinds(*rows, missing=[PROJECT]) == {PROJECT: Kind.DELETED}


def test_double_row_of_a_project_that_is_not_known_is_merged():
    """That costs nobody the access, whoever it is."""
    assert kinds(*[Member(PROJECT, "pending")] * 2) == {PROJECT: Kind.DOUBLE}


# -- what Keystone says


@pytest.fixture
def keystone(user_request, requests_mock):
    """Keystone, whose list of projects this user may read."""
    requests_mock.get(f"{KEYSTONE}/projects", json={"projects": []})
    return Keystone(connection(user_request))


@pytest.fixture
def answers(requests_mock):
    """Return a function that has Keystone answer for a project's ID."""

    def answers(project_id, status=200, **project):
        body = {"project": {"id": project_id, "name": "x", "domain_id": "d", **project}}
        requests_mock.get(f"{KEYSTONE}/projects/{project_id}", json=body, status_code=status)

    return answers


@pytest.fixture
def later(monkeypatch):
    """Return a function that lets seconds pass for what is kept."""
    clock = SimpleNamespace(now=time.time())
    monkeypatch.setattr(kept_projects, "time", SimpleNamespace(time=lambda: clock.now))

    def later(seconds):
        clock.now += seconds

    return later


def test_only_404_says_that_a_project_is_missing(answers, keystone):
    """A prohibition does not, and does not hide the others."""
    answers(MINE, 404)
    answers(OTHER, 403)
    answers(PROJECT, enabled=False)
    known = existence.look_up(keystone, [MINE, OTHER, PROJECT])
    assert known.missing == {MINE}
    assert list(known.found) == [PROJECT]
    assert not known.found[PROJECT].enabled


def test_nothing_is_missing_to_who_may_not_list_projects(answers, keystone, requests_mock):
    """The 404 of a token that is not a cloud administrator's may be a prohibition."""
    requests_mock.get(f"{KEYSTONE}/projects", status_code=403)
    answers(MINE, 404)
    assert existence.look_up(keystone, [MINE]).missing == frozenset()


def test_domain_is_not_missing(answers, keystone):
    """Keystone answers for it as for a project."""
    answers(PROJECT, is_domain=True, enabled=True)
    known = existence.look_up(keystone, [PROJECT])
    assert (list(known.found), known.missing) == ([PROJECT], frozenset())


def test_missing_project_is_asked_for_again(answers, keystone):
    """What was missing a moment ago may be a mistake that was mended; it is never cached."""
    answers(PROJECT, 404)
    keystone.projects_by_id([PROJECT])
    answers(PROJECT, enabled=True)
    assert existence.look_up(keystone, [PROJECT], cached_ok=True).missing == frozenset()


def test_project_that_was_read_is_not_asked_for_again(answers, keystone, requests_mock):
    """Where that is good enough."""
    answers(PROJECT, enabled=True)
    existence.look_up(keystone, [PROJECT])
    asked = requests_mock.call_count
    assert list(existence.look_up(keystone, [PROJECT], cached_ok=True).found) == [PROJECT]
    assert requests_mock.call_count == asked
    existence.look_up(keystone, [PROJECT])
    assert requests_mock.call_count > asked


def test_project_that_was_missing_is_not_asked_for_again(answers, keystone, requests_mock):
    """Where that is good enough, as among the slices of one scan."""
    answers(MINE, 404)
    existence.look_up(keystone, [MINE])
    asked = requests_mock.call_count
    assert existence.look_up(keystone, [MINE], cached_ok=True).missing == {MINE}
    assert requests_mock.call_count == asked


def test_project_that_was_missing_is_asked_for_before_a_removal(answers, keystone):
    """A project that is there after all is also there for the next scan."""
    answers(MINE, 404)
    existence.look_up(keystone, [MINE])
    answers(MINE, enabled=True)
    assert list(existence.look_up(keystone, [MINE]).found) == [MINE]
    assert existence.look_up(keystone, [MINE], cached_ok=True).missing == frozenset()


def test_project_whose_name_is_kept_is_missing_once_it_is_known_to_be(answers, keystone):
    """Its removal has found out, and the next scan says so."""
    answers(PROJECT, enabled=True)
    existence.look_up(keystone, [PROJECT])
    answers(PROJECT, 404)
    existence.look_up(keystone, [PROJECT])
    assert existence.look_up(keystone, [PROJECT], cached_ok=True) == Known({}, {PROJECT})


def test_prohibition_is_not_kept_as_an_absence(answers, keystone, requests_mock):
    """The next token of the user may be a cloud administrator's."""
    listed = requests_mock.get(f"{KEYSTONE}/projects", status_code=403)
    answers(MINE, 404)
    existence.look_up(keystone, [MINE])
    existence.look_up(keystone, [MINE], cached_ok=True)
    assert listed.call_count == 2


def test_project_that_was_read_a_while_ago_is_not_kept_for_longer(answers, keystone, later):
    """A scan that takes long would never see that it was deleted."""
    answers(PROJECT, enabled=True)
    existence.look_up(keystone, [PROJECT])
    later(40)
    existence.look_up(keystone, [PROJECT], cached_ok=True)
    later(40)
    answers(PROJECT, 404)
    assert existence.look_up(keystone, [PROJECT], cached_ok=True).missing == {PROJECT}


def test_session_that_has_ended(answers, keystone):
    """It is no prohibition."""
    answers(PROJECT, 401)
    assert refusal(existence.look_up, keystone, [PROJECT]).reason is Reason.UNAUTHENTICATED


def test_text_that_cannot_be_an_id_is_not_asked_for(keystone, requests_mock):
    """It would be a part of an address."""
    assert existence.look_up(keystone, ["../users", "ü"]) == Known({}, frozenset())
    assert not requests_mock.called
