# SPDX-License-Identifier: Apache-2.0
"""Stale Access finds memberships that lead nowhere, and removes ticked ones after a question."""

import pytest
from selenium.webdriver import Keys
from selenium.webdriver.common.by import By

from tests.browser.pages import focused, in_one_panel, paste, press, table, wait
from tests.browser.test_by_image import scanned

PATH = "/admin/images/access/stale/"
PAGE = ".xloud-stale-access"


def role(browser, name):
    """Return a part of the page."""
    return browser.find_element(By.CSS_SELECTOR, f"{PAGE} [data-role={name}]")


def rows(browser):
    """Return the projects and reasons in the rows."""
    return [(row[2], row[3]) for row in table(browser, f"{PAGE} tbody tr:has(td)")]


@pytest.fixture
def deleted(new_project, admin):
    """Return the ID of a project that was deleted."""
    project = new_project()
    admin.identity.delete_project(project)
    return project.id


@pytest.fixture
def image(deleted, new_image, new_project, project_ids):
    """Return an image with a deleted, a disabled and a working project as members."""
    disabled = new_project(is_enabled=False)
    members = dict.fromkeys([deleted, disabled.id, project_ids["research"]], "pending")
    image = new_image(members=members)
    image.disabled = disabled
    return image


def test_stale_members_are_found_and_removed(browser, deleted, image, members, project_ids, visit):
    """A disabled project is listed separately, and removed only when ticked by hand."""
    visit("admin", "/admin/images/")
    press(browser, By.LINK_TEXT, "Stale Access")
    wait(browser).until(lambda page: page.current_url.endswith(PATH))
    scanned(browser)
    paste(browser.find_element(By.CSS_SELECTOR, f"{PAGE} [name=name]"), image.name)
    disabled = image.disabled
    expected = [
        (deleted, "The project is deleted"),
        (f"{disabled.name}\n{disabled.id}", "The project is disabled"),
    ]
    wait(browser).until(lambda page: rows(page) == expected)
    heading = browser.find_element(By.CSS_SELECTOR, f"{PAGE} tbody tr:nth-child(2)").text
    assert heading.startswith("Disabled projects")

    role(browser, "tick-all").click()
    role(browser, "review").click()
    assert "1 membership on 1 image" in role(browser, "asked").text
    asked_rows = role(browser, "asked-rows").text
    assert f"{deleted} \u2013 {image.name}: The project is deleted" in asked_rows
    role(browser, "confirm").click()
    wait(browser).until(lambda page: role(page, "told").text == "1 membership is cleaned up.")
    wait(browser).until(lambda page: len(rows(page)) == 1)
    assert members(image) == {disabled.id: "pending", project_ids["research"]: "pending"}


@in_one_panel
def test_box_of_the_header_leaves_disabled_projects_to_the_user(browser, image, visit):
    """The box skips disabled projects, which may be enabled again; a second press unticks all."""
    visit("admin", f"{PATH}?name={image.name}")
    scanned(browser)
    wait(browser).until(lambda page: len(rows(page)) == 2)
    role(browser, "tick-page").click()
    assert role(browser, "review").text == "Remove 1 Selected\u2026"
    assert role(browser, "tick-page").is_selected()
    role(browser, "tick-page").click()
    assert role(browser, "review").text == "Remove Selected\u2026"


@in_one_panel
def test_question_is_left_by_escape(browser, image, members, visit):
    """Escape removes nothing, keeps the ticks, and returns the focus to its place."""
    visit("admin", f"{PATH}?name={image.name}&kind=disabled")
    scanned(browser)
    press(browser, By.CSS_SELECTOR, f"{PAGE} tbody input[type=checkbox]")
    role(browser, "review").click()
    assert role(browser, "question").is_displayed()
    focused(browser).send_keys(Keys.ESCAPE)
    assert not role(browser, "question").is_displayed()
    assert focused(browser) == role(browser, "review")
    assert role(browser, "review").text == "Remove 1 Selected…"
    assert len(members(image)) == 3


@in_one_panel
def test_reason_stands_in_the_row_that_was_not_removed(browser, admin, image, members, visit):
    """A project that was enabled after the scan keeps its membership, and the page says why."""
    visit("admin", f"{PATH}?name={image.name}&kind=disabled")
    scanned(browser)
    press(browser, By.CSS_SELECTOR, f"{PAGE} tbody input[type=checkbox]")
    admin.identity.update_project(image.disabled, is_enabled=True)
    role(browser, "review").click()
    role(browser, "confirm").click()
    wait(browser).until(
        lambda page: (
            role(page, "told").text
            == "0 memberships are cleaned up. 1 is not: It is not stale any more, or that is not "
            "known; it was left alone."
        )
    )
    assert image.disabled.id in members(image)
