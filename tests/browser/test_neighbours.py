# SPDX-License-Identifier: Apache-2.0
"""Another plugin on the Images panels, loaded before or after the panel."""

from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from tests.browser.pages import choose, dialog, image_row, shared_images

BESIDE = Path(__file__).parents[1] / "beside"
STRIP = ".xloud-image-tabs"


# The order matters for URLs, which both panels share, and for modules of AngularJS.
pytestmark = pytest.mark.parametrize(
    ("panel", "when"),
    [("angular", "before"), ("angular", "after"), ("python", "after")],
    indirect=["panel"],
)


@pytest.fixture
def dashboard(cloud, panel, when):
    """Return the address of a dashboard that loads the neighbour before or after the panel."""
    return cloud.horizon(panel, HORIZON_ENABLED=str(BESIDE / when))


@pytest.mark.parametrize("path", ["/project/images/neighbour/", "/admin/images/neighbour/"])
def test_pages_of_the_neighbour_live(browser, visit, path):
    """The panel leaves the neighbour's pages in place."""
    visit("admin", path)
    assert browser.find_element(By.TAG_NAME, "body").text == "The neighbour's page"


def test_tabs_stand_once_above_the_list(browser, visit, panel):
    """The neighbour's template also gets the tabs once, and keeps its own content."""
    visit("ann", "/project/images/")
    (strip,) = browser.find_elements(By.CSS_SELECTOR, STRIP)
    assert strip.text.split("\n")[0] == "Images"
    if panel == "angular":
        assert browser.find_element(By.ID, "neighbour").is_displayed()


def test_tabs_lead_to_the_pages_of_the_panel(browser, visit, new_image, project_ids):
    """Shared Images is available, regardless of which plugin sets the URLs last."""
    image = new_image(members={project_ids["app-team-a"]: "pending"})
    visit("ann", "/project/images/shared/")
    assert shared_images(browser)[image.name] == "Pending"


def test_manage_access_opens(browser, visit, new_image):
    """The action in the administrator's list opens the dialog."""
    image = new_image()
    visit("admin", "/admin/images/")
    choose(browser, image_row(browser, image), "Manage Access")
    assert dialog(browser).find_element(By.ID, "id_image_name").get_property("value") == image.name
