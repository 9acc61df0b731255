# SPDX-License-Identifier: Apache-2.0
"""``make pictures``: the documentation's pictures, and all others with ``PICTURES=<folder>``.

The tests assert nothing; people look at the pictures.
"""

import pytest
from django.utils import translation
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as expect

from tests.browser.create_image import FORM, choose_visibility, go_to, open_form, projects
from tests.browser.pages import (
    DIALOG,
    choose,
    confirm,
    dialog,
    image_row,
    page_is_quiet,
    part,
    receipt,
    search,
    tick,
    wait,
)
from xloud_images_panel.dashboard.catalogue import image_ids

GOLDEN = "ubuntu-22.04-lts"


@pytest.fixture
def open_dialog(camera):
    """Return a function that opens the dialog of an image from the administrator's list."""

    def open_dialog(image):
        camera.enter("admin", "/admin/images/")
        with translation.override(camera.language):
            entry = translation.gettext("Manage Access")
        choose(camera.browser, image_row(camera.browser, image), entry)
        dialog(camera.browser)
        page_is_quiet(camera.browser)

    return open_dialog


@pytest.fixture
def golden(admin):
    """Return the image that is shared with many projects."""
    return admin.image.find_image(GOLDEN)


@pytest.fixture
def answered(new_image, project_ids):
    """Return a shared image with a member of each status."""
    statuses = {"research": "accepted", "app-team-a": "pending", "app-team-b": "rejected"}
    return new_image("fedora-43", members={project_ids[name]: statuses[name] for name in statuses})


def tick_another(browser):
    """Tick the first project that has no access."""
    browser.find_element(
        By.CSS_SELECTOR, f"{DIALOG} tbody tr:not([data-member]) [type=checkbox]:enabled"
    ).click()


def test_manage_access(camera, golden, open_dialog, teams):
    """The dialog has many selected projects."""
    open_dialog(golden)
    search(camera.browser, "team-0")
    part(camera.browser, "all").click()
    wait(camera.browser).until(lambda page: part(page, "all-told").text)
    camera.take("manage-access")


def test_manage_access_with_changes(answered, camera, open_dialog, project_ids, teams):
    """The dialog shows one change of each kind, then its question."""
    open_dialog(answered)
    tick(camera.browser, project_ids["research"])
    tick_another(camera.browser)
    for button in camera.browser.find_elements(By.CSS_SELECTOR, f"{DIALOG} [data-role=other-verb]"):
        button.click()
    camera.take("manage-access-changes")
    camera.browser.find_element(By.CSS_SELECTOR, f"{DIALOG} .cancel").click()
    camera.take("manage-access-question")


def test_manage_access_with_its_panels(answered, camera, open_dialog, teams):
    """The dialog's panels for a list and for copying are open."""
    open_dialog(answered)
    part(camera.browser, "list-open").click()
    part(camera.browser, "list").send_keys("research, nobody-here")
    part(camera.browser, "list-select").click()
    wait(camera.browser).until(lambda page: part(page, "list-told").text)
    part(camera.browser, "copy-open").click()
    ways = (By.CSS_SELECTOR, f"{DIALOG} [data-role=copy-from]")
    wait(camera.browser).until(expect.visibility_of_element_located(ways))
    camera.take("manage-access-panels")


def test_receipt(answered, camera, open_dialog, project_ids):
    """The receipt is above the list."""
    open_dialog(answered)
    tick(camera.browser, project_ids["research"])
    tick_another(camera.browser)
    confirm(camera.browser)
    receipt(camera.browser)
    camera.take("receipt")


def test_create_image(camera, panel, teams):
    """The form offers the projects of a golden image with the same name."""
    if camera.language != "en":
        pytest.skip("the steps there are by their English names")
    camera.enter("admin", "/admin/images/")
    open_form(camera.browser, panel)
    form = camera.browser.find_element(By.CSS_SELECTOR, FORM[panel])
    form.find_element(By.NAME, "name").send_keys(GOLDEN)
    choose_visibility(camera.browser, panel, "Shared")
    go_to(camera.browser, panel, "Projects")
    table = wait(camera.browser).until(lambda page: projects(page, panel))
    offer = (By.CSS_SELECTOR, f"{FORM[panel]} [data-role=offer]")
    if panel == "python":
        camera.browser.execute_script("jQuery('input[name=name]').trigger('change')")
    wait(camera.browser).until(expect.visibility_of_element_located(offer))
    if panel == "python":
        camera.browser.execute_script("arguments[0].scrollIntoView()", table)
    camera.take("create-image")


def test_shared_images(admin, camera, new_image, project_ids):
    """The table has every status, and a hidden snapshot."""
    team = project_ids["app-team-a"]
    for name, owner, status in (
        ("rocky-10-golden", "platform", "accepted"),
        ("jupyter-notebook", "data-science", "rejected"),
        ("cirros", "research", "pending"),
    ):
        new_image(name, owner=owner, members={team: status})
    snapshot = new_image("storefront-before-upgrade", owner="app-team-b", members={team: "pending"})
    admin.image.update_image(snapshot, image_type="snapshot", os_hidden=True)
    camera.enter("ann", "/project/images/shared/")
    wait(camera.browser).until(
        lambda page: len(page.find_elements(By.CSS_SELECTOR, ".xloud-mark")) > 2
    )
    camera.take("shared-images")


def test_access_by_image(answered, camera):
    """The list covers the whole cloud."""
    camera.enter("admin", "/admin/images/access/by-image/?show=all")
    page_is_quiet(camera.browser)
    wait(camera.browser).until(lambda page: page.find_elements(By.LINK_TEXT, answered.name))
    camera.take("access-by-image")


def test_access_by_project(camera, new_image, project_ids):
    """One of the project's images is ticked."""
    team = project_ids["app-team-b"]
    for name, status in (("rocky-10-golden", "accepted"), ("jupyter-notebook", "pending")):
        new_image(name, members={team: status})
    camera.enter("admin", f"/admin/images/access/by-project/?project={team}")
    ticks = (By.CSS_SELECTOR, ".xloud-by-project [data-role=list] tbody [data-tick]")
    wait(camera.browser).until(lambda page: len(page.find_elements(*ticks)) > 1)
    camera.browser.find_element(*ticks).click()
    camera.take("access-by-project")


def test_many_images(answered, camera, golden, new_image, project_ids, teams):
    """Boxes are on, off and mixed; the second picture shows the sheet."""
    other = new_image("fedora-42", members={project_ids["research"]: "accepted"})
    ids = image_ids.short(image.id for image in (answered, other, golden))
    camera.enter("admin", f"/admin/images/access/many/?images={ids}")
    boxes = (By.CSS_SELECTOR, ".xloud-many tbody [type=checkbox]:enabled")
    for box in wait(camera.browser).until(lambda page: page.find_elements(*boxes))[:4]:
        box.click()
    camera.browser.execute_script("scrollTo(0, 0)")
    camera.take("many-images")
    review = camera.browser.find_element(By.CSS_SELECTOR, ".xloud-many [data-role=many-review]")
    review.click()
    ready = (By.CSS_SELECTOR, ".xloud-many [data-role=plan-confirm]")
    wait(camera.browser).until(expect.element_to_be_clickable(ready))
    camera.take("many-images-sheet")


def test_check_access(answered, camera):
    """The project in the answer has yet to accept."""
    camera.enter("admin", f"/admin/images/access/why/?project=app-team-a&image={answered.id}")
    wait(camera.browser).until(
        lambda page: page.find_elements(By.CSS_SELECTOR, ".xloud-why section [data-role=label]")
    )
    camera.take("check-access")


def test_stale_access(admin, camera, new_image, new_project):
    """The page asks before it removes anything; a disabled project is below a heading."""
    gone, disabled = new_project(), new_project("archive", is_enabled=False)
    image = new_image("fedora-42", members={gone.id: "pending", disabled.id: "accepted"})
    admin.identity.delete_project(gone)
    camera.enter("admin", f"/admin/images/access/stale/?name={image.name}")
    for button in ("tick-all", "review"):
        ready = (By.CSS_SELECTOR, f".xloud-stale-access [data-role={button}]")
        wait(camera.browser).until(expect.element_to_be_clickable(ready)).click()
    camera.take("stale-access")


def test_community_images(camera):
    """The tab lists all images without a search."""
    camera.enter("ann", "/project/images/community/?all=yes")
    camera.take("community-images")


def test_shared_image(answered, camera):
    """The details page shows an image that waits for an answer."""
    camera.enter("ann", f"/project/images/shared/{answered.id}/")
    camera.take("shared-image")
