"""A headless Chromium, and dashboards for it to look at."""

import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as expect
from selenium.webdriver.support.wait import WebDriverWait

from demo.cloud import Panel
from tests.conftest import RunningCloud
from tests.environment import RESULTS

WAIT_SECONDS = 20


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """Return the one browser of the run; tests use the fixture ``browser``."""
    options = ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in (
        "--headless=new",
        "--no-sandbox",  # Chromium refuses to run as root otherwise
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1400,1000",
        "--lang=en",
        f"--user-data-dir={tmp_path_factory.mktemp('chromium')}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options, ChromeService(shutil.which("chromedriver")))
    yield driver
    driver.quit()


@pytest.fixture
def browser(chromium: Chrome, request: pytest.FixtureRequest) -> Iterator[Chrome]:
    """Return a browser that is logged in nowhere. When the test fails, what it shows is saved."""
    chromium.execute_cdp_cmd("Network.clearBrowserCookies", {})
    chromium.get("about:blank")
    console_errors(chromium)
    yield chromium
    if getattr(request.node, "failed", False):
        _save(chromium, request.node.nodeid)


@pytest.fixture(scope="session", params=["angular", "python"])
def panel(request: pytest.FixtureRequest) -> Panel:
    """Run the test with each of Horizon's Images panels."""
    return request.param


@pytest.fixture
def horizon(cloud: RunningCloud, panel: Panel) -> str:
    """Return the address of a dashboard with this Images panel."""
    return cloud.horizon(panel)


@pytest.fixture
def sign_in(cloud: RunningCloud, browser: Chrome) -> Callable[[str, str], None]:
    """Return a function that logs a user in at a dashboard's address."""

    def sign_in(url: str, user: str) -> None:
        browser.get(f"{url}/auth/login/")
        browser.find_element(By.NAME, "username").send_keys(user)
        browser.find_element(By.NAME, "password").send_keys(cloud.password)
        browser.find_element(By.ID, "loginBtn").click()
        wait(browser).until(expect.url_contains("/project/images"))

    return sign_in


@pytest.fixture
def expected_errors(
    cloud: RunningCloud, panel: Panel, browser: Chrome, sign_in: Callable[[str, str], None]
) -> Callable[[str, str], set[str]]:
    """Return a function that tells what Horizon without the panel logs on the same page."""

    def expected_errors(user: str, path: str) -> set[str]:
        plain = cloud.horizon(panel, with_plugin=False)
        sign_in(plain, user)
        browser.get(plain + path)
        page_is_quiet(browser)
        return console_errors(browser)

    return expected_errors


def wait(browser: Chrome) -> WebDriverWait:
    """Return a waiter with the patience that all tests share."""
    return WebDriverWait(browser, WAIT_SECONDS, poll_frequency=0.1)


def page_is_quiet(browser: Chrome) -> None:
    """Wait until the page is loaded and none of its requests is under way."""
    wait(browser).until(
        lambda page: page.execute_script(
            """
            if (document.readyState !== 'complete') { return false; }
            if (window.jQuery && jQuery.active) { return false; }
            var app = document.querySelector('[ng-app]');
            if (!app || !window.angular || !angular.element(app).injector()) { return !app; }
            return !angular.element(app).injector().get('$http').pendingRequests.length;
            """
        )
    )


def console_errors(browser: Chrome) -> set[str]:
    """Return the errors in the browser's console since the last call.

    Ports and the hashes in names of compressed files are left out: they differ
    between dashboards that show the same page.
    """
    return {
        re.sub(r"127\.0\.0\.1:\d+|[0-9a-f]{12}(?=\.(js|css))|\d+:\d+(?= )", "", entry["message"])
        for entry in browser.get_log("browser")
        if entry["level"] == "SEVERE"
    }


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    """Let the fixture ``browser`` know how its test ended."""
    report = yield
    if report.failed:
        item.failed = True
    return report


def _save(browser: Chrome, test: str) -> None:
    RESULTS.mkdir(exist_ok=True)
    name = RESULTS / re.sub(r"[^\w.-]+", "_", test)
    browser.save_screenshot(f"{name}.png")
    name.with_name(f"{name.name}.html").write_text(browser.page_source)
    lines = [f"{entry['level']} {entry['message']}\n" for entry in browser.get_log("browser")]
    name.with_name(f"{name.name}.console.txt").write_text(
        browser.current_url + "\n" + "".join(lines)
    )
