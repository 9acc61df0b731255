# SPDX-License-Identifier: Apache-2.0
"""Dashboards in the shapes of real installations, and a browser that logs in to them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

import pytest
from openstack.connection import Connection
from openstack.image.v2.image import Image
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.browser.conftest import (  # noqa: F401 - fixtures
    browser,
    chromium,
    cleanup,
    image_url,
    members,
    new_image,
    pytest_runtest_makereport,
)
from tests.browser.pages import choose, dialog, image_row, page_is_quiet, wait
from tests.browser.uploads import create_image  # noqa: F401 - a fixture
from tests.conftest import RunningCloud
from tests.deployments.shapes import SHAPES, WITHOUT_THE_JOB, Shape, glance_of, place

_results: dict[str, Counter] = defaultdict(Counter)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run marked tests in their shapes, and the job's tests wherever the whole job is possible."""
    marked = metafunc.definition.get_closest_marker("shapes")
    names = marked.args if marked else [name for name in SHAPES if name not in WITHOUT_THE_JOB]
    metafunc.parametrize("shape", names, indirect=True, scope="session")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the tests by shape, so that each shape is brought up once."""
    order = list(SHAPES)
    items.sort(key=lambda item: order.index(item.callspec.params["shape"]))


@pytest.fixture(scope="session")
def shape(request: pytest.FixtureRequest, cloud: RunningCloud) -> Iterator[Shape]:
    """Bring up one shape after the other."""
    bring_up, panel = SHAPES[request.param]
    with place(cloud) as here:
        yield bring_up(here, panel)


@pytest.fixture
def admin(cloud: RunningCloud, shape: Shape) -> Connection:
    """Return a client of the shape's Glance with all permissions."""
    return glance_of(cloud, shape)


@pytest.fixture(scope="session")
def project_ids(cloud: RunningCloud) -> dict[str, str]:
    """Return the IDs of the demo's projects by name."""
    identity = cloud.connection("admin").identity
    return {project.name: project.id for project in identity.projects()}


@pytest.fixture
def log_in(browser: Chrome, cloud: RunningCloud, shape: Shape) -> Callable[..., None]:  # noqa: F811
    """Return a function that fills in the open login page."""

    def log_in(user: str, domain: str = shape.domain) -> None:
        if domain:
            field = browser.find_element(By.NAME, "domain")
            field.clear()
            field.send_keys(domain)
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
    log_in: Callable[..., None],
) -> Callable[..., None]:
    """Return a function that opens a page as a user, in a new session."""

    def visit(user: str, path: str, **more: str) -> None:
        browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
        browser.get(f"{shape.url}/auth/login/")
        log_in(user, **more)
        if shape.region:
            browser.get(f"{shape.url}/auth/switch_services_region/{shape.region}/")
        browser.get(shape.url + path)
        page_is_quiet(browser)

    return visit


@pytest.fixture
def manage_access(
    browser: Chrome,  # noqa: F811
    visit: Callable[..., None],
) -> Callable[..., WebElement]:
    """Return a function that opens the dialog of an image from the administrator's list."""

    def manage_access(image: Image, user: str = "admin", **more: str) -> WebElement:
        visit(user, "/admin/images/", **more)
        choose(browser, image_row(browser, image), "Manage Access")
        return dialog(browser)

    return manage_access


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count the results of each shape."""
    if report.when == "call" or report.failed:
        name = max((name for name in SHAPES if f"[{name}" in report.nodeid), key=len)
        _results[name]["passed" if report.passed else "failed"] += 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print a table of the shapes with their passed and failed tests."""
    terminalreporter.write_line("")
    terminalreporter.write_line("| shape | passed | failed |")
    terminalreporter.write_line("| --- | --- | --- |")
    for name, counts in _results.items():
        terminalreporter.write_line(f"| {name} | {counts['passed']} | {counts['failed']} |")


@pytest.fixture(autouse=True)
def requests_are_in_order(shape: Shape) -> Iterator[None]:
    """Check that no request caused a server error, and that every path has the prefix."""
    logs = (shape.requests, shape.asked_of_services)
    before = [len(log()) for log in logs]
    with ExitStack() as stack:
        stack.callback(_check, shape, before)
        yield


def _check(shape: Shape, before: Sequence[int]) -> None:
    asked = shape.requests()[before[0] :]
    assert [line for line in asked if line.startswith("5")] == []
    assert [line for line in asked if not line.split()[2].startswith(shape.prefix)] == []
    of_services = shape.asked_of_services()[before[1] :]
    assert [line for line in of_services if line.startswith("5")] == []
