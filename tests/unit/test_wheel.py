"""What an operator installs: the wheel has everything that Horizon loads, and nothing else."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "xloud_images_panel"


def run(*command):
    """Run a program quietly; what it says is shown when it fails."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder of packages of a clean environment that has the built wheel and nothing else."""
    folder = tmp_path_factory.mktemp("wheel")
    # Without an isolated environment nothing is downloaded. The wheel is built from the sdist.
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT))
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv")
    python = str(folder / "venv" / "bin" / "python")
    pip = (sys.executable, "-m", "pip", "--python", python)
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel))
    run(python, "-c", "import xloud_images_panel")
    (packages,) = (folder / "venv").glob("lib/python*/site-packages")
    return packages


def test_has_every_file_of_the_package(installed):
    """Code, enabled, static and templates as they are in git, and the translations compiled."""
    tracked = {Path(name) for name in run("git", "ls-files", "xloud_images_panel").splitlines()}
    expected = {path.with_suffix(".mo") if path.suffix == ".po" else path for path in tracked}
    package = installed / "xloud_images_panel"
    found = {
        path.relative_to(installed)
        for path in package.rglob("*")
        # pip compiles what it installs.
        if path.is_file() and path.suffix != ".pyc"
    }
    assert found == expected
    for folder in ("enabled", "static", "templates", "locale"):
        assert any((package / folder).rglob("*.*")), folder


def test_has_nothing_else(installed):
    """Tests, demo and benchmarks stay in the repository."""
    metadata = [path.name for path in installed.glob("*.dist-info")]
    assert len(metadata) == 1
    assert {path.name for path in installed.iterdir()} == {"xloud_images_panel", *metadata}


@pytest.mark.parametrize("folder", ["enabled", "static", "templates"])
def test_links_at_the_top_lead_to_the_package(folder):
    """Operators find the three folders where plugins of Horizon have them."""
    assert (ROOT / folder).is_symlink()
    assert (ROOT / folder).resolve() == PACKAGE / folder
