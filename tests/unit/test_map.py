# SPDX-License-Identifier: Apache-2.0
"""The README's map of the code, compared with the tree."""

import re

import pytest

from tests.repository import ROOT, files

PACKAGE = "xloud_images_panel"


def code_map():
    """Return the README's map."""
    text = (ROOT / "README.md").read_text()
    return text.partition("## The map of the code")[2].split("```")[1]


@pytest.mark.parametrize("folder", ["access", "services", "dashboard", "management"])
def test_map_names_each_module(folder):
    """The map names each module; a subfolder has its own line, and its modules have none."""
    names = set()
    for path in files(f"{PACKAGE}/{folder}"):
        first, *rest = path.relative_to(PACKAGE, folder).parts
        names.add(f"{first}/" if rest else first)
    names -= {"__init__.py", "commands/"}
    assert names - set(re.findall(r"[\w/]+(?:\.py|/)", code_map())) == set()


def test_map_names_each_folder_of_tests():
    """The map names each folder of tests; files beside these folders are shared by several."""
    folders = {f"tests/{path.parts[1]}" for path in files("tests") if len(path.parts) > 2}
    assert folders - set(re.findall(r"tests/\w+", code_map())) == set()


def test_map_names_no_module_that_is_gone():
    """Each module in the map is in the package, demo or benchmarks."""
    there = {path.name for path in files()}
    assert set(re.findall(r"\w+\.py", code_map())) - there == set()
