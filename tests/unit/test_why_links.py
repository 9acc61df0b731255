# SPDX-License-Identifier: Apache-2.0
"""Links to the steps that would change an answer, in both of Horizon's Images panels."""

from types import SimpleNamespace

import pytest

from tests.unit.conftest import MINE
from xloud_images_panel.access.explain import Action, Fact
from xloud_images_panel.access.model import Image, Project
from xloud_images_panel.dashboard import horizon
from xloud_images_panel.dashboard.catalogue import why_links, why_texts

IMAGE = Image("1234", "golden", MINE, "shared", "active", "raw", "bare", 1)
PROJECT = Project("abcd", "team")


@pytest.fixture
def request_in(user_request):
    """Return a function that returns the request of a user with some regions."""

    def request_in(*regions):
        user_request.user.available_services_regions = list(regions)
        user_request.get_full_path = lambda: "/admin/images/access/why/?image=1"
        return user_request

    return request_in


def links(request, action, image=IMAGE, project=PROJECT):
    """Return the addresses for a step."""
    return [link.url for link in why_links.links(request, action, image, project)]


@pytest.mark.parametrize("action", [Action.SHARE, Action.PUBLISH])
def test_visibility_is_set_on_the_details_page_of_the_angularjs_panel(
    monkeypatch, request_in, action
):
    """Edit Image has no address, so the link is the details page; ``nav`` keeps it in Admin."""
    monkeypatch.setattr(horizon, "angular_images_panel", lambda: True)
    assert links(request_in("here"), action) == [
        "/ngdetails/OS::Glance::Image/1234?nav=%2Fadmin%2Fimages%2F"
    ]


@pytest.mark.parametrize("action", [Action.ADD_PROJECT, Action.ASK_AGAIN, Action.ACCEPT])
def test_manage_access_is_offered_once_it_opens(request_in, action):
    """Manage Access is offered only for a shared image, because the dialog refuses others."""
    assert links(request_in("here"), action) == ["/admin/images/1234/access/"]
    private = SimpleNamespace(id="1234", visibility="private", owner=MINE)
    assert links(request_in("here"), action, private) == []


def test_reactivate_is_offered_where_horizon_offers_it(request_in):
    """As in Horizon, Reactivate is a link for the own project's images; others have a command."""
    assert len(links(request_in("here"), Action.REACTIVATE)) == 1
    other = SimpleNamespace(id="1234", visibility="shared", owner="other")
    assert links(request_in("here"), Action.REACTIVATE, other) == []
    assert why_texts.command(Action.REACTIVATE, "1234") == "openstack image set --activate 1234"


def test_other_regions_lead_back_to_the_page(request_in):
    """Links to other regions lead back to the page; names unfit for an address are left out."""
    assert links(request_in("here", "there", "a/b"), Action.SWITCH_REGION, None) == [
        "/auth/switch_services_region/there/?next=%2Fadmin%2Fimages%2Faccess%2Fwhy%2F%3Fimage%3D1"
    ]


def test_each_fact_and_each_step_has_a_sentence():
    """Each fact has a sentence for both questions, as has each step, so none can be forgotten."""
    fields = dict.fromkeys(("owner", "status", "visibility", "region", "why"), "x")
    never_listed = {Fact.WITHOUT_OWNER}
    for fact in Fact:
        for listed in (True, False):
            if not (listed and fact in never_listed):
                assert why_texts.fact(fact, fields, listed=listed).endswith((".", "x"))
    for action in Action:
        assert why_texts.step(action)
