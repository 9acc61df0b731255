# SPDX-License-Identifier: Apache-2.0
"""No cache stores the panel's answers, because they contain names of projects and images."""

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
    """Return the address of one of the panel's URLs."""
    try:
        return reverse(f"horizon:{dashboard}:images:{name}")
    except NoReverseMatch:
        return reverse(f"horizon:{dashboard}:images:{name}", args=[image_id])


@pytest.mark.parametrize(("dashboard", "name"), OURS)
def test_no_answer_is_stored(admin, image, dashboard, name):
    """No answer may be stored, including those for an image that does not exist."""
    for image_id in (image.id, NOT_FOUND):
        url = address(dashboard, name, image_id)
        for response in (admin.get(url, **AJAX), admin.post(url, **AJAX)):
            if not response.content and "Cache-Control" not in response:
                # Horizon redirects after the view when it cannot show the page.
                assert response.status_code == 302 or "X-Horizon-Location" in response
                continue
            stored = {item.strip() for item in response["Cache-Control"].split(",")}
            assert {"no-store", "private"} <= stored
