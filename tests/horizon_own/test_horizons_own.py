# SPDX-License-Identifier: Apache-2.0
"""Horizon's own tests of its Images panels, with the panel switched on."""

import os
import subprocess
import sys

import pytest

from demo.cloud import ROOT

# The APIs behind the AngularJS panel, whose pages have tests in JavaScript. The tests of the pages
# below cover only the Python panel.
API = ["test.unit.api.test_glance", "test.unit.api.rest.test_glance"]
PAGES = [
    "dashboards.project.images.tests",
    "dashboards.project.images.images.tests",
    "dashboards.project.images.snapshots.tests",
    "dashboards.admin.images.tests",
]


@pytest.mark.parametrize(("panel", "modules"), [("angular", API), ("python", PAGES)])
def test_they_pass(panel, modules):
    """Horizon's own tests pass, except the failures that ``plugin.py`` expects and explains."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-rfEX", "-c", os.devnull, f"--rootdir={ROOT}"),
            *("-p", "tests.horizon_own.plugin", "-p", "no:cacheprovider", "-p", "no:warnings"),
            *("--pyargs", *(f"openstack_dashboard.{module}" for module in modules)),
        ],
        cwd=ROOT,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "tests.horizon_own.settings",
            "HORIZON_IMAGES_PANEL": panel,
            "HORIZON_TEST_RUN": "True",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
