# SPDX-License-Identifier: Apache-2.0
"""The panel's requirements and the package versions of each OpenStack release."""

import importlib.metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from demo.releases import RELEASES

REQUIREMENTS = [
    Requirement(line)
    for line in importlib.metadata.requires("xloud-images-panel")
    if "extra ==" not in line
]


def constrained(release):
    """Return the package versions in an OpenStack release's constraints, by name."""
    versions = {}
    for line in release.constraints.read_text().splitlines():
        requirement = Requirement(line.partition("#")[0].strip() or "nothing")
        if not requirement.marker or requirement.marker.evaluate():
            for specifier in requirement.specifier:
                versions[canonicalize_name(requirement.name)] = Version(specifier.version)
    return versions | {"horizon": Version(f"{release.horizon}.0")}


@pytest.mark.parametrize("release", RELEASES.values(), ids=RELEASES)
def test_every_release_has_what_the_panel_asks_for(release):
    """Installing the panel changes no package of a Horizon installed with its constraints."""
    versions = constrained(release)
    missing = []
    for requirement in REQUIREMENTS:
        version = versions[canonicalize_name(requirement.name)]
        if version not in requirement.specifier:
            missing.append(f"{requirement}, which is {version}")
    assert missing == []


def test_nothing_is_kept_from_being_upgraded():
    """Requirements have lower bounds only, so that the panel never delays an upgrade of Horizon."""
    operators = {item.operator for entry in REQUIREMENTS for item in entry.specifier}
    assert operators == {">="}
