# SPDX-License-Identifier: Apache-2.0
"""The panel's startup in Horizon."""

import os
import subprocess
import sys

from tests.environment import CLOUD, PANEL


def test_policy_files_are_read_before_the_first_request():
    """Policies are loaded at startup; while a request loads them, others are allowed everything."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import django; django.setup(); from openstack_auth import policy;"
            "print(*policy._ENFORCER['image'].registered_rules)",
        ],
        env=os.environ | CLOUD.horizon_environment(0, PANEL),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "add_member" in done.stdout.split()
