# SPDX-License-Identifier: Apache-2.0
"""Horizon's pages, requested as by a browser but without one."""

import re
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests

from demo.cloud import Cloud

AJAX = {"X-Requested-With": "XMLHttpRequest"}


@dataclass
class Answer:
    """The cost of a request.

    :ivar seconds: from the request to the last byte
    :ivar waited: seconds in which Horizon waited for Keystone or Glance
    :ivar keystone: requests to Keystone
    :ivar glance: requests to Glance
    :ivar size: bytes to the browser
    """

    seconds: float
    waited: float = 0
    keystone: int = 0
    glance: int = 0
    size: int = 0
    text: str = field(default="", repr=False)

    def __add__(self, other: "Answer") -> "Answer":
        return Answer(
            self.seconds + other.seconds,
            self.waited + other.waited,
            self.keystone + other.keystone,
            self.glance + other.glance,
            self.size + other.size,
        )


class Dashboard:
    """A dashboard with a user logged in.

    :param url: its address
    :param user: one of the demo's users
    :param project_id: the project to work in, if it is not the user's own
    """

    def __init__(self, cloud: Cloud, url: str, user: str, project_id: str = "") -> None:
        self._cloud, self._url = cloud, url
        self.session = requests.Session()
        self.session.trust_env = False
        page = self.session.get(f"{url}/auth/login/").text
        form = {"username": user, "password": cloud.password, "region": "default"}
        answer = self.session.post(
            f"{url}/auth/login/",
            form | {"csrfmiddlewaretoken": _token(page)},
            headers={"Referer": f"{url}/auth/login/"},
            allow_redirects=False,
        )
        if answer.status_code != 302:
            raise RuntimeError(f"{user} cannot log in")
        if project_id:
            self.session.get(
                f"{url}/auth/switch/{project_id}/?next=/project/bench/", allow_redirects=False
            )

    def get(self, path: str, ajax: bool = False) -> Answer:
        """Request a page.

        :raises RuntimeError: when the status is not 200
        """
        started = time.perf_counter()
        answer = self.session.get(
            self._url + path, headers=AJAX if ajax else {}, allow_redirects=False
        )
        return self._measured(answer, time.perf_counter() - started, 200)

    def post(self, path: str, form: dict[str, object], status: int = 204) -> Answer:
        """Send a dialog's form.

        :raises RuntimeError: when the answer has another status
        """
        token = self.session.cookies.get("csrftoken")
        started = time.perf_counter()
        answer = self.session.post(
            self._url + path,
            form,
            headers=AJAX | {"X-CSRFToken": token, "Referer": self._url + path},
            allow_redirects=False,
        )
        return self._measured(answer, time.perf_counter() - started, status)

    def send(self, path: str, content: dict[str, object]) -> Answer:
        """Send JSON, as a page sends a plan.

        :raises RuntimeError: when the status is not 200
        """
        token = self.session.cookies.get("csrftoken")
        started = time.perf_counter()
        answer = self.session.post(
            self._url + path,
            json=content,
            headers=AJAX | {"X-CSRFToken": token, "Referer": self._url + path},
            allow_redirects=False,
        )
        return self._measured(answer, time.perf_counter() - started, 200)

    def _measured(self, answer: requests.Response, seconds: float, status: int) -> Answer:
        if answer.status_code != status:
            raise RuntimeError(f"{answer.url}: {answer.status_code}\n{answer.text[:2000]}")
        words = answer.headers["X-Bench"].split()
        counts = dict(word.split("=") for word in words[2:])
        return Answer(
            seconds,
            float(words[1]),
            int(counts.get(urlsplit(self._cloud.keystone_url).netloc, 0)),
            int(counts.get(urlsplit(self._cloud.glance_url).netloc, 0)),
            len(answer.content),
            answer.text,
        )


def _token(page: str) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
