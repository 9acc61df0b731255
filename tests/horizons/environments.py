# SPDX-License-Identifier: Apache-2.0
"""Python environments that have a release of Horizon and the panel's wheel."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from demo.releases import Release
from tests.repository import ROOT, files

# Packages that pip may add to a release's Horizon: the panel, and a requirement Horizon lacks.
NEW = {"xloud-images-panel", "tenacity"}
PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet")


class Failure(Exception):
    """An installation failed, or would have changed installed packages."""


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """Return the output of a program.

    :raises Failure: with the whole output, when the program fails
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
    """Copy the tests' files without the package, so that Python imports the installed one."""
    shutil.rmtree(folder, ignore_errors=True)
    folders = ("tests", "demo", "benchmarks", "docs")
    for path in [Path("setup.cfg"), *(path for name in folders for path in files(name))]:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, folder / path)


def what_is_new(release: Release, python: Path, wheel: Path) -> dict[str, str]:
    """Return names and versions of the packages that pip would install with the wheel."""
    report = run(
        *(python, *PIP, "install", "--dry-run", "--report", "-"),
        *("--constraint", release.constraints, wheel),
    )
    packages = [item["metadata"] for item in json.loads(report)["install"]]
    return {item["name"]: item["version"] for item in packages}


def check_harmless(release: Release, folder: Path, wheel: Path) -> None:
    """Check that the wheel changes no package of a Horizon installed with its constraints.

    :param folder: the environment with only that Horizon; created when missing
    :raises Failure: that names the packages that pip would replace or add
    """
    python = release.environment(folder, f"horizon~={release.horizon}.0")
    new = what_is_new(release, python, wheel)
    if "xloud-images-panel" not in new or set(new) - NEW:
        raise Failure(f"pip would install {new} beside Horizon {release.horizon}")


def test_environment(release: Release, folder: Path, wheel: Path, of: str) -> Path:
    """Create an environment with the release's Horizon, our tools and the wheel, as in README.md.

    :param of: the Python to create the environment with
    :returns: the environment's Python
    """
    tools = [item for item in _extra(wheel, "check") if not item.startswith("setuptools")]
    python = release.environment(
        folder, f"horizon~={release.horizon}.0", "setuptools<81", *tools, python=of
    )
    install_wheel(release, python, wheel)
    return python


def install_wheel(release: Release, python: Path, wheel: Path) -> None:
    """Install the wheel and its missing requirements.

    :raises Failure: with pip's output
    """
    # The version number stays the same during development, so pip must be forced.
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
