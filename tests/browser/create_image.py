# SPDX-License-Identifier: Apache-2.0
"""Steps in Create Image of Admin > Compute > Images, for both of Horizon's panels."""

from contextlib import suppress
from pathlib import Path

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support import expected_conditions as expect
from selenium.webdriver.support.select import Select

from demo.cloud import Panel
from tests.browser.pages import changes_in, page_is_quiet, wait

FORM = {"angular": ".modal-dialog-wizard", "python": "#create_image_modal"}
STANDS_STILL = """
    const modal = document.querySelector(arguments[0] + '.in');
    if (!modal || document.querySelector('.modal.loading')) { return false; }
    const moving = modal.getAnimations({subtree: true});
    return !moving.length && getComputedStyle(modal).opacity === '1';
"""


def open_form(browser: Chrome, panel: Panel) -> None:
    """Click Create Image above the list and wait for the form."""
    button = ".//*[self::button or self::a][normalize-space() = 'Create Image']"
    browser.find_element(By.XPATH, button).click()
    wait(browser).until(lambda page: page.execute_script(STANDS_STILL, FORM[panel]))
    wait(browser).until(lambda page: visibilities(page, panel))
    page_is_quiet(browser)


def steps(browser: Chrome) -> list[str]:
    """Return the steps of the AngularJS panel's wizard."""
    entries = browser.find_elements(By.CSS_SELECTOR, f"{FORM['angular']} .nav-item")
    return [entry.text.strip(" *") for entry in entries if entry.is_displayed()]


def go_to(browser: Chrome, panel: Panel, step: str) -> None:
    """Go to a step of the wizard; the Python panel's form is a single page."""
    if panel == "angular":
        path = f"//*[contains(@class, 'nav-item')][a/span[1][. = '{step}']]"
        browser.find_element(By.XPATH, path).click()


def visibilities(browser: Chrome, panel: Panel) -> list[str]:
    """Return the visibilities that the form offers."""
    selector = {"angular": "[name=visibility] label", "python": "[name=visibility] option"}
    found = browser.find_elements(By.CSS_SELECTOR, f"{FORM[panel]} {selector[panel]}")
    return [choice.get_property("textContent").strip() for choice in found]


def choose_visibility(browser: Chrome, panel: Panel, text: str, form: str = "") -> None:
    """Choose a visibility in Create Image, or in another form."""
    if panel == "angular":
        path = f"//*[@name = 'visibility']/label[normalize-space() = '{text}']"
        browser.find_element(By.XPATH, path).click()
    else:
        _choose(browser, form or FORM[panel], "visibility", text)


def _choose(browser: Chrome, form: str, field: str, text: str) -> None:
    select = browser.find_element(By.CSS_SELECTOR, f"{form} select[name={field}]")
    menu = select.find_element(By.XPATH, "..")
    menu.find_element(By.TAG_NAME, "button").click()
    menu.find_element(By.XPATH, f".//a[normalize-space() = '{text}']").click()


def fill_in(browser: Chrome, panel: Panel, name: str, source: str | Path) -> None:
    """Fill in a name, the format Raw and a source, which is a URL or a file."""
    form = browser.find_element(By.CSS_SELECTOR, FORM[panel])
    form.find_element(By.NAME, "name").send_keys(name)
    if panel == "angular":
        Select(form.find_element(By.NAME, "format")).select_by_visible_text("Raw")
        kind = "File" if isinstance(source, Path) else "URL"
        # The form has no choice when the operator allows only one kind of source.
        for choice in form.find_elements(
            By.XPATH, f".//label[contains(@class, 'btn')][. = '{kind}']"
        ):
            choice.click()
    else:
        _choose(browser, FORM[panel], "disk_format", "Raw")
        kind = "Image File" if isinstance(source, Path) else "Image Location"
        if form.find_elements(By.CSS_SELECTOR, "select[name=source_type]"):
            _choose(browser, FORM[panel], "source_type", kind)
    field = "image_file" if isinstance(source, Path) else "image_url"
    wait(browser).until(lambda _page: form.find_element(By.NAME, field)).send_keys(str(source))


def projects(browser: Chrome, panel: Panel) -> WebElement | None:
    """Return the project table of the form, or None when it is not visible."""
    with suppress(IndexError):
        table = browser.find_elements(By.CSS_SELECTOR, f"{FORM[panel]} .xloud-projects")[0]
        if table.is_displayed():
            return table
    return None


def select(browser: Chrome, panel: Panel, *project_ids: str) -> None:
    """Tick projects in the table."""
    go_to(browser, panel, "Projects")
    table = wait(browser).until(lambda page: projects(page, panel))
    for project_id in project_ids:
        table.find_element(
            By.CSS_SELECTOR, f"[data-project='{project_id}'] [type=checkbox]"
        ).click()


def search(browser: Chrome, panel: Panel, text: str, found: str) -> None:
    """Search the table for a text, and wait until the table has only the given project."""
    go_to(browser, panel, "Projects")
    table = wait(browser).until(lambda page: projects(page, panel))
    table.find_element(By.CSS_SELECTOR, "[data-role=search]").send_keys(text, Keys.ENTER)
    script = "return [...arguments[0].querySelectorAll('tbody label')].map(name => name.innerText)"
    wait(browser).until(lambda page: page.execute_script(script, table) == [found])
    page_is_quiet(browser)


def selected(browser: Chrome, panel: Panel) -> list[str]:
    """Return the labels of the selected projects, such as ``+ research``."""
    return changes_in(browser, FORM[panel])


def submit_button(browser: Chrome, panel: Panel) -> WebElement:
    """Return the button Create Image of the form."""
    selector = {"angular": ".finish", "python": ".modal-footer [type=submit]"}[panel]
    return browser.find_element(By.CSS_SELECTOR, f"{FORM[panel]} {selector}")


def form_is_gone(browser: Chrome, panel: Panel) -> None:
    """Wait until the form is gone."""
    wait(browser).until(expect.invisibility_of_element_located((By.CSS_SELECTOR, FORM[panel])))
    page_is_quiet(browser)
