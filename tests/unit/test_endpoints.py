# SPDX-License-Identifier: Apache-2.0
"""Endpoints in a service catalog."""

import pytest

from xloud_images_panel.dashboard import actor
from xloud_images_panel.services import glance

IMAGE = "00000000-0000-4000-8000-000000000001"


@pytest.mark.parametrize("prefix", ["", "/image", "/v2ray/image"])
@pytest.mark.parametrize(
    "version", ["", "/", "/v1", "/v2", "/v2/", "/v2.0", "/v2.15", "/v2.15/", "/v3"]
)
def test_version_of_glance_in_the_catalog(
    user_request, requests_mock, monkeypatch, prefix, version
):
    """The endpoint's version is stripped as in Horizon's client, even after a proxy's path."""
    endpoint = f"http://cloud.test{prefix}{version}"
    monkeypatch.setattr(actor, "endpoint", lambda _request, _service: endpoint)
    requests_mock.get(
        f"http://cloud.test{prefix}/v2/images/{IMAGE}",
        json={"id": IMAGE, "name": "golden", "visibility": "shared", "status": "active"},
    )
    assert glance.Glance(actor.connection(user_request)).image(IMAGE).name == "golden"
