# SPDX-License-Identifier: Apache-2.0
"""The wheel that an operator installs: everything that Horizon loads, and nothing else."""

import email
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from tests.repository import ROOT, files

PACKAGE = ROOT / "xloud_images_panel"


def run(*command):
    """Run a program quietly, but show its output if it fails."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Return the folder with the sdist and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("built")
    # Without an isolated environment nothing is downloaded.
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT))
    return folder


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    """Return the packages' folder of a clean environment with only the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    (wheel,) = built.glob("*.whl")
    venv.create(folder / "venv")
    python = str(folder / "venv" / "bin" / "python")
    pip = (sys.executable, "-m", "pip", "--python", python)
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel))
    run(python, "-c", "import xloud_images_panel")
    (packages,) = (folder / "venv").glob("lib/python*/site-packages")
    return packages


def test_has_every_file_of_the_package(installed):
    """The wheel's code, enabled, static and templates are as in git; translations are compiled."""
    sources = files("xloud_images_panel")
    expected = {path.with_suffix(".mo") if path.suffix == ".po" else path for path in sources}
    package = installed / "xloud_images_panel"
    found = {
        path.relative_to(installed)
        for path in package.rglob("*")
        # pip compiles the modules that it installs.
        if path.is_file() and path.suffix != ".pyc"
    }
    assert found == expected
    for folder in ("enabled", "static", "templates", "locale"):
        assert any((package / folder).rglob("*.*")), folder


def test_has_nothing_else(installed):
    """The wheel has no tests, demo or benchmarks; they stay in the repository."""
    metadata = [path.name for path in installed.glob("*.dist-info")]
    assert len(metadata) == 1
    assert {path.name for path in installed.iterdir()} == {"xloud_images_panel", *metadata}


def test_has_nothing_of_an_earlier_build(tmp_path):
    """A file deleted since an earlier build is not in the wheel of the next release."""
    for path in [Path("setup.cfg"), Path("setup.py"), *files("xloud_images_panel")]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, tmp_path / path)
    for name in ("README.md", "LICENSE", "pyproject.toml"):
        shutil.copy2(ROOT / name, tmp_path / name)
    left = tmp_path / "build" / "lib" / "xloud_images_panel" / "static" / "left.js"
    left.parent.mkdir(parents=True)
    left.touch()
    options = ("--wheel", "--no-isolation", "--outdir", str(tmp_path / "dist"))
    run(sys.executable, "-m", "build", *options, str(tmp_path))
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert "xloud_images_panel/apps.py" in names
    assert not [name for name in names if name.endswith("left.js")]


def test_names_its_licence(installed):
    """The wheel has the licence's text, and its name in a form that tools read."""
    (metadata,) = installed.glob("*.dist-info/METADATA")
    assert email.message_from_string(metadata.read_text())["License-Expression"] == "Apache-2.0"
    (text,) = installed.glob("*.dist-info/**/LICENSE")
    assert text.read_text() == (ROOT / "LICENSE").read_text()


def test_description_can_be_shown(built):
    """The long description passes the check, because package indexes show it as it is."""
    run(sys.executable, "-m", "twine", "check", "--strict", *map(str, built.iterdir()))


def test_description_leads_nowhere_inside_the_repository(installed):
    """The description has no relative links or pictures, which a package index would break."""
    (metadata,) = installed.glob("*.dist-info/METADATA")
    text = email.message_from_string(metadata.read_text()).get_payload()
    assert "Manage Access" in text
    assert "](" not in text


def test_sdist_has_the_whole_project(built):
    """The sdist has all files: distributions need tests, demo, documentation and release notes."""
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as sdist:
        members = {Path(*Path(item.name).parts[1:]): item for item in sdist.getmembers()}
    # Files that belong to git, or that a developer's tools leave.
    left_out = {".gitignore"}
    assert {str(path) for path in files() if path not in members} == left_out & {
        str(path) for path in files()
    }
    for link in ("enabled", "static", "templates"):
        assert members[Path(link)].issym()


@pytest.mark.parametrize("folder", ["enabled", "static", "templates"])
def test_links_at_the_top_lead_to_the_package(folder):
    """Links at the top lead to the folders, where plugins of Horizon usually have them."""
    assert (ROOT / folder).is_symlink()
    assert (ROOT / folder).resolve() == PACKAGE / folder
