# SPDX-License-Identifier: Apache-2.0
"""What an operator sees of the commands that switch the panel on."""

from tests.environment import CLOUD


def test_compress_finds_nothing_wrong_with_our_templates(cloud):
    """It looks at each without a view, and logs those whose parents it cannot find."""
    log = (CLOUD.logs / "prepare-horizon.log").read_text()
    assert "Compressing..." in log
    assert [line for line in log.splitlines() if " template xloud_images_panel/" in line] == []
