# SPDX-License-Identifier: Apache-2.0
"""The tab Community Images, in both Images panels."""

import pytest
from selenium.webdriver import Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as expect
from selenium.webdriver.support.select import Select

from tests.browser.pages import cells, image_row, in_one_panel, page_is_quiet, unique, wait

ROWS = "#community_images tbody tr[data-object-id]"


def found(browser):
    """Return the names in the table."""
    return [cells(browser, row)["Name"] for row in browser.find_elements(By.CSS_SELECTOR, ROWS)]


def search(browser, **fields):
    """Fill in the search, and press Enter in its last field."""
    for name, value in fields.items():
        field = browser.find_element(By.NAME, name)
        if field.tag_name == "select":
            Select(field).select_by_value(value)
        else:
            field.clear()
            field.send_keys(value)
    browser.find_element(By.NAME, "name").send_keys(Keys.ENTER)
    wait(browser).until(expect.url_contains("name="))
    page_is_quiet(browser)


@pytest.fixture
def tab(browser, visit):
    """Open the tab as ann, from the tab strip above Images."""
    visit("ann", "/project/images/")
    link = wait(browser).until(
        expect.element_to_be_clickable((By.PARTIAL_LINK_TEXT, "Community Images"))
    )
    link.click()
    wait(browser).until(expect.url_contains("/project/images/community/"))
    page_is_quiet(browser)
    return browser


def test_lists_nothing_until_searched(tab):
    """The empty tab explains its purpose."""
    assert found(tab) == []
    assert "search for one, or show all" in tab.find_element(By.ID, "community_images").text


@in_one_panel
def test_finds_by_part_of_the_name_and_format(tab, new_image):
    """The tab shows only matches; the search terms stay in the form and the URL."""
    family = unique("Base")
    new_image(f"{family}-one", visibility="community")
    own = new_image(f"{family}-two", visibility="community", owner="app-team-a")

    search(tab, name=f"{family[1:].upper()}-TWO", disk_format="raw")

    assert found(tab) == [f"{own.name}This Project"]
    assert cells(tab, image_row(tab, own))["Owner"] == "app-team-a"
    assert tab.find_element(By.NAME, "name").get_property("value") == f"{family[1:].upper()}-TWO"
    tab.refresh()
    assert found(tab) == [f"{own.name}This Project"]


@in_one_panel
def test_show_all_is_one_click_away(tab, new_image):
    """The tab shows every community image of the cloud, and nothing else."""
    image = new_image(visibility="community")
    shared = new_image()

    tab.find_element(By.LINK_TEXT, "Show all").click()
    wait(tab).until(expect.url_contains("all=yes"))

    assert image.name in found(tab)
    assert "packer-base" in found(tab)
    assert shared.name not in found(tab)


def test_name_leads_to_horizons_details(tab, new_image):
    """The details of a community image are Horizon's own page."""
    image = new_image(visibility="community")
    search(tab, name=image.name)

    tab.find_element(By.LINK_TEXT, image.name).click()

    wait(tab).until(lambda page: image.id in page.current_url)
    wait(tab).until(expect.text_to_be_present_in_element((By.ID, "content_body"), image.id))


@in_one_panel
def test_wrong_size_is_explained(tab):
    """The field explains the error and keeps its text."""
    tab.execute_script("document.querySelector('.xloud-search').noValidate = true")

    search(tab, size_min="5", size_max="4")

    described = tab.find_element(By.NAME, "size_max").get_attribute("aria-describedby")
    assert "less than the smallest size" in tab.find_element(By.ID, described).text
    assert tab.find_element(By.NAME, "size_min").get_property("value") == "5"
    assert "The search has errors." in tab.find_element(By.ID, "community_images").text
