# SPDX-License-Identifier: Apache-2.0
"""Keystone and Glance on MariaDB, which compares texts differently from Python."""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings

from demo.cloud import Cloud
from demo.ha import mariadb
from tests.cloud.conftest import (  # noqa: F401 - fixtures
    admin,
    connection,
    delete_image,
    empty_cache,
    image,
    make,
    members,
    project_id,
)
from tests.conftest import RunningCloud
from tests.environment import free_port


@pytest.fixture(scope="session")
def cloud() -> Iterator[RunningCloud]:
    """Return a cloud on MariaDB, started with the first test."""
    # The folder's path is short: the path of MariaDB's socket has at most 108 bytes.
    folder = Path(tempfile.mkdtemp(prefix="xloud-mariadb-"))
    port, password = free_port(), secrets.token_hex(16)
    described = Cloud(
        folder, free_port(), free_port(), "secret", database=mariadb.url(port, password)
    )
    described.configure()
    store = mariadb.service(folder / "mariadb", port, password)
    running = RunningCloud(described, (store,))
    try:
        running.start()
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def signed_in_there(cloud: RunningCloud, settings: LazySettings) -> None:
    """Point Horizon to this cloud."""
    settings.OPENSTACK_KEYSTONE_URL = cloud.keystone_url
