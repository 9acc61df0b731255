# SPDX-License-Identifier: Apache-2.0
"""Access by Image lists the cloud's shared images while it reads them."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from tests.browser.pages import (
    checkbox,
    confirm,
    dialog,
    dialog_is_gone,
    in_one_panel,
    paste,
    press,
    table,
    tick,
    unique,
    wait,
)

PATH = "/admin/images/access/by-image/"


def scanned(browser):
    """Wait until all images are read, and return the page's note about the scan."""
    told = (By.CSS_SELECTOR, "[data-role=scan-told]")
    wait(browser).until(lambda page: "Started at" in page.find_element(*told).text)
    return browser.find_element(*told).text


def rows(browser):
    """Return the cells of each row, by the name of the image."""
    return {row[1]: row[2:-1] for row in table(browser, ".xloud-by-image tbody tr")}


def find(browser, name):
    """Put a name into the filter."""
    field = browser.find_element(By.CSS_SELECTOR, ".xloud-by-image [name=name]")
    field.clear()
    paste(field, name)


@in_one_panel
def test_ticked_images_are_managed_together(browser, new_image, project_ids, visit):
    """The button above the list opens the page of many images with the ticked images."""
    prefix = unique("both")
    both = [
        new_image(f"{prefix}-{name}", members={project_ids["research"]: "accepted"})
        for name in ("one", "two")
    ]
    visit("admin", f"{PATH}?name={prefix}")
    scanned(browser)
    button = browser.find_element(By.CSS_SELECTOR, "[data-role=manage-ticked]")
    assert not button.is_enabled()
    browser.find_element(By.CSS_SELECTOR, ".xloud-by-image [data-role=tick-page]").click()
    assert button.text == "Manage Access (2)"
    button.click()
    listed = (By.CSS_SELECTOR, "[data-role=many-images] li")
    wait(browser).until(lambda page: len(page.find_elements(*listed)) == len(both))
    assert {item.get_attribute("data-image") for item in browser.find_elements(*listed)} == {
        image.id for image in both
    }


@pytest.fixture
def shared(new_image, project_ids):
    """Return an image with one member of each status."""
    answers = {"app-team-a": "accepted", "app-team-b": "pending", "research": "rejected"}
    return new_image(members={project_ids[name]: answers[name] for name in answers})


def test_tab_leads_to_the_images_and_their_projects(browser, shared, visit):
    """Each row has the image's owner, and the number of projects by status."""
    visit("admin", "/admin/images/")
    press(browser, By.LINK_TEXT, "Access by Image")
    wait(browser).until(lambda page: page.current_url.endswith(PATH))
    scanned(browser)
    find(browser, shared.name)
    wait(browser).until(lambda page: list(rows(page)) == [shared.name])
    owner, projects, accepted, pending, rejected, changed = rows(browser)[shared.name]
    assert (owner, projects) == ("platform", "3")
    assert (accepted, pending, rejected) == ("1", "1", "1")
    assert "20" in changed


@in_one_panel
def test_row_is_read_again_after_manage_access(browser, project_ids, shared, visit):
    """After Confirm in the dialog, the page reads the image's row again."""
    visit("admin", f"{PATH}?name={shared.name}")
    scanned(browser)
    browser.find_element(By.LINK_TEXT, "Manage Access").click()
    dialog(browser)
    tick(browser, project_ids["data-science"])
    assert checkbox(browser, project_ids["data-science"]).is_selected()
    confirm(browser)
    dialog_is_gone(browser)
    wait(browser).until(lambda page: rows(page)[shared.name][1:5] == ["4", "2", "1", "1"])


@in_one_panel
def test_filter_is_in_the_address(browser, new_image, shared, visit):
    """With the same address, the list looks the same after a reload or for a colleague."""
    new_image(name=f"{shared.name}-with-nobody")
    visit("admin", PATH)
    scanned(browser)
    find(browser, shared.name)
    wait(browser).until(lambda page: list(rows(page)) == [shared.name])
    show = browser.find_element(By.CSS_SELECTOR, ".xloud-by-image [name=show]")
    Select(show).select_by_visible_text("Shared with nobody yet")
    wait(browser).until(lambda page: list(rows(page)) == [f"{shared.name}-with-nobody"])
    browser.refresh()
    scanned(browser)
    assert list(rows(browser)) == [f"{shared.name}-with-nobody"]


@in_one_panel
def test_no_match_is_said(browser, shared, visit):
    """An empty table says why it is empty."""
    visit("admin", f"{PATH}?name={unique('nothing')}")
    scanned(browser)
    none = browser.find_element(By.CSS_SELECTOR, ".xloud-by-image [data-role=none]")
    assert none.text == "No shared image matches."


@in_one_panel
def test_going_back_reads_nothing_again(browser, shared, visit):
    """Back shows the rows that the browser's tab has kept, without reading them again."""
    visit("admin", PATH)
    before = scanned(browser)
    browser.get(browser.current_url.replace(PATH, "/admin/images/"))
    browser.back()
    assert scanned(browser) == before
    asked = browser.execute_script(
        "return performance.getEntriesByType('resource').map(entry => entry.name)"
    )
    assert asked
    assert not [address for address in asked if "/inventory/members/" in address]


@in_one_panel
def test_scan_goes_on_after_the_dashboard_did_not_answer(browser, shared, visit):
    """After a failed request, the rows stay and Continue reads the rest."""
    visit("admin", "/admin/images/")
    browser.execute_cdp_cmd("Network.enable", {})
    failed = (By.CSS_SELECTOR, "[data-role=scan-failed]")
    browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*inventory/members*"]})
    try:
        visit("admin", PATH)
        wait(browser).until(lambda page: "did not answer" in page.find_element(*failed).text)
    finally:
        browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    find(browser, shared.name)
    browser.find_element(By.CSS_SELECTOR, "[data-role=scan-continue]").click()
    scanned(browser)
    assert browser.find_element(*failed).text == ""
    assert list(rows(browser)) == [shared.name]
