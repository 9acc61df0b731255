# SPDX-License-Identifier: Apache-2.0
"""Every source file names its licence, and the licence's text is complete."""

from tests.repository import ROOT, files

LINE = "SPDX-License-Identifier: Apache-2.0"
SOURCES = {".py", ".js", ".scss", ".html"}


def test_every_source_file_names_the_licence():
    """A source names the licence in line 1, or in line 2 below a program's interpreter."""
    sources = [path for path in files() if path.suffix in SOURCES]
    assert len(sources) > 100
    assert [
        str(path)
        for path in [*sources, *files(".ci"), *files("Makefile")]
        if not any(LINE in line for line in (ROOT / path).read_text().splitlines()[:2])
    ] == []


def test_licence_is_whole():
    """The licence's text is complete from its title to the end of the appendix."""
    text = (ROOT / "LICENSE").read_text()
    assert text.lstrip().startswith("Apache License\n")
    for number in range(1, 10):
        assert f"\n   {number}. " in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert text.rstrip().endswith("limitations under the License.")
