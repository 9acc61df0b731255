# SPDX-License-Identifier: Apache-2.0
"""The demo's users can log in, and land on a page that works in this cloud."""

import re

import pytest

from tests.conftest import PROJECT_OF


@pytest.mark.parametrize("user", PROJECT_OF)
def test_lands_on_images(login, user):
    """After login, Horizon redirects to Project > Compute > Images."""
    client = login(user)

    response = client.get("/", follow=True)

    assert response.redirect_chain[-1][0] == "/project/images/"
    assert response.status_code == 200


@pytest.mark.parametrize("user", PROJECT_OF)
def test_menu_leads_to_pages_that_work(login, user):
    """Each menu entry opens a page, and none reports that data is not available."""
    client = login(user)
    page = client.get("/project/images/").content.decode()
    menu = page[page.index('id="sidebar-accordion"') : page.index('id="content_body"')]
    links = set(re.findall(r'href="(/[^"#]+)"', menu))
    assert {"/project/images/", "/identity/"} <= links
    # This page would be empty in this cloud.
    assert "/admin/defaults/" not in links

    for link in links:
        response = client.get(link, follow=True)
        assert response.status_code == 200, link
        assert "fade in alert-danger" not in response.content.decode(), link
