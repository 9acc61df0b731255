# SPDX-License-Identifier: Apache-2.0
"""A dashboard with data to show, and a browser that takes pictures of it."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from demo.bulk import Bulk
from demo.cloud import ROOT, Panel
from tests.browser.conftest import (  # noqa: F401 - fixtures
    admin,
    browser,
    chromium,
    cleanup,
    created,
    dashboard,
    domain_ids,
    members,
    new_image,
    new_project,
    panel,
    project_ids,
    pytest_runtest_makereport,
    sessions,
    visit,
    visit_as,
)
from tests.browser.pages import page_is_quiet
from tests.browser.uploads import create_image  # noqa: F401 - a fixture
from tests.themes import THEMES, put_on

#: Sizes of the window in CSS pixels; the documentation's pictures use the first one.
SIZES = ((1366, 768), (1280, 720), (1024, 768), (600, 900))
#: The folder for the whole set; without it, only the documentation's pictures are taken.
FOLDER = os.environ.get("PICTURES")
LANGUAGES = ("en", "de", "fr")  # the panel's texts have no French translation
DOCUMENTED = {
    "manage-access",
    "create-image",
    "shared-images",
    "community-images",
    "many-images",
    "access-by-image",
    "access-by-project",
    "stale-access",
    "check-access",
}


@pytest.fixture(params=LANGUAGES if FOLDER else LANGUAGES[:1])
def language(request: pytest.FixtureRequest) -> str:
    """Take the pictures in each language."""
    return request.param


@pytest.fixture(scope="session")
def teams(bulk: Bulk) -> Iterator[list[str]]:
    """Return the IDs of projects that one search finds together."""
    ids = bulk.projects([f"team-{number:03}" for number in range(83)])
    yield ids
    bulk.remove_projects(ids)


@dataclass
class Camera:
    """A browser that takes pictures of one panel in one language."""

    browser: Chrome
    panel: Panel
    language: str
    visit: Callable[[str, str], None] = field(repr=False)

    def enter(self, user: str, path: str) -> None:
        """Open a page as a user, in the camera's language."""
        self.visit(user, path)
        # The browser caches Horizon's translations for scripts for an hour.
        self.browser.execute_cdp_cmd("Network.clearBrowserCache", {})
        self.browser.add_cookie({"name": "horizon_language", "value": self.language})
        self.browser.refresh()
        page_is_quiet(self.browser)

    def take(self, scene: str) -> None:
        """Take pictures of the page: each size and theme in English, else two sizes."""
        if self.panel == "angular" and self.language == "en" and scene in DOCUMENTED:
            self._save(ROOT / "docs" / f"{scene}.png", SIZES[0])
        if not FOLDER:
            return
        name = f"{scene}-{self.panel}-{self.language}"
        english = self.language == "en"
        for theme in THEMES if english else THEMES[:1]:
            put_on(self.browser, theme)
            for size in SIZES if english else (SIZES[0], SIZES[-1]):
                self._save(Path(FOLDER) / f"{name}-{theme}-{size[0]}.png", size)
        put_on(self.browser, THEMES[0])
        if english:
            self._forced_colours(name)
            self._from_right_to_left(name)

    def _forced_colours(self, name: str) -> None:
        forced = [{"name": "forced-colors", "value": "active"}]
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": forced})
        self._save(Path(FOLDER) / f"{name}-forced-colours.png", SIZES[0])
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})

    def _from_right_to_left(self, name: str) -> None:
        self.browser.execute_script("document.documentElement.dir = 'rtl'")
        for size in (SIZES[0], SIZES[-1]):
            self._save(Path(FOLDER) / f"{name}-rtl-{size[0]}.png", size)
        self.browser.execute_script("document.documentElement.dir = ''")

    def _save(self, path: Path, size: tuple[int, int]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.browser.save_screenshot(str(path))


@pytest.fixture
def camera(
    browser: Chrome,  # noqa: F811
    panel: Panel,  # noqa: F811
    language: str,
    visit: Callable[[str, str], None],  # noqa: F811
) -> Iterator[Camera]:
    """Return a camera for a dashboard."""
    yield Camera(browser, panel, language, visit)
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Network.clearBrowserCache", {})
