# SPDX-License-Identifier: Apache-2.0
"""Everything is declared in setup.cfg; this compiles translations, and keeps links in the sdist."""

import os
import shutil
from pathlib import Path

from babel.messages import mofile, pofile
from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

ROOT = Path(__file__).parent
LOCALE = ROOT / "xloud_images_panel" / "locale"
# Where operators look for them, see README.md.
LINKS = ("enabled", "static", "templates")


class BuildWithTranslations(build_py):
    """Make the .mo files that Django reads; only the .po files are kept in git."""

    def run(self) -> None:
        """Compile beside the sources, so that an editable installation has them as well."""
        for source in LOCALE.rglob("*.po"):
            with source.open("rb") as text, source.with_suffix(".mo").open("wb") as compiled:
                mofile.write_mo(compiled, pofile.read_po(text))
        if not self.editable_mode:
            # setuptools leaves what an earlier build has put there, also files that are gone since.
            shutil.rmtree(Path(self.build_lib, "xloud_images_panel"), ignore_errors=True)
        super().run()


class SdistWithLinks(sdist):
    """Put the links at the top into the archive as links."""

    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        """Make the folder that is archived."""
        super().make_release_tree(base_dir, files)
        for link in LINKS:
            os.symlink(os.readlink(ROOT / link), Path(base_dir, link))


setup(cmdclass={"build_py": BuildWithTranslations, "sdist": SdistWithLinks})
