# SPDX-License-Identifier: Apache-2.0
"""Chromium: a user's waiting time after a click and after a key."""

import contextlib
import tempfile
from collections.abc import Callable, Iterator

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from benchmarks.dashboard import Answer
from demo import chromium as demo_chromium

WAIT_SECONDS = 60

# The script clicks (or types), and returns the milliseconds until a condition holds and is drawn.
_UNTIL = """
    const done = arguments[arguments.length - 1];
    const before = document.querySelector('[data-role=projects] tbody');
    const started = performance.now();
    let sent = null;
    jQuery(document).one('ajaxSend', () => { sent = performance.now(); });
    %(act)s;
    (function look() {
        if (%(usable)s) {
            requestAnimationFrame(() => done([performance.now() - started,
                                              (sent || started) - started]));
        } else { setTimeout(look, 4); }
    })();
"""
_CLICK = "jQuery(document.querySelector(arguments[0])).trigger('click')"
_OPEN = "document.querySelector('.modal.in') && !document.querySelector('.modal.loading')"
_TYPE = "jQuery('[data-role=search]').val(arguments[0]).trigger('input')"
_NEW_ROWS = "document.querySelector('[data-role=projects] tbody') !== before"


@contextlib.contextmanager
def chromium() -> Iterator[Chrome]:
    """Run a headless Chromium with a profile of its own."""
    with tempfile.TemporaryDirectory(prefix="xloud-bench-chromium-") as profile:
        driver = demo_chromium.start(demo_chromium.options(profile))
        driver.set_script_timeout(WAIT_SECONDS)
        try:
            yield driver
        finally:
            driver.quit()


class Page:
    """A dashboard in the browser, with a user logged in."""

    def __init__(self, browser: Chrome, url: str, user: str, password: str) -> None:
        self._browser, self._url = browser, url
        browser.get(f"{url}/auth/login/")
        browser.find_element(By.NAME, "username").send_keys(user)
        browser.find_element(By.NAME, "password").send_keys(password)
        browser.find_element(By.ID, "loginBtn").click()
        WebDriverWait(browser, WAIT_SECONDS).until(lambda page: "/auth/" not in page.current_url)

    def open_manage_access(
        self, image_id: str, named: bool = False, before: Callable[[], None] = lambda: None
    ) -> Answer:
        """Click Manage Access on the image's details and wait for the rows.

        The details must be complete before the click: they look up the same projects.

        :param named: measure until the names of all members are shown; otherwise the method waits
            for them after the measurement, so that no request is running when it returns
        :param before: called just before the click
        """
        self._browser.get(f"{self._url}/admin/images/{image_id}/detail/")
        self._wait_for("!document.querySelector('.xloud-facts[aria-busy=true]')")
        before()
        # The table is usable once its scripts have run.
        alive = "jQuery('.xloud-projects').data('xloudProjectTable')"
        usable = f"{_OPEN} && document.querySelector('tr[data-project]') && {alive}"
        complete = f"{usable} && !document.querySelector('tbody[data-unnamed]')"
        answer = self._run(_CLICK, complete if named else usable, f"a[href*='/{image_id}/access/']")
        self._wait_for(complete)
        return answer

    def open_manage_members(self, project_id: str) -> Answer:
        """Click Manage Members on the project's details and wait for the lists of users.

        Horizon's list of projects has this action too, but it shows a thousand projects on one
        page.
        """
        self._browser.get(f"{self._url}/identity/{project_id}/detail/")
        usable = f"{_OPEN} && document.querySelector('.modal .members .btn-group')"
        return self._run(_CLICK, usable, f"a[href*='{project_id}'][href*='update_members']")

    def rows(self) -> int:
        """Return the number of projects with rows in the open dialog."""
        return len(self._browser.find_elements(By.CSS_SELECTOR, "tr[data-project]"))

    def search(self, image_id: str, text: str) -> Answer:
        """Type into the search of the open dialog and wait for new rows.

        :returns: with the pause after the last key as ``waited``
        """
        self.open_manage_access(image_id)
        return self._run(_TYPE, _NEW_ROWS, text)

    def _wait_for(self, condition: str) -> None:
        WebDriverWait(self._browser, WAIT_SECONDS, poll_frequency=0.1).until(
            lambda page: page.execute_script(f"return {condition}")
        )

    def _run(self, act: str, usable: str, argument: str) -> Answer:
        script = _UNTIL % {"act": act, "usable": usable}
        total, sent = self._browser.execute_async_script(script, argument)
        return Answer(total / 1000, waited=sent / 1000)
