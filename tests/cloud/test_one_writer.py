# SPDX-License-Identifier: Apache-2.0
"""Glance on SQLite carries out one write at a time; see ``demo/gunicorn.conf.py``."""

import socket
from urllib.parse import urlsplit

from tests.environment import CLOUD


def test_client_that_stops_within_a_request_holds_nobody_up(connection, image, project_id):
    """Another write is carried out while the body of the first one does not arrive."""
    address = urlsplit(CLOUD.glance_url)
    with socket.create_connection((address.hostname, address.port)) as stopped:
        stopped.sendall(
            f"POST /v2/images/{image.id}/members HTTP/1.1\r\n"
            f"Host: {address.netloc}\r\nX-Auth-Token: {connection.auth_token}\r\n"
            "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n".encode()
        )
        team = project_id("research")
        done = connection.image.post(
            f"/images/{image.id}/members", json={"member": team}, timeout=9
        )
    assert done.status_code == 200
