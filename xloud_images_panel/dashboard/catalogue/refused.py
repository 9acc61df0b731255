# SPDX-License-Identifier: Apache-2.0
"""The refusal to change the access to an image, in a slice of a plan and in Stale Access."""

from xloud_images_panel.dashboard import texts, trail
from xloud_images_panel.dashboard.manage_access import checks
from xloud_images_panel.dashboard.manage_access.image_access import ImageAccess


class Refused(Exception):
    """The access to an image must not be changed.

    :ivar why: the sentence for the user
    :ivar refusal: the trail's word for it
    """

    def __init__(self, why: str, refusal: trail.Refusal = trail.Refusal.NOT_VALID) -> None:
        super().__init__(why)
        self.why, self.refusal = why, refusal


def check(access: ImageAccess) -> None:
    """Check that the access to an image may be changed.

    :raises Refused: when it may not
    :raises ServiceError: when Glance does not show the image
    """
    if access.image.visibility != "shared":
        raise Refused(checks.not_shared(access.image))
    if access.read_only:
        raise Refused(texts.only_read(), trail.Refusal.POLICY)
