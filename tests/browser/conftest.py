# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium, dashboards to open in it, and images and projects to find there."""

import functools
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import requests
from openstack.connection import Connection
from openstack.identity.v3.project import Project
from openstack.image.v2.image import Image
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support import expected_conditions as expect

from demo import chromium as demo_chromium
from demo.bulk import Bulk
from demo.cloud import HOST, Panel
from tests import stored
from tests.browser.pages import (
    WAIT_SECONDS,
    choose,
    console_errors,
    dialog,
    image_row,
    page_is_quiet,
    unique,
    wait,
)
from tests.conftest import RunningCloud
from tests.environment import CLOUD, RESULTS

# Horizon's success messages fade after three seconds, on its own pages and on AngularJS's, possibly
# before a test on a busy machine reads them.
MESSAGES_STAY = """
    document.addEventListener('DOMContentLoaded', function () {
      if (!window.horizon || !window.angular) { return; }
      horizon.conf.auto_fade_alerts.types = [];
      angular.module('horizon.framework.conf')
        .value('horizon.framework.conf.toastOptions', {delay: 0, dimissible: []});
    });
"""

# Transitions and animations would cost a quarter of the processor time of a dialog.
NOTHING_MOVES = """
    document.addEventListener('DOMContentLoaded', function () {
      const style = document.createElement('style');
      style.textContent = '*, *::before, *::after {'
        + ' transition: none !important; animation: none !important; }';
      document.head.append(style);
      if (!window.jQuery) { return; }
      jQuery.fx.off = true;
      // Bootstrap looks for transitions when the page is ready, before this function.
      jQuery(function () { jQuery.support.transition = false; });
    });
"""

# A page lives for seconds. One process for all pages starts once and keeps compiled scripts, and
# optimizing compilers cost more than they save. Both together save a third of the processor time of
# AngularJS's list of images, and a tenth of that of the dialog's tests.
FOR_SHORT_LIVED_PAGES = (
    "--process-per-site",
    "--renderer-process-limit=1",
    "--disable-site-isolation-trials",
    "--js-flags=--no-opt --no-maglev",
)

# Host names rotate, so that a test does not share one with the tests just before it. When a name is
# reused, its requests have ended, and the browser still has its files and compiled scripts.
_numbers = itertools.cycle(range(4))


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """Return the only browser of the run; tests use the fixture ``browser``."""
    options = demo_chromium.options(
        tmp_path_factory.mktemp("chromium"),
        "--lang=en",
        f"--host-resolver-rules=MAP *.localhost {HOST}",
        *FOR_SHORT_LIVED_PAGES,
    )
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.accept_insecure_certs = True  # for the tests of deployments
    driver = demo_chromium.start(options)
    driver.set_script_timeout(WAIT_SECONDS)
    for script in (MESSAGES_STAY, NOTHING_MOVES):
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})
    yield driver
    driver.quit()


@pytest.fixture
def browser(chromium: Chrome, request: pytest.FixtureRequest) -> Iterator[Chrome]:
    """Return a browser without any session; save its page when the test fails."""
    chromium.get("about:blank")
    chromium.execute_cdp_cmd("Network.clearBrowserCookies", {})
    console_errors(chromium)
    yield chromium
    if getattr(request.node, "failed", False):
        _save(chromium, request.node.nodeid)


@pytest.fixture(scope="session", params=["angular", "python"])
def panel(request: pytest.FixtureRequest) -> Panel:
    """Run the test with each of Horizon's Images panels."""
    return request.param


@pytest.fixture
def dashboard(cloud: RunningCloud, panel: Panel) -> str:
    """Return the address of a dashboard with this Images panel."""
    return cloud.horizon(panel)


@pytest.fixture
def horizon(dashboard: str) -> str:
    """Return the dashboard's address under a host name that the last tests did not use."""
    return _named(dashboard, f"test-{next(_numbers)}")


def _named(url: str, name: str) -> str:
    """Return a dashboard's address with a host name that has its own cookies.

    Each response of Horizon sets the session's cookie again. With a single host name, a late
    response to another user would log the current user out.
    """
    return url.replace(HOST, f"{name}.localhost", 1)


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


def _log_in(dashboard: str, user: str, password: str) -> dict[str, str]:
    """Log in without a browser, which would load two pages, and return the session's cookies."""
    address = f"{dashboard}/auth/login/"
    with requests.Session() as client:
        form = {"username": user, "password": password, "region": "default"}
        form["csrfmiddlewaretoken"] = client.get(address).cookies["csrftoken"]
        answer = client.post(address, form, allow_redirects=False)
        assert answer.status_code == 302, answer.text
        return client.cookies.get_dict()


def _set_cookies(browser: Chrome, url: str, cookies: Mapping[str, str]) -> None:
    # With `domain`, each cookie would exist twice, because Horizon sets cookies without it.
    given = [{"url": url, "name": name, "value": cookies[name]} for name in cookies]
    browser.execute_cdp_cmd("Network.setCookies", {"cookies": given})


@pytest.fixture
def enter(
    browser: Chrome, cloud: RunningCloud, dashboard: str, horizon: str
) -> Callable[[str, str], None]:
    """Return a function that opens a page as a user, in a session for this test only."""

    def enter(user: str, path: str) -> None:
        _set_cookies(browser, horizon, _log_in(dashboard, user, cloud.password))
        browser.get(horizon + path)
        page_is_quiet(browser)

    return enter


@pytest.fixture(scope="session")
def sessions() -> dict[str, dict[str, str]]:
    """Return the cookies of the users who have logged in, by dashboard address."""
    return {}


@pytest.fixture
def visit_as(
    browser: Chrome, cloud: RunningCloud, sessions: dict[str, dict[str, str]]
) -> Callable[[str, str, str], None]:
    """Return a function that opens a page of a dashboard, with one login per user in a run."""

    def visit_as(dashboard: str, user: str, path: str) -> None:
        url = _named(dashboard, user)
        browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
        if url not in sessions:
            sessions[url] = _log_in(dashboard, user, cloud.password)
        _set_cookies(browser, url, sessions[url])
        browser.get(url + path)
        page_is_quiet(browser)

    return visit_as


@pytest.fixture
def visit(dashboard: str, visit_as: Callable[[str, str, str], None]) -> Callable[[str, str], None]:
    """Return a function that opens a page of the test's dashboard as a user."""
    return functools.partial(visit_as, dashboard)


@pytest.fixture(scope="session")
def admin(cloud: RunningCloud) -> Connection:
    """Return a client of the cloud's services with all permissions."""
    return cloud.connection("admin")


@pytest.fixture(scope="session")
def project_ids(admin: Connection) -> dict[str, str]:
    """Return the IDs of the demo's projects by name."""
    return {project.name: project.id for project in admin.identity.projects()}


@pytest.fixture(scope="session")
def domain_ids(admin: Connection) -> dict[str, str]:
    """Return the IDs of the demo's domains by name."""
    return {domain.name: domain.id for domain in admin.identity.domains()}


@pytest.fixture
def cleanup() -> Iterator[ExitStack]:
    """Return a stack of callbacks that run after the test, the last one first."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def new_project(
    admin: Connection, cleanup: ExitStack, domain_ids: dict[str, str]
) -> Callable[..., Project]:
    """Return a function that creates a project, which is removed after the test."""

    def new_project(name: str = "", domain: str = "Default", **more: object) -> Project:
        project = admin.identity.create_project(
            name=name or unique("project"),
            domain_id=domain_ids[domain],
            **more,
        )
        cleanup.callback(admin.identity.delete_project, project)
        return project

    return new_project


@pytest.fixture
def create_image(bulk: Bulk, cleanup: ExitStack) -> Callable[..., Image]:
    """Return a function that puts an image with data into Glance, until the end of the test."""

    def create_image(name: str, owner: str, visibility: str, members: Mapping[str, str]) -> Image:
        image = stored.image(bulk, name, owner, visibility, with_data=True)
        cleanup.callback(bulk.remove_images, [image.id])
        bulk.members([(image.id, project_id, status) for project_id, status in members.items()])
        return image

    return create_image


@pytest.fixture
def new_image(
    create_image: Callable[..., Image], project_ids: dict[str, str]
) -> Callable[..., Image]:
    """Return a function that creates an image, which is removed after the test."""

    def new_image(
        name: str = "",
        owner: str = "platform",
        visibility: str = "shared",
        members: Mapping[str, str] | None = None,
    ) -> Image:
        """Create an image.

        :param owner: the name of one of the demo's projects
        :param members: the member status of each project, by ID
        """
        return create_image(name or unique("image"), project_ids[owner], visibility, members or {})

    return new_image


@pytest.fixture
def members(admin: Connection) -> Callable[[Image], dict[str, str]]:
    """Return a function that asks Glance for the member status of each project by ID."""

    def members(image: Image) -> dict[str, str]:
        return {member.member_id: member.status for member in admin.image.members(image)}

    return members


@pytest.fixture
def manage_access(
    browser: Chrome, visit: Callable[[str, str], None]
) -> Callable[[Image], WebElement]:
    """Return a function that opens the dialog of an image from the administrator's list."""

    def manage_access(image: Image) -> WebElement:
        visit("admin", "/admin/images/")
        choose(browser, image_row(browser, image), "Manage Access")
        return dialog(browser)

    return manage_access


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    """Give the test's result to the fixture ``browser``."""
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


@pytest.fixture
def glance_refuses(cloud: RunningCloud) -> Iterator[Callable[[bool], None]]:
    """Return a function that makes Glance refuse to share any image, or allow it again."""
    policy = CLOUD.folder / "etc" / "glance" / "policy.yaml"
    own = "rule:context_is_admin or (role:member and project_id:%(project_id)s)"

    def glance_refuses(refuses: bool) -> None:
        # Glance reads the file again when it changes; removing the file does not reset the rules.
        policy.write_text(f'"add_member": "{"!" if refuses else own}"\n')

    yield glance_refuses
    glance_refuses(False)


@pytest.fixture
def image_url() -> Iterator[str]:
    """Return the URL of a disk image that the test process serves."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "512")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{HOST}:{server.server_port}/disk.raw"
        server.shutdown()


@pytest.fixture
def created(admin: Connection, cleanup: ExitStack) -> Callable[[str], Image]:
    """Return a function that waits for a new image to be active, and removes it after the test."""

    def created(name: str) -> Image:
        image = admin.image.find_image(name, ignore_missing=False)
        cleanup.callback(admin.image.delete_image, image.id)
        return admin.image.wait_for_status(image, "active", interval=0.1, wait=20)

    return created
