# SPDX-License-Identifier: Apache-2.0
"""Manage Access reports each failure, and keeps the selection."""

import sqlite3

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as expect

from tests.browser.pages import (
    DIALOG,
    choose,
    confirm,
    confirm_button,
    dialog,
    image_row,
    in_one_panel,
    labels,
    messages,
    page_size,
    part,
    project_names,
    search,
    summary,
    tick,
    told,
    turn,
    wait,
    with_quota,
)
from tests.environment import CLOUD

QUOTA = 128  # Glance's own default


@pytest.fixture
def image(new_image):
    """Return a shared image that nobody has access to."""
    return new_image()


@pytest.fixture
def selected(browser, manage_access, image, project_ids):
    """Open the image's dialog, tick the project research, and return the project's ID."""
    manage_access(image)
    tick(browser, project_ids["research"])
    return project_ids["research"]


@pytest.fixture
def network(browser):
    """Return a function that takes the browser offline and back online."""

    def network(there):
        conditions = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        browser.execute_cdp_cmd("Network.enable", {})
        browser.execute_cdp_cmd(
            "Network.emulateNetworkConditions", {**conditions, "offline": not there}
        )

    yield network
    network(there=True)


def fake_member(number):
    """Return a text that Glance accepts as a member, but that is no project's ID in Keystone."""
    return f"nobody.{number}"


def fill_up(image, count):
    """Share an image with this number of projects that do not exist.

    The function writes to Glance's database. The API would take as long as all other tests here,
    and only the database is certain to allow more members than the quota.
    """
    with sqlite3.connect(CLOUD.folder / "glance.db", timeout=20) as database:
        database.executemany(
            "INSERT INTO image_members"
            " (image_id, member, can_share, status, deleted, created_at, updated_at)"
            " VALUES (?, ?, 0, 'pending', 0, datetime('now'), datetime('now'))",
            [(image.id, fake_member(number)) for number in range(count)],
        )
    database.close()


@in_one_panel
def test_image_made_private_meanwhile(browser, admin, image, selected):
    """If somebody else makes the image private, the dialog says so and keeps the selection."""
    admin.image.update_image(image, visibility="private")

    confirm_button(browser).click()

    assert "Private" in told(browser)
    assert "Set it to Shared" in told(browser)
    assert labels(browser) == ["+ research"]

    admin.image.update_image(image, visibility="shared")
    confirm(browser)
    assert messages(browser) == [f'"{image.name}" is now shared with research.']


@in_one_panel
def test_image_deleted_meanwhile(browser, admin, image, selected):
    """If somebody else deletes the image, the dialog says so and keeps the selection."""
    admin.image.delete_image(image)

    confirm_button(browser).click()

    assert "no image with this ID (any more)" in told(browser)
    assert labels(browser) == ["+ research"]


@pytest.mark.parametrize(
    ("panel", "what"), [("angular", "made private"), ("python", "deleted")], indirect=["panel"]
)
def test_list_is_older_than_the_change(browser, admin, visit, image, what):
    """Manage Access says why it does not open when the list shows an outdated image."""
    visit("admin", "/admin/images/")
    if what == "deleted":
        admin.image.delete_image(image)
    else:
        admin.image.update_image(image, visibility="private")

    choose(browser, image_row(browser, image), "Manage Access")

    expected = {"deleted": "no image with this ID", "made private": "is Private"}
    assert expected[what] in messages(browser)[0]
    assert not browser.find_elements(By.CSS_SELECTOR, DIALOG)


@in_one_panel
def test_quota_is_used_up(browser, admin, manage_access, new_image, project_ids, members):
    """The dialog reports successes, gives one reason for all failures, and keeps these selected."""
    removed, added = project_ids["app-team-b"], [project_ids["research"], project_ids["service"]]
    image = new_image(members={removed: "accepted"})
    fill_up(image, QUOTA)
    manage_access(image)
    search(browser, removed)
    tick(browser, removed)
    for project in added:
        search(browser, project)
        tick(browser, project)

    confirm_button(browser).click()
    assert f'"{image.name}" is no longer shared with app-team-b.' in told(browser)
    assert told(browser).count("quota of 128 projects") == 1
    assert "2 projects were not added: the quota of 128 projects" in told(browser)
    assert "Confirm cannot make them as long as the reason remains." in told(browser)
    assert "now shared" not in told(browser)
    assert labels(browser) == ["+ research", "+ service"]
    marks = browser.find_elements(By.CSS_SELECTOR, f"{DIALOG} [data-role=reason]")
    assert [mark.text for mark in marks] == ["not done", "not done"]
    assert all("quota of 128 projects" in mark.get_attribute("title") for mark in marks)
    assert removed not in members(image)

    for number in (0, 1):
        admin.image.remove_member(fake_member(number), image)
    confirm(browser)
    assert messages(browser) == [f'"{image.name}" is now shared with research and service.']
    assert members(image).keys() > set(added)


@in_one_panel
def test_quota_is_known_once_glance_named_it(browser, manage_access, new_image, project_ids):
    """Once Glance has named the quota, dialogs count against it before sending anything."""
    full, nearly_full = new_image(), new_image()
    fill_up(full, QUOTA)
    fill_up(nearly_full, QUOTA - 1)
    manage_access(full)
    search(browser, "research")
    tick(browser, project_ids["research"])
    confirm_button(browser).click()
    assert "quota of 128 projects" in told(browser)
    assert with_quota(browser) == "128 projects now → 129 (+1), quota 128: 1 too many"

    manage_access(nearly_full)

    assert with_quota(browser) == "127 projects now, quota 128"
    tick(browser, fake_member(0))
    for name in ("research", "service"):
        search(browser, name)
        tick(browser, project_ids[name])
    assert with_quota(browser) == "127 projects now → 128 (+2 −1), quota 128"  # noqa: RUF001
    assert not part(browser, "beyond-quota").is_displayed()
    search(browser, "data-science")
    tick(browser, project_ids["data-science"])
    expected = "127 projects now → 129 (+3 −1), quota 128: 1 too many"  # noqa: RUF001
    assert with_quota(browser) == expected
    assert "They stay selected" in part(browser, "beyond-quota").text
    assert confirm_button(browser).is_enabled()


@in_one_panel
def test_dashboard_does_not_answer_to_confirm(browser, image, selected, network, members):
    """Without an answer, the dialog says that the result is unknown; Confirm works again later."""
    network(there=False)
    confirm_button(browser).click()
    assert "The dashboard did not answer" in told(browser)
    assert labels(browser) == ["+ research"]
    assert "The dashboard did not answer" in browser.switch_to.active_element.text

    network(there=True)
    confirm(browser)
    assert messages(browser) == [f'"{image.name}" is now shared with research.']
    assert members(image) == {selected: "accepted"}


@in_one_panel
def test_dashboard_does_not_answer_to_a_search(browser, selected, network):
    """A failed search is reported, allows more typing, and keeps the selection."""
    network(there=False)
    part(browser, "search").send_keys("data")
    assert "The projects could not be loaded" in told(browser)
    assert browser.switch_to.active_element == part(browser, "search")
    assert labels(browser) == ["+ research"]

    network(there=True)
    search(browser, "data-science")
    assert project_names(browser) == ["data-science"]
    assert labels(browser) == ["+ research"]
    assert "could not be loaded" not in dialog(browser).text


@in_one_panel
def test_pages_after_a_search_that_failed(browser, visit, image, network):
    """After a failed search, Next continues from the rows that the table shows."""
    visit("admin", "/admin/images/")
    page_size(browser, 2)
    choose(browser, image_row(browser, image), "Manage Access")
    dialog(browser)
    turn(browser, "next")
    second = project_names(browser)
    turn(browser, "previous")
    network(there=False)
    part(browser, "search").send_keys("data")
    assert "The projects could not be loaded" in told(browser)
    network(there=True)

    turn(browser, "next")

    assert project_names(browser) == second


@in_one_panel
def test_more_changes_than_a_form_may_have(browser, image, selected, members):
    """Beyond Django's 2.5 MB, the dialog asks for fewer changes and keeps all of them selected."""
    browser.execute_script(
        """
        var table = horizon.xloud.projectTable($(arguments[0] + ' .xloud-projects'));
        table.select([...Array(300).keys()].map(function (number) {
          return {verb: 'add', id: String(number).padStart(10000, '0'), name: 'p' + number};
        }));
        """,
        DIALOG,
    )
    before = summary(browser)

    confirm_button(browser).click()

    assert "more changes than the dashboard takes at once" in told(browser)
    assert summary(browser) == before
    assert before.startswith("0 projects now → 301 (+301)")
    assert members(image) == {}
    part(browser, "undo").click()
    tick(browser, selected)
    confirm(browser)
    assert members(image) == {selected: "accepted"}


@pytest.mark.parametrize(
    ("panel", "cookies"), [("angular", "of the session"), ("python", "all")], indirect=["panel"]
)
def test_session_has_ended(browser, image, selected, members, cookies):
    """Confirm without a session leads to the login page and changes nothing."""
    for cookie in browser.get_cookies():
        if cookies == "all" or cookie["name"].startswith("sessionid"):
            browser.delete_cookie(cookie["name"])

    confirm_button(browser).click()

    wait(browser).until(expect.url_contains("/auth/login/"))
    assert browser.find_element(By.NAME, "password").is_displayed()
    assert members(image) == {}


@in_one_panel
def test_session_has_ended_before_a_search(browser, selected):
    """A search without a session leads to the login page."""
    browser.delete_all_cookies()

    part(browser, "search").send_keys("data")

    wait(browser).until(expect.url_contains("/auth/login/"))
