# SPDX-License-Identifier: Apache-2.0
"""The cloud of this test run, described before Django reads its settings.

Nothing is started here: see the fixture ``cloud`` in ``tests/conftest.py``.
"""

import contextlib
import importlib.metadata
import itertools
import os
import random
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from demo.cloud import HOST, Cloud, Panel

# Where screenshots and logs are kept; ignored by git.
RESULTS = Path(__file__).resolve().parent.parent / "test-results"

# Its release, for the few things that are different in older ones.
HORIZON = tuple(map(int, importlib.metadata.version("horizon").split(".")[:2]))

# Which of Horizon's Images panels Django's test client meets: Horizon reads it when its URLs
# are imported, so it is one for a whole run. The browser meets both.
PANEL: Panel = "python"


def _ports() -> Iterator[int]:
    # TEST_PORTS=20000-20999 names those to choose from; otherwise the system does.
    if not (wanted := os.environ.get("TEST_PORTS")):
        return itertools.repeat(0)
    first, last = map(int, wanted.split("-"))
    # In an order of its own: two workers of one run would take the same one.
    return itertools.cycle(random.sample(range(first, last + 1), last + 1 - first))


_PORTS = _ports()


def free_port() -> int:
    """Return a TCP port on loopback that nobody listens on."""
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, next(_PORTS)))
            return probe.getsockname()[1]


# Of the dashboards from whose pages the administrator's browser sends files to Glance, which has
# to know their addresses when it starts.
UPLOAD_PORTS: dict[Panel, int] = {"angular": free_port(), "python": free_port()}


def _describe() -> Cloud:
    # TEST_DIR moves the folder, for machines with a small /tmp.
    folder = tempfile.mkdtemp(prefix="xloud-tests-", dir=os.environ.get("TEST_DIR"))
    cloud = Cloud(
        Path(folder),
        free_port(),
        free_port(),
        password="secret",
        # Tests of an older Horizon have Keystone and Glance in another environment than their own.
        services_prefix=Path(os.environ.get("TEST_SERVICES") or sys.prefix),
        # The AngularJS panel reads all definitions for each list of images, which takes longer
        # than everything else on the page.
        metadata_definitions="compute-hypervisor.json",
        idle_seconds=0.01,
        # Once for both processes of a run.
        static_files=Path(os.environ.get("TEST_DIR") or sys.prefix) / "xloud-static",
        upload_origins=tuple(f"http://admin.localhost:{port}" for port in UPLOAD_PORTS.values()),
    )
    cloud.configure()
    return cloud


CLOUD = _describe()
