# SPDX-License-Identifier: Apache-2.0
"""The cloud of this test run, described before Django reads its settings.

The fixture ``cloud`` in ``tests/conftest.py`` starts it.
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

# The folder for screenshots and logs; ignored by git.
RESULTS = Path(__file__).resolve().parent.parent / "test-results"

# Horizon's release, for the few differences of older ones.
HORIZON = tuple(map(int, importlib.metadata.version("horizon").split(".")[:2]))

# Horizon's Images panel for Django's test client. Horizon reads this setting when its URLs are
# imported, so one panel serves a whole run. The browser tests use both panels.
PANEL: Panel = "python"


def _ports() -> Iterator[int]:
    # TEST_PORTS sets another range. The system never uses the default for outgoing connections.
    wanted = os.environ.get("TEST_PORTS") or "20000-29999"
    first, last = map(int, wanted.split("-"))
    # Each worker uses a random order; otherwise two workers of one run would take the same port.
    return itertools.cycle(random.sample(range(first, last + 1), last + 1 - first))


_PORTS = _ports()


def free_port() -> int:
    """Return a free TCP port on loopback, a different one each time until the range is used up."""
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, next(_PORTS)))
            return probe.getsockname()[1]


# The ports of the dashboards whose pages send files from the administrator's browser to Glance.
# Glance must know these addresses when it starts.
UPLOAD_PORTS: dict[Panel, int] = {"angular": free_port(), "python": free_port()}


# All processes of a run share these files, and the next run reuses them.
SHARED = Path(os.environ.get("TEST_DIR") or sys.prefix)
PREPARED = SHARED / "xloud-prepared"


def _describe() -> Cloud:
    # TEST_DIR moves the folder, for machines with a small /tmp.
    folder = tempfile.mkdtemp(prefix="xloud-tests-", dir=os.environ.get("TEST_DIR"))
    cloud = Cloud(
        Path(folder),
        free_port(),
        free_port(),
        password="secret",
        # Tests of an older Horizon run Keystone and Glance in a separate environment.
        services_prefix=Path(os.environ.get("TEST_SERVICES") or sys.prefix),
        # The AngularJS panel reads all definitions for each list of images, which takes longer
        # than everything else on the page.
        metadata_definitions="compute-hypervisor.json",
        idle_seconds=0.01,
        static_files=SHARED / "xloud-static",
        upload_origins=tuple(f"http://admin.localhost:{port}" for port in UPLOAD_PORTS.values()),
    )
    cloud.configure()
    return cloud


CLOUD = _describe()
