# SPDX-License-Identifier: Apache-2.0
"""Check a Project's Access leads from a list to the answer, and to the page that changes it."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.pages import (
    choices,
    choose,
    confirm,
    console_errors,
    dialog,
    focused,
    image_row,
    in_one_panel,
    messages,
    page_actions,
    page_is_quiet,
    search,
    tick,
    unique,
    wait,
)

ACTION = "Check Access"
URL = "/admin/images/access/why/"


def answers(browser):
    """Return the texts of the two answers, once the page has them."""
    selector = ".xloud-why section [data-role=label]"
    found = wait(browser).until(lambda page: page.find_elements(By.CSS_SELECTOR, selector))
    return [label.text.strip() for label in found]


def heading(browser):
    """Return the heading of the answers."""
    return browser.find_element(By.CSS_SELECTOR, ".xloud-why h2")


def test_image_row_leads_to_the_answer_and_on_to_manage_access(
    browser, visit, new_image, project_ids
):
    """The form works by keyboard alone, and the answers change with the access."""
    image = new_image()
    visit("admin", "/admin/images/")
    choose(browser, image_row(browser, image), ACTION)
    wait(browser).until(lambda page: URL in page.current_url)
    page_is_quiet(browser)
    assert focused(browser).get_attribute("name") == "project"
    console_errors(browser)

    focused(browser).send_keys("app-team-a", Keys.ENTER)
    assert answers(browser) == ["No", "No"]
    assert heading(browser).text == f"Project app-team-a, image {image.name}"
    assert f"project=app-team-a&image={image.id}" in browser.current_url

    steps = browser.find_elements(By.CSS_SELECTOR, "[data-role=lists] [data-role=steps] a")
    assert [step.text for step in steps] == ["Manage Access", "Manage Access"]
    page_is_quiet(browser)
    steps[0].send_keys(Keys.ENTER)
    assert image.name in dialog(browser).find_element("id", "id_image_name").get_property("value")
    search(browser, "app-team-a")
    tick(browser, project_ids["app-team-a"])
    confirm(browser)
    assert messages(browser) == [f'"{image.name}" is now shared with app-team-a.']
    wait(browser).until(lambda page: answers(page) == ["Yes", "Yes"])
    wait(browser).until(lambda page: focused(page) == heading(page))
    assert console_errors(browser) == set()


def test_strip_and_details_lead_to_it_and_project_does_not(browser, visit, new_image):
    """Admin offers the page with and without an image; Project offers it to nobody."""
    image = new_image(owner="admin", visibility="private")
    visit("admin", "/admin/images/")
    tab = (By.CSS_SELECTOR, f".xloud-image-tabs a[href='{URL}']")
    wait(browser).until(lambda page: page.find_elements(*tab))[0].click()
    wait(browser).until(lambda page: page.current_url.endswith(URL))
    active = browser.find_element(By.CSS_SELECTOR, ".xloud-image-tabs .active")
    assert active.text == "Check a Project's Access"
    visit("admin", "/admin/images/")
    image_row(browser, image).find_element("link text", image.name).click()
    wait(browser).until(lambda page: image.id in page.current_url)
    choose(browser, page_actions(browser), ACTION)
    wait(browser).until(lambda page: f"{URL}?image={image.id}" in page.current_url)
    page_is_quiet(browser)
    field = browser.find_element(By.ID, "id_why_image")
    assert field.get_property("value") == image.id

    visit("admin", "/project/images/")
    assert ACTION not in choices(browser, image_row(browser, image))


def test_steps_of_a_private_image_lead_to_edit_image(browser, visit, new_image, panel):
    """The link opens Edit Image in the Python panel, and details that offer it in AngularJS's."""
    image = new_image(visibility="private")
    visit("admin", f"{URL}?project=app-team-a&image={image.id}")
    page_is_quiet(browser)
    browser.find_element(By.LINK_TEXT, "Edit Image").click()
    if panel == "python":
        title = wait(browser).until(
            lambda page: page.find_elements(By.CSS_SELECTOR, ".modal.in .modal-title")
        )
        assert title[0].text == "Edit Image"
    else:
        wait(browser).until(lambda page: "/ngdetails/" in page.current_url)
        assert "Edit Image" in " ".join(
            [page_actions(browser).text, *choices(browser, page_actions(browser))]
        )


@in_one_panel
def test_matches_are_chosen_by_keyboard(browser, visit, new_image, new_project):
    """With two projects of the same name, the next Tab stops are the matches."""
    image, name = new_image(), unique("twin")
    new_project(name)
    new_project(name, "partners")
    visit("admin", f"{URL}?project={name}&image={image.id}")
    page_is_quiet(browser)
    assert focused(browser).get_attribute("name") == "project"
    assert not browser.find_elements(By.CSS_SELECTOR, ".xloud-why section")
    offers = browser.find_elements(By.CSS_SELECTOR, ".xloud-why-offers li")
    assert {offer.text.split(")")[0] for offer in offers} == {
        f"{name} (Default",
        f"{name} (partners",
    }
    focused(browser).send_keys(Keys.TAB)
    assert focused(browser).text == name
    focused(browser).send_keys(Keys.ENTER)
    assert answers(browser) == ["No", "No"]


@in_one_panel
@pytest.mark.parametrize("template", ["{{$ {} $}}", "{{{{ {} }}}}", "<b>{}</b>"])
def test_hostile_name_is_shown_and_not_run(browser, visit, new_image, template):
    """The field, the heading and the matches show the name as text."""
    code = "constructor.constructor('document.title = 1')()"
    image = new_image(name=f"{unique('x')} {template.format(code)}")
    twin = new_image(name=image.name)
    visit("admin", f"{URL}?project=app-team-a&image={image.id}")
    assert heading(browser).text.endswith(image.name)
    field = browser.find_element(By.ID, "id_why_image")
    field.clear()
    field.send_keys(image.name, Keys.ENTER)
    found = wait(browser).until(
        lambda page: page.find_elements(By.CSS_SELECTOR, ".xloud-why-offers a")
    )
    assert [link.text for link in found] == [image.name] * 2
    assert {twin.id, image.id} == {
        row.find_element(By.CSS_SELECTOR, ".small").text
        for row in browser.find_elements(By.CSS_SELECTOR, ".xloud-why-offers li")
    }
    assert browser.title != "1"
