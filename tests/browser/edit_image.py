# SPDX-License-Identifier: Apache-2.0
"""Steps in Edit Image, for both of Horizon's panels."""

from openstack.image.v2.image import Image
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from demo.cloud import Panel
from tests.browser.create_image import STANDS_STILL
from tests.browser.pages import choose, image_row, page_is_quiet, wait

FORM = ".modal"


def open_form(browser: Chrome, panel: Panel, image: Image) -> None:
    """Open Edit Image from the image's row and wait until it shows the image."""
    row = image_row(browser, image)
    if panel == "python":  # the row's first action is a separate button
        row.find_element(By.LINK_TEXT, "Edit Image").click()
    else:
        choose(browser, row, "Edit Image")
    wait(browser).until(lambda page: page.find_elements(By.CSS_SELECTOR, "[name=visibility]"))
    page_is_quiet(browser)
    wait(browser).until(lambda page: page.execute_script(STANDS_STILL, FORM))
    field = browser.find_element(By.CSS_SELECTOR, f"{FORM} [name=name]")
    wait(browser).until(lambda _page: field.get_property("value") == image.name)


def save(browser: Chrome, panel: Panel) -> None:
    """Press the button Update Image."""
    button = {"angular": ".finish", "python": ".modal-footer [type=submit]"}[panel]
    browser.find_element(By.CSS_SELECTOR, f"{FORM} {button}").click()
