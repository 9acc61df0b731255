# SPDX-License-Identifier: Apache-2.0
"""Our URLs in both Project > Compute > Images and Admin > Compute > Images.

A page uses the URLs of its own dashboard: an operator may have removed the other's panel.
"""

from django.urls import URLPattern, path

from xloud_images_panel.dashboard.access_loss.views import LossView
from xloud_images_panel.dashboard.details.views import FactsView
from xloud_images_panel.dashboard.edit_image import shared_again


def patterns() -> list[URLPattern]:
    """Return the URLs."""
    return [
        path("access/loss/", LossView.as_view(), name="access_loss"),
        path("<image_id>/facts/", FactsView.as_view(), name="facts"),
        path(
            "<image_id>/shared-again/",
            shared_again.SharedAgainView.as_view(),
            name="shared_again",
        ),
        path(
            "<image_id>/shared-again/before/",
            shared_again.BeforeView.as_view(),
            name="shared_again_before",
        ),
    ]
