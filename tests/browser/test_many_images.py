# SPDX-License-Identifier: Apache-2.0
"""Manage Access of several images at once, as an administrator sees it."""

import pytest
from selenium.webdriver.common.by import By

from tests.browser.many_images import ADDRESS, box, changes, part, review, row, shown, state
from tests.browser.pages import (
    HOLD,
    image_row,
    in_one_panel,
    is_gone,
    page_is_quiet,
    paste,
    press,
    unique,
    wait,
)
from xloud_images_panel.dashboard.catalogue import image_ids


@pytest.fixture
def open_page(browser, visit):
    """Return a function that opens the page with these images by its address."""

    def open_page(*images):
        ids = image_ids.short(image.id for image in images)
        visit("admin", f"{ADDRESS}?images={ids}")

    return open_page


def make_equal(browser, source):
    """Make the access equal to that of one of the images."""
    part(browser, "copy-open").click()
    paste(part(browser, "copy-search"), source.name)
    label = f"Make the access equal to that of {source.name}"
    press(browser, By.CSS_SELECTOR, f'[aria-label="{label}"]')


def test_ticked_images_are_changed_together_and_back(
    browser, visit, new_image, project_ids, members
):
    """The plan runs without the cell that the user takes out, and Undo reverts the plan."""
    team, research = project_ids["app-team-a"], project_ids["research"]
    one = new_image(unique("one"), members={team: "accepted"})
    two = new_image(unique("two"))
    private = new_image(unique("private"), visibility="private")
    visit("admin", "/admin/images/")
    for image in (one, two, private):
        found = image_row(browser, image).find_element(By.CSS_SELECTOR, "[type=checkbox]")
        # Horizon covers the checkbox with a picture.
        browser.execute_script("arguments[0].click()", found)
    action = "//*[self::button or self::a][normalize-space() = 'Manage Access']"

    def above_the_table(page):
        found = page.find_elements(By.XPATH, f"{action}[not(ancestor::tbody)]")
        return next((button for button in found if button.is_displayed()), None)

    wait(browser).until(above_the_table).click()
    assert private.name in shown(browser, "left-out").text
    page_is_quiet(browser)

    assert state(browser, team) == "mixed"
    assert "1 of 2" in row(browser, team).text
    box(browser, team).click()
    box(browser, research).click()
    assert part(browser, "many-summary").text == "2 projects on 2 images: 3 to add"

    review(browser)
    assert changes(browser, one) == ["+ research"]
    assert changes(browser, two) == ["+ app-team-a", "+ research"]
    browser.find_element(
        By.CSS_SELECTOR, f'[data-image="{two.id}"] [aria-label="Take out app-team-a"]'
    ).click()
    part(browser, "plan-confirm").click()
    assert "2 added" in shown(browser, "run-receipt").text
    assert members(one) == {team: "accepted", research: "accepted"}
    assert members(two) == {research: "accepted"}

    part(browser, "run-undo").click()
    wait(browser).until(lambda page: "as it was before" in part(page, "run-headline").text)
    assert members(one) == {team: "accepted"}
    assert members(two) == {}


def test_access_is_made_equal_to_that_of_one_image(
    browser, open_page, new_image, project_ids, members
):
    """All images get the members of one of them and lose their other members."""
    team, research = project_ids["app-team-a"], project_ids["research"]
    source = new_image(unique("source"), members={team: "accepted"})
    other = new_image(unique("other"), members={research: "pending"})
    open_page(source, other)
    make_equal(browser, source)
    wait(browser).until(lambda page: "1 selected to be removed" in part(page, "copy-told").text)
    assert part(browser, "many-summary").text == "2 projects on 1 image: 1 to add, 1 to remove"

    review(browser)
    part(browser, "plan-confirm").click()
    assert "1 added, 1 removed" in shown(browser, "run-receipt").text
    assert members(source) == {team: "accepted"}
    assert members(other) == {team: "accepted"}


@in_one_panel
def test_making_access_equal_replaces_what_is_selected(browser, open_page, new_image, project_ids):
    """Making access equal drops a ticked project that has no access to the source image."""
    team, research = project_ids["app-team-a"], project_ids["research"]
    source = new_image(unique("source"), members={team: "accepted"})
    other = new_image(unique("other"))
    open_page(source, other)
    box(browser, research).click()
    make_equal(browser, source)
    summary = "1 project on 1 image: 1 to add"
    wait(browser).until(lambda page: part(page, "many-summary").text == summary)
    review(browser)
    assert changes(browser, other) == ["+ app-team-a"]


@in_one_panel
def test_member_may_have_the_name_of_a_function(browser, open_page, admin, new_image):
    """Glance accepts any text as a member; a sheet with a function's name can be confirmed."""
    image, other = new_image(), new_image()
    for member in ("constructor", "__defineGetter__"):
        admin.image.add_member(image, member_id=member)
    open_page(image, other)
    for member in ("constructor", "__defineGetter__"):
        box(browser, member).click()  # from some to all
        box(browser, member).click()  # to none
    review(browser)
    assert sorted(changes(browser, image)) == ["\u2212 __defineGetter__", "\u2212 constructor"]


@in_one_panel
def test_projects_are_filtered_by_their_answers(browser, open_page, new_image, project_ids):
    """One press accepts for all projects that are pending on any of the images."""
    team, research = project_ids["app-team-a"], project_ids["research"]
    one = new_image(members={team: "pending", research: "rejected"})
    two = new_image(members={team: "pending", research: "pending"})
    open_page(one, two)
    browser.find_element(By.CSS_SELECTOR, "[data-role=status][data-status=pending]").click()
    wait(browser).until(lambda page: part(page, "all").text == "Accept for all 2 that are pending")
    shown_rows = browser.find_elements(By.CSS_SELECTOR, ".xloud-many tr[data-project]")
    assert {item.get_attribute("data-project") for item in shown_rows} == {team, research}
    assert [state(browser, project) for project in (team, research)] == ["true", "true"]
    part(browser, "all").click()
    wait(browser).until(lambda page: "3 to accept for" in part(page, "many-summary").text)


@in_one_panel
def test_box_of_some_images_comes_back_to_what_it_was(browser, open_page, new_image, project_ids):
    """A mixed checkbox changes to on for all, off for all, and mixed again."""
    team = project_ids["app-team-a"]
    open_page(new_image(members={team: "accepted"}), new_image())
    seen = [state(browser, team)]
    summaries = []
    for _click in range(3):
        box(browser, team).click()
        seen.append(state(browser, team))
        summaries.append(part(browser, "many-summary").text)
    assert seen == ["mixed", "true", "false", "mixed"]
    assert summaries == [
        "1 project on 1 image: 1 to add",
        "1 project on 1 image: 1 to remove",
        "Nothing changes.",
    ]


@in_one_panel
def test_project_says_what_it_has_on_each_image(browser, open_page, new_image, project_ids):
    """A click on a project's number shows the project's status on each image."""
    team = project_ids["app-team-a"]
    open_page(
        new_image("many-one", members={team: "accepted"}),
        new_image("many-two", members={team: "pending"}),
        new_image("many-three"),
    )
    row(browser, team).find_element(By.CSS_SELECTOR, "[data-role=many-open]").click()
    said = row(browser, team).find_element(By.CSS_SELECTOR, ".xloud-many-says").text
    assert said.splitlines() == [
        "many-one: Accepted",
        "many-two: Pending",
        "many-three: no access",
    ]


@in_one_panel
def test_plan_that_was_stopped_goes_on_after_a_reload(
    browser, open_page, new_image, project_ids, members
):
    """A plan resumes after a reload; it reads the access again and skips changes made since."""
    team, research = project_ids["app-team-a"], project_ids["research"]
    one, two = new_image(), new_image()
    open_page(one, two)
    box(browser, research).click()
    box(browser, team).click()
    review(browser)
    browser.execute_script(HOLD)  # holds back the slice for good
    part(browser, "plan-confirm").click()
    shown(browser, "run-stop")
    browser.execute_script("jQuery(window).off('beforeunload')")
    before = part(browser, "plan-run")
    browser.refresh()
    is_gone(browser, before)
    page_is_quiet(browser)
    assert members(one) == {}
    assert "4 changes are left" in shown(browser, "plan-kept").text
    part(browser, "plan-resume").click()
    wait(browser).until(lambda page: part(page, "plan-confirm").is_enabled())
    assert changes(browser, two) == ["+ research", "+ app-team-a"]
    part(browser, "plan-confirm").click()
    assert "4 added" in shown(browser, "run-receipt").text
    assert set(members(two)) == {team, research}


# The first slice has only the changes of one image; the second slice is never sent.
ONE_IMAGE_AND_NO_MORE = """
    const {send} = XMLHttpRequest.prototype;
    let sent = 0;
    XMLHttpRequest.prototype.send = function (body) {
      sent += 1;
      if (sent > 1) { return; }
      const asked = JSON.parse(body);
      const [{image}] = asked.changes;
      asked.changes = asked.changes.filter(change => change.image === image);
      send.call(this, JSON.stringify(asked));
    };
"""


@in_one_panel
def test_undo_covers_what_was_done_before_a_reload(
    browser, open_page, new_image, project_ids, members
):
    """Undo covers changes from before a reload; the page mentions parts without an answer."""
    research = project_ids["research"]
    one, two = new_image(), new_image()
    open_page(one, two)
    box(browser, research).click()
    review(browser)
    browser.execute_script(ONE_IMAGE_AND_NO_MORE)
    part(browser, "plan-confirm").click()
    wait(browser).until(lambda page: part(page, "run-counts").text == "1 of 2 done")
    browser.execute_script("jQuery(window).off('beforeunload')")
    before = part(browser, "plan-run")
    browser.refresh()
    is_gone(browser, before)
    page_is_quiet(browser)

    offer = shown(browser, "plan-kept")
    assert "1 change is left" in offer.text
    assert offer.rect["y"] < part(browser, "many-form").rect["y"]  # in sight without scrolling
    part(browser, "plan-resume").click()
    wait(browser).until(lambda page: part(page, "plan-confirm").is_enabled())
    part(browser, "plan-confirm").click()
    assert "1 added" in shown(browser, "run-receipt").text
    assert set(members(one)) == set(members(two)) == {research}

    part(browser, "run-undo").click()
    wait(browser).until(lambda page: "Undone" in part(page, "run-headline").text)
    assert "whose answer did not arrive" in part(browser, "run-headline").text
    assert members(one) == members(two) == {}


@in_one_panel
def test_image_that_became_private_fails_alone(
    browser, admin, open_page, new_image, project_ids, members
):
    """An image made private after the review fails alone, and the receipt says so."""
    research = project_ids["research"]
    one, two = new_image(unique("lost")), new_image(unique("kept"))
    open_page(one, two)
    box(browser, research).click()
    review(browser)
    admin.image.update_image(one.id, visibility="private")
    part(browser, "plan-confirm").click()
    assert "1 added, 1 failed" in shown(browser, "run-receipt").text
    failures = part(browser, "run-failures").text
    assert "Set it to Shared" in failures
    assert one.name in failures
    assert members(two) == {research: "accepted"}
