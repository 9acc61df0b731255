# SPDX-License-Identifier: Apache-2.0
"""The dialog Manage Access: its table, its selection and its Confirm."""

import pytest
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as expect
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
    listed,
    messages,
    page_is_quiet,
    page_size,
    part,
    project_names,
    project_row,
    question,
    rows_are_new,
    search,
    summary,
    tick,
    told,
    turn,
    under_way,
    unique,
    wait,
)
from xloud_images_panel.dashboard.manage_access.project_table import MOST_WAITED_FOR


def status_of(browser, project_id):
    """Return the text of a project's cell in the column Status."""
    cell = project_row(browser, project_id).find_element(By.CSS_SELECTOR, ".xloud-status")
    return (cell.find_elements(By.TAG_NAME, "span") or [cell])[0].text


# -- contents


def test_says_which_image_it_is_about(browser, manage_access, new_image):
    """Title, labels and buttons have their names, and the image's name cannot be changed."""
    image = new_image()

    modal = manage_access(image)

    name = modal.find_element(By.ID, "id_image_name")
    texts = [label.text for label in modal.find_elements(By.CSS_SELECTOR, "label.control-label")]
    assert (
        modal.find_element(By.CSS_SELECTOR, ".modal-title").text == f"Manage Access: {image.name}"
    )
    assert [text for text in texts if text] == ["Name", "Project"]
    assert confirm_button(browser).text == "Confirm"
    assert name.get_property("value") == image.name
    assert name.get_property("readOnly")


@in_one_panel
def test_members_come_first_with_their_status(browser, manage_access, new_image, new_project):
    """Below the owner, the table lists the members, each with its status."""
    statuses = ("accepted", "pending", "rejected")
    projects = {status: new_project(f"zz-{unique(status)}") for status in statuses}
    image = new_image(members={project.id: status for status, project in projects.items()})

    manage_access(image)

    assert project_names(browser)[:4] == [
        "platform",
        *(projects[status].name for status in statuses),
    ]
    shown = [status_of(browser, projects[status].id) for status in statuses]
    assert shown == ["Accepted", "Pending", "Rejected"]
    assert all(checkbox(browser, project.id).is_selected() for project in projects.values())


@pytest.fixture
def many_members(bulk, cleanup, new_image):
    """Return an image with more members than the number of names that the dialog waits for.

    Further projects exist, so that the first page of projects, which the dialog reads anyway, lacks
    the members.
    """
    projects = bulk.projects([unique("crowd") for _project in range(300)])
    cleanup.callback(bulk.remove_projects, projects)
    members = projects[: 2 * MOST_WAITED_FOR]
    image = new_image()
    bulk.members((image.id, project_id, "accepted") for project_id in members)
    return image, members


def shown_ids(browser):
    """Return the IDs of the projects in the table from top to bottom."""
    rows = browser.find_elements(By.CSS_SELECTOR, f"{DIALOG} tr[data-project]")
    return [row.get_attribute("data-project") for row in rows]


@in_one_panel
def test_names_of_many_members_follow(browser, manage_access, many_members):
    """Members shown by ID can be unticked; rows and labels get the names when these arrive."""
    image, members = many_members
    manage_access(image)
    tick(browser, members[0])
    before = wait(browser).until(shown_ids)

    def all_have_names(page):
        return sum(name.startswith("crowd-") for name in project_names(page)) >= len(members)

    wait(browser).until(all_have_names)
    page_is_quiet(browser)
    # The rows keep their order, so the mouse stays over the row that it clicked.
    assert shown_ids(browser) == before
    assert not checkbox(browser, members[0]).is_selected()
    wait(browser).until(lambda page: ["crowd-" in label for label in labels(page)] == [True])


@in_one_panel
def test_text_that_is_typed_before_the_scripts_are_there_is_searched_for(browser, new_image, visit):
    """The dialog searches for text that was typed before its scripts were loaded."""
    image = new_image()
    visit("admin", "/admin/images/")
    browser.execute_script(
        """
        new MutationObserver((_changes, observer) => {
          const field = document.querySelector('#manage_access_modal [data-role=search]');
          if (!field) { return; }
          field.value = 'resear';
          observer.disconnect();
        }).observe(document.body, {childList: true, subtree: true});
        """
    )
    choose(browser, image_row(browser, image), "Manage Access")
    wait(browser).until(lambda page: dialog(page) and project_names(page) == ["research"])


@in_one_panel
def test_id_is_copied(browser, manage_access, new_image):
    """The dialog says that the image's ID is in the clipboard."""
    manage_access(new_image())
    part(browser, "copy-id").click()
    assert part(browser, "id-copied").text == "Copied"


@in_one_panel
def test_owner_cannot_be_ticked(browser, manage_access, new_image, project_ids):
    """The table lists the owner's project with a disabled checkbox."""
    manage_access(new_image())

    owner = project_ids["platform"]
    assert status_of(browser, owner) == "Owner"
    assert not checkbox(browser, owner).is_enabled()
    project_row(browser, owner).find_element(By.TAG_NAME, "label").click()
    assert labels(browser) == []


@in_one_panel
def test_deleted_and_disabled_members_can_be_removed(
    browser, admin, manage_access, new_image, new_project, members
):
    """The row of a deleted or disabled project says so, and Confirm removes the member."""
    deleted, disabled = new_project(), new_project()
    image = new_image(members={deleted.id: "pending", disabled.id: "accepted"})
    admin.identity.delete_project(deleted)
    admin.identity.update_project(disabled, is_enabled=False)

    manage_access(image)

    assert "Deleted" in project_row(browser, deleted.id).text
    assert "Disabled" in project_row(browser, disabled.id).text
    tick(browser, deleted.id, disabled.id)
    confirm(browser)
    assert members(image) == {}


# -- searching, paging, selecting


@pytest.fixture
def projects(new_project):
    """Return three projects whose names share a part, one of them in another domain."""
    family = unique("Fam")
    return [
        new_project(f"{family}-alpha"),
        new_project(f"{family}-beta", domain="partners"),
        new_project(f"{family}-gamma"),
    ]


@in_one_panel
def test_searches_by_part_of_the_name(browser, manage_access, new_image, projects):
    """Typing part of a name, in any case, finds the project without Enter."""
    manage_access(new_image())
    before = browser.find_element(By.CSS_SELECTOR, f"{DIALOG} tbody")

    part(browser, "search").send_keys(projects[0].name[1:-3].upper())
    rows_are_new(browser, before)

    assert project_names(browser) == [projects[0].name]


@in_one_panel
def test_searches_by_id(browser, manage_access, new_image, projects):
    """A whole project ID finds exactly that project."""
    manage_access(new_image())

    search(browser, projects[2].id)

    assert project_names(browser) == [projects[2].name]


@in_one_panel
def test_searches_by_domain(browser, manage_access, new_image, projects):
    """Choosing a domain leaves only its projects."""
    manage_access(new_image())
    before = browser.find_element(By.CSS_SELECTOR, f"{DIALOG} tbody")

    Select(part(browser, "domain")).select_by_visible_text("partners")
    rows_are_new(browser, before)

    assert project_names(browser) == sorted([projects[1].name, "observatory"], key=str.casefold)


@in_one_panel
def test_search_that_finds_nothing_says_so(browser, manage_access, new_image):
    """The table says that no project matches, instead of being empty."""
    manage_access(new_image())

    search(browser, unique("nobody"))

    assert "No project matches." in browser.find_element(By.CSS_SELECTOR, DIALOG).text


@in_one_panel
def test_selection_survives_searching(browser, manage_access, new_image, projects, project_ids):
    """Changes stay selected while the table shows other projects."""
    research = project_ids["research"]
    manage_access(new_image(members={research: "accepted"}))
    tick(browser, research)
    search(browser, projects[0].name)
    tick(browser, projects[0].id)

    search(browser, "research")
    assert not checkbox(browser, research).is_selected()
    search(browser, projects[0].name)
    assert checkbox(browser, projects[0].id).is_selected()
    assert labels(browser) == ["− research", f"+ {projects[0].name}"]  # noqa: RUF001


@in_one_panel
def test_selection_survives_paging(browser, visit, new_image, projects):
    """Paging forwards and backwards shows each project once and keeps the ticks."""
    image = new_image()
    visit("admin", "/admin/images/")
    page_size(browser, 2)
    choose(browser, image_row(browser, image), "Manage Access")
    dialog(browser)
    pages = [project_names(browser)]
    while part(browser, "next").is_enabled():
        ticked = browser.find_elements(By.CSS_SELECTOR, f"{DIALOG} tbody input:enabled")[-1]
        ticked.click()
        turn(browser, "next")
        pages.append(project_names(browser))
    everything = [name for page in pages for name in page]
    assert len(everything) == len(set(everything))
    assert {project.name for project in projects} < set(everything)

    for page in pages[-2::-1]:
        turn(browser, "previous")
        assert project_names(browser) == page
        selected = browser.find_elements(By.CSS_SELECTOR, f"{DIALOG} tbody input:checked")
        assert len(selected) == 1
    assert len(labels(browser)) == len(pages) - 1


@in_one_panel
def test_tells_what_confirm_will_do(browser, manage_access, new_image, projects):
    """The summary and the labels follow the checkboxes; Confirm is disabled without a change."""
    member, other, _ = projects
    manage_access(new_image(members={member.id: "pending"}))
    assert summary(browser) == "1 project now"
    assert labels(browser) == []
    assert not confirm_button(browser).is_enabled()

    tick(browser, member.id, other.id)
    assert summary(browser) == "1 project now → 1 (+1 −1)"  # noqa: RUF001
    assert labels(browser) == [f"− {member.name}", f"+ {other.name} (partners)"]  # noqa: RUF001
    assert confirm_button(browser).is_enabled()

    tick(browser, member.id, other.id)
    assert summary(browser) == "1 project now"
    assert labels(browser) == []
    assert not confirm_button(browser).is_enabled()


@in_one_panel
def test_label_takes_its_change_back(browser, manage_access, new_image, projects):
    """The cross on a label takes back that change and no other."""
    member, other, _ = projects
    manage_access(new_image(members={member.id: "pending"}))
    tick(browser, member.id, other.id)

    browser.find_element(
        By.CSS_SELECTOR, f"{DIALOG} [aria-label='Take back {member.name}']"
    ).click()

    assert labels(browser) == [f"+ {other.name} (partners)"]
    assert checkbox(browser, member.id).is_selected()
    assert summary(browser) == "1 project now → 2 (+1)"


CUTS_OFF = """
    const cross = arguments[0].getBoundingClientRect();
    return arguments[1].filter(around => {
      const box = around.getBoundingClientRect();
      return cross.left < box.left || cross.right > box.right ||
        cross.top < box.top || cross.bottom > box.bottom;
    });
"""


@in_one_panel
def test_label_of_a_long_name_has_its_cross(browser, manage_access, new_image, new_project):
    """A label shortens a long name, not its cross; the label's tooltip has the full name."""
    project = new_project(unique("long").ljust(64, "W"))
    modal = manage_access(new_image(members={project.id: "pending"}))
    tick(browser, project.id)
    cross = part(browser, "take-back")
    label = cross.find_element(By.XPATH, "ancestor::li")

    assert browser.execute_script(CUTS_OFF, cross, [label, part(browser, "changes"), modal]) == []
    assert label.size["width"] < modal.size["width"] / 2
    assert label.find_element(By.TAG_NAME, "bdi").get_attribute("title") == project.name
    cross.click()
    assert labels(browser) == []


@in_one_panel
def test_label_of_a_long_name_shows_both_ends(browser, manage_access, new_image, new_project):
    """Long names that differ only at their end can be distinguished."""
    project = new_project(unique("W" * 40))
    manage_access(new_image(members={project.id: "pending"}))
    tick(browser, project.id)

    pieces = part(browser, "changes").find_elements(By.CSS_SELECTOR, "bdi > span")

    whole = "return arguments[0].scrollWidth <= arguments[0].clientWidth"
    assert "".join(piece.text for piece in pieces) == project.name
    assert not browser.execute_script(whole, pieces[0])
    assert browser.execute_script(whole, pieces[-1])
    assert pieces[-1].text == project.name[-10:]
    assert pieces[0].rect["y"] == pieces[-1].rect["y"]


SELECT = """
    horizon.xloud.projectTable($('.xloud-projects')).select(arguments[0]);
"""


@in_one_panel
def test_equal_labels_get_their_ids(browser, manage_access, new_image):
    """Labels show IDs only while two of them have the same name."""
    modal = manage_access(new_image())
    changes = [
        {"verb": "add", "id": number * 32, "name": name}
        for number, name in (("1", "dev"), ("2", "Dev"), ("3", "devs"))
    ]

    browser.execute_script(SELECT, changes)

    assert labels(browser) == [f"+ dev ({'1' * 32})", f"+ Dev ({'2' * 32})", "+ devs"]
    modal.find_element(By.CSS_SELECTOR, f"[aria-label='Take back dev ({'1' * 32})']").click()
    assert labels(browser) == ["+ Dev", "+ devs"]


@in_one_panel
@pytest.mark.parametrize("where", ["modal", "page"])
def test_help_is_visible(browser, manage_access, visit, new_image, where):
    """The text below the checkbox explains accepting on behalf of the projects."""
    image = new_image()
    if where == "modal":
        manage_access(image)
    else:
        visit("admin", f"/admin/images/{image.id}/access/")
    field = browser.find_element(By.CSS_SELECTOR, f"{DIALOG} [name=accept]")

    text = browser.find_element(By.ID, field.get_attribute("aria-describedby")).text

    assert text.startswith("An added project has the image in its image lists at once.")


@in_one_panel
def test_undo_all_takes_everything_back(browser, manage_access, new_image, projects):
    """Undo all restores the dialog's first state, including rows that are not on screen."""
    member, other, third = projects
    manage_access(new_image(members={member.id: "pending"}))
    assert not part(browser, "undo").is_displayed()
    tick(browser, member.id, other.id)
    search(browser, third.name)
    tick(browser, third.id)

    part(browser, "undo").click()

    assert labels(browser) == []
    assert not checkbox(browser, third.id).is_selected()
    assert not confirm_button(browser).is_enabled()
    search(browser, member.name)
    assert checkbox(browser, member.id).is_selected()


# -- Confirm


def test_confirm_changes_exactly_what_was_selected(
    browser, manage_access, new_image, projects, project_ids, members
):
    """Confirm adds one project, removes one, leaves a third, and reports that on the page."""
    added, removed, _ = projects
    rejected = project_ids["app-team-b"]
    image = new_image(members={removed.id: "accepted", rejected: "rejected"})
    manage_access(image)

    tick(browser, added.id, removed.id)
    confirm(browser)

    assert messages(browser) == [
        f'"{image.name}" is now shared with {added.name}.',
        f'"{image.name}" is no longer shared with {removed.name} (partners).',
    ]
    assert members(image) == {added.id: "accepted", rejected: "rejected"}


@in_one_panel
def test_without_accepting_on_behalf_a_project_is_asked(
    browser, manage_access, new_image, project_ids, members
):
    """With the checkbox off, an added project is Pending, in Glance and in the dialog."""
    image, project = new_image(), project_ids["research"]
    modal = manage_access(image)

    tick(browser, project)
    modal.find_element(By.NAME, "accept").click()
    confirm(browser)

    assert members(image) == {project: "pending"}
    choose(browser, image_row(browser, image), "Manage Access")
    dialog(browser)
    assert status_of(browser, project) == "Pending"


def test_page_stays_as_it_was(browser, enter, panel, new_image, project_ids):
    """Confirm leaves the administrator on the same page, with the filter still in force."""
    image = new_image()
    enter("admin", "/admin/images/")  # a new session, as Horizon keeps the filter in it
    field = {"angular": "input.search-input", "python": "input[name=images__filter__q]"}[panel]
    browser.find_element(By.CSS_SELECTOR, field).send_keys(image.name, Keys.ENTER)
    wait(browser).until(lambda page: listed(page) == [image.name])
    page_is_quiet(browser)
    address = browser.current_url

    choose(browser, image_row(browser, image), "Manage Access")
    dialog(browser)
    tick(browser, project_ids["research"])
    confirm(browser)

    assert messages(browser)
    assert browser.current_url == address
    assert listed(browser) == [image.name]


def leave(browser, how):
    """Leave the dialog in one of the possible ways."""
    modal = browser.find_element(By.CSS_SELECTOR, DIALOG)
    if how == "Escape":
        part(browser, "search").send_keys(Keys.ESCAPE)
    elif how == "beside it":  # needs the operator's `modal_backdrop`
        script = "jQuery(arguments[0]).data('bs.modal').options.backdrop = true"
        browser.execute_script(script, modal)
        left = 3 - modal.size["width"] // 2
        ActionChains(browser).move_to_element_with_offset(modal, left, 0).click().perform()
    else:
        modal.find_element(
            By.CSS_SELECTOR, {"Cancel": ".cancel", "the cross": ".close"}[how]
        ).click()


WAYS_OUT = ("Cancel", "the cross", "Escape", "beside it")


@in_one_panel
@pytest.mark.parametrize("how", WAYS_OUT)
def test_closes_at_once_without_changes(browser, manage_access, new_image, project_ids, how):
    """The dialog closes without a question if it has no changes, or all were taken back."""
    manage_access(new_image())
    tick(browser, project_ids["research"])
    tick(browser, project_ids["research"])

    leave(browser, how)

    dialog_is_gone(browser)


@pytest.mark.parametrize(
    ("panel", "how"),
    [("angular", "Cancel"), *(("python", how) for how in WAYS_OUT)],
    indirect=["panel"],
)
def test_asks_before_changes_are_lost(browser, manage_access, new_image, project_ids, members, how):
    """The question counts the changes, which stay in the dialog until the user discards them."""
    image = new_image()
    manage_access(image)
    tick(browser, project_ids["research"], project_ids["app-team-a"])

    leave(browser, how)
    assert question(browser) == "Discard 2 changes?"
    assert focused(browser) == part(browser, "keep-editing")
    assert focused(browser).accessible_name == "Keep editing"
    focused(browser).send_keys(Keys.ENTER)
    assert question(browser) == ""
    assert labels(browser) == ["+ research", "+ app-team-a"]

    leave(browser, how)
    part(browser, "discard").click()
    dialog_is_gone(browser)
    assert members(image) == {}


@in_one_panel
def test_question_is_a_dialog_of_its_own(browser, manage_access, new_image, project_ids):
    """The question has a name and keeps the focus; Escape returns to the dialog's former focus."""
    manage_access(new_image())
    tick(browser, project_ids["research"])
    leave(browser, "Escape")
    asked = part(browser, "discard-question")
    assert (asked.aria_role, asked.accessible_name) == ("alertdialog", "Discard 1 change?")
    keys = ActionChains(browser)

    keys.send_keys(Keys.TAB).perform()
    assert focused(browser) == part(browser, "discard")
    keys.click(checkbox(browser, project_ids["app-team-a"])).perform()
    assert labels(browser) == ["+ research"]
    part(browser, "keep-editing").send_keys(Keys.ESCAPE)

    assert question(browser) == ""
    assert focused(browser) == part(browser, "search")
    tick(browser, project_ids["app-team-a"])
    assert labels(browser) == ["+ research", "+ app-team-a"]


@in_one_panel
def test_question_is_in_sight(browser, manage_access, new_image, project_ids):
    """The question is in sight even if the dialog is taller than the window."""
    browser.set_window_size(1366, 500)
    try:
        manage_access(new_image())
        tick(browser, project_ids["research"])
        leave(browser, "Escape")
        box = part(browser, "keep-editing").rect
        script = "return [window.scrollY, window.innerHeight]"
        top, height = browser.execute_script(script)
        assert 0 <= box["y"] - top <= height - box["height"]
    finally:
        browser.set_window_size(1400, 1000)


LEAVE_THE_PAGE = """
    const leaving = new Event('beforeunload', {cancelable: true});
    window.dispatchEvent(leaving);
    return leaving.defaultPrevented;
"""


@in_one_panel
@pytest.mark.parametrize("where", ["modal", "page"])
def test_browser_asks_before_the_page_goes(
    browser, manage_access, visit, new_image, project_ids, where
):
    """The browser asks before leaving the page only while the dialog has changes."""
    image = new_image()
    if where == "modal":
        manage_access(image)
    else:
        visit("admin", f"/admin/images/{image.id}/access/")
    assert not browser.execute_script(LEAVE_THE_PAGE)
    tick(browser, project_ids["research"])
    assert browser.execute_script(LEAVE_THE_PAGE)
    part(browser, "undo").click()
    assert not browser.execute_script(LEAVE_THE_PAGE)
    tick(browser, project_ids["research"])

    if where == "modal":
        leave(browser, "Cancel")
        part(browser, "discard").click()
        dialog_is_gone(browser)
        assert not browser.execute_script(LEAVE_THE_PAGE)


@in_one_panel
def test_page_of_its_own_asks_as_well(browser, visit, new_image, project_ids, members):
    """Cancel on the page is a link that leads to the list once the changes are discarded."""
    image = new_image()
    visit("admin", f"/admin/images/{image.id}/access/")
    tick(browser, project_ids["research"])
    address = browser.current_url

    leave(browser, "Cancel")
    assert question(browser) == "Discard 1 change?"
    part(browser, "keep-editing").click()
    assert (browser.current_url, labels(browser)) == (address, ["+ research"])
    leave(browser, "Cancel")
    part(browser, "discard").click()

    wait(browser).until(expect.url_matches("/admin/images/?$"))
    assert members(image) == {}


@in_one_panel
def test_confirm_on_the_page_of_its_own_asks_nothing(
    browser, visit, new_image, project_ids, members
):
    """After Confirm no changes can be lost, so the page leads to the list without a question."""
    image = new_image()
    visit("admin", f"/admin/images/{image.id}/access/")
    tick(browser, project_ids["research"])
    browser.execute_script(
        """
        window.addEventListener('beforeunload', event => {
          sessionStorage.setItem('asked', event.defaultPrevented);
        });
        """
    )

    confirm_button(browser).click()

    wait(browser).until(expect.url_matches("/admin/images/?$"))
    asked = browser.execute_script(
        "const asked = sessionStorage.getItem('asked'); sessionStorage.clear(); return asked"
    )
    assert asked == "false"
    assert members(image) == {project_ids["research"]: "accepted"}


@in_one_panel
def test_escape_takes_the_search_back_first(browser, manage_access, new_image, project_ids):
    """Escape clears the search and keeps the dialog open, which shows all projects again."""
    manage_access(new_image())
    everything = project_names(browser)
    search(browser, "resear")
    before = browser.find_element(By.CSS_SELECTOR, f"{DIALOG} tbody")

    part(browser, "search").send_keys(Keys.ESCAPE)

    rows_are_new(browser, before)
    assert project_names(browser) == everything
    assert part(browser, "search").get_property("value") == ""


@in_one_panel
def test_enter_in_a_row_toggles_it(browser, manage_access, new_image, project_ids, members):
    """Enter toggles the row as Space does, repeatedly, and never confirms."""
    image, project = new_image(), project_ids["research"]
    manage_access(image)

    checkbox(browser, project).send_keys(Keys.ENTER)
    assert checkbox(browser, project).is_selected()
    assert labels(browser) == ["+ research"]
    checkbox(browser, project).send_keys(Keys.ENTER)
    assert not checkbox(browser, project).is_selected()
    assert labels(browser) == []
    checkbox(browser, project).send_keys(Keys.ENTER)

    page_is_quiet(browser)
    assert labels(browser) == ["+ research"]
    assert members(image) == {}


@in_one_panel
@pytest.mark.parametrize("field", ["#id_image_name", "[name=accept]", "[data-role=domain]"])
def test_enter_in_a_field_does_not_confirm(
    browser, manage_access, new_image, project_ids, members, field
):
    """Enter in a field does not confirm; only the button Confirm does."""
    image = new_image()
    modal = manage_access(image)
    tick(browser, project_ids["research"])

    modal.find_element(By.CSS_SELECTOR, field).send_keys(Keys.ENTER)

    page_is_quiet(browser)
    assert labels(browser) == ["+ research"]
    assert members(image) == {}


@in_one_panel
def test_enter_in_the_search_does_not_confirm(
    browser, manage_access, new_image, project_ids, members
):
    """Enter in the search only searches, even with changes selected."""
    image = new_image()
    manage_access(image)
    tick(browser, project_ids["research"])
    before = browser.find_element(By.CSS_SELECTOR, f"{DIALOG} tbody")

    part(browser, "search").send_keys("data", Keys.ENTER)
    rows_are_new(browser, before)

    assert project_names(browser) == ["data-science"]
    assert labels(browser) == ["+ research"]
    assert members(image) == {}


@in_one_panel
def test_double_click_on_confirm_sends_one_request(
    browser, manage_access, new_image, project_ids, members
):
    """A double click sends one request; with two, Glance would have the member twice."""
    image, project = new_image(), project_ids["research"]
    manage_access(image)
    tick(browser, project)
    browser.execute_script(
        """
        window.posts = 0;
        jQuery(document).on('ajaxSend', (event, request, sent) => {
          window.posts += sent.type === 'POST';
        });
        """
    )

    ActionChains(browser).double_click(confirm_button(browser)).perform()
    dialog_is_gone(browser)

    assert browser.execute_script("return window.posts") == 1
    assert members(image) == {project: "accepted"}


@in_one_panel
def test_nothing_can_be_changed_while_confirm_is_under_way(
    browser, manage_access, new_image, project_ids, members
):
    """Confirm locks the selection, because the answer would silently discard later changes."""
    image, project = new_image(), project_ids["research"]
    manage_access(image)
    tick(browser, project)

    with under_way(browser):
        confirm_button(browser).click()
        for changes in (
            checkbox(browser, project_ids["app-team-a"]),
            part(browser, "take-back"),
            part(browser, "undo"),
        ):
            ActionChains(browser).click(changes).perform()
        ActionChains(browser).send_keys(Keys.TAB, Keys.SPACE, Keys.TAB, Keys.ENTER).perform()
        assert labels(browser) == ["+ research"]
        assert not confirm_button(browser).is_enabled()

    dialog_is_gone(browser)
    assert members(image) == {project: "accepted"}


@in_one_panel
@pytest.mark.parametrize("how", WAYS_OUT)
def test_does_not_close_while_confirm_is_under_way(
    browser, admin, manage_access, new_image, project_ids, how
):
    """The dialog stays open until it has reported the result, here that nothing was changed."""
    image = new_image()
    modal = manage_access(image)
    tick(browser, project_ids["research"])
    admin.image.update_image(image, visibility="private")
    if how == "beside it":  # needs the operator's `modal_backdrop`
        script = "jQuery(arguments[0]).data('bs.modal').options.backdrop = true"
        browser.execute_script(script, modal)

    with under_way(browser):
        confirm_button(browser).click()
        mouse = ActionChains(browser)
        if how == "Escape":
            mouse.send_keys(Keys.ESCAPE).perform()
        elif how == "beside it":
            left = 3 - modal.size["width"] // 2
            mouse.move_to_element_with_offset(modal, left, 0).click().perform()
        else:
            selector = {"Cancel": ".cancel", "the cross": ".close"}[how]
            mouse.click(modal.find_element(By.CSS_SELECTOR, selector)).perform()

    assert "Private" in told(browser)
    assert labels(browser) == ["+ research"]
    assert question(browser) == ""
    leave(browser, "Cancel")
    part(browser, "discard").click()
    dialog_is_gone(browser)


@in_one_panel
def test_page_of_its_own_stays_while_confirm_is_under_way(
    browser, admin, visit, new_image, project_ids
):
    """Cancel does not leave the page before the result of Confirm is known."""
    image = new_image()
    visit("admin", f"/admin/images/{image.id}/access/")
    tick(browser, project_ids["research"])
    admin.image.update_image(image, visibility="private")
    cancel = browser.find_element(By.CSS_SELECTOR, f"{DIALOG} .cancel")

    with under_way(browser):
        confirm_button(browser).click()
        ActionChains(browser).click(cancel).perform()

    assert "Private" in told(browser)
    assert labels(browser) == ["+ research"]


def test_works_by_keyboard_alone(browser, visit, new_image, project_ids, members):
    """Tab, Space and Enter do the whole job, from the row's menu to Confirm."""
    image, project = new_image(), project_ids["research"]
    visit("admin", "/admin/images/")

    def press(*keys):
        ActionChains(browser).send_keys(*keys).perform()

    def tab_to(wanted):
        for _ in range(60):
            if browser.switch_to.active_element == wanted:
                return
            press(Keys.TAB)
        raise AssertionError(f"Tab does not lead to {wanted.get_attribute('outerHTML')}")

    row = image_row(browser, image)
    browser.execute_script(
        "arguments[0].focus()", row.find_element(By.CSS_SELECTOR, ".dropdown-toggle")
    )
    press(Keys.ENTER)
    tab_to(row.find_element(By.XPATH, ".//li/*[normalize-space() = 'Manage Access']"))
    press(Keys.ENTER)
    dialog(browser)
    assert browser.switch_to.active_element == part(browser, "search")
    before = browser.find_element(By.CSS_SELECTOR, f"{DIALOG} tbody")
    press("RESEAR")
    rows_are_new(browser, before)
    tab_to(checkbox(browser, project))
    press(Keys.SPACE)
    tab_to(confirm_button(browser))
    press(Keys.ENTER)
    dialog_is_gone(browser)

    assert members(image) == {project: "accepted"}
