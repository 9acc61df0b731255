# SPDX-License-Identifier: Apache-2.0
"""The project's files, in a checkout or an unpacked sdist."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Files that Python and the tools leave beside the sources of an sdist.
_MADE = {".pyc", ".mo"}
_FOLDERS = {".venv", "__pycache__", "build", "test-results", "xloud_images_panel.egg-info"}


def files(folder: str = ".") -> list[Path]:
    """Return the files below a folder, relative to the top; list links without following them.

    In a checkout these are the files that git tracks or would add; elsewhere all but tools' output.
    """
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            # git from the PATH, because it may be installed anywhere.
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", folder],  # noqa: S607
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        return [Path(name) for name in listed.splitlines() if (ROOT / name).exists()]
    found = (path.relative_to(ROOT) for path in (ROOT / folder).rglob("*") if path.is_file())
    return [
        path
        for path in found
        if path.suffix not in _MADE
        and not _FOLDERS.intersection(path.parts)
        and not any(part.startswith(".") and part != ".ci" for part in path.parts[:1])
    ]
