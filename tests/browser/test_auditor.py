# SPDX-License-Identifier: Apache-2.0
"""An administrator whose policy allows only reading, in both panels."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as expect

from tests import auditor as auditors
from tests.browser.create_image import choose_visibility, open_form, steps
from tests.browser.pages import (
    DIALOG,
    choose,
    console_errors,
    dialog,
    image_row,
    in_one_panel,
    page_is_quiet,
    press,
    project_row,
    summary,
    told,
    unique,
    wait,
)
from tests.browser.test_by_project import LIST, access, find, scanned
from tests.environment import CLOUD


@pytest.fixture(scope="module", autouse=True)
def auditor(cloud):
    """Create an auditor, and set the policies of Glance and Horizon."""
    folder = CLOUD.folder / "horizon" / "policy.d"
    auditors.for_horizon(folder, auditors.HORIZONS_RULES)
    with auditors.in_cloud(cloud):
        yield
    # Horizon keeps the rules of a deleted file, so write the defaults back.
    auditors.for_horizon(folder, auditors.HORIZONS_DEFAULTS)


def test_manage_access_is_to_be_read(browser, visit, new_image, project_ids):
    """The dialog shows members and answers; nothing can be ticked, and Close is the only button."""
    team = project_ids["app-team-a"]
    image = new_image(members={team: "pending"})
    visit(auditors.NAME, "/admin/images/")
    console_errors(browser)

    choose(browser, image_row(browser, image), "Manage Access")
    dialog(browser)

    assert "You may see who has access, and not change it" in told(browser)
    row = project_row(browser, team)
    assert "Pending" in row.text
    assert not row.find_elements(By.CSS_SELECTOR, "button")
    assert not browser.find_elements(By.CSS_SELECTOR, f"{DIALOG} tbody input:enabled")
    assert summary(browser) == "1 project now"
    buttons = browser.find_elements(By.CSS_SELECTOR, f"{DIALOG} .xloud-buttons > *")
    assert [button.text for button in buttons] == ["Close"]
    buttons[0].click()
    wait(browser).until(expect.invisibility_of_element_located((By.CSS_SELECTOR, DIALOG)))
    assert console_errors(browser) == set()


@in_one_panel
def test_project_s_images_and_stale_access_are_to_be_read(
    browser, visit, new_image, new_project, project_ids
):
    """Access by Project and Stale Access offer no checkboxes, and nothing that Glance refuses."""
    team = new_project(unique("team"))
    image = new_image(members={team.id: "pending", project_ids["platform"]: "pending"})
    visit(auditors.NAME, "/admin/images/")
    console_errors(browser)

    press_tab(browser, "Access by Project")
    find(browser, "", team.name)
    wait(browser).until(lambda page: page.find_elements(By.CSS_SELECTOR, LIST))
    scanned(browser)
    assert access(browser) == {image.name: "Pending"}
    offers = browser.find_elements(By.CSS_SELECTOR, f"{LIST} tbody a, {LIST} button, {LIST} input")
    texts = [item.text for item in offers if item.is_displayed() and item.text]
    assert texts == [image.name, "Check Access"]
    assert not browser.find_elements(By.CSS_SELECTOR, ".xloud-by-project [type=checkbox]")

    press_tab(browser, "Stale Access")
    scanned(browser, ".xloud-stale-access")
    row = browser.find_element(By.XPATH, f"//tbody/tr[contains(., '{image.name}')]")
    assert "The project owns the image" in row.text
    assert "not change it" in browser.find_element(By.CSS_SELECTOR, "[data-role=read-only]").text
    assert not browser.find_elements(By.CSS_SELECTOR, ".xloud-stale-access [type=checkbox]")
    assert console_errors(browser) == set()


def press_tab(browser, name):
    """Follow a tab."""
    press(browser, By.LINK_TEXT, name)
    selector = ".xloud-find-project" if name == "Access by Project" else ".xloud-stale-access"
    wait(browser).until(lambda page: page.find_elements(By.CSS_SELECTOR, selector))


def test_create_image_has_no_projects(browser, visit, panel):
    """Create Image offers no projects, even for the visibility Shared."""
    visit(auditors.NAME, "/admin/images/")

    open_form(browser, panel)
    choose_visibility(browser, panel, "Shared")
    page_is_quiet(browser)

    assert "Projects" not in steps(browser)
    assert not browser.find_elements(By.CSS_SELECTOR, ".xloud-projects")
