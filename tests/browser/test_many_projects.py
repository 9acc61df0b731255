# SPDX-License-Identifier: Apache-2.0
"""Finding, pasting and ticking many projects at once, and the messages about them."""

import pytest
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from tests.browser.pages import (
    DIALOG,
    checkbox,
    choose,
    confirm,
    confirm_button,
    dialog,
    dialog_is_gone,
    focused,
    image_row,
    in_one_panel,
    labels,
    messages,
    page_is_quiet,
    part,
    paste,
    project_names,
    receipt,
    rows_are_new,
    search,
    summary,
    tick,
    unique,
    wait,
)

TEAMS = 40


@pytest.fixture(scope="module")
def teams(bulk):
    """Yield the IDs of forty projects by name; the names share a part."""
    family = unique("team")
    names = [f"{family}-{number:02}" for number in range(TEAMS)]
    ids = bulk.projects(names)
    yield dict(zip(names, ids, strict=True))
    bulk.remove_projects(ids)


@pytest.fixture
def family(teams):
    """Return the common part of the forty names."""
    return next(iter(teams)).rpartition("-")[0]


@pytest.fixture
def clicks(browser):
    """Return a function that counts mouse clicks on the page since its first call.

    Typing does not count.
    """
    script = """
        if (!window.clicked) {
          window.clicked = {count: 0};
          document.addEventListener('click', event => {
            window.clicked.count += event.isTrusted && event.detail > 0;
          }, true);
        }
        return window.clicked.count;
    """
    return lambda: browser.execute_script(script)


def select_all(browser):
    """Select all matches, and wait until they are selected."""
    part(browser, "all").click()
    return wait(browser).until(lambda page: part(page, "all-told").text)


def paste_list(browser, text):
    """Paste a list, look it up, and return the result's text."""
    field = part(browser, "list")
    browser.execute_script("arguments[0].value = arguments[1]", field, text)
    part(browser, "list-select").click()
    return wait(browser).until(lambda page: part(page, "list-told").text)


def find_and_tick(browser, project_ids, *names):
    """Tick projects that may be on any page."""
    for name in names:
        search(browser, name)
        tick(browser, project_ids[name])


# -- the number of clicks


@in_one_panel
def test_forty_teams_by_search(browser, clicks, family, manage_access, members, new_image, teams):
    """After a search, sharing with forty projects takes clicks on Select all and Confirm."""
    image = new_image()
    manage_access(image)
    clicks()

    search(browser, family)
    assert select_all(browser) == f"{TEAMS} projects are selected."
    assert summary(browser) == f"0 projects now → {TEAMS} (+{TEAMS})"
    before = clicks()
    confirm(browser)

    assert before + 1 <= 3
    assert members(image) == dict.fromkeys(teams.values(), "accepted")


@in_one_panel
def test_forty_teams_by_a_pasted_list(browser, clicks, manage_access, members, new_image, teams):
    """Sharing with a pasted list takes clicks to open the box, look up the list, and confirm."""
    image = new_image()
    manage_access(image)
    clicks()

    part(browser, "list-open").click()
    assert focused(browser) == part(browser, "list")
    assert paste_list(browser, "\n".join(teams)) == f"{TEAMS} projects are selected."
    before = clicks()
    confirm(browser)

    assert before + 1 <= 3
    assert members(image) == dict.fromkeys(teams.values(), "accepted")


@in_one_panel
def test_successor_of_a_golden_image(browser, clicks, manage_access, members, new_image, teams):
    """Copying an image's access takes clicks to open the panel, choose the image, and confirm."""
    old = new_image(members=dict.fromkeys(list(teams.values())[:10], "accepted"))
    image = new_image()
    manage_access(image)
    clicks()

    part(browser, "copy-open").click()
    paste(part(browser, "copy-search"), old.name)
    names = f"{DIALOG} .xloud-copy-name"
    wait(browser).until(lambda page: len(page.find_elements(By.CSS_SELECTOR, names)) == 1)
    page_is_quiet(browser)
    part(browser, "copy-from").click()
    wait(browser).until(lambda page: part(page, "copy-told").text)
    before = clicks()
    confirm(browser)

    assert before + 1 <= 4
    assert members(image) == members(old)


@in_one_panel
def test_all_of_a_domain(
    browser, clicks, manage_access, members, new_image, new_project, project_ids
):
    """Sharing with a whole domain takes clicks to choose it, select all, and confirm."""
    other = new_project(domain="partners")
    image = new_image()
    manage_access(image)
    clicks()
    rows = browser.find_element(By.CSS_SELECTOR, f"{DIALOG} tbody")

    Select(part(browser, "domain")).select_by_visible_text("partners")
    rows_are_new(browser, rows)
    select_all(browser)
    before = clicks()
    confirm(browser)

    assert before + 1 <= 3
    assert set(members(image)) == {other.id, project_ids["observatory"]}


# -- ticking together


@in_one_panel
def test_search_is_in_order_over_all_pages(browser, family, manage_access, new_image, teams):
    """The pages of a search are in order and show the numbers of their rows."""
    manage_access(new_image())
    search(browser, family)
    pages = [project_names(browser)]
    assert part(browser, "range").text == f"1–20 of {TEAMS}"  # noqa: RUF001
    rows = browser.find_element(By.CSS_SELECTOR, f"{DIALOG} tbody")
    part(browser, "next").click()
    rows_are_new(browser, rows)
    assert part(browser, "range").text == f"21–40 of {TEAMS}"  # noqa: RUF001
    pages.append(project_names(browser))
    assert pages[0] + pages[1] == sorted(teams)


@in_one_panel
def test_box_above_the_rows_is_for_the_page(browser, family, manage_access, new_image):
    """The checkbox above the rows ticks all of them, unticks all, and shows a mixed state."""
    manage_access(new_image())
    search(browser, family)
    box = part(browser, "page")

    box.click()
    assert summary(browser) == "0 projects now → 20 (+20)"
    browser.find_element(By.CSS_SELECTOR, f"{DIALOG} tbody [type=checkbox]").click()
    assert box.get_property("indeterminate")
    box.click()
    assert summary(browser) == "0 projects now → 20 (+20)"
    box.click()
    assert summary(browser) == "0 projects now"


@in_one_panel
def test_shift_ticks_the_rows_between(browser, family, manage_access, new_image):
    """Shift and a click tick the rows between two, as in any list of files."""
    manage_access(new_image())
    search(browser, family)
    boxes = browser.find_elements(By.CSS_SELECTOR, f"{DIALOG} tbody [type=checkbox]")

    boxes[2].click()
    ActionChains(browser).key_down(Keys.SHIFT).click(boxes[6]).key_up(Keys.SHIFT).perform()

    ticked = [number for number, box in enumerate(boxes) if box.is_selected()]
    assert ticked == [2, 3, 4, 5, 6]


@in_one_panel
def test_many_changes_are_folded(browser, family, manage_access, new_image, teams):
    """The dialog shows twenty changes and the rest on request; Undo all takes all back."""
    manage_access(new_image())
    search(browser, family)
    select_all(browser)

    assert len(labels(browser)) == 20
    assert part(browser, "more-changes").text == "and 20 more"
    part(browser, "more-changes").click()
    assert labels(browser) == [f"+ {name}" for name in sorted(teams)]
    part(browser, "undo").click()
    assert labels(browser) == []
    assert summary(browser) == "0 projects now"


@in_one_panel
def test_list_keeps_what_is_unknown_and_asks_what_is_ambiguous(
    browser, manage_access, members, new_image, new_project, project_ids
):
    """The list keeps unknown text, asks about ambiguous names, and counts existing members."""
    name = unique("twice")
    new_project(name)
    second = new_project(name, domain="partners")
    image = new_image(members={project_ids["research"]: "pending"})
    manage_access(image)
    part(browser, "list-open").click()

    told = paste_list(browser, f"app-team-a, research\n{name}\nnobody-here")

    assert told == (
        "1 project is selected; 1 has access already; 1 is the name of several projects: choose "
        "below; 1 is no project and stays in the box."
    )
    assert part(browser, "list").get_property("value") == "nobody-here"
    assert labels(browser) == ["+ app-team-a"]
    choices = part(browser, "list-ambiguous").find_elements(By.TAG_NAME, "button")
    assert [choice.text for choice in choices] == [name, f"{name} (partners)"]
    choices[1].click()
    assert labels(browser) == ["+ app-team-a", f"+ {name} (partners)"]
    confirm(browser)
    assert members(image)[second.id] == "accepted"


# -- the answers of members


@in_one_panel
def test_members_are_filtered_and_accepted_for_by_their_answer(
    browser, manage_access, members, new_image, project_ids
):
    """The buttons count the answers; one press accepts for all that are pending."""
    pending, others = (
        ("research", "app-team-a"),
        {"data-science": "accepted", "service": "rejected"},
    )
    statuses = dict.fromkeys(pending, "pending") | others
    image = new_image(members={project_ids[name]: statuses[name] for name in statuses})
    manage_access(image)
    buttons = browser.find_elements(By.CSS_SELECTOR, f"{DIALOG} [data-role=status]")
    assert [button.text for button in buttons] == ["1 Accepted", "2 Pending", "1 Rejected"]

    rows = browser.find_element(By.CSS_SELECTOR, f"{DIALOG} tbody")
    buttons[1].click()
    rows_are_new(browser, rows)
    assert project_names(browser) == ["app-team-a", "research"]
    assert part(browser, "all").text == "Accept for all 2 that are pending"
    select_all(browser)
    assert summary(browser) == "4 projects now, 2 accepted for"
    confirm(browser)

    expected = dict.fromkeys(pending, "accepted") | others
    assert members(image) == {project_ids[name]: expected[name] for name in expected}
    assert messages(browser) == [
        f'"{image.name}" is accepted on behalf of app-team-a and research.'
    ]


@in_one_panel
def test_project_that_has_rejected_is_asked_again(
    browser, manage_access, members, new_image, project_ids
):
    """One press asks a project again, another takes that back; the project decides for itself."""
    project = project_ids["research"]
    image = new_image(members={project: "rejected"})
    manage_access(image)
    row = checkbox(browser, project).find_element(By.XPATH, "ancestor::tr")
    again = row.find_element(By.CSS_SELECTOR, "[data-role=other-verb]")

    again.click()
    assert labels(browser) == ["↻ research"]
    again.click()
    assert labels(browser) == []
    again.click()
    confirm(browser)

    assert members(image) == {project: "pending"}
    assert messages(browser) == [f'research can answer to "{image.name}" again.']


# -- the receipt


def test_receipt_stays_and_undoes(browser, manage_access, members, new_image, project_ids):
    """Undo restores the previous access in Glance, including member statuses."""
    before = {project_ids["research"]: "rejected", project_ids["app-team-a"]: "pending"}
    image = new_image(members=before)
    manage_access(image)
    find_and_tick(browser, project_ids, "research", "data-science")
    confirm(browser)
    assert receipt(browser).find_element(By.TAG_NAME, "strong").text == (
        f"{image.name}: 1 added, 1 removed"
    )
    assert set(members(image)) == {project_ids["app-team-a"], project_ids["data-science"]}

    receipt(browser).find_element(By.CSS_SELECTOR, "[data-role=undo-change] button").click()

    undone = f'Undone: access to "{image.name}" is as it was before for data-science and research.'
    wait(browser).until(lambda page: messages(page) == [undone])
    assert members(image) == before
    receipt(browser).find_element(By.CSS_SELECTOR, "[data-role=close-receipt]").click()
    assert not browser.find_elements(By.CSS_SELECTOR, ".xloud-receipt")


@in_one_panel
def test_receipt_outlives_the_next_dialog(browser, manage_access, members, new_image, project_ids):
    """The receipt stays when a dialog opens, although Horizon removes its own messages then."""
    image = new_image()
    manage_access(image)
    find_and_tick(browser, project_ids, "data-science")
    confirm(browser)
    receipt(browser)
    choose(browser, image_row(browser, image), "Manage Access")
    dialog(browser).find_element(By.CSS_SELECTOR, ".modal-header .close").click()
    dialog_is_gone(browser)
    receipt(browser).find_element(By.CSS_SELECTOR, "[data-role=undo-change] button").click()
    wait(browser).until(lambda _page: not members(image))


@in_one_panel
def test_undo_leaves_what_somebody_else_did_since(
    admin, browser, manage_access, members, new_image, project_ids
):
    """Undo leaves access that was changed since, and the message names that project."""
    image = new_image()
    manage_access(image)
    find_and_tick(browser, project_ids, "research", "data-science")
    confirm(browser)
    admin.image.update_member(project_ids["research"], image, status="rejected")

    receipt(browser).find_element(By.CSS_SELECTOR, "[data-role=undo-change] button").click()

    expected = [
        f'Undone: access to "{image.name}" is as it was before for data-science.',
        "Not undone for research: the access was changed since, and stays as it is.",
    ]
    wait(browser).until(lambda page: messages(page) == expected)
    assert members(image) == {project_ids["research"]: "rejected"}


# -- by keyboard


@in_one_panel
def test_rows_are_one_tab_stop(browser, family, manage_access, new_image, teams):
    """The rows are one Tab stop; arrow keys, Home and End move between them."""
    manage_access(new_image())
    search(browser, family)
    ids = [teams[name] for name in sorted(teams)][:20]

    def press(*keys):
        ActionChains(browser).send_keys(*keys).perform()

    def current():
        row = focused(browser).find_element(By.XPATH, "ancestor::tr")
        return ids.index(row.get_attribute("data-project"))

    part(browser, "page").click()
    press(Keys.TAB)
    assert current() == 0
    press(Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    assert current() == 2
    press(Keys.ARROW_UP)
    assert current() == 1
    press(Keys.END)
    assert current() == 19
    press(Keys.ARROW_DOWN)
    assert current() == 19
    press(Keys.HOME, Keys.SPACE)
    assert current() == 0
    assert not checkbox(browser, ids[0]).is_selected()
    press(Keys.TAB)
    assert focused(browser) == part(browser, "next")


@in_one_panel
def test_arrow_leads_to_the_button_of_a_row(browser, manage_access, new_image, project_ids):
    """One arrow key leads to a row's button and another one back; Enter presses the button."""
    project = project_ids["research"]
    manage_access(new_image(members={project: "pending"}))
    browser.execute_script("arguments[0].focus()", checkbox(browser, project))

    ActionChains(browser).send_keys(Keys.ARROW_RIGHT, Keys.ENTER).perform()

    assert focused(browser).text == "Accept for it"
    assert labels(browser) == ["✓ research"]
    ActionChains(browser).send_keys(Keys.ARROW_LEFT).perform()
    assert focused(browser) == checkbox(browser, project)


@in_one_panel
def test_focus_goes_back_to_the_row(browser, manage_access, new_image, project_ids):
    """The focus returns to the menu of the row that opened the dialog."""
    image = new_image()
    manage_access(image)
    find_and_tick(browser, project_ids, "research")
    confirm(browser)

    row = f"//tr[.//a[contains(@href, '{image.id}')]]"
    wait(browser).until(
        lambda page: (
            page.switch_to.active_element
            in page.find_elements(By.XPATH, f"{row}//*[contains(@class, 'dropdown-toggle')]")
        )
    )


@in_one_panel
def test_taking_a_change_back_keeps_the_focus_in_the_list(
    browser, manage_access, new_image, project_ids
):
    """The focus moves to the next change, or to the list when none is left."""
    manage_access(new_image())
    find_and_tick(browser, project_ids, "research", "app-team-a")
    part(browser, "take-back").send_keys(Keys.ENTER)
    assert focused(browser).accessible_name == "Take back app-team-a"
    focused(browser).send_keys(Keys.ENTER)
    assert focused(browser).accessible_name == "What changes"


# -- the window

SIZES = [(1366, 768), (1280, 720), (1024, 768), (600, 900)]
VISIBLE = """
    const inside = (element, box) => {
      const {top, bottom, height} = element.getBoundingClientRect();
      return height > 0 && top >= box.top - 1 && bottom <= box.bottom + 1;
    };
    const all = {top: 0, bottom: window.innerHeight};
    const body = document.querySelector('#manage_access_modal .modal-body').getBoundingClientRect();
    const frame = document.querySelector('.xloud-projects-rows').getBoundingClientRect();
    const head = document.querySelector('.xloud-projects-rows thead').getBoundingClientRect();
    const rows = {
      top: Math.max(body.top, frame.top + head.height), bottom: Math.min(body.bottom, frame.bottom)
    };
    return [
      inside(document.querySelector('#manage_access_modal [type=submit]'), all),
      [...document.querySelectorAll('tr[data-project]')].filter(row => inside(row, rows)).length,
    ];
"""


@pytest.fixture
def window(browser):
    """Yield a function that sets the size of the window in CSS pixels."""

    def window(width, height):
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    yield window
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@in_one_panel
def test_confirm_and_rows_are_in_sight(browser, family, manage_access, new_image, window):
    """Each window size shows Confirm and rows, even with forty changes; a search moves nothing."""
    manage_access(new_image())
    search(browser, family)
    select_all(browser)
    for size in SIZES:
        window(*size)
        confirm_is_there, rows = browser.execute_script(VISIBLE)
        assert confirm_is_there, size
        assert rows >= 5, size
        place = confirm_button(browser).rect
        search(browser, unique("nobody"))
        assert confirm_button(browser).rect == place, size
        search(browser, family)


@in_one_panel
def test_confirm_and_a_row_are_in_sight_at_400_percent(
    browser, family, manage_access, new_image, window
):
    """Confirm and a row fit into 320 by 256 pixels: 1280 by 1024 at 400 percent (WCAG 1.4.10)."""
    manage_access(new_image())
    search(browser, family)
    window(320, 256)
    confirm_is_there, rows = browser.execute_script(VISIBLE)
    assert confirm_is_there
    assert rows >= 1
