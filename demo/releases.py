# SPDX-License-Identifier: Apache-2.0
"""The releases of Horizon that the panel is for, and environments that have one of them.

Nothing here needs more than Python, so that it can be asked before anything is installed.
The folder ``constraints`` has the upper constraints that OpenStack publishes for each: an
installation without them gets packages that its Horizon was never tested with.
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
    """An environment could not be made; the message has what pip said."""


@dataclass(frozen=True)
class Release:
    """A release of OpenStack.

    :ivar name: OpenStack's name for it
    :ivar horizon: Horizon's version, its first two numbers
    :ivar keystone: that of its own Keystone
    :ivar glance: that of its own Glance
    :ivar pythons: the versions of Python that the panel is tested on in it
    """

    name: str
    horizon: str
    keystone: str
    glance: str
    pythons: tuple[str, ...] = ("3.11", "3.12")

    @property
    def constraints(self) -> Path:
        """The file with the upper constraints of all its packages but OpenStack's services."""
        return _CONSTRAINTS / f"{self.name}.txt"

    def environment(
        self, folder: Path, *packages: str, editable: str = "", python: str = sys.executable
    ) -> Path:
        """Make an environment with packages as the release's constraints have them.

        It is made anew when any of that changed, and otherwise kept.

        :param folder: where it is, or is going to be
        :param packages: what is installed, as pip takes it
        :param editable: our own project's extra that is installed too, from this checkout
        :param python: the one that it is an environment of
        :returns: its Python
        :raises InstallError: with what pip said
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
    """Yield what changes with the sources that an environment is made from."""
    sources = [constraints]
    if editable:  # the rest of it is read where it is
        sources += [ROOT / "setup.cfg", ROOT / "setup.py"]
        sources += sorted((ROOT / "xloud_images_panel" / "locale").rglob("*.po"))
    for source in sources:
        yield hashlib.sha256(source.read_bytes()).hexdigest()


def _run(*command: str) -> None:
    # Packages of these releases are built with what was there at their time: later releases of
    # setuptools lack pkg_resources. The first variable is for pip before 25.3, the second for
    # those after it.
    build = str(_CONSTRAINTS / "build.txt")
    environment = os.environ | {"PIP_CONSTRAINT": build, "PIP_BUILD_CONSTRAINT": build}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InstallError(f"{' '.join(command)}:\n{done.stdout}{done.stderr}".rstrip())
