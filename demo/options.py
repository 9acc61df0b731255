"""What the demo is asked to do: its environment variables, checked before anything starts.

``python -m demo.options`` checks them with nothing but Python, before anything is installed.
"""

import importlib.util
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from demo.cloud import HOST, MARKER, Cloud, Panel

# Module to look for, and the package on PyPI that brings it.
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

DEFAULT_PASSWORD = "secret"  # noqa: S105 - of a cloud on loopback, to try the panel


class OptionError(Exception):
    """The demo cannot start; the message is one line that names the variable or package."""


@dataclass(frozen=True)
class Options:
    """Where the demo lives and what it runs."""

    folder: Path
    port: int
    keystone_port: int
    glance_port: int
    password: str = field(repr=False)
    panel: Panel

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Options":
        """Read the ``DEMO_*`` variables.

        :raises OptionError: for a value that makes no sense
        """
        ports = {
            "DEMO_PORT": _port(environment, "DEMO_PORT", 8000),
            "DEMO_KEYSTONE_PORT": _port(environment, "DEMO_KEYSTONE_PORT", 5000),
            "DEMO_GLANCE_PORT": _port(environment, "DEMO_GLANCE_PORT", 9292),
        }
        names = list(ports)
        for index, name in enumerate(names):
            for other in names[:index]:
                if ports[name] == ports[other]:
                    raise OptionError(f"{name}: {ports[name]} is what {other} is set to.")
        panel = environment.get("DEMO_IMAGES_PANEL") or "angular"
        if panel not in get_args(Panel):
            choices = " or ".join(get_args(Panel))
            raise OptionError(f"DEMO_IMAGES_PANEL: it is {choices}, not {panel!r}.")
        password = environment.get("DEMO_PASSWORD") or DEFAULT_PASSWORD
        if "\n" in password:
            raise OptionError("DEMO_PASSWORD: it cannot have more than one line.")
        folder = Path(environment.get("DEMO_DIR") or ".demo").absolute()
        if "\n" in str(folder) or "%" in str(folder):
            raise OptionError("DEMO_DIR: the path must not contain % or a line break.")
        if folder.exists() and not folder.is_dir():
            raise OptionError(f"DEMO_DIR: {folder} is not a folder.")
        if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).exists():
            raise OptionError(f"DEMO_DIR: {folder} has something else in it.")
        return cls(
            folder=folder,
            port=ports["DEMO_PORT"],
            keystone_port=ports["DEMO_KEYSTONE_PORT"],
            glance_port=ports["DEMO_GLANCE_PORT"],
            password=password,
            panel=panel,
        )

    def cloud(self) -> Cloud:
        """Return the cloud that these options describe."""
        return Cloud(self.folder, self.keystone_port, self.glance_port, self.password)

    def check_ports(self) -> None:
        """Make sure that nothing else listens where the services are going to.

        :raises OptionError: for the first port in use
        """
        for name, port in (
            ("DEMO_PORT", self.port),
            ("DEMO_KEYSTONE_PORT", self.keystone_port),
            ("DEMO_GLANCE_PORT", self.glance_port),
        ):
            with socket.socket() as probe:
                # As gunicorn does: a port in TIME_WAIT after the last demo is free.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((HOST, port))
                except OSError as error:
                    raise OptionError(
                        f"{name}: cannot listen on {HOST}:{port} ({error.strerror}). "
                        f"Set {name} to another port."
                    ) from None


def check_packages() -> None:
    """Make sure that everything the demo runs is installed.

    :raises OptionError: that names the packages
    """
    missing = [
        package for module, package in PACKAGES.items() if importlib.util.find_spec(module) is None
    ]
    if missing:
        raise OptionError(
            f"Not installed: {', '.join(missing)}. `make demo` installs what it needs, "
            "`pip install -e .[demo]` does too."
        )


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name) or str(default)
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 65535:
        raise OptionError(f"{name}: it is a port from 1 to 65535, not {value!r}.")
    return int(value)


if __name__ == "__main__":
    try:
        Options.from_environment().check_ports()
    except OptionError as error:
        print(f"demo: {error}", file=sys.stderr)
        sys.exit(2)
