# SPDX-License-Identifier: Apache-2.0
"""Edit Image sets any visibility, only on request, and names projects with earlier access."""

import pytest
from selenium.webdriver.common.by import By

from tests.browser.create_image import choose_visibility
from tests.browser.edit_image import FORM, open_form, save
from tests.browser.pages import (
    choose,
    confirm,
    console_errors,
    dialog,
    image_row,
    page_is_quiet,
    part,
    says,
    tick,
    wait,
)

# A user who may edit an image of the project platform, and the dashboard to use. In the browser,
# each panel runs the same code for both dashboards.
one_editor_a_panel = pytest.mark.parametrize(
    ("panel", "user", "where"),
    [("angular", "pat", "project"), ("python", "admin", "admin")],
    indirect=["panel"],
)


@pytest.fixture
def edit(browser, visit, panel):
    """Return a function that opens Edit Image in a list, changes the image and saves it."""

    def edit(user, where, image, visibility=None, name=None):
        visit(user, f"/{where}/images/")
        open_form(browser, panel, image)
        if visibility:
            choose_visibility(browser, panel, visibility, FORM)
        if name:
            field = browser.find_element(By.CSS_SELECTOR, f"{FORM} [name=name]")
            field.clear()
            field.send_keys(name)
        save(browser, panel)
        says(browser, "was successfully updated.")
        page_is_quiet(browser)

    return edit


@one_editor_a_panel
def test_keeps_the_visibility_of_what_is_edited(
    edit, admin, new_image, project_ids, members, user, where
):
    """A shared image keeps its projects when its name changes."""
    image = new_image(members={project_ids["research"]: "accepted"})

    edit(user, where, image, name=f"{image.name}-renamed")

    now = admin.image.get_image(image.id)
    assert now.name == f"{image.name}-renamed"
    assert now.visibility == "shared"
    assert members(image) == {project_ids["research"]: "accepted"}


def test_administrator_sets_every_visibility(edit, admin, new_image):
    """An administrator can set each visibility, one after the other."""
    image = new_image(owner="admin")  # Glance lists community images of one's own project only
    for visibility in ("Community", "Public", "Private", "Shared"):
        edit("admin", "admin", image, visibility)
        assert admin.image.get_image(image.id).visibility == visibility.lower()


@one_editor_a_panel
def test_says_who_has_access_from_before(
    browser, edit, admin, manage_access, new_image, project_ids, user, where
):
    """Edit Image names members from before at once, Manage Access until the access is changed."""
    image = new_image(
        members={project_ids["research"]: "accepted", project_ids["app-team-a"]: "pending"}
    )
    admin.image.update_image(image, visibility="private")
    console_errors(browser)

    edit(user, where, image, "Shared")

    says(browser, f'"{image.name}" is shared again: 2 projects have access from before: ')
    named = "research" if user == "admin" else project_ids["research"]
    says(browser, named)
    manage_access(image)
    assert part(browser, "returned").text.startswith("2 projects have access from before")
    assert "research" in part(browser, "returned").text
    tick(browser, project_ids["research"])
    confirm(browser)
    choose(browser, image_row(browser, image), "Manage Access")
    assert dialog(browser).find_elements(By.CSS_SELECTOR, "[data-role=returned]") == []


@pytest.mark.parametrize("panel", ["python"], indirect=True)
@pytest.mark.parametrize("form", ["modal", "page"])
@pytest.mark.parametrize(("user", "where"), [("admin", "admin"), ("pat", "project")])
def test_help_is_visible(browser, visit, new_image, user, where, form):
    """The help text says what happens to the access when an image is no longer shared."""
    image = new_image()
    if form == "modal":
        visit(user, f"/{where}/images/")
        image_row(browser, image).find_element(By.LINK_TEXT, "Edit Image").click()
    else:
        visit(user, f"/{where}/images/{image.id}/update/")
    field = wait(browser).until(lambda page: page.find_element(By.NAME, "visibility"))

    explained = browser.find_element(By.ID, field.get_attribute("aria-describedby"))

    wait(browser).until(lambda _page: explained.text.startswith("Who can see the image."))
