# SPDX-License-Identifier: Apache-2.0
"""No cache keeps an answer of ours: names of projects and images are in it."""

import pytest
from django.urls import NoReverseMatch, reverse

from xloud_images_panel.dashboard import admin_urls, project_urls

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}
NOT_FOUND = "00000000-0000-4000-8000-000000000001"

OURS = [
    (dashboard, pattern.name)
    for dashboard, urls in (("admin", admin_urls), ("project", project_urls))
    for pattern in urls.urlpatterns
]

pytestmark = pytest.mark.usefixtures("without_menus")


def address(dashboard, name, image_id):
    """Return where a URL of ours is."""
    try:
        return reverse(f"horizon:{dashboard}:images:{name}")
    except NoReverseMatch:
        return reverse(f"horizon:{dashboard}:images:{name}", args=[image_id])


@pytest.mark.parametrize(("dashboard", "name"), OURS)
def test_no_answer_is_stored(admin, image, dashboard, name):
    """Whatever is asked for, and of an image that does not exist too."""
    for image_id in (image.id, NOT_FOUND):
        url = address(dashboard, name, image_id)
        for response in (admin.get(url, **AJAX), admin.post(url, **AJAX)):
            if not response.content and "Cache-Control" not in response:
                # Horizon itself leads away from what it cannot show, after our view.
                assert response.status_code == 302 or "X-Horizon-Location" in response
                continue
            stored = {item.strip() for item in response["Cache-Control"].split(",")}
            assert {"no-store", "private"} <= stored
