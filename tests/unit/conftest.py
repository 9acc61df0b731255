# SPDX-License-Identifier: Apache-2.0
"""A user's request, and services that do not exist."""

from types import SimpleNamespace

import pytest
import tenacity.nap
from django.core.cache import cache

from xloud_images_panel.dashboard import actor

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
