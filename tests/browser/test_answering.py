# SPDX-License-Identifier: Apache-2.0
"""A project accepts and rejects shared images, in both Images panels."""

import html
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import permutations
from threading import Thread
from typing import ClassVar

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as expect

from demo.cloud import HOST
from tests.browser.pages import (
    image_row,
    in_one_panel,
    messages,
    page_is_quiet,
    says,
    shared_images,
    show_images_of_others,
    unique,
    wait,
)
from tests.environment import HORIZON

TAB = "/project/images/shared/"
CONFIRM = "#modal_wrapper .modal.in"


def click(browser, where, text):
    """Click a button in a row or on a page, even inside the row's menu."""
    (button,) = where.find_elements(By.XPATH, f".//button[normalize-space() = '{text}']")
    if not button.is_displayed():
        where.find_element(By.CSS_SELECTOR, ".dropdown-toggle").click()
    button.click()


def asked(browser):
    """Return the question before an action, once it has stopped moving."""
    question = wait(browser).until(expect.visibility_of_element_located((By.CSS_SELECTOR, CONFIRM)))
    wait(browser).until(
        lambda page: page.execute_script(
            "return getComputedStyle(arguments[0]).opacity === '1'"
            " && !arguments[0].getAnimations({subtree: true}).length",
            question,
        )
    )
    return question


def badge(browser):
    """Return the text of the badge on the tab Shared Images, or nothing when it is hidden."""
    page_is_quiet(browser)
    (element,) = browser.find_elements(By.CSS_SELECTOR, ".xloud-image-tabs .badge")
    return element.text


@pytest.fixture
def received(new_image, project_ids):
    """Return an image shared with app-team-a, which has not answered yet."""
    return new_image(members={project_ids["app-team-a"]: "pending"})


@pytest.fixture
def answer(admin, project_ids):
    """Return a function that asks Glance for app-team-a's answer."""
    return lambda image: admin.image.get_member(project_ids["app-team-a"], image).status


def test_accepted_image_comes_into_the_images_list(browser, visit, received, answer):
    """One click accepts the image, which then appears in Horizon's own list."""
    visit("ann", TAB)
    assert shared_images(browser)[received.name] == "Pending"

    click(browser, image_row(browser, received), "Accept")

    assert messages(browser) == [
        f"Accepted for app-team-a: {received.name}. Now in the image lists of this project."
    ]
    assert shared_images(browser)[received.name] == "Accepted"
    assert answer(received) == "accepted"
    visit("ann", "/project/images/")
    show_images_of_others(browser)
    assert image_row(browser, received).is_displayed()


def test_reject_asks_first_and_says_what_it_does_not_do(browser, visit, received, answer):
    """The question says that the access stays; only Reject changes the status, not Cancel."""
    visit("ann", TAB)
    click(browser, image_row(browser, received), "Reject")
    question = asked(browser)
    assert received.name in question.text
    assert "does not take the access away" in question.text

    question.find_element(By.CSS_SELECTOR, ".cancel").click()
    wait(browser).until(expect.invisibility_of_element(question))
    assert answer(received) == "pending"

    click(browser, image_row(browser, received), "Reject")
    asked(browser).find_element(By.CSS_SELECTOR, ".btn-danger").click()
    assert messages(browser) == [
        f"Rejected for app-team-a: {received.name}. No longer in the image lists of this project."
    ]
    assert shared_images(browser)[received.name] == "Rejected"
    assert answer(received) == "rejected"


@in_one_panel
def test_many_at_once_keep_their_place(browser, visit, new_image, project_ids, answer):
    """The buttons above the table answer for the ticked images, and the filter stays in force."""
    family = unique("many")
    team = project_ids["app-team-a"]
    images = [new_image(f"{family}-{number}", members={team: "pending"}) for number in range(3)]
    visit("ann", f"{TAB}?name={family}&access=pending")
    table = browser.find_element(By.ID, "shared_images")
    assert "disabled" in table.find_element(By.NAME, "action").get_attribute("class")
    for image in images[:2]:
        image_row(browser, image).find_element(
            By.CSS_SELECTOR, ".multi_select_column label"
        ).click()

    click(browser, table.find_element(By.CSS_SELECTOR, ".table_actions"), "Accept")

    (message,) = messages(browser)
    # The message follows the table, in which IDs order images of the same moment.
    assert message in {
        f"Accepted for app-team-a: {first.name} and {second.name}."
        " Now in the image lists of this project."
        for first, second in permutations(images[:2])
    }
    assert browser.current_url.endswith(f"{TAB}?name={family}&access=pending")
    assert shared_images(browser) == {images[2].name: "Pending"}
    assert [answer(image) for image in images] == ["accepted", "accepted", "pending"]


def test_details_show_the_access_and_take_the_answer(browser, visit, received, answer):
    """The image's page, opened from the tab, says Pending and has the same buttons."""
    visit("ann", TAB)
    browser.find_element(By.LINK_TEXT, received.name).click()
    wait(browser).until(expect.url_contains(received.id))
    assert browser.find_element(By.CSS_SELECTOR, "[data-role=status]").text == "Pending"
    assert "This project has not decided yet" in meaning(browser)
    assert received.id in browser.find_element(By.ID, "content_body").text

    click(browser, browser.find_element(By.CSS_SELECTOR, ".detail-actions"), "Reject")
    assert received.name in asked(browser).text
    browser.find_element(By.CSS_SELECTOR, f"{CONFIRM} .btn-danger").click()

    assert "Rejected" in messages(browser)[0]
    assert answer(received) == "rejected"
    visit("ann", f"{TAB}{received.id}/")
    assert "This project has rejected the image" in meaning(browser)


def meaning(browser):
    """Return the visible text about the status on the details page."""
    return browser.find_element(By.CSS_SELECTOR, "[data-role=meaning]").text


def test_badge_tells_how_many_are_pending(browser, visit, received, new_image, project_ids):
    """On each tab, the label of Shared Images counts the pending images until there are none."""
    team = project_ids["app-team-b"]
    other = new_image(members={team: "pending"})
    for path in ("", "shared/", "community/"):
        visit("bob", f"/project/images/{path}")
        assert badge(browser) == "1"

    visit("bob", TAB)
    click(browser, image_row(browser, other), "Accept")
    assert "Accepted" in messages(browser)[0]
    assert badge(browser) == ""


@in_one_panel
def test_reader_sees_no_buttons(browser, visit, received):
    """A reader gets no checkboxes, no Accept and no Reject."""
    visit("rita", TAB)

    row = image_row(browser, received)
    assert not row.find_elements(By.CSS_SELECTOR, "button, [type=checkbox]")
    assert not browser.find_elements(By.CSS_SELECTOR, "#shared_images .table_actions button")


# Horizon itself removes the brackets of AngularJS's expressions, and shows the rest. The names are
# as long as a sentence can show without cutting them.
MARKUP = "<img src=x onerror=h=1>&amp;"
HOSTILE = MARKUP + "{$constructor.constructor('h=1')()$}"


@in_one_panel
@pytest.mark.parametrize("where", ["row", "table", "details"])
def test_hostile_name_is_shown_and_not_run(browser, visit, new_image, project_ids, where):
    """The question before an action, its message and the page show a name only as text."""
    image = new_image(HOSTILE, members={project_ids["app-team-a"]: "pending"})
    visit("ann", f"{TAB}{image.id}/" if where == "details" else f"{TAB}?name=onerror")
    page_is_quiet(browser)
    assert MARKUP in browser.find_element(By.ID, "content_body").text
    if where == "details":
        buttons = browser.find_element(By.CSS_SELECTOR, ".detail-actions")
    elif where == "row":
        buttons = image_row(browser, image)
    else:
        row = image_row(browser, image)
        row.find_element(By.CSS_SELECTOR, ".multi_select_column label").click()
        buttons = browser.find_element(By.CSS_SELECTOR, "#shared_images .table_actions")

    click(browser, buttons, "Reject")
    question = asked(browser)

    # Horizon 25.3 escapes a name in its questions twice, even in its own tables.
    assert (MARKUP if HORIZON >= (25, 5) else html.escape(MARKUP)) in question.text
    question.find_element(By.CSS_SELECTOR, ".btn-danger").click()
    assert MARKUP in messages(browser)[0]
    assert browser.execute_script("return window.h") is None


class Nova(BaseHTTPRequestHandler):
    """The part of a compute service that Horizon's Launch Instance needs to start."""

    ANSWERS: ClassVar = {
        "/": {"versions": [{"id": "v2.1", "status": "CURRENT", "links": []}]},
        "/v2.1/": {"version": {"id": "v2.1", "status": "CURRENT", "links": []}},
        "/v2.1/os-availability-zone": {
            "availabilityZoneInfo": [
                {"zoneName": "nova", "zoneState": {"available": True}, "hosts": None}
            ]
        },
    }

    def do_GET(self) -> None:
        """Answer known paths; any other path is not found."""
        path = self.path.partition("?")[0]
        answer = self.ANSWERS.get(path) or self.ANSWERS.get(f"{path}/")
        self.send_response(200 if answer else 404)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer or {}).encode())

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def nova(admin, cleanup):
    """Register a compute service in the catalog, and serve it."""
    server = cleanup.enter_context(ThreadingHTTPServer((HOST, 0), Nova))
    cleanup.callback(server.shutdown)
    Thread(target=server.serve_forever, daemon=True).start()
    service = admin.identity.create_service(name="nova", type="compute")
    cleanup.callback(admin.identity.delete_service, service)
    admin.identity.create_endpoint(
        service_id=service.id,
        interface="public",
        url=f"http://{HOST}:{server.server_port}/v2.1",
        region_id="RegionOne",
    )


def launch(browser, image):
    """Click Launch in the row of an image, and check that the wizard allocates it as the source."""
    row = image_row(browser, image)
    link = row.find_element(By.CSS_SELECTOR, "[data-launch-image]")
    if not link.is_displayed():
        row.find_element(By.CSS_SELECTOR, ".dropdown-toggle").click()
    link.click()
    wizard = wait(browser).until(
        expect.visibility_of_element_located((By.CSS_SELECTOR, ".modal wizard"))
    )
    wait(browser).until(lambda _page: wizard.find_elements(By.LINK_TEXT, "Source"))
    wizard.find_element(By.LINK_TEXT, "Source").click()
    wait(browser).until(
        lambda page: image.name in page.find_element(By.CSS_SELECTOR, ".transfer-allocated").text,
        "the wizard has no image, or another one",
    )


def test_launch_allocates_the_image(browser, enter, nova, new_image, project_ids):
    """With Nova, Launch opens Horizon's wizard with the accepted image as its source."""
    image = new_image(members={project_ids["app-team-a"]: "accepted"})
    enter("ann", f"{TAB}?name={image.name}")  # a new session, as the catalog comes with the token

    launch(browser, image)


@in_one_panel
def test_launch_allocates_a_community_image(browser, enter, nova, new_image):
    """The wizard also lists community images of other projects."""
    image = new_image(visibility="community")
    enter("ann", f"/project/images/community/?name={image.name}")

    launch(browser, image)


@in_one_panel
def test_launch_says_what_to_do_first(browser, enter, nova, received):
    """A pending image's link says why and opens nothing, as the wizard would not list the image."""
    enter("ann", f"{TAB}?name={received.name}")

    row = image_row(browser, received)
    row.find_element(By.CSS_SELECTOR, ".dropdown-toggle").click()
    link = row.find_element(By.LINK_TEXT, "Launch (accept the image first)")
    assert link.is_displayed()
    assert browser.execute_script("return getComputedStyle(arguments[0]).pointerEvents", link) == (
        "none"
    )

    click(browser, row, "Accept")
    says(browser, "Accepted for app-team-a")

    launch(browser, received)


@in_one_panel
def test_answer_counts_for_the_project_that_the_page_showed(
    browser, enter, admin, new_image, project_ids, answer, cleanup
):
    """After a second tab has switched the project, Accept in the first tab changes nothing."""
    own, team = project_ids["app-team-a"], project_ids["app-team-b"]
    member, ann = admin.identity.find_role("member"), admin.identity.find_user("ann")
    admin.identity.assign_project_role_to_user(team, ann, member)
    cleanup.callback(admin.identity.unassign_project_role_from_user, team, ann, member)
    image = new_image(members={own: "pending", team: "pending"})
    enter("ann", TAB)
    first = browser.current_window_handle
    origin = browser.execute_script("return location.origin")
    browser.get(f"{origin}/auth/switch/{own}/?next={TAB}")
    page_is_quiet(browser)
    browser.switch_to.new_window("tab")
    browser.get(f"{origin}/auth/switch/{team}/?next={TAB}")
    page_is_quiet(browser)
    browser.close()
    browser.switch_to.window(first)

    click(browser, image_row(browser, image), "Accept")

    assert messages(browser) == [
        "This page showed the project app-team-a; you are working in app-team-b now."
        " Nothing was changed."
    ]
    assert answer(image) == "pending"
    assert admin.image.get_member(team, image).status == "pending"
