# SPDX-License-Identifier: Apache-2.0
"""An administrator exports access from Access by Image to a file."""

import csv
import io

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.browser.pages import in_one_panel, tick_image, unique, wait
from tests.browser.test_by_image import PATH, scanned
from xloud_images_panel.access import document


def part(browser: Chrome, role: str) -> WebElement:
    """Return a part of the export."""
    return browser.find_element(By.CSS_SELECTOR, f".xloud-by-image [data-role=export-{role}]")


def shown(browser: Chrome, role: str) -> WebElement:
    """Return a part of the export, once it is shown."""
    return wait(browser).until(
        lambda page: part(page, role) if part(page, role).is_displayed() else None
    )


def export(browser: Chrome, form: str) -> None:
    """Choose a format from the menu."""
    part(browser, "open").click()
    browser.find_element(By.CSS_SELECTOR, f"[data-export={form}]").click()


@pytest.fixture
def downloaded(browser, tmp_path):
    """Return a function that downloads the offered file and returns its name and content."""
    browser.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )

    def downloaded():
        name = shown(browser, "link").get_attribute("download")
        part(browser, "link").click()
        wait(browser).until(lambda _page: (tmp_path / name).exists())
        return name, (tmp_path / name).read_bytes().decode()

    yield downloaded
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "default"})


def test_ticked_images_are_exported(browser, downloaded, new_image, project_ids, visit):
    """The YAML file has only the ticked image, and can be read back."""
    team = project_ids["app-team-a"]
    name = unique("exported")
    one, _other = (new_image(f"{name}-{n}", members={team: "accepted"}) for n in (1, 2))
    visit("admin", f"{PATH}?name={name}")
    scanned(browser)
    tick_image(browser, one.id)
    assert "1 image" in browser.find_element(By.CSS_SELECTOR, "[data-role=ticked]").text
    export(browser, "yaml")
    file, content = downloaded()
    assert file.startswith("image-access-20")
    assert file.endswith(".yaml")
    assert not part(browser, "incomplete").is_displayed()
    (image,) = document.read(content.encode()).images
    assert image.text == one.id
    assert [entry.text for entry in image.entries] == [team]
    assert "1 image with 1 membership" in part(browser, "contents").text


@in_one_panel
def test_all_that_the_filter_finds_are_exported(browser, downloaded, new_image, project_ids, visit):
    """The CSV file has all filtered images; names that could be formulas are marked as text."""
    name = unique("=1+1")
    for number in (1, 2):
        new_image(f"{name}-{number}", members={project_ids["research"]: "pending"})
    visit("admin", f"{PATH}?name={name.replace('+', '%2B')}")
    scanned(browser)
    export(browser, "csv")
    _file, content = downloaded()
    rows = list(csv.DictReader(io.StringIO(content[1:])))
    assert {row["image_name"] for row in rows} == {f"'{name}-1", f"'{name}-2"}
    assert {row["project_name"] for row in rows} == {"research"}


@in_one_panel
def test_what_was_not_read_is_named_and_read_later(
    browser, downloaded, new_image, project_ids, visit
):
    """An export without all answers names the missing images, and Continue completes it."""
    image = new_image(members={project_ids["research"]: "pending"})
    visit("admin", f"{PATH}?name={image.name}")
    scanned(browser)
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*export/members*"]})
    try:
        export(browser, "yaml")
        assert "did not answer" in shown(browser, "failed").text
    finally:
        browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    assert image.name in part(browser, "missing").text
    assert not part(browser, "link").is_displayed()
    part(browser, "continue").click()
    file, content = downloaded()
    assert "incomplete" not in file
    assert image.id in content
