# SPDX-License-Identifier: Apache-2.0
"""Edit Image, Deactivate and Delete say beforehand how many projects lose access."""

import pytest
from selenium.common.exceptions import NoSuchElementException
from selenium.webdriver.common.by import By

from tests.browser.create_image import STANDS_STILL, choose_visibility
from tests.browser.edit_image import FORM, open_form
from tests.browser.pages import (
    choose,
    image_row,
    in_one_panel,
    page_actions,
    page_is_quiet,
    says,
    under_way,
    wait,
)
from tests.environment import HORIZON

# A user who may edit an image of the project platform, and the dashboard to use. In the browser,
# each panel runs the same code for both dashboards.
one_owner_a_panel = pytest.mark.parametrize(
    ("panel", "user", "where"),
    [("angular", "admin", "admin"), ("python", "pat", "project")],
    indirect=["panel"],
)
SENTENCE = ".modal .xloud-access-loss"
# The addresses of the page's requests for the projects that lose access.
ASKED = """
    return performance.getEntriesByType('resource')
      .map(entry => entry.name).filter(name => name.includes('/access/loss/'));
"""


@pytest.fixture
def image(new_image, project_ids):
    """Return a shared image with one accepted member and one pending member."""
    return new_image(
        members={project_ids["research"]: "accepted", project_ids["app-team-a"]: "pending"}
    )


@pytest.fixture
def named(project_ids):
    """Return a function that names the image's two projects as a user sees them."""

    def named(user):
        names = ["app-team-a", "research"]
        return " and ".join(names if user == "admin" else sorted(map(project_ids.get, names)))

    return named


@pytest.fixture
def sentence(browser):
    """Return a function that waits for a sentence in the open dialog."""

    def sentence(text):
        def shown(page):
            try:
                found = page.find_element(By.CSS_SELECTOR, SENTENCE)
            except NoSuchElementException:
                return False
            return found.text == text and found.get_attribute("role") == "status"

        wait(browser).until(shown, f"the dialog does not say: {text}")

    return sentence


@pytest.fixture
def go_on(browser):
    """Return a function that presses the red button of the question."""

    def go_on():
        wait(browser).until(lambda page: page.execute_script(STANDS_STILL, ".modal"))
        browser.find_element(By.CSS_SELECTOR, ".modal .modal-footer .btn-danger").click()

    return go_on


@one_owner_a_panel
def test_edit_image_says_what_a_visibility_takes_away(
    browser, visit, panel, image, named, sentence, user, where
):
    """The form states the loss beside the field for each visibility except the current one."""
    visit(user, f"/{where}/images/")
    open_form(browser, panel, image)
    assert browser.execute_script(ASKED) == []

    choose_visibility(browser, panel, "Private", FORM)
    sentence(
        f"2 projects have access to this image and will lose it: {named(user)}. "
        "Glance keeps the list: it counts again once the image is shared again."
    )
    choose_visibility(browser, panel, "Community", FORM)
    sentence(
        f"2 projects have access to this image: {named(user)}. "
        "Every project can use a community image, but it leaves their image lists. "
        "Glance keeps the list: it counts again once the image is shared again."
    )
    choose_visibility(browser, panel, "Shared", FORM)
    sentence("")


@one_owner_a_panel
def test_delete_in_a_row_says_who_loses_access(
    browser, visit, admin, image, named, sentence, go_on, user, where
):
    """The question names the projects that lose access; the list alone does not request them."""
    visit(user, f"/{where}/images/")
    assert browser.execute_script(ASKED) == []

    choose(browser, image_row(browser, image), "Delete Image")

    sentence(f"2 projects have access to this image and will lose it: {named(user)}.")
    go_on()
    says(browser, image.name)
    assert admin.image.find_image(image.id) is None


def test_delete_of_several_images_counts_each_project_once(
    browser, visit, new_image, project_ids, image, sentence
):
    """The question about ticked images does not count a project twice."""
    other = new_image(
        members={project_ids["research"]: "accepted", project_ids["app-team-b"]: "pending"}
    )
    visit("admin", "/admin/images/")
    for ticked in (image, other):
        label = ".themable-checkbox label"
        image_row(browser, ticked).find_element(By.CSS_SELECTOR, label).click()

    browser.find_element(By.XPATH, "//button[normalize-space() = 'Delete Images']").click()

    sentence("3 projects have access to these images and will lose it.")


@one_owner_a_panel
def test_delete_on_the_details_page_says_who_loses_access(
    browser, visit, image, named, sentence, user, where
):
    """The details page asks the same question as the row."""
    visit(user, f"/{where}/images/")
    image_row(browser, image).find_element(By.LINK_TEXT, image.name).click()
    wait(browser).until(lambda page: image.id in page.current_url)
    page_is_quiet(browser)

    choose(browser, page_actions(browser), "Delete Image")

    sentence(f"2 projects have access to this image and will lose it: {named(user)}.")


def test_deactivate_says_who_cannot_use_the_image(
    browser, visit, panel, admin, image, named, sentence, go_on
):
    """The question names the loss, except in the Python panel before 27, which lacks Deactivate."""
    if panel == "python" and HORIZON < (27,):
        pytest.skip("Horizon has no Deactivate here")
    visit("pat", "/project/images/")

    choose(browser, image_row(browser, image), "Deactivate Image")

    sentence(
        "2 projects have access to this image and cannot use it until it is reactivated: "
        f"{named('pat')}."
    )
    go_on()
    says(browser, image.name)
    assert admin.image.get_image(image.id).status == "deactivated"


def test_question_does_not_wait_for_the_sentence(browser, visit, image, named, sentence):
    """The question appears at once, and the sentence follows."""
    visit("admin", "/admin/images/")
    with under_way(browser):
        choose(browser, image_row(browser, image), "Delete Image")
        wait(browser).until(lambda page: page.execute_script(STANDS_STILL, ".modal"))
        button = browser.find_element(By.CSS_SELECTOR, ".modal .modal-footer .btn-danger")
        assert button.is_displayed()
    sentence(f"2 projects have access to this image and will lose it: {named('admin')}.")


@in_one_panel
def test_failure_keeps_nobody_from_deleting(browser, visit, admin, image, sentence, go_on):
    """The question says that the loss could not be determined, and Delete still works."""
    visit("admin", "/admin/images/")
    browser.execute_script(
        "document.querySelectorAll('[data-loss-url]')"
        ".forEach(button => button.dataset.lossUrl = '/no-such-page/')"
    )

    choose(browser, image_row(browser, image), "Delete Image")

    sentence("It could not be determined how many projects have access.")
    go_on()
    says(browser, image.name)
    assert admin.image.find_image(image.id) is None
