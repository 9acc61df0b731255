# SPDX-License-Identifier: Apache-2.0
"""The releases of Horizon that the panel supports, and environments for them.

This module needs only Python, so that it works before anything is installed. The folder
``constraints`` has the upper constraints that OpenStack publishes for each release: an installation
without them gets packages that its Horizon was never tested with.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_CONSTRAINTS = Path(__file__).with_name("constraints")


class InstallError(Exception):
    """An environment could not be made; the message has pip's output."""


@dataclass(frozen=True)
class Release:
    """A release of OpenStack.

    :ivar name: OpenStack's name for it
    :ivar horizon: Horizon's version, its first two numbers
    :ivar keystone: version of the release's Keystone
    :ivar glance: version of the release's Glance
    :ivar pythons: the versions of Python that the panel is tested on with this release
    """

    name: str
    horizon: str
    keystone: str
    glance: str
    pythons: tuple[str, ...] = ("3.11", "3.12")

    @property
    def constraints(self) -> Path:
        """The file with the upper constraints of all packages except OpenStack's services."""
        return _CONSTRAINTS / f"{self.name}.txt"

    def environment(
        self, folder: Path, *packages: str, editable: str = "", python: str = sys.executable
    ) -> Path:
        """Make an environment with packages according to the release's constraints.

        It is rebuilt when any input changed, and kept otherwise.

        :param folder: the environment's folder
        :param packages: the packages to install, in pip's notation
        :param editable: an extra of this project to install as well, from this checkout
        :param python: the Python interpreter to use
        :returns: the environment's Python
        :raises InstallError: with pip's output
        """
        own_python, stamp = folder / "bin" / "python", folder / "installed"
        wanted = "\n".join(
            [python, *packages, editable, *_digests(self.constraints, bool(editable))]
        )
        if stamp.exists() and stamp.read_text() == wanted:
            return own_python
        stamp.unlink(missing_ok=True)
        _run(python, "-m", "venv", "--clear", str(folder))
        own = ["--editable", f"{ROOT}[{editable}]"] if editable else []
        _run(
            *(str(own_python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--constraint", str(self.constraints), *packages, *own),
        )
        stamp.write_text(wanted)
        return own_python


RELEASES = {
    release.name: release
    for release in (
        Release("2025.1", horizon="25.3", keystone="27.0", glance="30.0"),
        Release("2025.2", horizon="25.5", keystone="28.0", glance="31.0"),
        Release("2026.1", horizon="25.7", keystone="29.0", glance="32.0"),
        Release(
            "2026.2",
            horizon="27.0",
            keystone="30.0",
            glance="33.0",
            pythons=("3.11", "3.12", "3.13"),
        ),
    )
}
OLDEST, *_, NEWEST = RELEASES


def _digests(constraints: Path, editable: bool) -> Iterator[str]:
    """Yield digests of the sources that an environment is made from."""
    sources = [constraints]
    if editable:  # the other sources are read from the checkout
        sources += [ROOT / "setup.cfg", ROOT / "setup.py"]
        sources += sorted((ROOT / "xloud_images_panel" / "locale").rglob("*.po"))
    for source in sources:
        yield hashlib.sha256(source.read_bytes()).hexdigest()


def _run(*command: str) -> None:
    # Packages of these releases are built with the setuptools of their time: later releases lack
    # pkg_resources. The first variable is for pip before 25.3, the second for later ones.
    build = str(_CONSTRAINTS / "build.txt")
    environment = os.environ | {"PIP_CONSTRAINT": build, "PIP_BUILD_CONSTRAINT": build}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InstallError(f"{' '.join(command)}:\n{done.stdout}{done.stderr}".rstrip())
