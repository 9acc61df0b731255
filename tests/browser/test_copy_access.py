# SPDX-License-Identifier: Apache-2.0
"""Copy access from image… in the dialog selects projects; only Confirm shares with them."""

import pytest
from selenium.webdriver import Keys
from selenium.webdriver.common.by import By

from tests.browser.pages import (
    DIALOG,
    checkbox,
    confirm,
    confirm_button,
    console_errors,
    dialog_is_gone,
    focused,
    in_one_panel,
    labels,
    page_is_quiet,
    part,
    paste,
    press,
    question,
    search,
    summary,
    texts,
    tick,
    under_way,
    unique,
    wait,
)


def found(browser):
    """Return the names of the images that can be copied from."""
    return texts(browser, f"{DIALOG} .xloud-copy-name")


def find(browser, image, text, *keys):
    """Search the images until only the given one is listed."""
    field = part(browser, "copy-search")
    field.clear()
    paste(field, text)
    field.send_keys(*keys)
    wait(browser).until(lambda page: found(page) == [image.name])
    page_is_quiet(browser)


def copy_from(browser, image):
    """Choose one of the images, and return the result's sentence."""
    selector = f"{DIALOG} [data-role=copy-from][data-image='{image.id}']"
    press(browser, By.CSS_SELECTOR, selector)
    return wait(browser).until(lambda page: part(page, "copy-told").text)


@in_one_panel
def test_copies_the_projects_of_another_image(
    browser, manage_access, new_image, project_ids, members
):
    """Copied projects join earlier changes as labels, until Confirm shares with them."""
    old = new_image(
        members={
            project_ids["research"]: "accepted",
            project_ids["app-team-a"]: "rejected",
            project_ids["app-team-b"]: "pending",
            project_ids["data-science"]: "pending",
        }
    )
    image = new_image(members={project_ids["data-science"]: "pending"})
    manage_access(image)
    console_errors(browser)
    tick(browser, project_ids["app-team-b"])

    part(browser, "copy-open").click()
    assert browser.switch_to.active_element == part(browser, "copy-search")
    find(browser, old, old.name.upper())
    copied = copy_from(browser, old)

    assert copied == (
        "2 projects added to the selection; 1 of them has rejected the other image; "
        "1 was selected already; 1 has access already."
    )
    assert not part(browser, "copy-panel").is_displayed()
    assert browser.switch_to.active_element == part(browser, "copy-open")
    assert labels(browser) == ["+ app-team-b", "+ app-team-a", "+ research"]
    assert summary(browser) == "1 project now → 4 (+3)"
    assert checkbox(browser, project_ids["research"]).is_selected()
    assert set(members(image)) == {project_ids["data-science"]}
    assert console_errors(browser) == set()

    confirm(browser)
    assert members(image) == {
        project_ids["data-science"]: "pending",
        project_ids["app-team-a"]: "accepted",
        project_ids["app-team-b"]: "accepted",
        project_ids["research"]: "accepted",
    }


@in_one_panel
def test_what_was_copied_is_taken_back_like_anything_else(
    browser, manage_access, new_image, project_ids, members
):
    """Copied projects are ticked on other pages and can be taken back; leaving shares nothing."""
    old = new_image(members={project_ids[name]: "pending" for name in ("research", "app-team-a")})
    image = new_image()
    modal = manage_access(image)
    part(browser, "copy-open").click()
    find(browser, old, old.id)
    copy_from(browser, old)
    search(browser, "research")
    assert checkbox(browser, project_ids["research"]).is_selected()

    modal.find_element(By.CSS_SELECTOR, "[aria-label='Take back research']").click()
    assert labels(browser) == ["+ app-team-a"]
    part(browser, "undo").click()
    assert labels(browser) == []
    assert not confirm_button(browser).is_enabled()

    modal.find_element(By.CSS_SELECTOR, ".modal-footer .cancel").click()
    dialog_is_gone(browser)
    assert members(image) == {}


@in_one_panel
@pytest.mark.parametrize("where", ["the search", "an image", "its button"])
def test_escape_closes_the_panel_alone(browser, manage_access, new_image, project_ids, where):
    """Escape leaves the dialog open and asks nothing; the focus returns to the button."""
    old = new_image(members={project_ids["research"]: "pending"})
    manage_access(new_image())
    tick(browser, project_ids["app-team-a"])
    part(browser, "copy-open").click()
    find(browser, old, old.name)
    role = {"the search": "copy-search", "an image": "copy-from", "its button": "copy-open"}[where]

    part(browser, role).send_keys(Keys.ESCAPE)

    assert not part(browser, "copy-panel").is_displayed()
    assert focused(browser) == part(browser, "copy-open")
    assert part(browser, "copy-open").get_attribute("aria-expanded") == "false"
    assert question(browser) == ""
    assert labels(browser) == ["+ app-team-a"]
    focused(browser).send_keys(Keys.ESCAPE)
    assert question(browser) == "Discard 1 change?"


@in_one_panel
def test_confirm_waits_for_what_is_being_copied(browser, manage_access, new_image, project_ids):
    """Confirm is disabled during a copy, whose projects would come too late to be sent."""
    old = new_image(members={project_ids["research"]: "pending"})
    manage_access(new_image())
    tick(browser, project_ids["app-team-a"])
    part(browser, "copy-open").click()
    find(browser, old, old.id)

    with under_way(browser):
        browser.find_element(By.CSS_SELECTOR, f"{DIALOG} [data-role=copy-from]").click()
        tick(browser, project_ids["app-team-b"])
        assert not confirm_button(browser).is_enabled()

    wait(browser).until(lambda page: confirm_button(page).is_enabled())
    assert labels(browser) == ["+ app-team-a", "+ app-team-b", "+ research"]


@in_one_panel
def test_works_by_keyboard(browser, manage_access, new_image, project_ids, members):
    """Enter in the search does not confirm; Tab and Enter choose an image."""
    old = new_image(members={project_ids["research"]: "pending"})
    image = new_image()
    manage_access(image)
    tick(browser, project_ids["app-team-a"])
    part(browser, "copy-open").send_keys(Keys.ENTER)

    find(browser, old, old.name, Keys.ENTER)
    part(browser, "copy-search").send_keys(Keys.TAB)
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    wait(browser).until(lambda page: part(page, "copy-told").text)

    assert labels(browser) == ["+ app-team-a", "+ research"]
    assert members(image) == {}


@in_one_panel
def test_names_are_text(browser, manage_access, new_image, new_project):
    """Copy access shows names of other projects and their images as text, and never runs them."""
    hostile = "{{ 7*7 }}<img src=x onerror=alert(1)>"
    project = new_project(f"{hostile[:30]}{unique('p')}")
    old = new_image(f"{hostile}{unique('i')}", members={project.id: "pending"})
    manage_access(new_image())
    part(browser, "copy-open").click()

    find(browser, old, old.id)
    copy_from(browser, old)

    assert labels(browser) == [f"+ {project.name}"]
    assert browser.find_elements(By.CSS_SELECTOR, f"{DIALOG} img") == []


@in_one_panel
def test_dashboard_that_does_not_answer_keeps_the_selection(
    browser, manage_access, new_image, project_ids
):
    """A choice that gets no answer is reported and keeps the selection; the next one works."""
    old = new_image(members={project_ids["research"]: "pending"})
    manage_access(new_image())
    tick(browser, project_ids["app-team-a"])
    part(browser, "copy-open").click()
    find(browser, old, old.name, Keys.ENTER)
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/access/copy/"]})
    try:
        browser.find_element(By.CSS_SELECTOR, f"{DIALOG} [data-role=copy-from]").click()
        alert = f"{DIALOG} [data-role=copy-images] [role=alert]"
        wait(browser).until(lambda page: page.find_elements(By.CSS_SELECTOR, alert))
    finally:
        browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    assert "did not answer" in browser.find_element(By.CSS_SELECTOR, alert).text
    assert labels(browser) == ["+ app-team-a"]

    find(browser, old, old.name, Keys.ENTER)
    copy_from(browser, old)
    assert labels(browser) == ["+ app-team-a", "+ research"]


@in_one_panel
def test_session_has_ended(browser, manage_access, new_image):
    """The search leads to the login page once the session has ended."""
    manage_access(new_image())
    browser.delete_all_cookies()

    part(browser, "copy-open").click()

    wait(browser).until(lambda page: "/auth/login/" in page.current_url)
