# SPDX-License-Identifier: Apache-2.0
"""Stale members, and the evidence for them."""

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
    """Return the reasons why members are stale, by ID."""
    known = Known({project.id: project for project in found}, missing)
    return {item.member.project_id: item.kind for item in stale.find(owner, rows, known)}


def test_enabled_project_is_not_stale():
    """A member of an enabled project is not stale, whatever its answer."""
    assert kinds(Member(PROJECT, "rejected"), found=[Project(PROJECT, enabled=True)]) == {}


def test_project_that_is_not_known_is_not_stale():
    """An unknown project is not stale, because a 403 or a failure of Keystone proves nothing."""
    assert kinds(Member(PROJECT, "pending")) == {}


def test_deleted_project():
    """A missing project was deleted if its ID has the form of Keystone's IDs."""
    assert kinds(Member(PROJECT, "pending"), missing=[PROJECT]) == {PROJECT: Kind.DELETED}


@pytest.mark.parametrize("member", ["research", "../x", "ü", "x" * 65])
def test_no_project_has_this_id(member):
    """A name added as an ID is no project, nor is an ID that Keystone cannot have."""
    assert kinds(Member(member, "pending"), missing=["research"]) == {member: Kind.NO_PROJECT}


@pytest.mark.parametrize("member", [f"{PROJECT} ", PROJECT.upper()])
def test_other_writing_of_a_projects_id_is_not_stale(member):
    """A project's ID in capitals or with a blank is not stale: on MariaDB it gives access."""
    found = [Project(PROJECT, enabled=True)]
    assert kinds(Member(member, "accepted"), found=found, missing=[PROJECT.upper()]) == {}
    assert kinds(Member(member, "accepted")) == {}


def test_other_writing_of_a_deleted_projects_id():
    """A deleted project's ID with a blank is no project, because it gives nobody access."""
    missing = [PROJECT, PROJECT.upper()]
    assert kinds(Member(f"{PROJECT} ", "accepted"), missing=missing) == {
        f"{PROJECT} ": Kind.NO_PROJECT
    }


def test_disabled_project():
    """A disabled project has its own kind, because it may be enabled again."""
    found = [Project(PROJECT, enabled=False)]
    assert kinds(Member(PROJECT, "accepted"), found=found) == {PROJECT: Kind.DISABLED}


def test_owner_itself():
    """An owner's own membership is stale for that reason, even if the owner was deleted."""
    assert kinds(Member(OTHER, "pending"), missing=[OTHER]) == {OTHER: Kind.OWNER}


def test_double_row_of_an_enabled_project_is_merged():
    """Two rows of an enabled project are listed once, with the stronger answer, and not removed."""
    rows = [Member(PROJECT, "pending"), Member(PROJECT, "accepted")]
    known = Known({PROJECT: Project(PROJECT, enabled=True)}, ())
    [found] = stale.find(OTHER, rows, known)
    assert (found.kind, found.rows, found.member.status) == (Kind.DOUBLE, 2, "accepted")
    assert found.kind in stale.MERGED


def test_double_row_of_a_deleted_project_is_removed():
    """Two rows of a deleted project are removed, because a merge would leave a stale member."""
    rows = [Member(PROJECT, "pending")] * 2
    assert kinds(*rows, missing=[PROJECT]) == {PROJECT: Kind.DELETED}


def test_double_row_of_a_project_that_is_not_known_is_merged():
    """Two rows of an unknown project are merged, because a merge takes no access away."""
    assert kinds(*[Member(PROJECT, "pending")] * 2) == {PROJECT: Kind.DOUBLE}


# -- answers of Keystone


@pytest.fixture
def keystone(user_request, requests_mock):
    """Return a client of Keystone for a user who may list its projects."""
    requests_mock.get(f"{KEYSTONE}/projects", json={"projects": []})
    return Keystone(connection(user_request))


@pytest.fixture
def answers(requests_mock):
    """Return a function that makes Keystone answer for a project's ID."""

    def answers(project_id, status=200, **project):
        body = {"project": {"id": project_id, "name": "x", "domain_id": "d", **project}}
        requests_mock.get(f"{KEYSTONE}/projects/{project_id}", json=body, status_code=status)

    return answers


@pytest.fixture
def later(monkeypatch):
    """Return a function that advances the clock of the cache."""
    clock = SimpleNamespace(now=time.time())
    monkeypatch.setattr(kept_projects, "time", SimpleNamespace(time=lambda: clock.now))

    def later(seconds):
        clock.now += seconds

    return later


def test_only_404_says_that_a_project_is_missing(answers, keystone):
    """Only a 404 means that a project is missing; a 403 does not, and hides no other project."""
    answers(MINE, 404)
    answers(OTHER, 403)
    answers(PROJECT, enabled=False)
    known = existence.look_up(keystone, [MINE, OTHER, PROJECT])
    assert known.missing == {MINE}
    assert list(known.found) == [PROJECT]
    assert not known.found[PROJECT].enabled


def test_reason_is_kept_where_nothing_is_known(answers, keystone, requests_mock):
    """The reason for an unknown project is kept, so that the page can show it."""
    requests_mock.get(f"{KEYSTONE}/projects", status_code=403)
    answers(MINE, 404)
    answers(OTHER, 403)
    answers(PROJECT, enabled=True)
    look_ups = existence.LookUps(keystone)
    for project_id in look_ups.unknown([MINE, OTHER, f"{PROJECT} "]):
        look_ups.ask(project_id)
    assert list(look_ups.known().found) == [PROJECT]
    reasons = {item: error.reason for item, error in look_ups.failed.items()}
    assert reasons == {MINE: Reason.FORBIDDEN, OTHER: Reason.FORBIDDEN}


def test_nothing_is_missing_to_who_may_not_list_projects(answers, keystone, requests_mock):
    """Without a cloud administrator's token no project is missing: a 404 may be a prohibition."""
    requests_mock.get(f"{KEYSTONE}/projects", status_code=403)
    answers(MINE, 404)
    assert existence.look_up(keystone, [MINE]).missing == frozenset()


def test_domain_is_not_missing(answers, keystone):
    """A domain is not missing, because Keystone answers for it as for a project."""
    answers(PROJECT, is_domain=True, enabled=True)
    known = existence.look_up(keystone, [PROJECT])
    assert (list(known.found), known.missing) == ([PROJECT], frozenset())


def test_cached_names_are_no_proof_that_a_project_is_missing(answers, keystone):
    """Keystone is asked for an ID missing from cached names, which always lack domains."""
    answers(PROJECT, 404)
    keystone.projects_by_id([PROJECT])
    answers(PROJECT, enabled=True)
    assert existence.look_up(keystone, [PROJECT], cached_ok=True).missing == frozenset()


def test_project_that_was_read_is_not_asked_for_again(answers, keystone, requests_mock):
    """A caller that accepts cached projects sends no request for a project that was read."""
    answers(PROJECT, enabled=True)
    existence.look_up(keystone, [PROJECT])
    asked = requests_mock.call_count
    assert list(existence.look_up(keystone, [PROJECT], cached_ok=True).found) == [PROJECT]
    assert requests_mock.call_count == asked
    existence.look_up(keystone, [PROJECT])
    assert requests_mock.call_count > asked


def test_project_that_was_missing_is_not_asked_for_again(answers, keystone, requests_mock):
    """A caller that accepts cached answers, as in the slices of a scan, sends no request."""
    answers(MINE, 404)
    existence.look_up(keystone, [MINE])
    asked = requests_mock.call_count
    assert existence.look_up(keystone, [MINE], cached_ok=True).missing == {MINE}
    assert requests_mock.call_count == asked


def test_project_that_was_missing_is_asked_for_before_a_removal(answers, keystone):
    """A removal looks up a missing project again; if it exists, the next scan knows."""
    answers(MINE, 404)
    existence.look_up(keystone, [MINE])
    answers(MINE, enabled=True)
    assert list(existence.look_up(keystone, [MINE]).found) == [MINE]
    assert existence.look_up(keystone, [MINE], cached_ok=True).missing == frozenset()


def test_project_whose_name_is_kept_is_missing_once_it_is_known_to_be(answers, keystone):
    """A cached project is missing in the next scan once a removal has noticed its absence."""
    answers(PROJECT, enabled=True)
    existence.look_up(keystone, [PROJECT])
    answers(PROJECT, 404)
    existence.look_up(keystone, [PROJECT])
    assert existence.look_up(keystone, [PROJECT], cached_ok=True) == Known({}, {PROJECT})


def test_prohibition_is_not_kept_as_an_absence(answers, keystone, requests_mock):
    """A prohibition is not cached as an absence; the next token may be a cloud administrator's."""
    listed = requests_mock.get(f"{KEYSTONE}/projects", status_code=403)
    answers(MINE, 404)
    existence.look_up(keystone, [MINE])
    existence.look_up(keystone, [MINE], cached_ok=True)
    assert listed.call_count == 2


def test_project_that_was_read_a_while_ago_is_not_kept_for_longer(answers, keystone, later):
    """Use does not extend a project's time in the cache, or a long scan would miss its deletion."""
    answers(PROJECT, enabled=True)
    existence.look_up(keystone, [PROJECT])
    later(40)
    existence.look_up(keystone, [PROJECT], cached_ok=True)
    later(40)
    answers(PROJECT, 404)
    assert existence.look_up(keystone, [PROJECT], cached_ok=True).missing == {PROJECT}


@pytest.mark.parametrize(("listed", "status"), [(200, 401), (401, 404)])
def test_session_that_has_ended(answers, keystone, requests_mock, listed, status):
    """An ended session is not taken for a prohibition."""
    requests_mock.get(f"{KEYSTONE}/projects", json={"projects": []}, status_code=listed)
    answers(PROJECT, status)
    assert refusal(existence.look_up, keystone, [PROJECT]).reason is Reason.UNAUTHENTICATED


def test_member_in_capitals_is_looked_up_in_both_spellings(keystone):
    """A member in capitals may stand for the project with this ID in small letters."""
    assert existence.LookUps(keystone).unknown([MINE.upper()]) == [MINE.upper(), MINE]


def test_list_is_read_only_to_prove_an_absence(answers, keystone, requests_mock):
    """Without a missing project, Keystone is not asked whether the token may list projects."""
    listed = requests_mock.get(f"{KEYSTONE}/projects", status_code=500)
    answers(PROJECT, enabled=True)
    assert list(existence.look_up(keystone, [PROJECT]).found) == [PROJECT]
    assert not listed.called


def test_only_the_projects_in_question_are_known(answers, keystone):
    """Cached projects that no member stands for are in no answer."""
    answers(PROJECT, enabled=True)
    answers(MINE, 404)
    existence.look_up(keystone, [PROJECT, MINE])
    assert existence.look_up(keystone, [], cached_ok=True) == Known({}, frozenset())


def test_text_that_cannot_be_an_id_is_not_asked_for(keystone, requests_mock):
    """A text that cannot be an ID is not looked up, because it would become part of an address."""
    assert existence.look_up(keystone, ["../users", "ü"]) == Known({}, frozenset())
    assert not requests_mock.called
