# SPDX-License-Identifier: Apache-2.0
"""After each action by keyboard, the focus is in a useful place and never on the page's body."""

import pytest
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as expect

from tests.browser.pages import (
    DIALOG,
    dialog,
    dialog_is_gone,
    focused,
    image_row,
    in_one_panel,
    is_gone,
    labels,
    page_is_quiet,
    page_size,
    part,
    project_names,
    question,
    receipt,
    rows_are_new,
    search,
    shared_images,
    unique,
    wait,
)

TAB = "/project/images/shared/"


@pytest.fixture
def press(browser):
    """Return a function that presses keys in the element that has the focus."""
    return lambda *keys: ActionChains(browser).send_keys(*keys).perform()


@pytest.fixture
def back(browser):
    """Return a function that presses Shift and Tab."""

    def back():
        ActionChains(browser).key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(Keys.SHIFT).perform()

    return back


@pytest.fixture
def tab_to(browser, press):
    """Return a function that presses Tab, or Shift and Tab, until an element has the focus."""

    def tab_to(wanted, step=lambda: press(Keys.TAB)):
        for _number in range(60):
            if focused(browser) == wanted:
                return
            step()
        raise AssertionError(f"Tab does not lead to {wanted.get_attribute('outerHTML')}")

    return tab_to


@pytest.fixture
def open_dialog(browser, press, tab_to, visit):
    """Return a function that opens the dialog of an image from its menu and returns the menu."""

    def open_dialog(image, rows=20):
        visit("admin", "/admin/images/")
        page_size(browser, rows)
        row = image_row(browser, image)
        menu = row.find_element(By.CSS_SELECTOR, ".dropdown-toggle")
        browser.execute_script("arguments[0].focus()", menu)
        press(Keys.ENTER)
        tab_to(row.find_element(By.XPATH, ".//li/*[normalize-space() = 'Manage Access']"))
        press(Keys.ENTER)
        dialog(browser)
        return menu

    return open_dialog


def test_discarding_gives_the_focus_back_to_the_menu(
    browser, members, new_image, open_dialog, press, tab_to
):
    """After Escape, Tab and Enter on Discard, the focus returns to the row's menu."""
    image = new_image()
    menu = open_dialog(image)
    before = browser.find_element(By.CSS_SELECTOR, f"{DIALOG} tbody")
    press("RESEAR", Keys.ENTER)
    rows_are_new(browser, before)
    tab_to(browser.find_element(By.CSS_SELECTOR, f"{DIALOG} tbody [type=checkbox]"))
    press(Keys.SPACE)
    assert labels(browser) == ["+ research"]

    press(Keys.ESCAPE)
    assert question(browser) == "Discard 1 change?"
    press(Keys.TAB)
    assert focused(browser).accessible_name == "Discard"
    press(Keys.ENTER)

    dialog_is_gone(browser)
    assert focused(browser) == menu
    assert members(image) == {}


@in_one_panel
@pytest.mark.parametrize("way_out", [".cancel", ".close"])
def test_closing_gives_the_focus_back_to_the_menu(
    browser, new_image, open_dialog, press, tab_to, way_out
):
    """Tab reaches both Cancel and the cross, and closing returns the focus to the row's menu."""
    menu = open_dialog(new_image())
    tab_to(browser.find_element(By.CSS_SELECTOR, f"{DIALOG} {way_out}"))
    press(Keys.ENTER)
    dialog_is_gone(browser)
    assert focused(browser) == menu


@in_one_panel
def test_pages_of_the_dialog(browser, new_image, new_project, open_dialog, press, tab_to):
    """The focus stays on Next; on the last page, where Next is disabled, it moves to Prev."""
    family = unique("page")
    names = [new_project(f"{family}-{number}").name for number in range(5)]
    open_dialog(new_image(), rows=2)
    search(browser, family)
    pages = [project_names(browser)]

    tab_to(part(browser, "next"))
    for expected in ("next", "previous"):
        before = browser.find_element(By.CSS_SELECTOR, f"{DIALOG} tbody")
        press(Keys.ENTER)
        rows_are_new(browser, before)
        pages.append(project_names(browser))
        assert focused(browser) == part(browser, expected)
    assert [name for page in pages for name in page] == names

    before = browser.find_element(By.CSS_SELECTOR, f"{DIALOG} tbody")
    press(Keys.ENTER)
    rows_are_new(browser, before)
    assert project_names(browser) == pages[1]


@in_one_panel
def test_select_all_and_a_pasted_list_keep_the_focus(
    browser, new_image, new_project, open_dialog, press, tab_to
):
    """The buttons are disabled during their request, and have the focus after it."""
    project = new_project()
    open_dialog(new_image())
    search(browser, project.name)
    tab_to(part(browser, "all"))
    press(Keys.ENTER)
    wait(browser).until(lambda page: part(page, "all-told").text)
    assert labels(browser) == [f"+ {project.name}"]
    assert focused(browser) == part(browser, "all")

    tab_to(part(browser, "list-open"))
    press(Keys.ENTER)
    press("research", Keys.TAB, Keys.ENTER)
    wait(browser).until(lambda page: part(page, "list-told").text)
    assert labels(browser) == [f"+ {project.name}", "+ research"]
    assert focused(browser) == part(browser, "list-select")


@in_one_panel
def test_receipt_is_undone_and_closed(
    browser, members, new_image, open_dialog, press, project_ids, tab_to
):
    """The focus is on the receipt after Undo, and in the page after Close."""
    image = new_image(members={project_ids["research"]: "accepted"})
    open_dialog(image)
    tab_to(browser.find_element(By.CSS_SELECTOR, f"{DIALOG} tbody [type=checkbox]:checked"))
    press(Keys.SPACE)
    tab_to(browser.find_element(By.CSS_SELECTOR, f"{DIALOG} [type=submit]"))
    press(Keys.ENTER)
    dialog_is_gone(browser)
    told = receipt(browser)
    tab_to(told.find_element(By.CSS_SELECTOR, "[data-role=undo-change] button"))
    press(Keys.ENTER)
    is_gone(browser, told)
    assert focused(browser) == receipt(browser)
    assert members(image) == {project_ids["research"]: "accepted"}

    press(Keys.TAB)
    assert focused(browser).accessible_name == "Close"
    press(Keys.ENTER)

    assert not browser.find_elements(By.CSS_SELECTOR, ".xloud-receipt")
    assert focused(browser) == browser.find_element(By.ID, "content_body")


@pytest.fixture
def pending(new_image, project_ids):
    """Return three images that wait for app-team-a's answer."""
    family, team = unique("keys"), project_ids["app-team-a"]
    return [new_image(f"{family}-{number}", members={team: "pending"}) for number in range(3)]


@pytest.fixture
def tick_all(browser, press, tab_to, visit, pending):
    """Return a function that opens the tab with those images and ticks all of them."""

    def tick_all():
        visit("ann", f"{TAB}?name={pending[0].name[:-2]}")
        field = browser.find_element(By.CSS_SELECTOR, ".xloud-filter input[name=name]")
        browser.execute_script("arguments[0].focus()", field)
        box = browser.find_element(By.CSS_SELECTOR, "#shared_images thead [type=checkbox]")
        tab_to(box)
        assert box.accessible_name == "All on this page"
        press(Keys.SPACE)

    return tick_all


@in_one_panel
def test_accept_of_many(back, browser, pending, press, tab_to, tick_all):
    """Space ticks all images on the page, and Enter on Accept accepts them."""
    tick_all()
    tab_to(browser.find_element(By.ID, "shared_images__action_accept"), back)
    page = browser.find_element(By.TAG_NAME, "html")
    press(Keys.ENTER)
    is_gone(browser, page)
    page_is_quiet(browser)
    assert shared_images(browser) == {image.name: "Accepted" for image in pending}


@in_one_panel
def test_reject_of_many(back, browser, pending, press, tab_to, tick_all):
    """The question is a named dialog that focuses Cancel, and Cancel focuses Reject again."""
    tick_all()
    reject = browser.find_element(By.ID, "shared_images__action_reject")
    tab_to(reject, back)
    press(Keys.ENTER)
    shown = (By.CSS_SELECTOR, "#modal_wrapper .modal.in")
    asked = wait(browser).until(expect.visibility_of_element_located(shown))
    wait(browser).until(lambda page: focused(page).text == "Cancel")
    assert (asked.aria_role, asked.accessible_name) == ("dialog", "Confirm Reject")
    assert asked.get_attribute("aria-modal") == "true"

    press(Keys.ENTER)
    wait(browser).until(lambda page: not page.find_elements(*shown))
    wait(browser).until(lambda page: focused(page) == reject)
    assert shared_images(browser) == {image.name: "Pending" for image in pending}

    press(Keys.ENTER)
    wait(browser).until(lambda page: focused(page).text == "Cancel")
    press(Keys.TAB)
    page = browser.find_element(By.TAG_NAME, "html")
    press(Keys.ENTER)
    is_gone(browser, page)
    page_is_quiet(browser)
    assert shared_images(browser) == {image.name: "Rejected" for image in pending}
