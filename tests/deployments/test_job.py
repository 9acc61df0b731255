# SPDX-License-Identifier: Apache-2.0
"""The whole main job, in each shape of an installation."""

import pytest
from selenium.webdriver.common.by import By

from tests.browser import create_image
from tests.browser.pages import (
    confirm,
    confirm_button,
    image_row,
    labels,
    messages,
    page_is_quiet,
    part,
    search,
    shared_images,
    tick,
    unique,
    wait,
)

TAB = "/project/images/shared/"


@pytest.fixture
def source(shape, image_url, tmp_path):
    """Return the source of a new image: a file, or a URL where uploads are off."""
    if not shape.uploads:
        return image_url
    file = tmp_path / "disk.raw"
    file.write_bytes(bytes(512))
    return file


def test_administrator_shares_an_image(browser, manage_access, new_image, members, project_ids):
    """Search, tick and Confirm share the image with this project and no other."""
    image, project = new_image(), project_ids["research"]
    manage_access(image)
    search(browser, "resear")
    tick(browser, project)
    confirm(browser)
    assert "research" in messages(browser)[0]
    assert members(image) == {project: "accepted"}


def test_project_accepts_an_image(browser, visit, new_image, members, project_ids):
    """Accept turns a pending image in Shared Images into an accepted one, in Glance as well."""
    project = project_ids["app-team-a"]
    image = new_image(members={project: "pending"})
    visit("ann", f"{TAB}?name={image.name}")
    assert shared_images(browser) == {image.name: "Pending"}
    row = image_row(browser, image)
    row.find_element(By.XPATH, ".//button[normalize-space() = 'Accept']").click()
    page_is_quiet(browser)
    wait(browser).until(lambda page: shared_images(page) == {image.name: "Accepted"})
    assert members(image) == {project: "accepted"}


def test_community_image_is_found(browser, visit, new_image):
    """A search for part of a community image's name finds the image."""
    image = new_image(visibility="community")
    visit("ann", f"/project/images/community/?name={image.name[2:]}")
    assert image_row(browser, image).is_displayed()


def test_image_is_created_and_shared(
    browser, visit, shape, admin, source, members, project_ids, cleanup
):
    """The form that creates an image shares it with the chosen projects."""
    name, project = unique("created"), project_ids["research"]
    visit("admin", "/admin/images/")
    create_image.open_form(browser, shape.panel)
    create_image.fill_in(browser, shape.panel, name, source)
    create_image.choose_visibility(browser, shape.panel, "Shared")
    # Keystone sorts by ID, so with few rows a page the project may be on a later page.
    create_image.search(browser, shape.panel, "resear", "research")
    create_image.select(browser, shape.panel, project)
    create_image.submit_button(browser, shape.panel).click()
    create_image.form_is_gone(browser, shape.panel)
    (image,) = admin.image.images(name=name)
    cleanup.callback(admin.image.delete_image, image.id)
    assert members(image) == {project: "accepted"}


def test_session_ends_in_the_middle(
    browser, manage_access, log_in, new_image, members, project_ids
):
    """The login page leads back to the dialog as a page, whose selection can be confirmed."""
    image, project = new_image(), project_ids["research"]
    manage_access(image)
    search(browser, "research")
    tick(browser, project)
    for cookie in browser.get_cookies():
        if cookie["name"].startswith("sessionid"):
            browser.delete_cookie(cookie["name"])
    confirm_button(browser).click()
    wait(browser).until(lambda page: page.find_elements(By.ID, "loginBtn"))
    log_in("admin")
    assert "logged in again" in part(browser, "taken-back").text
    assert labels(browser) == ["+ research"]
    confirm_button(browser).click()
    assert "research" in messages(browser)[0]
    assert members(image) == {project: "accepted"}
