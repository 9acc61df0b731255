# SPDX-License-Identifier: Apache-2.0
"""Output of the commands that an operator runs to enable the panel."""

from tests.environment import CLOUD


def test_compress_finds_nothing_wrong_with_our_templates(cloud):
    """``compress`` parses templates without a view, and logs none of ours for unknown parents."""
    log = CLOUD.static_log().read_text()
    assert "Compressing..." in log
    assert [line for line in log.splitlines() if " template xloud_images_panel/" in line] == []
