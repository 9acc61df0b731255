# SPDX-License-Identifier: Apache-2.0
"""The environment variables of ``make demo-ha``.

``python -m demo.ha.options`` checks them using only Python, before anything is installed.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from demo import checks
from demo.checks import OptionError
from demo.cloud import Panel
from demo.options import DEFAULT_PASSWORD

NODES = 2
# The balancer and its own page, the nodes, Keystone, Glance, MariaDB, memcached.
PORTS = 2 + NODES + 4


@dataclass(frozen=True)
class Options:
    """The folders and ports of the nodes and of their services.

    :ivar port: the first of :data:`PORTS` TCP ports on loopback; the balancer's
    """

    folder: Path
    port: int
    password: str = field(repr=False)
    panel: Panel

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Options":
        """Read ``DEMO_HA_DIR``, ``DEMO_HA_PORT``, ``DEMO_PASSWORD`` and ``DEMO_IMAGES_PANEL``.

        :raises OptionError: for an invalid value
        """
        return cls(
            folder=checks.folder(environment, "DEMO_HA_DIR", ".demo-ha"),
            port=checks.port(environment, "DEMO_HA_PORT", 8100, PORTS),
            password=checks.password(environment, "DEMO_PASSWORD", DEFAULT_PASSWORD),
            panel=checks.choice(environment, "DEMO_IMAGES_PANEL", "angular", get_args(Panel)),
        )

    def check_ports(self) -> None:
        """Check that the ports of the services are free.

        :raises OptionError: for the first port in use
        """
        checks.free("DEMO_HA_PORT", self.port, PORTS)


if __name__ == "__main__":
    try:
        Options.from_environment().check_ports()
    except OptionError as error:
        print(f"demo: {error}", file=sys.stderr)
        sys.exit(2)
