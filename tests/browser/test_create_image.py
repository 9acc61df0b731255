# SPDX-License-Identifier: Apache-2.0
"""Admin > Create Image shares an image as soon as it exists, in both Images panels."""

import pytest
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By

from tests.browser.create_image import (
    FORM,
    choose_visibility,
    fill_in,
    form_is_gone,
    go_to,
    open_form,
    projects,
    search,
    select,
    selected,
    steps,
    submit_button,
)
from tests.browser.pages import (
    DIALOG,
    confirm,
    console_errors,
    dialog,
    image_row,
    labels,
    page_is_quiet,
    says,
    told,
    unique,
    wait,
)
from tests.environment import UPLOAD_PORTS

# Errors that Horizon itself logs: without a volume service, and while a URL is typed.
HORIZONS_OWN = ("Service type is not enabled", "selectImageFormat")


@pytest.fixture
def form(browser, visit, panel):
    """Open the administrator's Create Image, with Shared chosen."""
    visit("admin", "/admin/images/")
    console_errors(browser)
    open_form(browser, panel)
    choose_visibility(browser, panel, "Shared")
    return browser.find_element(By.CSS_SELECTOR, FORM[panel])


@pytest.fixture
def name():
    """Return a name for an image."""
    return unique("new")


@pytest.fixture
def disk(tmp_path):
    """Return a file to upload."""
    path = tmp_path / "disk.raw"
    path.write_bytes(bytes(512))
    return path


def test_shares_an_uploaded_file_with_the_selected_projects(
    browser, panel, form, name, disk, project_ids, created, members
):
    """An impatient double click creates one image, shared and accepted, and a message says so."""
    fill_in(browser, panel, name, disk)
    select(browser, panel, project_ids["research"], project_ids["app-team-a"])
    assert selected(browser, panel) == ["+ research", "+ app-team-a"]

    ActionChains(browser).double_click(submit_button(browser, panel)).perform()
    form_is_gone(browser, panel)

    image = created(name)  # fails if there are two
    says(browser, f'"{name}" is now shared with app-team-a and research.')
    assert image.visibility == "shared"
    assert image.size == 512
    assert members(image) == {
        project_ids["research"]: "accepted",
        project_ids["app-team-a"]: "accepted",
    }
    assert image_row(browser, image).is_displayed()
    errors = console_errors(browser)
    assert [error for error in errors if not any(own in error for own in HORIZONS_OWN)] == []


def test_shares_an_image_from_a_url_without_accepting(
    browser, panel, form, name, image_url, project_ids, created, members
):
    """With the checkbox off, an added project decides for itself."""
    fill_in(browser, panel, name, image_url)
    select(browser, panel, project_ids["research"])
    form.find_element(By.NAME, "accept").click()

    submit_button(browser, panel).click()
    form_is_gone(browser, panel)

    assert members(created(name)) == {project_ids["research"]: "pending"}


def test_projects_are_there_for_shared_only(
    browser, panel, form, name, image_url, project_ids, admin, created, members
):
    """Other visibilities hide and ignore the selected projects; Shared shows them again."""
    select(browser, panel, project_ids["research"])
    for visibility in ("Public", "Community", "Private"):
        go_to(browser, panel, "Image Details")
        choose_visibility(browser, panel, visibility)
        assert projects(browser, panel) is None
        if panel == "angular":
            assert steps(browser) == ["Image Details", "Metadata"]
    choose_visibility(browser, panel, "Shared")
    go_to(browser, panel, "Projects")
    assert projects(browser, panel)
    assert selected(browser, panel) == ["+ research"]
    go_to(browser, panel, "Image Details")
    choose_visibility(browser, panel, "Private")
    fill_in(browser, panel, name, image_url)

    submit_button(browser, panel).click()
    form_is_gone(browser, panel)

    image = created(name)
    assert image.visibility == "private"
    admin.image.update_image(image, visibility="shared")
    assert members(image) == {}


def test_search_creates_nothing_and_nothing_need_be_selected(
    browser, panel, form, name, image_url, project_ids, created, members
):
    """Enter only searches; Create Image without a selection shares with nobody."""
    fill_in(browser, panel, name, image_url)

    search(browser, panel, "RESEAR", "research")

    assert form.is_displayed()
    submit_button(browser, panel).click()
    form_is_gone(browser, panel)
    assert members(created(name)) == {}


def test_what_fails_is_left_to_do_in_manage_access(
    browser, panel, form, name, image_url, project_ids, glance_refuses, created, members
):
    """After a failure, the new image's dialog opens with the projects ticked and one reason."""
    fill_in(browser, panel, name, image_url)
    select(browser, panel, project_ids["research"], project_ids["app-team-a"])
    glance_refuses(True)

    submit_button(browser, panel).click()
    dialog(browser)
    page_is_quiet(browser)

    image = created(name)
    assert browser.find_element(By.ID, "id_image_name").get_property("value") == name
    assert "2 projects were not added: The image service (Glance) did not allow it." in told(
        browser
    )
    assert labels(browser) == ["+ research", "+ app-team-a"]
    marks = browser.find_elements(By.CSS_SELECTOR, f"{DIALOG} [data-role=reason]")
    assert [mark.text for mark in marks] == ["not done", "not done"]
    assert members(image) == {}

    glance_refuses(False)
    confirm(browser)
    says(browser, f'"{name}" is now shared with app-team-a and research.')
    assert set(members(image)) == {project_ids["research"], project_ids["app-team-a"]}
    assert image_row(browser, image).is_displayed()


def test_keys_in_the_table_are_for_the_table(browser, panel, form, project_ids, admin, name):
    """Enter toggles a row and creates nothing; Escape clears the search and keeps the form open."""
    form.find_element(By.NAME, "name").send_keys(name)
    select(browser, panel, project_ids["research"])
    table = projects(browser, panel)
    row = table.find_element(By.CSS_SELECTOR, f"[data-project='{project_ids['app-team-a']}']")
    field = table.find_element(By.CSS_SELECTOR, "[data-role=search]")

    row.find_element(By.CSS_SELECTOR, "[type=checkbox]").send_keys(Keys.ENTER)
    field.send_keys("x", Keys.ESCAPE, Keys.ESCAPE)

    page_is_quiet(browser)
    assert selected(browser, panel) == ["+ research", "+ app-team-a"]
    assert field.is_displayed()
    assert field.get_property("value") == ""
    assert list(admin.image.images(name=name)) == []


def test_help_is_visible(browser, panel, form):
    """The form explains accepting on behalf of projects, and in the Python panel also Shared."""
    texts = [help.text for help in form.find_elements(By.CSS_SELECTOR, ".help-block")]
    if panel == "python":
        assert "Who can see the image. Shared: the projects that you choose below." in texts
    go_to(browser, panel, "Projects")
    assert projects(browser, panel)
    helped = form.find_element(By.NAME, "accept").get_attribute("aria-describedby")
    text = browser.find_element(By.ID, helped).text
    assert text.startswith("An added project has the image in its image lists at once.")


def test_project_users_form_is_horizons_own(browser, visit, panel):
    """In Project > Images, Create Image has neither projects nor a new choice of visibilities."""
    visit("pat", "/project/images/")
    if panel == "angular":
        open_form(browser, panel)
        choose_visibility(browser, panel, "Shared")
        assert steps(browser) == ["Image Details", "Metadata"]
    else:
        browser.find_element(By.ID, "images__action_create").click()
        wait(browser).until(lambda page: page.find_elements(By.ID, "create_image_form"))
        assert browser.find_elements(By.NAME, "visibility") == []
    assert browser.find_elements(By.CSS_SELECTOR, ".xloud-projects") == []


# -- the Python panel


@pytest.mark.parametrize("panel", ["python"], indirect=True)
def test_error_in_the_form_keeps_the_selection(
    browser, panel, form, name, image_url, project_ids, created, members
):
    """An error in another field keeps the selection, and the corrected form shares with it."""
    fill_in(browser, panel, name, "nonsense")
    select(browser, panel, project_ids["research"])
    submit_button(browser, panel).click()
    wait(browser).until(lambda page: page.find_elements(By.CSS_SELECTOR, ".has-error"))
    page_is_quiet(browser)
    assert projects(browser, panel)
    assert selected(browser, panel) == ["+ research"]

    field = browser.find_element(By.NAME, "image_url")
    field.clear()
    field.send_keys(image_url)
    submit_button(browser, panel).click()
    form_is_gone(browser, panel)

    assert members(created(name)) == {project_ids["research"]: "accepted"}


# -- the AngularJS panel

in_angular = pytest.mark.parametrize("panel", ["angular"], indirect=True)


@in_angular
def test_every_step_can_be_reached(
    browser, panel, form, name, image_url, project_ids, created, members
):
    """Next leads through all three steps, and the image has the data added in Metadata."""
    fill_in(browser, panel, name, image_url)
    select(browser, panel, project_ids["research"])
    assert steps(browser) == ["Image Details", "Projects", "Metadata"]

    form.find_element(By.CSS_SELECTOR, ".next").click()
    custom = form.find_element(By.CSS_SELECTOR, "[name=customItem]")
    wait(browser).until(lambda _page: custom.is_displayed())
    custom.send_keys("made_by")
    custom.find_element(By.XPATH, "..//button").click()
    form.find_element(By.CSS_SELECTOR, "[ng-model='ctrl.item.leaf.value']").send_keys("a test")
    form.find_element(By.CSS_SELECTOR, ".back").click()
    assert projects(browser, panel)
    submit_button(browser, panel).click()
    form_is_gone(browser, panel)

    image = created(name)
    assert image.properties["made_by"] == "a test"
    assert set(members(image)) == {project_ids["research"]}


@in_angular
def test_project_deleted_meanwhile_opens_manage_access(
    browser, panel, form, name, image_url, project_ids, admin, new_project, created, members
):
    """Manage Access opens and names the selected project that no longer exists."""
    gone = new_project()
    fill_in(browser, panel, name, image_url)
    go_to(browser, panel, "Projects")
    table = projects(browser, panel)
    table.find_element(By.CSS_SELECTOR, "[data-role=search]").send_keys(gone.name, Keys.ENTER)
    wait(browser).until(
        lambda _page: table.find_elements(By.CSS_SELECTOR, "tbody tr:only-child [type=checkbox]")
    )
    page_is_quiet(browser)
    select(browser, panel, gone.id)
    admin.identity.delete_project(gone)

    submit_button(browser, panel).click()
    dialog(browser)

    image = created(name)
    assert f"there is no project with the ID {gone.id} ({gone.name})" in told(browser)
    assert labels(browser) == [f"+ {gone.name}"]
    assert members(image) == {}


CHANGES_ARE_LOST = """
    $(document).on('ajaxSend.lost', (event, request, options) => {
      if (options.type === 'POST' && options.url.endsWith('/access/')) { request.abort(); }
    });
"""


@in_angular
def test_dashboard_that_does_not_answer_is_asked_again(
    browser, panel, form, name, image_url, project_ids, created, members
):
    """When the answer to sharing is lost, Manage Access opens with the chosen projects."""
    fill_in(browser, panel, name, image_url)
    select(browser, panel, project_ids["research"])
    form.find_element(By.NAME, "accept").click()
    browser.execute_script(CHANGES_ARE_LOST)
    submit_button(browser, panel).click()
    dialog(browser)
    browser.execute_script("$(document).off('ajaxSend.lost')")

    assert labels(browser) == ["+ research"]
    confirm(browser)
    assert members(created(name)) == {project_ids["research"]: "pending"}


@in_angular
def test_dashboard_that_is_gone_names_the_projects(
    browser, panel, form, name, image_url, project_ids, created, members
):
    """Without any answer, a message names the projects to share the new image with."""
    fill_in(browser, panel, name, image_url)
    select(browser, panel, project_ids["research"])
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/access/*"]})
    try:
        submit_button(browser, panel).click()
        form_is_gone(browser, panel)
        says(browser, "Share it by Manage Access: research")
    finally:
        browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    assert members(created(name)) == {}


# The page may have cached the answer, because the rows of the list check the same policy.
POLICY_TAKES_ITS_TIME = """
    const injector = angular.element('[ng-app]').injector();
    const answer = injector.get('$q').defer();
    injector.get('horizon.app.core.openstack-service-api.policy').ifAllowed = () => answer.promise;
    window.answer = () => {
      answer.resolve();
      injector.get('$rootScope').$apply();
    };
"""


@in_angular
def test_wizard_that_is_closed_at_once(browser, visit, panel):
    """A late answer about the step Projects does not harm the next wizard."""
    visit("admin", "/admin/images/")
    browser.execute_script(POLICY_TAKES_ITS_TIME)
    open_form(browser, panel)
    browser.find_element(By.CSS_SELECTOR, f"{FORM[panel]} .modal-header .close").click()
    form_is_gone(browser, panel)
    console_errors(browser)

    browser.execute_script("window.answer()")

    assert console_errors(browser) == set()
    open_form(browser, panel)
    choose_visibility(browser, panel, "Shared")
    go_to(browser, panel, "Projects")
    assert wait(browser).until(lambda page: projects(page, panel))


@in_angular
def test_projects_that_cannot_be_loaded_can_be_asked_for_again(browser, visit, panel):
    """The step reports the failure, and has a button to try again."""
    visit("admin", "/admin/images/")
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/access/projects/"]})
    try:
        open_form(browser, panel)
        go_to(browser, panel, "Projects")
        again = wait(browser).until(
            lambda page: page.find_element(By.XPATH, "//button[. = 'Try again']")
        )
    finally:
        browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    assert "could not be loaded" in browser.find_element(By.CSS_SELECTOR, FORM[panel]).text

    again.click()

    assert wait(browser).until(lambda page: projects(page, panel))


@pytest.mark.parametrize("panel", ["angular"], indirect=True)
def test_closing_the_wizard_during_the_upload_forgets_nobody(
    browser, panel, form, name, tmp_path, project_ids, created, members
):
    """The selection at the click on Create Image counts, even if the form is closed."""
    disk = tmp_path / "disk.raw"
    disk.write_bytes(bytes(2**20))
    fill_in(browser, panel, name, disk)
    select(browser, panel, project_ids["research"])
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 300_000}
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.emulateNetworkConditions", slow)

    submit_button(browser, panel).click()
    browser.find_element(By.CSS_SELECTOR, f"{FORM[panel]} .modal-header .close").click()
    form_is_gone(browser, panel)
    browser.execute_cdp_cmd("Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1})

    says(browser, f'"{name}" is now shared with research.')
    assert members(created(name)) == {project_ids["research"]: "accepted"}


@pytest.fixture
def direct(cloud, panel):
    """Return the address of a dashboard that lets browsers send files to Glance."""
    return cloud.horizon(panel, port=UPLOAD_PORTS[panel], HORIZON_UPLOAD_MODE="direct")


class TestDirectUpload:
    """Horizon's upload mode ``direct``: the browser itself sends the file to Glance."""

    @pytest.fixture
    def dashboard(self, direct):
        """Return the address of that dashboard."""
        return direct

    def test_shares_the_new_image(
        self, browser, panel, form, name, disk, project_ids, created, members
    ):
        """The image is shared with the selected projects, as after an upload through Horizon."""
        fill_in(browser, panel, name, disk)
        select(browser, panel, project_ids["research"])
        submit_button(browser, panel).click()
        form_is_gone(browser, panel)

        image = created(name)
        says(browser, f'"{name}" is now shared with research.')
        assert image.size == 512
        assert members(image) == {project_ids["research"]: "accepted"}

    def test_leaves_what_fails_to_manage_access(
        self, browser, panel, form, name, disk, project_ids, glance_refuses, created, members
    ):
        """The file is uploaded even if sharing fails."""
        fill_in(browser, panel, name, disk)
        select(browser, panel, project_ids["research"])
        glance_refuses(True)
        submit_button(browser, panel).click()
        dialog(browser)

        assert "1 project was not added" in told(browser)
        image = created(name)
        assert image.size == 512
        assert members(image) == {}


def test_projects_of_the_image_that_it_replaces_are_offered(
    browser, panel, form, name, new_image, project_ids
):
    """One click selects the projects of the image with the same name."""
    new_image(
        name, members={project_ids["research"]: "accepted", project_ids["app-team-a"]: "pending"}
    )
    form.find_element(By.NAME, "name").send_keys(name, Keys.TAB)
    go_to(browser, panel, "Projects")

    def offer(page):
        found = page.find_elements(By.CSS_SELECTOR, f"{FORM[panel]} [data-role=offer]")
        return found[0] if found and found[0].is_displayed() else None

    offered = wait(browser).until(offer)
    assert "shared with 2 projects. Use the same?" in offered.text
    offered.find_element(By.TAG_NAME, "button").click()
    both = ["+ app-team-a", "+ research"]
    wait(browser).until(lambda page: sorted(selected(page, panel)) == both)
