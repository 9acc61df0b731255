# SPDX-License-Identifier: Apache-2.0
"""The panel's pages log no errors except those of Horizon alone, in both Images panels."""

from collections.abc import Callable

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as expect

from demo.cloud import Panel
from tests.browser.pages import console_errors, page_is_quiet, wait
from tests.conftest import PROJECT_OF, RunningCloud

IMAGES = "/project/images/"
ADMIN_IMAGES = "/admin/images/"


@pytest.fixture(scope="module")
def known() -> dict[tuple[str, ...], set[str]]:
    """Return the errors that Horizon alone has logged, by Images panel, user and path."""
    return {}


@pytest.fixture
def expected_errors(
    browser: Chrome,
    cloud: RunningCloud,
    known: dict[tuple[str, ...], set[str]],
    panel: Panel,
    visit_as: Callable[[str, str, str], None],
) -> Callable[[str, str], set[str]]:
    """Return a function that gives the errors that Horizon alone logs on the same page."""

    def expected_errors(user: str, path: str) -> set[str]:
        if (panel, user, path) not in known:
            visit_as(cloud.horizon(panel, with_plugin=False), user, path)
            known[panel, user, path] = console_errors(browser)
        return known[panel, user, path]

    return expected_errors


@pytest.mark.parametrize(
    ("panel", "user"),
    [("angular", "admin"), ("angular", "ann"), *(("python", user) for user in PROJECT_OF)],
    indirect=["panel"],
)
def test_user_lands_on_images(browser, horizon, sign_in, expected_errors, user):
    """The first page after the login shows the public image, and logs no additional error."""
    expected = expected_errors(user, IMAGES)

    sign_in(horizon, user)

    wait(browser).until(expect.presence_of_element_located((By.LINK_TEXT, "cirros")))
    page_is_quiet(browser)
    assert console_errors(browser) - expected == set()


@pytest.mark.parametrize(
    ("user", "path", "horizons"),
    [
        ("ann", IMAGES, IMAGES),
        ("ann", f"{IMAGES}shared/", IMAGES),
        ("ann", f"{IMAGES}community/", IMAGES),
        ("ann", f"{IMAGES}community/?all=yes", IMAGES),
        ("admin", f"{IMAGES}shared/", IMAGES),
        ("admin", ADMIN_IMAGES, ADMIN_IMAGES),
    ],
)
def test_lists_of_images(
    browser, visit, expected_errors, new_image, project_ids, user, path, horizons
):
    """The lists log no additional error while an image waits for an answer."""
    expected = expected_errors(user, horizons)
    new_image(members={project_ids["app-team-a"]: "pending"})
    visit(user, path)

    assert console_errors(browser) - expected == set()


def test_dialog(browser, manage_access, new_image, expected_errors):
    """The dialog logs no additional error."""
    expected = expected_errors("admin", ADMIN_IMAGES)
    manage_access(new_image())
    page_is_quiet(browser)

    assert console_errors(browser) - expected == set()
