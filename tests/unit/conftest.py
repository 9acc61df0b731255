# SPDX-License-Identifier: Apache-2.0
"""A user's request, and services whose answers the tests make up."""

from types import SimpleNamespace

import pytest
import tenacity.nap
from django.core.cache import cache

from xloud_images_panel.dashboard import actor
from xloud_images_panel.services.glance import Glance

GLANCE = "http://glance.test"
KEYSTONE = "http://keystone.test/v3"
MINE = "a" * 32
ENDPOINTS = {"image": GLANCE, "identity": KEYSTONE}


@pytest.fixture
def user_request(monkeypatch):
    """Return a request by a user of the project MINE, with both services in the catalogue."""
    monkeypatch.setattr(actor, "endpoint", lambda _request, service: ENDPOINTS[service])
    monkeypatch.setattr(tenacity.nap.time, "sleep", lambda _seconds: None)
    cache.clear()
    user = SimpleNamespace(
        id="user",
        project_id=MINE,
        services_region="here",
        token=SimpleNamespace(id="token"),
        user_domain_id="default",
    )
    return SimpleNamespace(user=user, method="GET", META={"REMOTE_ADDR": "192.0.2.1"})


@pytest.fixture
def images(user_request):
    """Return the panel's client of Glance."""
    return Glance(actor.connection(user_request))


@pytest.fixture
def listing(requests_mock):
    """Return a function that makes Glance answer with these pages of its list in turn."""

    def listing(*pages):
        requests_mock.get(f"{GLANCE}/v2/images", [{"json": page} for page in pages])

    return listing


@pytest.fixture
def member_lists(requests_mock):
    """Return a function that makes Glance list members of an image, or answer with a status."""

    def member_lists(image_id, *members, status=200):
        rows = [{"member_id": project, "status": answer} for project, answer in members]
        requests_mock.get(
            f"{GLANCE}/v2/images/{image_id}/members", json={"members": rows}, status_code=status
        )

    return member_lists
