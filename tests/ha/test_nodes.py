# SPDX-License-Identifier: Apache-2.0
"""A Horizon node stops in the middle of the main job; a reload fixes every error.

The balancer alternates between the nodes, so these tests also show that the panel keeps no state in
a process.
"""

import pytest
from selenium.common.exceptions import NoSuchElementException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from demo.ha import balancer
from tests.browser.pages import (
    DIALOG,
    checkbox,
    choose,
    confirm,
    confirm_button,
    dialog,
    dialog_is_gone,
    ids,
    image_row,
    labels,
    project_names,
    says,
    search,
    shared_images,
    tick,
    told,
    unique,
    wait,
)
from tests.faults import PAUSE, WRITES
from xloud_images_panel.dashboard import lock

TEAMS = 8


@pytest.fixture
def image(new_image):
    """Return a shared image that nobody has access to."""
    return new_image()


@pytest.fixture
def teams(new_project):
    """Return a prefix that a search finds, and the IDs of the projects named with it."""
    prefix = unique("team")
    projects = [new_project(f"{prefix}-{number}") for number in range(TEAMS)]
    return prefix, ids(projects)


@pytest.fixture
def in_the_middle(browser, glance, ha, image, manage_access, teams):
    """Press Confirm, and return the working node once half of the changes are done."""
    prefix, projects = teams
    manage_access(image)
    search(browser, prefix)
    tick(browser, *projects)
    glance.fail(PAUSE, methods=WRITES, first=TEAMS)  # adding and accepting take one write each
    confirm_button(browser).click()
    wait(browser).until(
        lambda _page: sum(call.split()[0] in WRITES for call in list(glance.calls)) >= TEAMS
    )
    (node,) = ha.busy()
    return node


def node_is(ha, node, status):
    """Wait until the balancer knows that a node is up or down."""

    def known(_ha):
        return balancer.states(ha.status_url)[node.service.name]["status"].startswith(status)

    WebDriverWait(ha, 60, poll_frequency=0.2).until(known)


def nobody_is_twice(admin, image):
    """Return the IDs of an image's members, after checking that each has one row in Glance."""
    rows = [member.member_id for member in admin.image.members(image)]
    assert len(rows) == len(set(rows))
    return set(rows)


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("how", ["stop", "kill"])
def test_dialog_goes_on_with_the_node_that_is_left(
    admin, browser, ha, how, image, manage_access, members, teams, which
):
    """Search and Confirm work on the remaining node, and the dialog opens again afterwards."""
    prefix, projects = teams
    manage_access(image)
    search(browser, prefix)
    tick(browser, *projects[:2])
    getattr(ha.nodes[which], how)()
    search(browser, f"{prefix}-2")
    assert project_names(browser) == [f"{prefix}-2"]
    tick(browser, projects[2])
    confirm(browser)
    assert members(image) == dict.fromkeys(projects[:3], "accepted")

    ha.nodes[which].start()
    manage_access(image)
    assert checkbox(browser, projects[2]).is_selected()


def test_session_outlives_a_restart_of_both_nodes(browser, ha, image, visit):
    """Users stay logged in while one node after the other is replaced."""
    visit("admin", "/admin/images/")
    for node in ha.nodes:
        node.stop()
        node.start()
        node.wait()
        node_is(ha, node, "UP")
        browser.refresh()
        choose(browser, image_row(browser, image), "Manage Access")
        dialog(browser)


def test_confirm_is_finished_by_a_node_that_is_stopped(
    admin, browser, glance, image, in_the_middle, teams
):
    """A node that is stopped in an orderly way completes its running request first."""
    _prefix, projects = teams
    in_the_middle.terminate()
    glance.heal()
    dialog_is_gone(browser)
    says(browser, "is now shared with")
    in_the_middle.join()
    assert nobody_is_twice(admin, image) == set(projects)


def test_confirm_is_completed_after_its_node_was_killed(
    admin, browser, glance, image, in_the_middle, members, teams
):
    """The dialog reports the failure and keeps the selection; the other node does the rest."""
    _prefix, projects = teams
    in_the_middle.kill()
    glance.heal()
    # The browser itself repeats a request that a kept-alive connection has lost. The other node
    # then answers, and refuses to start a change that may still be under way.
    said = told(browser)
    assert "not known what was changed" in said or "by somebody else at this moment" in said
    assert len(labels(browser)) == TEAMS

    def confirmed(page):
        """Press Confirm until the killed worker's lease has expired."""
        try:
            button = confirm_button(page)
            if button.is_enabled():
                button.click()
        except NoSuchElementException:
            return True
        return not page.find_elements(By.CSS_SELECTOR, DIALOG)

    WebDriverWait(browser, lock.LEASE + 30, poll_frequency=1, ignored_exceptions=[Exception]).until(
        confirmed
    )
    dialog_is_gone(browser)
    assert nobody_is_twice(admin, image) == set(projects)
    assert members(image) == dict.fromkeys(projects, "accepted")


def test_image_is_accepted_while_a_node_is_down(
    browser, ha, members, new_image, project_ids, visit
):
    """A project can accept an image while only one node is left."""
    image = new_image(members={project_ids["app-team-a"]: "pending"})
    address = f"/project/images/shared/?name={image.name}"
    visit("ann", address)
    ha.nodes[0].kill()
    row = image_row(browser, image)
    row.find_element(By.XPATH, ".//button[normalize-space() = 'Accept']").click()
    wait(browser).until(lambda page: shared_images(page) == {image.name: "Accepted"})
    assert members(image) == {project_ids["app-team-a"]: "accepted"}
