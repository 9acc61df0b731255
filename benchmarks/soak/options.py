# SPDX-License-Identifier: Apache-2.0
"""The soak's environment variables, checked before anything starts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from demo import checks
from demo.checks import OptionError
from demo.ha.options import PORTS
from demo.ha.options import Options as Nodes

VARIABLES = ("SOAK_DIR", "SOAK_MINUTES", "SOAK_PLAN", "SOAK_PORT", "SOAK_USERS")


@dataclass(frozen=True)
class Options:
    """The number of users, the minutes, and the folder and ports of the nodes.

    :ivar plan: whether to run the users again while a planner carries out a plan of many images
    """

    nodes: Nodes
    users: int
    minutes: int
    plan: bool

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Options":
        """Read the ``SOAK_*`` variables.

        :raises OptionError: for an unknown variable or an invalid value
        """
        for name in sorted(environment):
            if name.startswith("SOAK_") and name not in VARIABLES:
                raise OptionError(f"{name}: there is no such option, only {', '.join(VARIABLES)}.")
        nodes = Nodes(
            folder=checks.folder(environment, "SOAK_DIR", ".soak"),
            port=checks.port(environment, "SOAK_PORT", 18_700, PORTS),
            password="secret",  # noqa: S106 - of a temporary cloud
            panel="angular",
        )
        return cls(
            nodes=nodes,
            users=checks.number(environment, "SOAK_USERS", 50, 5, 1000),
            minutes=checks.number(environment, "SOAK_MINUTES", 5, 1, 600),
            plan=checks.choice(environment, "SOAK_PLAN", "no", ("no", "yes")) == "yes",
        )

    def check_ports(self) -> None:
        """Check that the ports of the services are free.

        :raises OptionError: for the first port in use
        """
        checks.free("SOAK_PORT", self.nodes.port, PORTS)
