# SPDX-License-Identifier: Apache-2.0
"""Access by Project lists the images of one project, and changes the ticked ones."""

import pytest
from selenium.webdriver.common.by import By

from tests.browser.pages import (
    cells,
    choose,
    focused,
    in_one_panel,
    page_is_quiet,
    paste,
    press,
    table,
    tick_image,
    unique,
    wait,
)

PAGE = "/admin/images/access/by-project/"
LIST = ".xloud-by-project [data-role=list]"
ADDING = ".xloud-by-project [data-role=adding]"


@pytest.fixture
def team(new_project):
    """Return a project without any images."""
    return new_project(unique("team"))


@pytest.fixture
def by_project(browser, visit):
    """Return a function that opens the page of a project and waits for the end of its scan."""

    def by_project(project, more=""):
        visit("admin", f"{PAGE}?project={project.id}{more}")
        scanned(browser)

    return by_project


def scanned(browser, where=".xloud-by-project"):
    """Wait until all images are read."""
    shown(browser, f"{where} [data-role=scan-told]", "Started at")


def shown(browser, selector, text):
    """Wait until an element contains this text."""
    wait(browser).until(
        lambda page: text in page.find_element(By.CSS_SELECTOR, selector).text,
        f"{selector} does not say: {text}",
    )


def access(browser):
    """Return the access to each image in the list, by the image's name."""

    def read(page):
        rows = [cells(page, row) for row in page.find_elements(By.CSS_SELECTOR, f"{LIST} tbody tr")]
        return [{row["Image Name"]: row["Access"] for row in rows}]

    # The page rebuilds the rows when an owner's name arrives.
    return wait(browser).until(read)[0]


def names(browser, where):
    """Return the names of the images in a table."""
    return [row[1] for row in table(browser, f"{where} tbody tr")]


def press_role(browser, role):
    """Press a button of the page."""
    browser.find_element(By.CSS_SELECTOR, f".xloud-by-project [data-role={role}]").click()


def question(browser):
    """Return the question before any change, once the sheet can be confirmed."""
    selector = ".xloud-plan [data-role=plan-confirm]"
    wait(browser).until(lambda page: page.find_element(By.CSS_SELECTOR, selector).is_enabled())
    return browser.find_element(By.CSS_SELECTOR, "[data-role=question]").text


def confirm(browser):
    """Confirm the question, and wait until the images are changed and read again."""
    press_role(browser, "plan-confirm")
    wait(browser).until(
        lambda page: page.find_element(By.CSS_SELECTOR, "[data-role=run-receipt]").is_displayed()
    )
    page_is_quiet(browser)
    scanned(browser)


def find(browser, where, text):
    """Search for a project, and press the button of the result."""
    field = browser.find_element(By.CSS_SELECTOR, f"{where} .xloud-find-project [name=search]")
    paste(field, text)
    path = f"//*[@data-role='found']//*[self::a or self::button][normalize-space()='{text}']"
    press(browser, By.XPATH, path)


@in_one_panel
def test_row_leads_to_why_the_project_has_the_image(browser, by_project, team, new_image):
    """A row's link opens Check a Project's Access, filled in and with the answer."""
    image = new_image(members={team.id: "pending"})
    by_project(team)
    browser.find_element(By.CSS_SELECTOR, f"{LIST} tbody").find_element(
        By.LINK_TEXT, "Check Access"
    ).click()
    shown(browser, "[data-role=why-answer] h2", image.name)
    assert team.name in browser.find_element(By.CSS_SELECTOR, "[data-role=why-answer] h2").text


def test_project_is_found_and_its_images_are_taken_away(browser, visit, team, new_image, members):
    """A search finds the project; removing one of its images keeps the other."""
    kept, taken = new_image(members={team.id: "accepted"}), new_image(members={team.id: "pending"})
    visit("admin", "/admin/images/")
    press(browser, By.LINK_TEXT, "Access by Project")
    wait(browser).until(lambda page: page.find_elements(By.CSS_SELECTOR, ".xloud-find-project"))
    find(browser, "", team.name)
    wait(browser).until(lambda page: page.find_elements(By.CSS_SELECTOR, LIST))
    scanned(browser)
    assert access(browser) == {kept.name: "Accepted", taken.name: "Pending"}
    tick_image(browser, taken.id, LIST)
    press_role(browser, "remove")
    assert question(browser) == f"Remove the access of {team.name} to 1 image? {taken.name}"
    confirm(browser)
    assert access(browser) == {kept.name: "Accepted"}
    assert [members(image) for image in (kept, taken)] == [{team.id: "accepted"}, {}]


@in_one_panel
def test_images_of_another_project_are_added(
    browser, by_project, team, new_project, new_image, members
):
    """The project gets the missing images, accepted on its behalf; Undo takes them away again."""
    other = new_project(unique("other"))
    both = new_image(members={team.id: "accepted", other.id: "accepted"})
    lacking = [new_image(members={other.id: status}) for status in ("rejected", "accepted")]
    by_project(team)
    press_role(browser, "same-open")
    find(browser, ADDING, other.name)
    scanned(browser, ADDING)
    assert set(names(browser, ADDING)) == {image.name for image in lacking}
    browser.find_element(By.CSS_SELECTOR, f"{ADDING} [data-role=tick-page]").click()
    press_role(browser, "adding-review")
    assert question(browser).startswith(f"Share 2 images with {team.name}?")
    confirm(browser)
    assert access(browser) == dict.fromkeys(
        [both.name, *(image.name for image in lacking)], "Accepted"
    )
    press_role(browser, "run-undo")
    shown(browser, "[data-role=run-headline]", "as it was before")
    scanned(browser)
    wait(browser).until(lambda page: access(page) == {both.name: "Accepted"})
    assert team.id not in members(lacking[0])


@in_one_panel
def test_images_are_found_and_added(browser, by_project, team, new_image, members):
    """With the checkbox off, an image found by name is added as pending, and accepted later."""
    image, other = new_image(unique("golden")), new_image()
    by_project(team)
    press_role(browser, "add-open")
    paste(browser.find_element(By.CSS_SELECTOR, f"{ADDING} [name=adding_name]"), image.name)
    wait(browser).until(lambda page: names(page, ADDING) == [image.name])
    tick_image(browser, image.id, ADDING)
    browser.find_element(By.CSS_SELECTOR, f"{ADDING} [name=accept]").click()
    press_role(browser, "adding-review")
    assert question(browser) == f"Share 1 image with {team.name}? {image.name}"
    confirm(browser)
    assert access(browser) == {image.name: "Pending"}
    tick_image(browser, image.id, LIST)
    press_role(browser, "accept-for")
    assert question(browser) == f"Accept 1 image on behalf of {team.name}? {image.name}"
    confirm(browser)
    assert access(browser) == {image.name: "Accepted"}
    assert members(image) == {team.id: "accepted"}
    assert members(other) == {}


@in_one_panel
def test_filter_is_in_the_address(browser, by_project, team, new_image):
    """The filter survives a reload, and works for anybody with the address."""
    pending = new_image(members={team.id: "pending"})
    new_image(members={team.id: "accepted"})
    by_project(team, "&access=pending")
    assert access(browser) == {pending.name: "Pending"}
    field = browser.find_element(By.CSS_SELECTOR, f"{LIST} [name=name]")
    paste(field, "nothing is called so")
    shown(browser, f"{LIST} [data-role=none]", "No image matches.")
    assert "name=nothing" in browser.current_url
    browser.refresh()
    page_is_quiet(browser)
    shown(browser, f"{LIST} [data-role=none]", "No image matches.")
    assert access(browser) == {}


@in_one_panel
def test_back_leaves_everything_as_it_is(browser, by_project, team, new_image):
    """Back on the sheet keeps the ticked images to add, and changes nothing."""
    image = new_image()
    by_project(team)
    press_role(browser, "add-open")
    paste(browser.find_element(By.CSS_SELECTOR, f"{ADDING} [name=adding_name]"), image.name)
    wait(browser).until(lambda page: names(page, ADDING) == [image.name])
    tick_image(browser, image.id, ADDING)
    press_role(browser, "adding-review")
    question(browser)
    press_role(browser, "plan-back")
    shown(browser, f"{ADDING} [data-role=ticked]", "1 image is ticked.")
    assert focused(browser).get_attribute("data-role") == "adding-review"
    press_role(browser, "adding-close")
    assert focused(browser).text == "Add Images…"
    assert access(browser) == {}


@in_one_panel
def test_image_that_went_is_not_ticked_any_more(browser, by_project, admin, team, new_image):
    """Review leaves out a ticked image that a new scan no longer finds."""
    image, gone = new_image(unique("there")), new_image(unique("gone"))
    by_project(team)
    press_role(browser, "add-open")
    tick_image(browser, gone.id, ADDING)
    tick_image(browser, image.id, ADDING)
    admin.image.update_image(gone, visibility="private")
    press_role(browser, "scan-again")
    scanned(browser)
    press_role(browser, "adding-review")
    assert question(browser) == f"Share 1 image with {team.name}? {image.name}"


@in_one_panel
def test_question_counts_what_is_on_the_sheet(browser, by_project, admin, team, new_image):
    """The question leaves out changes that somebody else has made or that the user takes out."""
    gone, left, kept = (new_image(members={team.id: "accepted"}) for _ in range(3))
    by_project(team)
    admin.image.remove_member(team.id, gone.id)
    tick_image(browser, gone.id, LIST)
    tick_image(browser, left.id, LIST)
    tick_image(browser, kept.id, LIST)
    press_role(browser, "remove")
    assert question(browser).startswith(f"Remove the access of {team.name} to 2 images?")
    browser.find_element(
        By.CSS_SELECTOR, f"[data-image='{kept.id}'] [data-role=plan-take-out]"
    ).click()
    assert question(browser) == f"Remove the access of {team.name} to 1 image? {left.name}"


@in_one_panel
def test_names_are_shown_and_not_executed(browser, by_project, new_project, new_image):
    """The page shows names of projects and of images only as text."""
    team = new_project(unique("<img src=x onerror=alert(1)>{{7*7}}"))
    hostile = "<img src=x onerror=alert(1)>{{7*7}}{$7*7$}"
    image = new_image(hostile, members={team.id: "pending"})
    by_project(team)
    assert access(browser) == {hostile: "Pending"}
    tick_image(browser, image.id, LIST)
    press_role(browser, "remove")
    assert question(browser) == f"Remove the access of {team.name} to 1 image? {hostile}"


@in_one_panel
def test_list_of_projects_leads_to_the_images(browser, visit, team, new_image):
    """A row action in Identity > Projects opens the page."""
    image = new_image(members={team.id: "rejected"})
    visit("admin", "/identity/")
    field = browser.find_element(By.CSS_SELECTOR, ".table_search input")
    field.clear()  # Horizon remembers the field's last content
    field.send_keys(team.name)
    browser.find_element(By.CSS_SELECTOR, ".table_search [type=submit]").click()
    path = f"//tr[@data-object-id='{team.id}']"
    row = wait(browser).until(lambda page: page.find_element(By.XPATH, path))
    page_is_quiet(browser)
    choose(browser, row, "Image Access")
    wait(browser).until(lambda page: page.find_elements(By.CSS_SELECTOR, LIST))
    scanned(browser)
    assert access(browser) == {image.name: "Rejected"}
