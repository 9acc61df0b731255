# SPDX-License-Identifier: Apache-2.0
"""Steps on the pages: find a row, open its menu, tick, search, confirm, read."""

import contextlib
import re
import uuid
from collections.abc import Iterator

import pytest
from openstack.identity.v3.project import Project
from openstack.image.v2.image import Image
from selenium.common.exceptions import (
    JavascriptException,
    StaleElementReferenceException,
    WebDriverException,
)
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

# On a busy machine, the first page of a dashboard takes long.
WAIT_SECONDS = 60

# The label of the buttons that close a message or take back a change.
CROSS = "\N{MULTIPLICATION SIGN}"

DIALOG = "#manage_access_modal"

# Marks tests of parts that both panels share: the inside of the dialog and the tabs' own pages.
# These tests run in the faster panel.
in_one_panel = pytest.mark.parametrize("panel", ["python"], indirect=True)

# The dialog fades in; a click may miss it while it moves.
DIALOG_IS_THERE = """
    const modal = document.querySelector('#manage_access_modal.in');
    if (!modal || document.querySelector('.modal.loading')) { return false; }
    const moving = modal.getAnimations({subtree: true});
    const isLive = modal.getAttribute('role') === 'dialog';  // its scripts come after it
    return isLive && !moving.length && getComputedStyle(modal).opacity === '1';
"""


# Requests wait for `release`; requests aborted before that stay aborted.
HOLD = """
    const {send} = XMLHttpRequest.prototype;
    const held = [];
    XMLHttpRequest.prototype.send = function (...given) {
      held.push(() => send.apply(this, given));
    };
    window.release = () => {
      XMLHttpRequest.prototype.send = send;
      held.forEach(sent => sent());
    };
"""


def unique(what: str) -> str:
    """Return a name that no other test uses."""
    return f"{what}-{uuid.uuid4().hex[:8]}"


def wait(browser: Chrome) -> WebDriverWait:
    """Return a waiter with the timeout that all tests share.

    The waiter looks again for elements that the page replaces in between.
    """
    return WebDriverWait(
        browser,
        WAIT_SECONDS,
        poll_frequency=0.05,
        ignored_exceptions=[StaleElementReferenceException],
    )


# The page repeats the check itself, as one answer to the driver costs more than many checks.
HOLDS = """
    const done = arguments[0];
    const holds = () => { CONDITION };
    const look = () => { holds() ? done(true) : setTimeout(look, 10); };
    look();
"""
PAGE_IS_QUIET = """
    if (document.readyState !== 'complete') { return false; }
    if (window.jQuery && jQuery.active) { return false; }
    const app = document.querySelector('[ng-app]');
    if (!app || !window.angular || !angular.element(app).injector()) { return !app; }
    return !angular.element(app).injector().get('$http').pendingRequests.length;
"""


def holds(browser: Chrome, condition: str) -> None:
    """Wait until a condition holds in the page, or in the next one.

    :param condition: the body of a function in JavaScript
    """

    def look(page: Chrome) -> bool:
        try:
            return page.execute_async_script(HOLDS.replace("CONDITION", condition))
        except JavascriptException as error:
            # The browser has left the page.
            if "unload" not in str(error) and "navigat" not in str(error):
                raise
            return False

    wait(browser).until(look)


def page_is_quiet(browser: Chrome) -> None:
    """Wait until the page is loaded and has no pending requests."""
    holds(browser, PAGE_IS_QUIET)


def press(browser: Chrome, by: str, selector: str) -> None:
    """Click an element once it exists, or its replacement if the page replaces the element."""

    def click(page: Chrome) -> bool:
        page.find_element(by, selector).click()
        return True

    wait(browser).until(click, selector)


def paste(field: WebElement, text: str) -> None:
    """Paste a text into a field.

    On a busy machine, typing may be so slow that a search begins before the last letter. The late
    rows of that search would replace those that a test is about to click.
    """
    script = "arguments[0].focus(); document.execCommand('insertText', false, arguments[1])"
    field.parent.execute_script(script, field, text)


# `innerText` of a hidden element is its whole content.
SHOWN = """
    const shown = element =>
      element.checkVisibility({checkOpacity: true, checkVisibilityCSS: true})
        ? element.innerText.trim() : '';
    const found = [...document.querySelectorAll(arguments[0])];
"""


def texts(browser: Chrome, selector: str) -> list[str]:
    """Return the displayed texts of elements, all read at the same moment."""
    return browser.execute_script(f"{SHOWN} return found.map(shown)", selector)


def table(browser: Chrome, selector: str) -> list[list[str]]:
    """Return the displayed texts of the cells in each row, all read at the same moment.

    :param selector: CSS selector of the rows
    """
    script = f"{SHOWN} return found.map(row => [...row.querySelectorAll('td')].map(shown))"
    return browser.execute_script(script, selector)


def is_gone(browser: Chrome, element: WebElement) -> None:
    """Wait until the page has replaced an element."""

    def gone(_page: Chrome) -> bool:
        try:
            element.is_enabled()
        except WebDriverException:  # not always a stale element during the replacement
            return True
        return False

    wait(browser).until(gone)


@contextlib.contextmanager
def under_way(browser: Chrome) -> Iterator[None]:
    """Hold back the page's requests to the dashboard until the end of the block."""
    browser.execute_script(HOLD)
    yield
    browser.execute_script("window.release()")


def console_errors(browser: Chrome) -> set[str]:
    """Return the errors in the browser's console since the last call.

    The errors come without hosts and without hashes in the names of compressed files, which
    differ between dashboards that show the same page.
    """
    differs = r"[\w.-]+\.localhost:\d+|[0-9a-f]{12}(?=\.(js|css))|\d+:\d+(?= )"
    return {
        re.sub(differs, "", entry["message"])
        for entry in browser.get_log("browser")
        if entry["level"] == "SEVERE"
    }


# -- lists of images, in both of Horizon's Images panels


def image_row(browser: Chrome, image: Image) -> WebElement:
    """Return the row of an image."""
    path = f"//tr[.//a[contains(@href, '{image.id}')]]"
    return wait(browser).until(lambda page: page.find_element(By.XPATH, path))


def listed(browser: Chrome) -> list[str]:
    """Return the names of the images in the list."""
    selector = "tbody a[href^=ngdetails], tbody a[href$='/detail/']"
    return [text for text in texts(browser, selector) if text]


def show_images_of_others(browser: Chrome) -> None:
    """Press the button for other projects' images, if the list has one (Python panel up to 26)."""
    selector = ".table_filter button[value=other]"
    for button in browser.find_elements(By.CSS_SELECTOR, selector):
        button.click()


def cells(browser: Chrome, row: WebElement) -> dict[str, str]:
    """Return the cells of a row, by the heading of the column."""
    headings = row.find_elements(By.XPATH, "ancestor::table[1]/thead/tr[last()]/th")
    values = row.find_elements(By.TAG_NAME, "td")
    return {heading.text: value.text for heading, value in zip(headings, values, strict=False)}


def choices(browser: Chrome, where: WebElement) -> list[str]:
    """Return the entries of the dropdown in a row, or on a page."""

    def read(_page: Chrome) -> list[str]:
        entries = where.find_elements(By.CSS_SELECTOR, "ul.dropdown-menu > li")
        return [" ".join(entry.get_property("textContent").split()) for entry in entries]

    return wait(browser).until(read)


def choose(browser: Chrome, where: WebElement, text: str) -> None:
    """Open the dropdown in a row, or on a page, and click an entry."""
    choices(browser, where)
    where.find_element(By.CSS_SELECTOR, ".dropdown-toggle").click()
    entry = f".//ul[contains(@class, 'dropdown-menu')]/li/*[normalize-space() = \"{text}\"]"
    where.find_element(By.XPATH, entry).click()


def page_actions(browser: Chrome) -> WebElement:
    """Return the buttons at the top of a details page."""
    selector = ".details-item-actions action-list, .page-header .actions_column, .actions_column"
    return wait(browser).until(lambda page: page.find_element(By.CSS_SELECTOR, selector))


# The start of Horizon's own messages.
LEVEL = re.compile("^(Success|Info|Warning|Error|Danger): ")


def messages(browser: Chrome) -> list[str]:
    """Return the messages and receipts at the top of the page, once there are any."""
    script = """
        return [...document.querySelectorAll('.messages .alert')]
          .filter(alert => alert.checkVisibility())
          .flatMap(alert => alert.matches('.xloud-receipt')
            ? [...alert.querySelectorAll('p:not(:has(strong))')] : [alert])
          .map(element => element.innerText);
    """

    def read(page: Chrome) -> list[str]:
        said = (" ".join(text.replace(CROSS, "").split()) for text in page.execute_script(script))
        return [LEVEL.sub("", text) for text in said]

    return wait(browser).until(read)


def receipt(browser: Chrome) -> WebElement:
    """Return the receipt of a change, once the page has it."""
    return wait(browser).until(lambda page: page.find_element(By.CSS_SELECTOR, ".xloud-receipt"))


# -- the dialog


def dialog(browser: Chrome) -> WebElement:
    """Return the dialog Manage Access, once it has stopped moving and its scripts run."""
    holds(browser, DIALOG_IS_THERE)
    return browser.find_element(By.CSS_SELECTOR, DIALOG)


def part(browser: Chrome, role: str) -> WebElement:
    """Return a part of the dialog."""
    return browser.find_element(By.CSS_SELECTOR, f"{DIALOG} [data-role={role}]")


def project_names(browser: Chrome) -> list[str]:
    """Return the projects in the dialog's table from top to bottom."""
    return texts(browser, f"{DIALOG} tr[data-project] label")


def project_row(browser: Chrome, project_id: str) -> WebElement:
    """Return the row of a project in the dialog."""
    return browser.find_element(By.CSS_SELECTOR, f'{DIALOG} tr[data-project="{project_id}"]')


def checkbox(browser: Chrome, project_id: str) -> WebElement:
    """Return the checkbox of a project."""
    return project_row(browser, project_id).find_element(By.CSS_SELECTOR, "[type=checkbox]")


def tick_image(browser: Chrome, image_id: str, where: str = "") -> None:
    """Tick an image on one of the panel's pages about access, or untick it.

    The page rebuilds its rows when a name arrives, and a click on a replaced row has no effect.

    :param where: CSS selector of the list, on a page with several
    """
    press(browser, By.CSS_SELECTOR, f"{where} [data-tick='{image_id}']")


def tick(browser: Chrome, *project_ids: str) -> None:
    """Tick projects, or untick ticked ones, even if an arriving name replaces a row."""
    for project_id in project_ids:
        selector = f'{DIALOG} tr[data-project="{project_id}"] [type=checkbox]'
        press(browser, By.CSS_SELECTOR, selector)


def search(browser: Chrome, text: str) -> None:
    """Search in the dialog, with Enter for immediate results, and wait for them."""
    field = part(browser, "search")
    before = browser.find_element(By.CSS_SELECTOR, f"{DIALOG} tbody")
    field.clear()
    field.send_keys(text, Keys.ENTER)
    rows_are_new(browser, before)


def page_size(browser: Chrome, size: int) -> None:
    """Set the page size, as Horizon's user settings do, before a dialog opens."""
    browser.add_cookie({"name": "API_RESULT_PAGE_SIZE", "value": str(size)})


def turn(browser: Chrome, direction: str) -> None:
    """Click Next or Prev below the dialog's table and wait for the page."""
    before = browser.find_element(By.CSS_SELECTOR, f"{DIALOG} tbody")
    part(browser, direction).click()
    rows_are_new(browser, before)


def rows_are_new(browser: Chrome, before: WebElement) -> None:
    """Wait until the dialog has replaced its rows and expects no more."""

    def new(page: Chrome) -> bool:
        now = page.find_elements(By.CSS_SELECTOR, f"{DIALOG} tbody")
        return now != [before] and not part(page, "busy").is_displayed()

    wait(browser).until(new)
    page_is_quiet(browser)


def summary(browser: Chrome) -> str:
    """Return the line about the changes that Confirm would make, without the quota.

    The quota is known once Glance has refused a change in any test.
    """
    return with_quota(browser).split(", quota")[0]


def with_quota(browser: Chrome) -> str:
    """Return the line about the changes that Confirm would make, with the quota if it is known."""
    return part(browser, "summary").text


def labels(browser: Chrome) -> list[str]:
    """Return the labels of selected changes, such as ``+ research``."""
    return changes_in(browser, DIALOG)


def changes_in(browser: Chrome, where: str) -> list[str]:
    """Return the list of changes below a project table."""
    script = """
        return [...document.querySelectorAll(arguments[0])].map(change =>
          ['sign', 'name'].map(role =>
            change.querySelector(`[data-role=${role}]`).textContent).join(' '));
    """
    return browser.execute_script(script, f"{where} [data-role=changes] li")


def confirm_button(browser: Chrome) -> WebElement:
    """Return the button Confirm."""
    return browser.find_element(By.CSS_SELECTOR, f"{DIALOG} [type=submit]")


def confirm(browser: Chrome) -> None:
    """Click Confirm and wait until the dialog is gone."""
    confirm_button(browser).click()
    dialog_is_gone(browser)


def dialog_is_gone(browser: Chrome) -> None:
    """Wait until the dialog and its dark backdrop are gone."""
    wait(browser).until(
        lambda page: not page.find_elements(By.CSS_SELECTOR, f"{DIALOG}, .modal-backdrop")
    )


def question(browser: Chrome) -> str:
    """Return the question before changes are lost, or nothing if the dialog does not ask."""
    asked = part(browser, "discard-question")
    return part(browser, "discard-text").text if asked.is_displayed() else ""


def focused(browser: Chrome) -> WebElement:
    """Return the element that has the focus."""
    return browser.switch_to.active_element


def told(browser: Chrome) -> str:
    """Return the alerts at the top of the dialog, once there are any."""

    def read(page: Chrome) -> str:
        alerts = page.find_elements(By.CSS_SELECTOR, f"{DIALOG} .alert")
        return "\n".join(alert.text for alert in alerts)

    return wait(browser).until(read)


# -- Shared Images


def shared_images(browser: Chrome) -> dict[str, str]:
    """Return the access to each image in the table of Shared Images, by the image's name."""
    rows = browser.find_elements(By.CSS_SELECTOR, "#shared_images tbody tr[data-object-id]")
    names = [row.find_element(By.CSS_SELECTOR, "td a").text for row in rows]
    found = [cells(browser, row) for row in rows]
    return {name: row["Access"] for name, row in zip(names, found, strict=True)}


def ids(projects: list[Project]) -> list[str]:
    """Return the IDs of projects."""
    return [project.id for project in projects]


def says(browser: Chrome, text: str) -> None:
    """Wait until a message at the top of the page contains this text."""
    script = "return [...document.querySelectorAll('.messages .alert')].map(e => e.innerText)"
    wait(browser).until(
        lambda page: any(text in " ".join(said.split()) for said in page.execute_script(script)),
        f"no message says: {text}",
    )
