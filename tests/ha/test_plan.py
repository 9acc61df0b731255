# SPDX-License-Identifier: Apache-2.0
"""A Horizon node stops within a slice of a plan; the browser continues on the other node."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from tests.browser.many_images import ADDRESS, box, part, review, shown
from tests.browser.pages import ids, unique, wait
from tests.faults import SLOW, WRITES
from xloud_images_panel.dashboard import lock
from xloud_images_panel.dashboard.catalogue import image_ids

IMAGES, TEAMS = 3, 6
WRITTEN = TEAMS  # half of the first image: adding and accepting take one write each


@pytest.fixture
def images(new_image):
    """Return shared images that nobody has access to."""
    return [new_image(unique("planned")) for _number in range(IMAGES)]


@pytest.fixture
def teams(new_project):
    """Return a prefix that a search finds, and the IDs of the projects named with it."""
    prefix = unique("team")
    return prefix, ids([new_project(f"{prefix}-{number}") for number in range(TEAMS)])


@pytest.fixture
def node_of_a_slice(browser, glance, ha, images, teams, visit):
    """Return the node of a running slice, once it has done half of the first image.

    A slice waits three seconds for Glance, so Glance answers slowly instead of not at all.
    """
    prefix, projects = teams
    visit("admin", f"{ADDRESS}?images={image_ids.short(image.id for image in images)}")
    part(browser, "search").send_keys(prefix)
    found = (By.CSS_SELECTOR, ".xloud-many tbody tr[data-project]")
    wait(browser).until(lambda page: len(page.find_elements(*found)) == len(projects))
    for project in projects:
        box(browser, project).click()
    review(browser)
    glance.fail(SLOW, methods=WRITES)
    part(browser, "plan-confirm").click()
    wait(browser).until(
        lambda _page: sum(call.split()[0] in WRITES for call in list(glance.calls)) >= WRITTEN
    )
    (node,) = WebDriverWait(ha, 5, poll_frequency=0.05).until(lambda ha: ha.busy())
    return node


def accepted(admin, image):
    """Return an image's members, after checking that each is accepted and has one row in Glance."""
    rows = list(admin.image.members(image))
    assert {row.status for row in rows} <= {"accepted"}
    assert len(rows) == len({row.member_id for row in rows})
    return {row.member_id for row in rows}


def test_plan_goes_on_when_its_node_is_stopped(
    admin, browser, glance, images, node_of_a_slice, teams
):
    """The stopping node finishes its slice and the other node does the rest, without a failure."""
    _prefix, projects = teams
    node_of_a_slice.terminate()
    glance.heal()
    assert "failed" not in shown(browser, "run-receipt").text
    assert not part(browser, "run-halted").is_displayed()
    node_of_a_slice.join()
    assert [accepted(admin, image) for image in images] == [set(projects)] * IMAGES


def test_plan_goes_on_when_its_node_is_killed(
    admin, browser, glance, images, node_of_a_slice, teams
):
    """The interrupted image is reported as being changed until the killed worker's lease expires.

    The other images are done, and Retry completes the rest.
    """
    _prefix, projects = teams
    node_of_a_slice.kill()
    glance.heal()
    shown(browser, "run-receipt")
    failures = part(browser, "run-failures").text
    assert "Somebody else is changing" in failures
    assert failures.count(images[0].name) == TEAMS
    assert [accepted(admin, image) for image in images[1:]] == [set(projects)] * (IMAGES - 1)

    def all_is_done(page):
        """Press Retry until the killed worker's lease has expired."""
        if part(page, "run-retry").is_displayed():
            part(page, "run-retry").click()
        return "failed" not in shown(page, "run-receipt").text

    WebDriverWait(browser, lock.LEASE + 30, poll_frequency=1).until(all_is_done)
    assert accepted(admin, images[0]) == set(projects)
