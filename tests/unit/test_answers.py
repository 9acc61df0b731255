# SPDX-License-Identifier: Apache-2.0
"""What a project reads of its answers to what others share with it."""

from xloud_images_panel.access.answer import Answer
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.dashboard.received.actions import tell

ONE, OTHER = "00000001-0000-4000-8000-000000000000", "00000002-0000-4000-8000-000000000000"
GONE = ServiceError("Glance", Reason.MISSING)


def test_images_that_look_alike_are_told_apart():
    """Also where one was accepted and the other was not."""
    told = tell([Answer(ONE, "golden"), Answer(OTHER, "golden", error=GONE)], "accepted", "dev")
    (_, accepted), (_, failed) = told
    assert "golden (00000001)" in accepted
    assert "golden (00000002)" in failed


def test_an_image_of_its_own_name_has_no_id():
    ((_, accepted),) = tell([Answer(ONE, "golden")], "accepted", "dev")
    assert accepted == "Accepted for dev: golden. Now in the image lists of this project."
