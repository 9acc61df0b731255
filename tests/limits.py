# SPDX-License-Identifier: Apache-2.0
"""The documented limits, for tests of the layers below Django."""

from xloud_images_panel.services.connection import MIB, Limits

LIMITS = Limits(
    timeout=20,
    total_time=120,
    largest_answer=32 * MIB,
    tries=5,
    max_workers=4,
    scan_limit=500,
    names_lifetime=60,
)
