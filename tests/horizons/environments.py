# SPDX-License-Identifier: Apache-2.0
"""Environments with each release of Horizon, into which the panel's wheel is installed."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from demo.releases import Release
from tests.repository import ROOT, files

# What is new beside the Horizon of a release: our package, and what Horizon does not bring.
NEW = {"xloud-images-panel", "tenacity"}
PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet")


class Failure(Exception):
    """Something could not be installed, or would have changed what was there."""


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """Return what a program prints.

    :raises Failure: with all that it printed, when it fails
    """
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failure(f"{' '.join(map(str, command))}:\n{done.stdout}{done.stderr}")
    return done.stdout


def build_wheel(folder: Path) -> Path:
    """Build the panel's wheel."""
    shutil.rmtree(folder, ignore_errors=True)
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    (wheel,) = folder.glob("*.whl")
    return wheel


def copy_tests(folder: Path) -> None:
    """Copy what the tests need, but for the package: Python must find the one that is installed."""
    shutil.rmtree(folder, ignore_errors=True)
    folders = ("tests", "demo", "benchmarks", "docs")
    for path in [Path("setup.cfg"), *(path for name in folders for path in files(name))]:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, folder / path)


def what_is_new(release: Release, python: Path, wheel: Path) -> dict[str, str]:
    """Return name and version of what pip would install with the wheel, and install none of it."""
    report = run(
        *(python, *PIP, "install", "--dry-run", "--report", "-"),
        *("--constraint", release.constraints, wheel),
    )
    packages = [item["metadata"] for item in json.loads(report)["install"]]
    return {item["name"]: item["version"] for item in packages}


def check_harmless(release: Release, folder: Path, wheel: Path) -> None:
    """Make sure that the wheel leaves a Horizon that is installed with its constraints as it is.

    :param folder: where there is, or is going to be, an environment with that Horizon alone
    :raises Failure: that names what would be replaced or added
    """
    python = release.environment(folder, f"horizon~={release.horizon}.0")
    new = what_is_new(release, python, wheel)
    if "xloud-images-panel" not in new or set(new) - NEW:
        raise Failure(f"pip would install {new} beside Horizon {release.horizon}")


def test_environment(release: Release, folder: Path, wheel: Path, of: str) -> Path:
    """Install the wheel into an environment with that Horizon, as README.md says, and our tools.

    :param of: the Python that it is an environment of
    :returns: the environment's Python
    """
    tools = [item for item in _extra(wheel, "check") if not item.startswith("setuptools")]
    python = release.environment(
        folder, f"horizon~={release.horizon}.0", "setuptools<81", *tools, python=of
    )
    install_wheel(release, python, wheel)
    return python


def install_wheel(release: Release, python: Path, wheel: Path) -> None:
    """Install the wheel, and what it needs that is not there.

    :raises Failure: with what pip said
    """
    # Its version stays the same while it is worked on.
    for option in (("--force-reinstall", "--no-deps"), ()):
        run(python, *PIP, "install", *option, "--constraint", release.constraints, wheel)


def _extra(wheel: Path, name: str) -> list[str]:
    """Return the requirements of one of the wheel's extras."""
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (item for item in archive.namelist() if item.endswith(".dist-info/METADATA"))
        lines = archive.read(metadata).decode().splitlines()
    end = f'; extra == "{name}"'
    return [
        line.removeprefix("Requires-Dist: ").removesuffix(end)
        for line in lines
        if line.startswith("Requires-Dist: ") and line.endswith(end)
    ]
