# SPDX-License-Identifier: Apache-2.0
"""Dashboards in the shapes of real installations, and a browser that logs in to them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from openstack.connection import Connection
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.browser.conftest import (  # noqa: F401 - fixtures
    browser,
    chromium,
    cleanup,
    image_url,
    members,
    new_image,
    pytest_runtest_makereport,
)
from tests.browser.pages import page_is_quiet, wait
from tests.conftest import RunningCloud
from tests.deployments.shapes import SHAPES, Shape, glance_of, place

_results: dict[str, Counter] = defaultdict(Counter)


@pytest.fixture(scope="module", params=SHAPES)
def shape(request: pytest.FixtureRequest, cloud: RunningCloud) -> Iterator[Shape]:
    """Bring up one shape after the other."""
    bring_up, panel = SHAPES[request.param]
    with place(cloud) as here:
        yield bring_up(here, panel)


@pytest.fixture
def admin(cloud: RunningCloud, shape: Shape) -> Connection:
    """Return a client of the shape's Glance that may do everything."""
    return glance_of(cloud, shape)


@pytest.fixture(scope="session")
def project_ids(cloud: RunningCloud) -> dict[str, str]:
    """Return the IDs of the demo's projects by name."""
    identity = cloud.connection("admin").identity
    return {project.name: project.id for project in identity.projects()}


@pytest.fixture
def log_in(browser: Chrome, cloud: RunningCloud, shape: Shape) -> Callable[[str], None]:  # noqa: F811
    """Return a function that fills in the login page that is there."""

    def log_in(user: str) -> None:
        if shape.domain:
            field = browser.find_element(By.NAME, "domain")
            field.clear()
            field.send_keys(shape.domain)
        browser.find_element(By.NAME, "username").send_keys(user)
        browser.find_element(By.NAME, "password").send_keys(cloud.password)
        browser.find_element(By.ID, "loginBtn").click()
        wait(browser).until(lambda page: "/auth/login" not in page.current_url)
        page_is_quiet(browser)

    return log_in


@pytest.fixture
def visit(
    browser: Chrome,  # noqa: F811
    shape: Shape,
    log_in: Callable[[str], None],
) -> Callable[[str, str], None]:
    """Return a function that opens a page as a user, in a session of its own."""

    def visit(user: str, path: str) -> None:
        browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
        browser.get(f"{shape.url}/auth/login/")
        log_in(user)
        if shape.region:
            browser.get(f"{shape.url}/auth/switch_services_region/{shape.region}/")
        browser.get(shape.url + path)
        page_is_quiet(browser)

    return visit


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count what came of each shape."""
    if report.when == "call" or report.failed:
        name = report.nodeid.partition("[")[2].rstrip("]") or report.nodeid.rpartition("::")[2]
        _results[name]["passed" if report.passed else "failed"] += 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table: shapes, and how many parts of the job passed."""
    terminalreporter.write_line("")
    terminalreporter.write_line("| shape | passed | failed |")
    terminalreporter.write_line("| --- | --- | --- |")
    for name, counts in _results.items():
        terminalreporter.write_line(f"| {name} | {counts['passed']} | {counts['failed']} |")


@pytest.fixture(autouse=True)
def no_errors_on_the_server(shape: Shape) -> Iterator[None]:
    """See that no request, of whichever page, ended in an error of the server."""
    before = len(shape.requests())
    with ExitStack() as stack:
        stack.callback(_check, shape, before)
        yield


def _check(shape: Shape, before: int) -> None:
    assert [line for line in shape.requests()[before:] if line.startswith("5")] == []
