# SPDX-License-Identifier: Apache-2.0
"""Facts about a project and an image, and facts that cannot be read."""

import pytest

from tests.unit.conftest import GLANCE, KEYSTONE
from tests.unit.test_glance import IMAGE, MEMBERS, OTHER
from tests.unit.test_glance import record as image_record
from xloud_images_panel.access.explain import Answer, Existence, Fact, Relation
from xloud_images_panel.access.failure import Reason
from xloud_images_panel.dashboard.actor import connection
from xloud_images_panel.services import situation
from xloud_images_panel.services.glance import Glance
from xloud_images_panel.services.keystone import Keystone

PROJECT = "c" * 32


@pytest.fixture
def services(requests_mock):
    """Return a function that replaces answers about a project and a shared image."""

    def services(project=None, domain=None, image=None, members=None):
        record = {"id": PROJECT, "name": "team", "domain_id": "partners", "enabled": True}
        answers = {
            f"{KEYSTONE}/projects/{PROJECT}": project or {"json": {"project": record}},
            f"{KEYSTONE}/domains/partners": domain
            or {"json": {"domain": {"id": "partners", "name": "partners", "enabled": True}}},
            f"{GLANCE}/v2/images/{IMAGE}": image or {"json": image_record(1)},
            MEMBERS: members or {"json": {"members": []}},
        }
        for url, answer in answers.items():
            requests_mock.get(url, **answer)

    services()
    return services


@pytest.fixture
def read(user_request):
    """Return a function that reads the project and the image."""

    def read(**more):
        given = connection(user_request)
        return situation.read(Keystone(given), Glance(given), PROJECT, IMAGE, **more)

    return read


def member(project_id, status="pending"):
    """Return a membership as Glance lists it."""
    return {"member_id": project_id, "status": status}


def test_all_is_there(services, read):
    """The project, its domain and the image are read; there is no membership."""
    reading = read()
    assert reading.situation == situation.Situation(visibility="shared")
    assert reading.project.name == "team"
    assert reading.image.id == IMAGE
    assert reading.failures == {}


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_only_404_says_that_there_is_no_project(services, read, requests_mock, status):
    """Only a 404 for a token that sees all projects means that a project does not exist."""
    services(project={"status_code": status})
    reading = read()
    assert reading.situation.project is Existence.UNKNOWN
    assert reading.failures[Fact.PROJECT_UNKNOWN].status == status
    assert reading.situation.image is Existence.THERE
    services(project={"status_code": 404})
    requests_mock.get(f"{KEYSTONE}/projects", json={"projects": []})
    assert read().situation.project is Existence.MISSING
    requests_mock.get(f"{KEYSTONE}/projects", status_code=403)
    assert read().situation.project is Existence.UNKNOWN


@pytest.mark.parametrize("status", [403, 404, 500])
def test_domain_that_cannot_be_read(services, read, status):
    """If a domain cannot be read, it is unknown whether it is enabled."""
    services(domain={"status_code": status})
    reading = read()
    assert reading.situation.domain is Answer.UNKNOWN
    assert set(reading.failures) == {Fact.DOMAIN_UNKNOWN}


def test_project_that_is_disabled(services, read):
    """A disabled project is recognized by the flag in Keystone's record."""
    record = {"id": PROJECT, "name": "team", "domain_id": "partners", "enabled": False}
    services(project={"json": {"project": record}})
    assert not read().situation.enabled


@pytest.mark.parametrize("there", [True, False])
def test_other_regions_are_what_the_caller_knows(services, read, there):
    """The caller says whether a missing image may be in another region."""
    services(image={"status_code": 404})
    assert read(other_regions=there).situation.other_regions is there


def test_domain_that_is_disabled(services, read):
    """A domain is disabled although Keystone's records of its projects still have them enabled."""
    services(domain={"json": {"domain": {"id": "partners", "enabled": False}}})
    assert read().situation.domain is Answer.NO


@pytest.mark.parametrize("status", [401, 403, 500])
def test_only_404_says_that_there_is_no_image(services, read, status):
    """Only a 404 means that an image does not exist; any other answer leaves that open."""
    services(image={"status_code": status})
    reading = read()
    assert reading.situation.image is Existence.UNKNOWN
    assert set(reading.failures) == {Fact.IMAGE_UNKNOWN}
    services(image={"status_code": 404})
    assert read().situation.image is Existence.MISSING


def test_administrator_without_a_project_is_shown_no_image(services, read, user_request):
    """For an administrator without a project, a 404 does not prove that the image is missing."""
    user_request.user.project_id = None
    services(image={"status_code": 404})
    reading = read()
    assert reading.situation.image is Existence.UNKNOWN
    assert reading.failures[Fact.IMAGE_UNKNOWN].reason is Reason.MISSING


@pytest.mark.parametrize("status", [403, 404, 500])
def test_members_that_cannot_be_read(services, read, status):
    """Unreadable members are unknown, even if the image was just made private or deleted."""
    services(members={"status_code": status})
    reading = read()
    assert reading.situation.relation is Relation.UNKNOWN
    assert set(reading.failures) == {Fact.MEMBERS_UNKNOWN}


def test_accepted_row_counts_though_the_older_one_is_pending(services, read):
    """An accepted row of a member counts, although its older row is pending."""
    rows = [member(OTHER, "rejected"), member(PROJECT), member(PROJECT, "accepted")]
    services(members={"json": {"members": rows}})
    assert read().situation.relation is Relation.ACCEPTED


def test_member_in_another_writing_is_one_if_glance_says_so(services, read, requests_mock):
    """A member in capitals counts if Glance confirms it, because MariaDB ignores case."""
    row = member(PROJECT.upper(), "accepted")
    services(members={"json": {"members": [row]}})
    for text in (PROJECT, PROJECT.upper()):
        requests_mock.get(f"{MEMBERS}/{text}", json=row)
    assert read().situation.relation is Relation.ACCEPTED
    requests_mock.get(f"{MEMBERS}/{PROJECT}", status_code=404)
    assert read().situation.relation is Relation.NONE


@pytest.mark.parametrize(
    ("image", "relation"),
    [
        ({"owner": PROJECT}, Relation.OWNER),
        ({"owner": PROJECT, "visibility": "private"}, Relation.OWNER),
        ({"visibility": "public"}, Relation.NONE),
        ({"visibility": "private"}, Relation.NONE),
    ],
)
def test_members_are_read_where_they_count_only(services, read, requests_mock, image, relation):
    """Members are read only where they count; Glance refuses those of an image not shared."""
    services(image={"json": image_record(1, **image)}, members={"status_code": 403})
    assert read().situation.relation is relation
    assert MEMBERS not in [request.url for request in requests_mock.request_history]


def test_image_is_read_as_it_is(services, read):
    """The image's visibility in lists, its status and whether it has an owner are read."""
    record = image_record(1, owner=None, status="queued", os_hidden=True)
    services(image={"json": record})
    found = read().situation
    assert (found.hidden, found.status, found.owned) == (True, "queued", False)
