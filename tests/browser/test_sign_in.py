# SPDX-License-Identifier: Apache-2.0
"""Every user gets in, in both Images panels, without errors beyond Horizon's own."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as expect

from tests.browser.pages import console_errors, page_is_quiet, wait
from tests.conftest import PROJECT_OF


@pytest.mark.parametrize(
    ("panel", "user"),
    [("angular", "admin"), ("angular", "ann"), *(("python", user) for user in PROJECT_OF)],
    indirect=["panel"],
)
def test_lands_on_images(browser, horizon, sign_in, expected_errors, user):
    """The first page shows the public image and logs nothing new to the console."""
    known = expected_errors(user, "/project/images/")

    sign_in(horizon, user)

    wait(browser).until(expect.presence_of_element_located((By.LINK_TEXT, "cirros")))
    page_is_quiet(browser)
    assert console_errors(browser) - known == set()
