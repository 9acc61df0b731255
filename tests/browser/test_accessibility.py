# SPDX-License-Identifier: Apache-2.0
"""axe-core finds no violation in our parts of the pages, in three themes."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as expect
from selenium_axe_python import Axe

from tests.browser import test_access_file as access_file
from tests.browser.create_image import choose_visibility, go_to, open_form, projects
from tests.browser.pages import (
    DIALOG,
    choose,
    confirm,
    confirm_button,
    dialog,
    image_row,
    in_one_panel,
    part,
    project_row,
    receipt,
    search,
    tick,
    told,
    unique,
    wait,
)
from tests.browser.test_by_image import scanned
from tests.themes import THEMES, put_on
from xloud_images_panel.dashboard.catalogue import image_ids

# The rules of WCAG 2.1 at levels A and AA, and axe's own good practice.
# Horizon decides the order of headings: the title of its dialogs is an h3.
RULES = """{
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'],
    rules: {'heading-order': {enabled: false}}
}"""
# A theme changes only colours.
COLOURS = "{runOnly: {type: 'rule', values: ['color-contrast', 'link-in-text-block']}}"
# The menus of Horizon's tables lack names.
HORIZONS = ".actions_column"
# The theme decides the colours of links, buttons and messages.
OF_THE_THEME = "return document.querySelector(arguments[0]).closest('a, .btn, .alert') !== null"


def violations(browser, *ours):
    """Return axe's violations in these parts of the page, each with theme, rule and element."""
    axe = Axe(browser)
    axe.inject()
    context = {"include": [[selector] for selector in ours], "exclude": [[HORIZONS]]}
    found = []
    for theme in THEMES:
        put_on(browser, theme)
        for violation in axe.run(context, RULES if theme == "default" else COLOURS)["violations"]:
            found += [
                (theme, violation["id"], node["target"][0], node["failureSummary"])
                for node in violation["nodes"]
                if violation["id"] != "color-contrast"
                or not browser.execute_script(OF_THE_THEME, node["target"][0])
            ]
    put_on(browser, "default")
    return found


@pytest.fixture
def image(new_image, project_ids):
    """Return a shared image with a member of each status."""
    return new_image(
        members={
            project_ids["research"]: "accepted",
            project_ids["app-team-a"]: "pending",
            project_ids["app-team-b"]: "rejected",
        }
    )


@pytest.mark.parametrize("panel", ["angular"], indirect=True)
def test_dialog(browser, image, manage_access):
    """The dialog has no violation when it opens."""
    manage_access(image)
    assert violations(browser, DIALOG) == []


@in_one_panel
def test_dialog_as_a_page(browser, image, visit):
    """The dialog has no violation at its own address."""
    visit("admin", f"/admin/images/{image.id}/access/")
    assert violations(browser, ".xloud-manage-access") == []


@in_one_panel
def test_dialog_with_changes(browser, image, manage_access, project_ids):
    """The dialog has no violation with changes of all four kinds and both panels open."""
    manage_access(image)
    tick(browser, project_ids["data-science"], project_ids["research"])
    for button in browser.find_elements(By.CSS_SELECTOR, f"{DIALOG} [data-role=other-verb]"):
        button.click()
    part(browser, "list-open").click()
    part(browser, "copy-open").click()
    wait(browser).until(
        lambda page: page.find_elements(By.CSS_SELECTOR, f"{DIALOG} [data-role=copy-from]")
    )
    assert violations(browser, DIALOG) == []


@pytest.fixture
def prefer(browser):
    """Return a function that sets a preference of the user in the browser."""

    def prefer(feature, value):
        features = [{"name": feature, "value": value}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    yield prefer
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


@in_one_panel
def test_forced_colours_leave_the_words(browser, image, manage_access, prefer, project_ids):
    """Changed rows state their change in words, independent of colour."""
    prefer("forced-colors", "active")
    manage_access(image)
    other = browser.find_element(By.CSS_SELECTOR, f"{DIALOG} tbody tr:not([data-member]) :enabled")
    other.click()
    tick(browser, project_ids["research"])
    assert "will be added" in other.find_element(By.XPATH, "ancestor::tr").text
    assert "will be removed" in project_row(browser, project_ids["research"]).text


@in_one_panel
def test_nothing_moves_where_that_was_asked_for(browser, image, manage_access, prefer):
    """With reduced motion preferred, the dialog appears without sliding and fading in."""
    prefer("prefers-reduced-motion", "reduce")
    modal = manage_access(image)
    for moved in (modal, modal.find_element(By.CSS_SELECTOR, ".modal-dialog")):
        assert set(moved.value_of_css_property("transition-duration").split(", ")) == {"0s"}


@in_one_panel
def test_dialog_without_a_match(browser, image, manage_access):
    """The dialog has no violation with an empty table."""
    manage_access(image)
    search(browser, unique("nobody"))
    assert violations(browser, DIALOG) == []


@in_one_panel
def test_dialog_that_asks(browser, image, manage_access, project_ids):
    """The question before changes are lost has no violation."""
    manage_access(image)
    tick(browser, project_ids["data-science"])
    browser.find_element(By.CSS_SELECTOR, f"{DIALOG} .cancel").click()
    assert violations(browser, DIALOG) == []


@in_one_panel
def test_dialog_that_says_what_failed(admin, browser, image, manage_access, project_ids):
    """The dialog has no violation with an alert."""
    manage_access(image)
    tick(browser, project_ids["data-science"])
    admin.image.update_image(image, visibility="private")
    confirm_button(browser).click()
    assert "Private" in told(browser)
    assert violations(browser, DIALOG) == []


@in_one_panel
def test_receipt(browser, image, manage_access, project_ids):
    """The receipt at the top of the page has no violation."""
    manage_access(image)
    tick(browser, project_ids["data-science"])
    confirm(browser)
    receipt(browser)
    assert violations(browser, ".xloud-receipt") == []


def test_tabs(browser, image, visit):
    """The tabs above Horizon's own list, with the badge, have no violation."""
    visit("ann", "/project/images/")
    badge = (By.CSS_SELECTOR, ".xloud-image-tabs .badge")
    wait(browser).until(expect.visibility_of_element_located(badge))
    assert violations(browser, ".xloud-image-tabs") == []


@in_one_panel
@pytest.mark.parametrize("user", ["ann", "rita"])
def test_shared_images(admin, browser, image, user, visit):
    """The tab has no violation for a member and a reader, with the marks of a hidden snapshot."""
    admin.image.update_image(image, image_type="snapshot", os_hidden=True)
    visit(user, "/project/images/shared/")
    wait(browser).until(lambda page: page.find_elements(By.PARTIAL_LINK_TEXT, image.name))
    assert len(browser.find_elements(By.CSS_SELECTOR, ".xloud-mark")) >= 2
    assert violations(browser, ".xloud-image-tabs", ".xloud-received") == []


@in_one_panel
@pytest.mark.parametrize("query", ["", "?all=yes", "?size_min=5&size_max=1"])
def test_community_images(browser, visit, query):
    """The tab has no violation before a search, after it, and with an error."""
    visit("ann", f"/project/images/community/{query}")
    assert violations(browser, ".xloud-image-tabs", ".xloud-received") == []


@in_one_panel
def test_details_of_a_shared_image(browser, image, visit):
    """Our part of the details has no violation."""
    visit("ann", f"/project/images/shared/{image.id}/")
    assert violations(browser, "[data-role=access]") == []


@pytest.mark.parametrize(
    ("panel", "user", "path"),
    [("angular", "admin", "/admin/images/"), ("python", "pat", "/project/images/")],
    indirect=["panel"],
)
def test_details_with_the_projects_that_have_access(browser, image, visit, user, path):
    """The details have no violation in either panel, although the panels embed them differently."""
    visit(user, path)
    image_row(browser, image).find_element(By.LINK_TEXT, image.name).click()
    wait(browser).until(lambda page: page.find_elements(By.CSS_SELECTOR, ".xloud-who"))
    assert violations(browser, ".xloud-facts") == []


def test_create_image(browser, panel, visit):
    """The project table in Horizon's form has no violation."""
    visit("admin", "/admin/images/")
    open_form(browser, panel)
    choose_visibility(browser, panel, "Shared")
    go_to(browser, panel, "Projects")
    wait(browser).until(lambda page: projects(page, panel))
    table = ".xloud-new-image-access" if panel == "angular" else "[data-role=new-image-access]"
    assert violations(browser, f".modal.in {table}") == []


@in_one_panel
def test_check_access(browser, image, new_project, visit):
    """The page has no violation when empty, with an error, with matches or with answers."""
    twin = unique("twin")
    new_project(twin)
    new_project(twin, "partners")
    queries = ("", f"?project={twin}&image=nothing", f"?project=research&image={image.id}")
    for query in queries:
        visit("admin", f"/admin/images/access/why/{query}")
        assert violations(browser, ".xloud-why") == [], query


@in_one_panel
def test_access_by_image(browser, image, visit):
    """The page has no violation once all images are read."""
    visit("admin", f"/admin/images/access/by-image/?name={image.name}")
    scanned(browser)
    assert violations(browser, ".xloud-image-tabs", ".xloud-by-image") == []


@in_one_panel
def test_stale_access(admin, browser, new_image, new_project, visit):
    """The question before anything is removed has no violation."""
    gone = new_project()
    image = new_image(members={gone.id: "pending"})
    admin.identity.delete_project(gone)
    visit("admin", f"/admin/images/access/stale/?name={image.name}")
    scanned(browser)
    for button in ("tick-all", "review"):
        ready = (By.CSS_SELECTOR, f".xloud-stale-access [data-role={button}]")
        wait(browser).until(expect.element_to_be_clickable(ready)).click()
    assert violations(browser, ".xloud-image-tabs", ".xloud-stale-access") == []


@in_one_panel
def test_export(browser, image, visit):
    """The export has no violation with the offered file."""
    visit("admin", f"/admin/images/access/by-image/?show=all&name={image.name}")
    scanned(browser)
    browser.find_element(By.CSS_SELECTOR, "[data-role=export-open]").click()
    assert violations(browser, ".xloud-by-image") == []
    browser.find_element(By.CSS_SELECTOR, "[data-export=yaml]").click()
    link = (By.CSS_SELECTOR, "[data-role=export-link]")
    wait(browser).until(expect.element_to_be_clickable(link))
    assert violations(browser, ".xloud-export") == []


@in_one_panel
def test_access_file(browser, image, new_image, project_ids, visit):
    """The page has no violation with a file's errors, or with a plan that has removals."""
    shared = new_image(members={project_ids["research"]: "accepted"})
    visit("admin", access_file.PATH)
    access_file.paste(browser, "images: [{image: x, projects: [&a b]}]")
    access_file.said(browser)
    assert violations(browser, ".xloud-image-tabs", ".xloud-access-file") == []
    lines = f"- {{image: {shared.id}, projects: []}}\n- {{image: nowhere, projects: []}}"
    access_file.paste(browser, f"mode: exact\nimages:\n{lines}")
    access_file.shown(browser, "plan-removals")
    assert violations(browser, ".xloud-access-file") == []


def test_menu_leads_to_the_dialog(browser, image, visit):
    """The row's menu opens a modal dialog whose accessible name contains the image's name."""
    visit("admin", "/admin/images/")
    choose(browser, image_row(browser, image), "Manage Access")
    assert dialog(browser).aria_role == "dialog"
    assert dialog(browser).accessible_name == f"Manage Access: {image.name}"
    assert dialog(browser).get_attribute("aria-modal") == "true"


@in_one_panel
def test_many_images(browser, image, new_image, project_ids, visit):
    """The page, the sheet and the receipt have no violation."""
    ids = image_ids.short([image.id, new_image().id])
    visit("admin", f"/admin/images/access/many/?images={ids}")
    row = f'tr[data-project="{project_ids["research"]}"]'
    browser.find_element(By.CSS_SELECTOR, f"{row} [data-role=many-open]").click()
    browser.find_element(By.CSS_SELECTOR, f"{row} [type=checkbox]").click()
    assert violations(browser, ".xloud-many") == []

    browser.find_element(By.CSS_SELECTOR, "[data-role=many-review]").click()
    confirm = browser.find_element(By.CSS_SELECTOR, "[data-role=plan-confirm]")
    wait(browser).until(lambda _page: confirm.is_enabled())
    assert violations(browser, ".xloud-many") == []

    confirm.click()
    receipt = browser.find_element(By.CSS_SELECTOR, "[data-role=run-receipt]")
    wait(browser).until(lambda _page: receipt.is_displayed())
    assert violations(browser, ".xloud-many") == []
