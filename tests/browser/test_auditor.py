# SPDX-License-Identifier: Apache-2.0
"""An administrator who may only read, by the operator's policy, in both panels."""

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
    page_is_quiet,
    part,
    project_row,
    told,
    wait,
)
from tests.environment import CLOUD


@pytest.fixture(scope="module", autouse=True)
def auditor(cloud):
    """There is an auditor, and Glance and Horizon know."""
    folder = CLOUD.folder / "horizon" / "policy.d"
    auditors.for_horizon(folder, auditors.HORIZONS_RULES)
    with auditors.in_cloud(cloud):
        yield
    # Horizon keeps what was in a file that is gone.
    auditors.for_horizon(folder, auditors.HORIZONS_DEFAULTS)


def test_manage_access_is_to_be_read(browser, visit, new_image, project_ids):
    """The members and their answers are there; nothing can be ticked, and Close is all there is."""
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
    assert part(browser, "summary").text == "1 project now"
    buttons = browser.find_elements(By.CSS_SELECTOR, f"{DIALOG} .xloud-buttons > *")
    assert [button.text for button in buttons] == ["Close"]
    buttons[0].click()
    wait(browser).until(expect.invisibility_of_element_located((By.CSS_SELECTOR, DIALOG)))
    assert console_errors(browser) == set()


def test_create_image_has_no_projects(browser, visit, panel):
    """Not even for the visibility Shared: the step, or the part of the form, is not there."""
    visit(auditors.NAME, "/admin/images/")

    open_form(browser, panel)
    choose_visibility(browser, panel, "Shared")
    page_is_quiet(browser)

    assert "Projects" not in steps(browser)
    assert not browser.find_elements(By.CSS_SELECTOR, ".xloud-projects")
