"""Everything is declared in setup.cfg; this compiles the translations while it is built."""

from pathlib import Path

from babel.messages import mofile, pofile
from setuptools import setup
from setuptools.command.build_py import build_py

LOCALE = Path(__file__).parent / "xloud_images_panel" / "locale"


class BuildWithTranslations(build_py):
    """Make the .mo files that Django reads; only the .po files are kept in git."""

    def run(self) -> None:
        """Compile beside the sources, so that an editable installation has them as well."""
        for source in LOCALE.rglob("*.po"):
            with source.open("rb") as text, source.with_suffix(".mo").open("wb") as compiled:
                mofile.write_mo(compiled, pofile.read_po(text))
        super().run()


setup(cmdclass={"build_py": BuildWithTranslations})
