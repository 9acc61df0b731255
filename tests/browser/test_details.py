# SPDX-License-Identifier: Apache-2.0
"""The facts on an image's details page: visibility, owner, and who has access."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as expect

from tests.browser.pages import (
    choose,
    confirm_button,
    console_errors,
    dialog,
    image_row,
    page_actions,
    page_is_quiet,
    receipt,
    show_images_of_others,
    texts,
    tick,
    wait,
)


@pytest.fixture
def details(browser, visit):
    """Return a function that opens the details of an image from a list, as a user does."""

    def details(user, path, image, *, of_others=False):
        visit(user, path)
        if of_others:
            show_images_of_others(browser)
        image_row(browser, image).find_element(By.LINK_TEXT, image.name).click()
        wait(browser).until(expect.url_contains(image.id))
        return facts(browser)

    return details


def facts(browser):
    """Return the facts, once they are complete."""
    selector = ".xloud-facts:not([aria-busy=true])"
    return wait(browser).until(lambda page: page.find_element(By.CSS_SELECTOR, selector))


def part(browser, role):
    """Return the displayed text of a part of the facts."""
    return facts(browser).find_element(By.CSS_SELECTOR, f"[data-role={role}]").text


def projects(browser):
    """Return the text about each project."""
    items = facts(browser).find_elements(By.CSS_SELECTOR, ".xloud-who li")
    return [" ".join(item.text.split()) for item in items if item.is_displayed()]


def titles(browser):
    """Return the titles of all facts on the page."""
    return texts(browser, "dt")


def test_administrator_sees_who_has_access(browser, details, new_image, project_ids):
    """The details opened from Admin show each fact once, and follow a change of access."""
    team, research = project_ids["app-team-a"], project_ids["research"]
    image = new_image(members={team: "pending"})
    details("admin", "/admin/images/", image)
    page_is_quiet(browser)

    shown = titles(browser)
    assert [shown.count(title) for title in ("Visibility", "Owner", "Access")] == [1, 1, 1]
    assert "Public" not in shown
    assert "Checksum" in shown
    assert part(browser, "visibility") == "Shared"
    assert part(browser, "owner") == f"platform {project_ids['platform']}"
    assert part(browser, "counts") == "1 Pending"
    assert projects(browser) == [f"app-team-a Pending {team}"]
    console_errors(browser)

    choose(browser, page_actions(browser), "Manage Access")
    dialog(browser)
    tick(browser, research)
    confirm_button(browser).click()

    wait(browser).until(lambda page: part(page, "counts") == "1 Accepted · 1 Pending")
    assert f"research Accepted {research}" in projects(browser)

    receipt(browser).find_element(By.CSS_SELECTOR, "[data-role=undo-change] button").click()
    wait(browser).until(lambda page: part(page, "counts") == "1 Pending")
    assert console_errors(browser) == set()


def test_owner_is_told_whom_to_ask(browser, details, new_image, project_ids):
    """A user of the owner sees who has access, and the image's ID to send to an administrator."""
    image = new_image(members={project_ids["research"]: "rejected"})
    details("pat", "/project/images/", image)

    assert part(browser, "counts") == "1 Rejected"
    assert projects(browser) == [f"{project_ids['research']} Rejected"]
    assert part(browser, "asks").startswith("An administrator chooses the projects.")
    assert part(browser, "image-id") == image.id

    facts(browser).find_element(By.CSS_SELECTOR, "[data-role=copy-image-id]").click()
    wait(browser).until(lambda page: part(page, "id-copied") == "Copied")


def test_receiving_project_is_led_to_its_answer(browser, details, new_image, project_ids):
    """The details say that the image is accepted, and link to the page for the answer."""
    image = new_image(members={project_ids["app-team-a"]: "accepted"})
    visibility_of_others = details("ann", "/project/images/", image, of_others=True)

    assert part(browser, "status") == "Accepted"
    assert part(browser, "owner") == project_ids["platform"]
    assert not visibility_of_others.find_elements(By.CSS_SELECTOR, ".xloud-who")

    facts(browser).find_element(By.CSS_SELECTOR, "[data-role=answer-here]").click()
    wait(browser).until(expect.url_contains(f"/shared/{image.id}/"))
