# SPDX-License-Identifier: Apache-2.0
"""An administrator imports an Access File; the page checks it, shows a plan and carries it out."""

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.browser.pages import HOLD, in_one_panel, is_gone, press, table, unique, wait

PATH = "/admin/images/access/file/"


def part(browser: Chrome, role: str) -> WebElement:
    """Return a part of the page."""
    return browser.find_element(By.CSS_SELECTOR, f".xloud-access-file [data-role={role}]")


def shown(browser: Chrome, role: str) -> WebElement:
    """Return a part of the page, once it is shown."""
    return wait(browser).until(
        lambda page: part(page, role) if part(page, role).is_displayed() else None
    )


def paste(browser: Chrome, text: str) -> None:
    """Paste a text and press the button that checks it."""
    # Typing a long text takes seconds.
    browser.execute_script(
        "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input'))",
        part(browser, "file-text"),
        text,
    )
    part(browser, "file-check").click()


def said(browser: Chrome) -> list[list[str]]:
    """Return the cells of each finding about a line."""
    shown(browser, "file-findings")
    return table(browser, "[data-role=file-findings] tbody tr")


@pytest.fixture
def teams(new_project):
    """Return twelve projects."""
    return [new_project(unique(f"team-{number}")) for number in range(12)]


def test_chosen_file_becomes_a_plan_and_is_carried_out(
    browser, visit, new_image, project_ids, members, tmp_path
):
    """The page names entries that it cannot carry out, and adds the other projects."""
    team, research = project_ids["app-team-a"], project_ids["research"]
    image = new_image(unique("filed"), members={team: "accepted"})
    file = tmp_path / "access.yaml"
    file.write_text(
        f"images:\n- image: {image.name}\n  projects: [research, app-team-a, no-such-team]\n"
    )
    visit("admin", "/admin/images/")
    press(browser, By.LINK_TEXT, "Access File")
    wait(browser).until(lambda page: page.current_url.endswith(PATH))
    part(browser, "file-chosen").send_keys(str(file))
    assert not part(browser, "file-text").is_enabled()
    part(browser, "file-check").click()
    wait(browser).until(lambda page: part(page, "plan-confirm").is_enabled())
    assert part(browser, "plan-summary").text == "1 project on 1 image: 1 to add"
    assert not part(browser, "plan-removals").is_displayed()
    ((line, text, why),) = said(browser)
    assert (line, text) == ("3", "no-such-team")
    assert why == 'Not done: There is no project "no-such-team".'
    part(browser, "plan-confirm").click()
    assert "1 added" in shown(browser, "run-receipt").text
    assert members(image) == {team: "accepted", research: "accepted"}
    part(browser, "file-back").click()
    part(browser, "file-check").click()
    said(browser)
    assert not part(browser, "plan-sheet").is_displayed()


@in_one_panel
def test_many_removals_need_their_number(browser, visit, new_image, members, teams):
    """A red warning names the removals, and Confirm is disabled until their number is typed."""
    image = new_image(unique("exact"), members={item.id: "accepted" for item in teams})
    visit("admin", PATH)
    paste(browser, f"mode: exact\nimages: [{{image: {image.id}, projects: []}}]")
    removals = shown(browser, "plan-removals")
    assert "12 memberships are removed from 1 image" in removals.text
    assert image.name in removals.text
    assert teams[0].name in removals.text
    assert not part(browser, "plan-confirm").is_enabled()
    number = part(browser, "plan-removals-number")
    number.send_keys("1")
    assert not part(browser, "plan-confirm").is_enabled()
    number.send_keys("2")
    assert part(browser, "plan-confirm").is_enabled()
    part(browser, "plan-confirm").click()
    assert "12 removed" in shown(browser, "run-receipt").text
    assert members(image) == {}


@in_one_panel
def test_taking_out_removals_takes_the_need_for_the_number_away(
    browser, visit, new_image, members, teams
):
    """When one of eleven removals is taken out, the remaining ten need no number."""
    image = new_image(unique("exact"), members={item.id: "accepted" for item in teams[:11]})
    visit("admin", PATH)
    paste(browser, f"mode: exact\nimages: [{{image: {image.id}, projects: []}}]")
    shown(browser, "plan-removals-ask")
    browser.find_element(By.CSS_SELECTOR, f'[aria-label="Take out {teams[0].name}"]').click()
    assert not part(browser, "plan-removals-ask").is_displayed()
    part(browser, "plan-confirm").click()
    assert "10 removed" in shown(browser, "run-receipt").text
    assert set(members(image)) == {teams[0].id}


@in_one_panel
def test_bad_file_says_why_and_stays(browser, visit):
    """The page gives the number of each bad line, and keeps the pasted text."""
    text = "images:\n- image: x\n  projects: [&a b]\n"
    visit("admin", PATH)
    paste(browser, text)
    ((line, _text, why),) = said(browser)
    assert line == "3"
    assert "Anchors are not allowed" in why
    assert part(browser, "file-text").get_attribute("value") == text
    assert part(browser, "file-check").is_enabled()
    assert not part(browser, "plan-sheet").is_displayed()


@in_one_panel
def test_check_goes_on_after_the_dashboard_did_not_answer(browser, visit, new_image, project_ids):
    """After a lost answer, Continue completes the check without repeating finished lookups."""
    image = new_image(unique("halted"))
    visit("admin", PATH)
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*file/compare*"]})
    try:
        paste(browser, f"images: [{{image: {image.id}, projects: research}}]")
        assert "did not answer" in shown(browser, "file-failed").text
    finally:
        browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    assert "research" in part(browser, "file-text").get_attribute("value")
    part(browser, "file-continue").click()
    wait(browser).until(lambda page: part(page, "plan-confirm").is_enabled())
    assert part(browser, "plan-summary").text == "1 project on 1 image: 1 to add"


@in_one_panel
def test_plan_that_was_begun_asks_for_the_number_again(browser, visit, new_image, members, teams):
    """After a reload, the page asks for the number of the remaining removals again."""
    image = new_image(unique("exact"), members={item.id: "accepted" for item in teams})
    visit("admin", PATH)
    paste(browser, f"mode: exact\nimages: [{{image: {image.id}, projects: []}}]")
    shown(browser, "plan-removals-ask")
    part(browser, "plan-removals-number").send_keys("12")
    browser.execute_script(HOLD)  # holds back the slice for good
    part(browser, "plan-confirm").click()
    shown(browser, "run-stop")
    browser.execute_script("jQuery(window).off('beforeunload')")
    before = part(browser, "plan-run")
    browser.refresh()
    is_gone(browser, before)
    # The reload also restores the text.
    assert image.id in part(browser, "file-text").get_attribute("value")
    shown(browser, "plan-resume").click()
    shown(browser, "plan-removals-ask")
    assert not part(browser, "plan-confirm").is_enabled()
    assert len(members(image)) == 12
