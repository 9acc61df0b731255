# SPDX-License-Identifier: Apache-2.0
"""Whether projects exist, according to Keystone's answers."""

import pytest

from tests.unit.conftest import KEYSTONE
from tests.unit.test_glance import OTHER, refusal
from xloud_images_panel.access.failure import Reason
from xloud_images_panel.dashboard.actor import connection
from xloud_images_panel.services.existence import LookUps, look_up
from xloud_images_panel.services.keystone import Keystone

THIRD = "c" * 32


def record(project_id, **more):
    """Return a project as Keystone returns it."""
    return {"id": project_id, "name": "team", "domain_id": "d", "enabled": True, **more}


@pytest.fixture
def cloud(requests_mock):
    """Return a function that sets Keystone's answers about projects by ID, and about the list.

    :param projects: True for a project that exists, or the status of another answer
    """

    def cloud(listed=200, **projects):
        requests_mock.get(f"{KEYSTONE}/projects", json={"projects": []}, status_code=listed)
        for project_id, answer in projects.items():
            body = {"project": record(project_id)} if answer is True else {}
            requests_mock.get(
                f"{KEYSTONE}/projects/{project_id}",
                json=body,
                status_code=200 if answer is True else answer,
            )

    return cloud


@pytest.fixture
def keystone(user_request):
    """Return a function that returns the Keystone client of another request of one user."""
    return lambda: Keystone(connection(user_request))


@pytest.fixture
def asked(requests_mock):
    """Return a function that counts the requests for a project."""

    def asked(project_id):
        paths = [request.path for request in requests_mock.request_history]
        return sum(path.endswith(f"/projects/{project_id}") for path in paths)

    return asked


def test_project_exists_or_not_by_its_own_answer(cloud, keystone):
    """A project that Keystone returns exists, and one that it answers with 404 does not."""
    cloud(**{OTHER: True, THIRD: 404})
    known = look_up(keystone(), [OTHER, THIRD])
    assert {item: project.name for item, project in known.found.items()} == {OTHER: "team"}
    assert known.missing == {THIRD}


def test_each_project_is_asked_for_once(cloud, keystone, asked):
    """A project in several lists of members costs one request."""
    cloud(**{OTHER: True})
    look_ups = LookUps(keystone())
    assert look_ups.unknown([OTHER, OTHER]) == [OTHER]
    look_ups.ask(OTHER)
    assert look_ups.unknown([OTHER]) == []
    assert asked(OTHER) == 1


def test_member_in_capitals_is_looked_up_in_both_spellings(keystone):
    """A member in capitals may stand for the project in small letters."""
    assert LookUps(keystone()).unknown([OTHER.upper()]) == [OTHER.upper(), OTHER]


def test_member_that_can_be_no_project_is_not_looked_up(keystone):
    """A text that can be no project's ID is put into no address."""
    assert LookUps(keystone()).unknown(["no/project"]) == []


@pytest.mark.parametrize("status", [403, 500])
def test_project_without_an_answer_is_unknown(cloud, keystone, status):
    """A project for which Keystone fails is neither found nor missing, and has the reason."""
    cloud(**{OTHER: status})
    look_ups = LookUps(keystone())
    look_ups.ask(OTHER)
    known = look_ups.known()
    assert (known.found, set(known.missing)) == ({}, set())
    assert look_ups.failed[OTHER].status == status


@pytest.mark.parametrize("status", [403, 500])
def test_token_that_does_not_see_all_projects_proves_no_absence(cloud, keystone, status):
    """A 404 proves nothing if the token may not list the projects of all domains."""
    cloud(listed=status, **{OTHER: 404})
    look_ups = LookUps(keystone())
    look_ups.ask(OTHER)
    assert not look_ups.known().missing
    assert look_ups.failed[OTHER].status == status


def test_list_is_not_asked_for_without_a_missing_project(cloud, keystone, requests_mock):
    """Keystone's list is requested only to prove an absence."""
    cloud(listed=500, **{OTHER: True})
    assert look_up(keystone(), [OTHER]).found.keys() == {OTHER}
    assert [request.path for request in requests_mock.request_history] == [f"/v3/projects/{OTHER}"]


@pytest.mark.parametrize(("listed", "project"), [(200, 401), (401, 404)])
def test_session_that_has_ended_is_no_answer(cloud, keystone, listed, project):
    """An ended session is raised, and not taken for an unknown project."""
    cloud(listed=listed, **{OTHER: project})
    assert refusal(look_up, keystone(), [OTHER]).reason is Reason.UNAUTHENTICATED


def test_answers_are_kept_for_those_who_accept_them(cloud, keystone, asked):
    """Found and missing projects are kept for a short while, but only read on request."""
    cloud(**{OTHER: True, THIRD: 404})
    look_up(keystone(), [OTHER, THIRD])
    again = look_up(keystone(), [OTHER, THIRD], cached_ok=True)
    assert again.found.keys() == {OTHER}
    assert again.missing == {THIRD}
    assert (asked(OTHER), asked(THIRD)) == (1, 1)
    look_up(keystone(), [OTHER, THIRD])
    assert (asked(OTHER), asked(THIRD)) == (2, 2)


def test_only_the_projects_in_question_are_known(cloud, keystone):
    """Kept projects that no member stands for are in no answer."""
    cloud(**{OTHER: True, THIRD: 404})
    look_up(keystone(), [OTHER, THIRD])
    known = look_up(keystone(), [], cached_ok=True)
    assert (known.found, set(known.missing)) == ({}, set())


def test_project_that_is_back_is_not_kept_as_missing(cloud, keystone, asked):
    """A project that Keystone returns again is no longer kept as missing."""
    cloud(**{OTHER: 404})
    look_up(keystone(), [OTHER])
    cloud(**{OTHER: True})
    look_up(keystone(), [OTHER])
    assert look_up(keystone(), [OTHER], cached_ok=True).found.keys() == {OTHER}
    assert asked(OTHER) == 2


def test_project_that_was_deleted_is_not_taken_from_its_kept_name(cloud, keystone):
    """A project that is kept as missing is missing, although its last name is still kept."""
    cloud(**{OTHER: True})
    look_up(keystone(), [OTHER])
    cloud(**{OTHER: 404})
    look_up(keystone(), [OTHER])
    known = look_up(keystone(), [OTHER], cached_ok=True)
    assert (known.found, set(known.missing)) == ({}, {OTHER})


def test_unproven_absence_is_not_kept(cloud, keystone, asked):
    """A 404 to a token that does not see all projects is asked for again the next time."""
    cloud(listed=403, **{OTHER: 404})
    look_up(keystone(), [OTHER])
    look_up(keystone(), [OTHER], cached_ok=True)
    assert asked(OTHER) == 2
