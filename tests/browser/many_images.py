# SPDX-License-Identifier: Apache-2.0
"""Steps on the page Manage Access of several images."""

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.browser.pages import wait

ADDRESS = "/admin/images/access/many/"


def part(browser: Chrome, role: str) -> WebElement:
    """Return a part of the page."""
    return browser.find_element(By.CSS_SELECTOR, f".xloud-many [data-role={role}]")


def row(browser: Chrome, project_id: str) -> WebElement:
    """Return the row of a project."""
    return browser.find_element(By.CSS_SELECTOR, f'.xloud-many tr[data-project="{project_id}"]')


def box(browser: Chrome, project_id: str) -> WebElement:
    """Return the checkbox of a project."""
    return row(browser, project_id).find_element(By.CSS_SELECTOR, "[type=checkbox]")


def state(browser: Chrome, project_id: str) -> str:
    """Return a checkbox's state for screen readers: true, false or mixed."""
    found = browser.execute_script(
        "return [arguments[0].checked, arguments[0].indeterminate]", box(browser, project_id)
    )
    return "mixed" if found[1] else str(found[0]).lower()


def review(browser: Chrome) -> None:
    """Open the sheet and wait until it shows the changes."""
    part(browser, "many-review").click()
    wait(browser).until(lambda page: part(page, "plan-confirm").is_enabled())


def shown(browser: Chrome, role: str) -> WebElement:
    """Return a part of the page, once it is shown."""
    return wait(browser).until(
        lambda page: part(page, role) if part(page, role).is_displayed() else None
    )


def changes(browser: Chrome, image) -> list[str]:
    """Return the sheet's changes of an image, such as ``+ research``."""
    script = """
        return [...document.querySelectorAll(`[data-image="${arguments[0]}"] li[data-verb]`)].map(
          item => ['sign', 'name'].map(
            role => item.querySelector(`[data-role=${role}]`).textContent).join(' '));
    """
    return browser.execute_script(script, image.id)
