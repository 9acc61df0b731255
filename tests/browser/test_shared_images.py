# SPDX-License-Identifier: Apache-2.0
"""The tab Shared Images and the tab strip, in both of Horizon's Images panels."""

import pytest
from selenium.webdriver import Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as expect

from tests.browser.pages import (
    in_one_panel,
    is_gone,
    page_is_quiet,
    shared_images,
    unique,
    wait,
)

TAB = "/project/images/shared/"
STRIP = "ul.xloud-image-tabs"

# Both panels show the same page as this tab, so its tests run in the faster panel.


def tab(browser, name):
    """Return a tab of the strip, once the page has it."""
    path = (
        f"//ul[contains(@class, 'xloud-image-tabs')]//a[starts-with(normalize-space(), '{name}')]"
    )
    return wait(browser).until(lambda page: page.find_element(By.XPATH, path))


def active_tab(browser):
    """Return the name of the tab that is marked as current."""
    selector = f"{STRIP} li.active a[aria-current=page]"
    link = wait(browser).until(lambda page: page.find_element(By.CSS_SELECTOR, selector))
    return link.text


def follow(browser, link):
    """Click a link and wait for its page."""
    page = browser.find_element(By.TAG_NAME, "html")
    link.click()
    is_gone(browser, page)
    page_is_quiet(browser)


def overhang(browser):
    """Return the number of pixels by which the page is wider than the window."""
    return browser.execute_script(
        "const page = document.documentElement; return page.scrollWidth - page.clientWidth"
    )


@pytest.fixture
def received(new_image, project_ids):
    """Return ann's pending, accepted and rejected images by name."""
    family = unique("shared")
    statuses = {f"{family}-{status}": status for status in ("pending", "accepted", "rejected")}
    for name, status in statuses.items():
        new_image(name, members={project_ids["app-team-a"]: status})
    return {name: status.capitalize() for name, status in statuses.items()}


# -- the tab strip


def test_tabs_lead_to_each_other(browser, visit):
    """Each tab is a page with its own address, and marks itself as current."""
    visit("ann", "/project/images/")
    assert active_tab(browser) == "Images"

    follow(browser, tab(browser, "Shared Images"))
    assert browser.current_url.endswith(TAB)
    assert active_tab(browser).startswith("Shared Images")

    follow(browser, tab(browser, "Images"))
    assert browser.current_url.rstrip("/").endswith("/project/images")
    assert active_tab(browser) == "Images"
    wait(browser).until(expect.presence_of_element_located((By.LINK_TEXT, "cirros")))


def test_tab_can_be_reloaded_and_gone_back_to(browser, visit, received):
    """A reload keeps the tab, and the browser's Back returns to it."""
    visit("ann", TAB)
    browser.refresh()
    page_is_quiet(browser)
    assert received.items() <= shared_images(browser).items()

    follow(browser, tab(browser, "Images"))
    browser.back()
    wait(browser).until(expect.url_contains(TAB))
    page_is_quiet(browser)
    assert received.items() <= shared_images(browser).items()


def test_tabs_work_by_keyboard(browser, visit):
    """Enter opens the focused tab, and the Tab key leads to the next one."""
    visit("ann", "/project/images/")
    browser.execute_script("arguments[0].focus()", tab(browser, "Images"))
    browser.switch_to.active_element.send_keys(Keys.TAB)
    assert browser.switch_to.active_element == tab(browser, "Shared Images")

    browser.switch_to.active_element.send_keys(Keys.ENTER)

    wait(browser).until(expect.url_contains(TAB))


@pytest.fixture
def german(browser):
    """Return a function that switches to German.

    The function clears the browser's cache, which keeps Horizon's translations for scripts for an
    hour.
    """

    def german():
        browser.add_cookie({"name": "horizon_language", "value": "de"})
        browser.execute_cdp_cmd("Network.clearBrowserCache", {})
        browser.refresh()

    yield german
    browser.execute_cdp_cmd("Network.clearBrowserCache", {})


def test_tabs_speak_german(browser, visit, german):
    """AngularJS renders the strip in one panel and Django in the other; both translate it."""
    visit("ann", "/project/images/")
    german()

    follow(browser, tab(browser, "Freigegebene Abbilder"))

    assert active_tab(browser).startswith("Freigegebene Abbilder")


# -- the tab


@in_one_panel
@pytest.mark.parametrize("user", ["ann", "rita"])
def test_shows_what_is_shared_whatever_the_status(browser, visit, received, user):
    """Users with the role member or reader see pending, accepted and rejected images."""
    visit(user, TAB)

    assert received.items() <= shared_images(browser).items()
    assert "storefront-build" not in shared_images(browser)


@in_one_panel
def test_filters_by_name(browser, visit, received):
    """Part of a name, in any case, finds the image."""
    name = next(iter(received))
    visit("ann", TAB)

    field = browser.find_element(By.CSS_SELECTOR, ".xloud-filter input[name=name]")
    page = browser.find_element(By.TAG_NAME, "html")
    field.send_keys(name[3:].upper(), Keys.ENTER)
    is_gone(browser, page)
    page_is_quiet(browser)

    assert shared_images(browser) == {name: received[name]}


@in_one_panel
@pytest.mark.parametrize("access", ["Accepted", "Pending", "Rejected"])
def test_filters_by_access(browser, visit, received, access):
    """Each choice shows only the images of that status, and keeps the filter by name."""
    family = next(iter(received)).rpartition("-")[0]
    visit("ann", f"{TAB}?name={family}")

    choices = browser.find_element(By.CSS_SELECTOR, ".xloud-filter .btn-group")
    follow(browser, choices.find_element(By.PARTIAL_LINK_TEXT, access))

    expected = {name: status for name, status in received.items() if status == access}
    assert shared_images(browser) == expected
    choices = browser.find_element(By.CSS_SELECTOR, ".xloud-filter .btn-group")
    follow(browser, choices.find_element(By.LINK_TEXT, "All"))
    assert shared_images(browser) == received


@in_one_panel
def test_pages_forwards_and_backwards(browser, visit, new_image, project_ids):
    """Each image is on exactly one page in both directions, with the filter in force."""
    family = unique("page")
    names = [f"{family}-{number}" for number in range(5)]
    for name in names:
        new_image(name, members={project_ids["app-team-a"]: "accepted"})
    visit("ann", TAB)
    browser.add_cookie({"name": "API_RESULT_PAGE_SIZE", "value": "2"})
    browser.get(browser.current_url + f"?name={family}")
    page_is_quiet(browser)

    def turn(direction):
        links = browser.find_elements(By.PARTIAL_LINK_TEXT, direction)
        if links:
            follow(browser, links[0])
        return bool(links)

    pages = [[*shared_images(browser)]]
    while turn("Next"):
        pages.append([*shared_images(browser)])
    assert [name for page in pages for name in page] == names[::-1]

    back = [[*shared_images(browser)]]
    while turn("Prev"):
        back.append([*shared_images(browser)])
    assert back[::-1] == pages


@in_one_panel
def test_empty_tab_says_what_it_is_for(browser, visit):
    """The tab of a project without shared images explains what it will list."""
    visit("bob", TAB)

    table = browser.find_element(By.ID, "shared_images")
    assert "as soon as somebody shares it with this project" in table.text


# -- layout


@in_one_panel
def test_image_may_have_the_name_of_a_function(browser, visit, new_image, project_ids):
    """Images with names of JavaScript functions do not remove the hints of any row."""
    team = project_ids["app-team-a"]
    names = [unique("first"), "constructor", "__proto__"]
    for name in names:
        new_image(name, owner="observatory", members={team: "pending"})
    visit("ann", "/project/images/shared/?access=pending")
    marked = "//tr[.//*[contains(@class, 'xloud-mark')]]//a[normalize-space() = '%s']"
    for name in names:
        wait(browser).until(lambda page, name=name: page.find_element(By.XPATH, marked % name))


@in_one_panel
def test_long_names_do_not_break_the_tab(browser, visit, new_image, project_ids):
    """A name of 255 characters without a space is wrapped; the page does not scroll sideways."""
    image = new_image("i" * 255, members={project_ids["app-team-a"]: "pending"})

    visit("ann", TAB)

    assert image.name in shared_images(browser)
    assert overhang(browser) == 0


@in_one_panel
def test_long_names_do_not_break_the_dialog(browser, visit, manage_access, new_image, new_project):
    """The dialog wraps long names, and does not make Horizon's own list wider than before."""
    project = new_project("p" * 64, description="d" * 255)
    image = new_image("i" * 255, members={project.id: "accepted"})
    visit("admin", "/admin/images/")
    before = overhang(browser)

    modal = manage_access(image)

    assert project.name in modal.text
    # Bootstrap removes the page's scrollbar while a dialog is open.
    assert overhang(browser) <= before
    assert modal.get_property("scrollWidth") <= modal.get_property("clientWidth")
