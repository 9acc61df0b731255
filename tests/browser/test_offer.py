# SPDX-License-Identifier: Apache-2.0
"""Manage Access is offered only where it can be used."""

import pytest
from selenium.webdriver.common.by import By

from tests.browser.pages import (
    DIALOG,
    cells,
    choices,
    choose,
    confirm_button,
    console_errors,
    dialog,
    image_row,
    messages,
    page_actions,
    page_is_quiet,
    search,
    tick,
    wait,
)


def open_details(browser, image):
    """Click an image's name in a list and wait for its details."""
    image_row(browser, image).find_element("link text", image.name).click()
    wait(browser).until(lambda page: image.id in page.current_url)
    return page_actions(browser)


def test_admin_list_offers_it_for_shared_images_only(browser, visit, new_image):
    """In the administrator's list, only the menu of a shared image has Manage Access."""
    # Glance lists only the community images of one's own project.
    images = {
        visibility: new_image(visibility=visibility, owner="admin")
        for visibility in ("shared", "private", "community", "public")
    }

    visit("admin", "/admin/images/")

    offered = {
        visibility: "Manage Access" in choices(browser, image_row(browser, image))
        for visibility, image in images.items()
    }
    assert offered == {"shared": True, "private": False, "community": False, "public": False}


def test_admin_list_tells_the_visibility(browser, visit, new_image):
    """The column Visibility has Glance's own four words, for other projects' images too."""
    images = {
        "Shared": new_image(visibility="shared"),
        "Private": new_image(visibility="private"),
        "Public": new_image(visibility="public"),
        "Community": new_image(visibility="community", owner="admin"),
    }

    visit("admin", "/admin/images/")

    shown = {
        word: cells(browser, image_row(browser, image))["Visibility"]
        for word, image in images.items()
    }
    assert shown == {word: word for word in images}


@pytest.mark.parametrize(("user", "project"), [("admin", "admin"), ("pat", "platform")])
def test_project_list_does_not_offer_it(browser, visit, new_image, user, project):
    """Project > Images offers it to nobody, not even to an administrator for an own image."""
    image = new_image(owner=project)

    visit(user, "/project/images/")

    offered = choices(browser, image_row(browser, image))
    assert "Delete Image" in offered
    assert "Manage Access" not in offered


def test_reader_is_not_offered_it(browser, visit, new_image):
    """A user who may only read the project's images finds no Manage Access on the page."""
    image = new_image(owner="app-team-a")

    visit("rita", "/project/images/")

    image_row(browser, image)
    assert "Manage Access" not in browser.page_source


def test_details_reached_from_admin_offer_it(browser, visit, new_image):
    """The details of a shared image, opened from the administrator's list, open the dialog."""
    image = new_image()
    visit("admin", "/admin/images/")

    choose(browser, open_details(browser, image), "Manage Access")

    assert image.name in dialog(browser).find_element("id", "id_image_name").get_property("value")


def test_details_stay_while_access_is_managed(browser, visit, new_image, members, project_ids):
    """The details page stays the same while the dialog is open, after Cancel and after Confirm."""
    image = new_image()
    visit("admin", "/admin/images/")
    actions = open_details(browser, image)
    page_is_quiet(browser)
    address = browser.current_url
    console_errors(browser)

    choose(browser, actions, "Manage Access")
    dialog(browser)
    page_is_quiet(browser)
    assert browser.current_url == address
    browser.find_element(By.CSS_SELECTOR, f"{DIALOG} .cancel").click()
    wait(browser).until_not(lambda page: page.find_elements(By.CSS_SELECTOR, DIALOG))
    assert browser.current_url == address

    choose(browser, page_actions(browser), "Manage Access")
    dialog(browser)
    search(browser, "research")
    tick(browser, project_ids["research"])
    confirm_button(browser).click()
    assert messages(browser) == [f'"{image.name}" is now shared with research.']
    page_is_quiet(browser)
    assert browser.current_url == address
    assert page_actions(browser).is_displayed()
    assert image.name in browser.find_element(By.CSS_SELECTOR, ".page-header").text
    assert members(image) == {project_ids["research"]: "accepted"}
    assert console_errors(browser) == set()


def test_details_reached_from_project_do_not_offer_it(browser, visit, new_image):
    """The same page opened from Project > Images has no Manage Access."""
    image = new_image(owner="admin")
    visit("admin", "/project/images/")

    offered = choices(browser, open_details(browser, image))

    assert "Delete Image" in offered
    assert "Manage Access" not in offered
