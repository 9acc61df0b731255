# SPDX-License-Identifier: Apache-2.0
"""The users' behaviour, a file for ``locust -f``.

Each user is a browser without scripts: the requests of the AngularJS Images panel's pages are made
here one after the other. Static files are left out, because a browser caches them.
"""

import os
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from locust import HttpUser, between, task
from locust.clients import ResponseContextManager

from benchmarks.soak import cast
from benchmarks.soak.promises import UNKNOWN, promise

AJAX = {"X-Requested-With": "XMLHttpRequest"}
SLICE = "/admin/images/access/slice/"
REGION = "RegionOne"
CELLS = 300  # of one slice at most, as in model/plan-run.js
BUSY = "is being changed by somebody else"
PEOPLE = cast.read(Path(os.environ["SOAK_PEOPLE"]))
PROMISES = Path(os.environ["SOAK_PROMISES"])
PASSWORD = os.environ["SOAK_PASSWORD"]

_random = random.Random(1)  # noqa: S311 - the same in each run


class Browser(HttpUser):
    """A browser whose user logs in once and then views pages at intervals."""

    abstract = True
    wait_time = between(5, 15)
    _people: ClassVar[list[cast.Person]]

    def on_start(self) -> None:
        """Log in."""
        self.person = self._people.pop()
        page = self.client.get("/auth/login/", name="log in: the form").text
        form = {"username": self.person.user, "password": PASSWORD, "region": "default"}
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        with self.client.post(
            "/auth/login/",
            form | {"csrfmiddlewaretoken": token},
            headers={"Referer": f"{self.host}/auth/login/"},
            allow_redirects=False,
            catch_response=True,
            name="log in",
        ) as answer:
            if answer.status_code != 302:
                answer.failure(f"{answer.status_code}")

    @contextmanager
    def get(self, path: str, name: str, contains: str = "", **more: object) -> Iterator[str]:
        """Request a page; the request fails if the page lacks a text."""
        with self.client.get(
            path, name=name, allow_redirects=False, catch_response=True, **more
        ) as answer:
            if answer.status_code != 200 or contains not in answer.text:
                answer.failure(f"{answer.status_code}, or not what was asked for")
            yield answer.text

    def look(self, path: str, name: str, contains: str = "", **more: object) -> str:
        """Request a page and return it."""
        with self.get(path, name, contains, **more) as text:
            return text

    def send(
        self, path: str, form: dict[str, object], name: str, **more: object
    ) -> ResponseContextManager:
        """Send a form."""
        headers = {
            "X-CSRFToken": self.client.cookies.get("csrftoken", ""),
            "Referer": self.host + path,
            **more.pop("headers", {}),
        }
        return self.client.post(
            path,
            form,
            headers=headers,
            allow_redirects=False,
            catch_response=True,
            name=name,
            **more,
        )

    def images(self, panel: str) -> None:
        """Request Horizon's own list of images."""
        self.look(f"/{panel}/images/", f"{panel}: Images", "ng-app")
        self.look(
            "/api/glance/images/?paginate=true&sort_dir=asc&sort_key=name",
            f"{panel}: Images, the list",
            "items",
            headers=AJAX,
        )


class Administrator(Browser):
    """An administrator of images that other administrators manage too."""

    _people: ClassVar = [person for person in PEOPLE if person.administrator and not person.planner]
    fixed_count = len(_people)

    def on_start(self) -> None:
        """Log in; nothing is shared yet."""
        super().on_start()
        self.shared = {image_id: set() for image_id in self.person.images}

    @task(2)
    def list_images(self) -> None:
        """Request the administrator's list."""
        self.images("admin")

    @task(4)
    def manage_access(self) -> None:
        """Open the dialog, search, page forward, and change access."""
        image_id = _random.choice(list(self.person.images))
        address = f"/admin/images/{image_id}/access/"
        self.look(address, "admin: Manage Access", "manage_access_form", headers=AJAX)
        self.wait()
        rows = self.look(
            f"{address}projects/?search=team-0{_random.randrange(10)}",
            "admin: Manage Access, search",
            "data-project",
            headers=AJAX,
        )
        cursor = re.search(r'data-cursor="([^"]+)"', rows)
        if cursor:
            self.look(
                f"{address}projects/?search=team-&cursor={cursor[1]}",
                "admin: Manage Access, next page",
                headers=AJAX,
            )
        self.wait()
        self.confirm(image_id, address)

    def confirm(self, image_id: str, address: str) -> None:
        """Add some of the projects without access, and remove some with access."""
        shared = self.shared[image_id]
        others = [item for item in self.person.projects if item not in shared]
        add = _random.sample(others, min(len(others), _random.randint(1, 5)))
        remove = _random.sample(sorted(shared), min(len(shared), _random.randint(0, 3)))
        form = {"add": add, "remove": remove, "accept": "on"}
        with self.send(address, form, "admin: Confirm", headers=AJAX) as answer:
            if answer.status_code == 204:
                shared.update(add)
                shared.difference_update(remove)
                promise(PROMISES, image_id, add, "accepted")
                promise(PROMISES, image_id, remove, None)
            elif BUSY in answer.text:
                # The panel promises this for two changes at once: the second one must wait.
                answer.request_meta["name"] = "admin: Confirm, told to wait"
                answer.success()
            else:
                answer.failure(f"{answer.status_code}")
                promise(PROMISES, image_id, [*add, *remove], UNKNOWN)


class Planner(Browser):
    """A user who carries out plans of many images in slices, as ``ui/plan-run.js`` does.

    One plan adds all projects to all images, the next one removes them.
    """

    _people: ClassVar = [person for person in PEOPLE if person.planner]
    fixed_count = len(_people)

    def on_start(self) -> None:
        """Log in; no plan is running yet."""
        super().on_start()
        self.verb, self.left, self.pause = "remove", [], 0.0

    def wait_time(self) -> float:
        """Return the pause that the last answer asks for, in seconds."""
        return self.pause

    @task
    def slice(self) -> None:
        """Send the next slice."""
        if not self.left:
            self.verb = {"add": "remove", "remove": "add"}[self.verb]
            self.left = [
                (image, item) for image in self.person.images for item in self.person.projects
            ]
        asked: dict[str, list[str]] = {}
        for image_id, project_id in self.left[:CELLS]:
            asked.setdefault(image_id, []).append(project_id)
        changes = [
            {"image": image_id, "verb": self.verb, "projects": ids}
            for image_id, ids in asked.items()
        ]
        plan = {"region": REGION, "accept": True, "changes": changes}
        with self.send(SLICE, {}, "plan: slice", headers=AJAX, json=plan) as answer:
            cells = answer.json().get("cells", []) if answer.status_code == 200 else []
            failed = [cell for cell in cells if cell["state"] != "done"]
            if failed or not cells:
                answer.failure(f"{answer.status_code} {failed[:1] or answer.text[:200]}")
            if not cells:
                self.left = self.left[CELLS:]
            self.pause = answer.json()["pause"] / 1000 if cells else 0.0
        for cell in cells:
            # A removed project has no status.
            status = cell["status"] or None if cell["state"] == "done" else UNKNOWN
            promise(PROMISES, cell["image"], [cell["project"]], status)
        through = {(cell["image"], cell["project"]) for cell in cells}
        self.left = [cell for cell in self.left if cell not in through]


class Member(Browser):
    """A user who views images, and answers those that are shared with the project."""

    _people: ClassVar = [person for person in PEOPLE if not person.administrator]
    fixed_count = len(_people)

    def badge(self) -> None:
        """Request the number of pending images, as each page with the tabs does."""
        self.look("/project/images/shared/pending/", "project: the badge", headers=AJAX)

    @task(4)
    def list_images(self) -> None:
        """Request the project's list."""
        self.images("project")
        self.badge()

    @task(4)
    def shared_images(self) -> None:
        """Request Shared Images and the details of one image."""
        page = self.look("/project/images/shared/", "project: Shared Images", 'id="shared_images"')
        self.badge()
        found = re.search(r'href="(/project/images/shared/[0-9a-f-]{36}/)"', page)
        if found:
            self.wait()
            self.look(found[1], "project: Shared Images, details", "Disk Format")

    @task(2)
    def answer(self) -> None:
        """Accept or reject an image."""
        image_id, image = _random.choice(list(self.person.images.items()))
        action, status = _random.choice([("accept", "accepted"), ("reject", "rejected")])
        address = "/project/images/shared/"
        shown = self.look(address, "project: Shared Images", 'id="shared_images"')
        form = {
            "action": f"shared_images__{action}__{image_id}",
            **dict(re.findall(r'name="(made_for_\w+)" value="([^"]*)"', shown)),
        }
        name = f"project: {action.capitalize()}"
        with self.send(address, form, name) as answer:
            if answer.status_code != 302:
                answer.failure(f"{answer.status_code}")
                promise(PROMISES, image_id, self.person.projects, UNKNOWN)
                return
        page = self.look(address, "project: Shared Images", f": {image}.")
        done = re.search(rf"{status.capitalize()} for [^:]+: {re.escape(image)}\.", page)
        promise(PROMISES, image_id, self.person.projects, status if done else UNKNOWN)

    @task(1)
    def community_images(self) -> None:
        """Search Community Images."""
        self.look(
            "/project/images/community/?name=base",
            "project: Community Images, search",
            'id="community_images"',
        )
