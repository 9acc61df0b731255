# SPDX-License-Identifier: Apache-2.0
"""The command line and the dashboard agree at each step of an operator's guide."""

import json
import os
import subprocess

import pytest

from tests.cloud.pages import shown
from tests.conftest import PROJECT_OF
from tests.environment import CLOUD

SHARED = "/project/images/shared/"
COMMUNITY = "/project/images/community/"
AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}


@pytest.fixture
def openstack(cloud):
    """Return a function that runs the real client as a user, and returns its output as data."""

    def openstack(user, *command):
        environment = {name: value for name, value in os.environ.items() if name[:3] != "OS_"}
        environment |= {
            "OS_AUTH_URL": CLOUD.keystone_url,
            "OS_IDENTITY_API_VERSION": "3",
            "OS_USERNAME": user,
            "OS_PASSWORD": CLOUD.password,
            "OS_USER_DOMAIN_NAME": "Default",
            "OS_PROJECT_NAME": PROJECT_OF[user],
            "OS_PROJECT_DOMAIN_NAME": "Default",
        }
        done = subprocess.run(
            [CLOUD.services_prefix / "bin" / "openstack", *command],
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if "json" in command else None

    return openstack


@pytest.fixture
def in_tab(login):
    """Return a function that returns an image's status in a user's Shared Images, or None."""

    def in_tab(user, image):
        page = login(user).get(SHARED, {"name": image.name})
        return {row.image.id: row.member.status for row in page.context["table"].data}.get(image.id)

    return in_tab


@pytest.fixture
def in_dialog(login):
    """Return a function that returns the members and statuses shown in Manage Access."""

    def in_dialog(image):
        page = login("admin").get(f"/admin/images/{image.id}/access/", **AJAX)
        return {row.project.name: row.status for row in page.context["page"].rows if row.status}

    return in_dialog


def as_json(*command):
    """Return a command that prints JSON."""
    return (*command, "-f", "json")


def test_what_is_done_by_command_shows_in_the_pages(
    openstack, make, project_id, login, in_tab, in_dialog
):
    """Each change by the client, from sharing to Community, appears in the pages at once."""
    image, team = make("by-command", visibility="private"), project_id("app-team-a")
    refused = login("admin").get(f"/admin/images/{image.id}/access/", follow=True)
    assert "Set it to Shared" in refused.content.decode()

    openstack("admin", "image", "set", "--shared", image.id)
    assert in_dialog(image) == {}

    openstack("admin", "image", "add", "project", image.id, team)
    assert in_dialog(image) == {"app-team-a": "pending"}
    assert in_tab("ann", image) == "pending"

    openstack("ann", "image", "set", "--accept", image.id)
    assert in_dialog(image) == {"app-team-a": "accepted"}
    assert in_tab("ann", image) == "accepted"

    openstack("ann", "image", "set", "--reject", image.id)
    assert in_dialog(image) == {"app-team-a": "rejected"}
    assert in_tab("ann", image) == "rejected"

    openstack("admin", "image", "remove", "project", image.id, team)
    assert in_dialog(image) == {}
    assert in_tab("ann", image) is None

    openstack("admin", "image", "set", "--community", image.id)
    page = login("ann").get(COMMUNITY, {"name": image.name})
    assert [row.image.id for row in page.context["table"].data] == [image.id]


def test_what_is_done_in_the_pages_shows_by_command(openstack, make, project_id, login):
    """The client lists the results of Share, Accept, Reject and Remove in the pages."""
    image, team = make("by-page"), project_id("app-team-a")
    dialog = f"/admin/images/{image.id}/access/"

    def members():
        listed = openstack("admin", *as_json("image", "member", "list", image.id))
        return {member["Member ID"]: member["Status"] for member in listed}

    def answer(action):
        ann = login("ann")
        ann.post(SHARED, {"action": f"shared_images__{action}__{image.id}", **shown(ann)})

    assert login("admin").post(dialog, {"add": team}, **AJAX).status_code == 204
    assert members() == {team: "pending"}

    answer("accept")
    assert members() == {team: "accepted"}
    as_told = openstack("ann", *as_json("image", "show", image.id, "-c", "visibility"))
    assert as_told == {"visibility": "shared"}
    listed = openstack("ann", *as_json("image", "list", "--shared"))
    assert image.id in {item["ID"] for item in listed}

    answer("reject")
    assert members() == {team: "rejected"}

    assert login("admin").post(dialog, {"remove": team}, **AJAX).status_code == 204
    assert members() == {}


def test_community_images_are_those_that_the_client_lists(openstack, make, login):
    """Show All lists the same images as the client's list of community images."""
    make("for-everybody", visibility="community")
    listed = openstack("ann", *as_json("image", "list", "--community"))
    page = login("ann").get(COMMUNITY, {"all": "yes"})
    assert {row.image.id for row in page.context["table"].data} == {item["ID"] for item in listed}
