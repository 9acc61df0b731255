# SPDX-License-Identifier: Apache-2.0
"""The demo's environment variables, checked before anything starts.

``python -m demo.options`` checks them using only Python, before anything is installed.
"""

import importlib.util
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from demo import checks
from demo.checks import OptionError
from demo.cloud import Cloud, Panel
from demo.releases import NEWEST, RELEASES, Release

# Module to look for, and its package on PyPI.
PACKAGES = {
    "keystone": "keystone",
    "glance": "glance",
    "openstack_dashboard": "horizon",
    "gunicorn": "gunicorn",
    "honcho": "honcho",
    "openstack": "openstacksdk",
    "openstackclient": "python-openstackclient",
    "whitenoise": "whitenoise",
    "xloud_images_panel": "xloud-images-panel",
}

DEFAULT_PASSWORD = "secret"  # noqa: S105 - of a test cloud on loopback


@dataclass(frozen=True)
class Options:
    """The demo's folders and ports, and the programs that it runs."""

    folder: Path
    port: int
    keystone_port: int
    glance_port: int
    password: str = field(repr=False)
    panel: Panel
    release: Release

    @property
    def horizon_prefix(self) -> Path:
        """The folder of the environment with Horizon; the demo's own environment has the newest."""
        if self.release.name == NEWEST:
            return Path(sys.prefix)
        return self.folder / f"venv-{self.release.name}"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Options":
        """Read the ``DEMO_*`` variables.

        :raises OptionError: for an invalid value
        """
        ports = {
            "DEMO_PORT": checks.port(environment, "DEMO_PORT", 8000),
            "DEMO_KEYSTONE_PORT": checks.port(environment, "DEMO_KEYSTONE_PORT", 5000),
            "DEMO_GLANCE_PORT": checks.port(environment, "DEMO_GLANCE_PORT", 9292),
        }
        names = list(ports)
        for index, name in enumerate(names):
            for other in names[:index]:
                if ports[name] == ports[other]:
                    raise OptionError(f"{name}: {ports[name]} is what {other} is set to.")
        release = checks.choice(environment, "DEMO_HORIZON", NEWEST, tuple(RELEASES))
        # As in the Makefile: a requested release has its own folder.
        default = f".demo-{release}" if environment.get("DEMO_HORIZON") else ".demo"
        return cls(
            folder=checks.folder(environment, "DEMO_DIR", default),
            port=ports["DEMO_PORT"],
            keystone_port=ports["DEMO_KEYSTONE_PORT"],
            glance_port=ports["DEMO_GLANCE_PORT"],
            password=checks.password(environment, "DEMO_PASSWORD", DEFAULT_PASSWORD),
            panel=checks.choice(environment, "DEMO_IMAGES_PANEL", "angular", get_args(Panel)),
            release=RELEASES[release],
        )

    def cloud(self) -> Cloud:
        """Return the cloud that these options describe."""
        return Cloud(
            self.folder,
            self.keystone_port,
            self.glance_port,
            self.password,
            horizon_prefix=self.horizon_prefix,
        )

    def install_horizon(self, say: Callable[[str], None]) -> None:
        """Install the requested release of Horizon, unless the demo's environment has it.

        :param say: called with each long step
        :raises InstallError: with pip's output
        """
        if self.horizon_prefix == Path(sys.prefix):
            return
        version = self.release.horizon
        say(f"Horizon: {version}, of OpenStack {self.release.name}, in {self.horizon_prefix}")
        self.release.environment(self.horizon_prefix, f"horizon~={version}.0", editable="run")

    def check_ports(self) -> None:
        """Check that the ports of the services are free.

        :raises OptionError: for the first port in use
        """
        for name, port in (
            ("DEMO_PORT", self.port),
            ("DEMO_KEYSTONE_PORT", self.keystone_port),
            ("DEMO_GLANCE_PORT", self.glance_port),
        ):
            checks.free(name, port)


def check_packages() -> None:
    """Check that all packages of the demo are installed.

    :raises OptionError: with the names of missing packages
    """
    missing = [
        package for module, package in PACKAGES.items() if importlib.util.find_spec(module) is None
    ]
    if missing:
        raise OptionError(
            f"Not installed: {', '.join(missing)}. `make demo` installs what it needs, "
            "`pip install -e .[demo]` does too."
        )


if __name__ == "__main__":
    try:
        Options.from_environment().check_ports()
    except OptionError as error:
        print(f"demo: {error}", file=sys.stderr)
        sys.exit(2)
