# SPDX-License-Identifier: Apache-2.0
"""The soak's users, and the projects and images that each of them works with."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

from benchmarks.fill import mixed_names
from demo.bulk import Bulk
from demo.cloud import Cloud
from demo.data import ADMIN, connect

PROJECTS = 1_000
OTHER_IMAGES = 500
# One user in five manages access; the others view images and answer.
ONE_ADMINISTRATOR_IN = 5
PROJECTS_OF_AN_ADMINISTRATOR = 15
# Few images, so that administrators meet on the same one.
GOLDEN_IMAGES = 3
MEMBERS_PROJECTS = 8
IMAGES_OF_A_MEMBER = 5
# Size of the plan that one user carries out in parallel: too large for some minutes.
PLANNED_IMAGES, PLANNED_PROJECTS = 200, 40


@dataclasses.dataclass(frozen=True)
class Person:
    """A user with a browser.

    Nobody else changes the access of a person's projects to the person's images, so a promise in a
    successful answer holds until the person's own next change.

    :ivar user: name for the login
    :ivar projects: IDs of the projects that an administrator adds and removes; for a member, the
        one that answers
    :ivar images: names of images by ID
    :ivar planner: whether the person only carries out plans, with these projects and images
    """

    user: str
    administrator: bool
    projects: list[str]
    images: dict[str, str]
    planner: bool = False


def fill(cloud: Cloud, users: int, say: Callable[[str], None]) -> list[Person]:
    """Fill the cloud and return its users; the last one is a planner.

    :param users: the number of users
    """
    administrators = users // ONE_ADMINISTRATOR_IN
    say(f"Filling: {PROJECTS} projects, {OTHER_IMAGES} images and more for {users} users")
    with connect(cloud, ADMIN.name, ADMIN.project) as admin:
        bulk = Bulk(cloud, admin)
        owner = admin.identity.find_project("platform", ignore_missing=False).id
        role = admin.identity.find_role("member", ignore_missing=False)

        def images(name: str, count: int) -> dict[str, str]:
            names = [f"{name}-{number}" for number in range(count)]
            return dict(zip(bulk.images(names, owner), names, strict=True))

        def home(number: int) -> tuple[str, str]:
            user = admin.identity.create_user(name=f"soaked-{number}", password=cloud.password)
            project = projects.pop()
            admin.identity.assign_project_role_to_user(project, user, role)
            return user.name, project

        def member(number: int) -> Person:
            user, project = homes[number % MEMBERS_PROJECTS]
            received = images(f"received-{number}", IMAGES_OF_A_MEMBER)
            bulk.members((id_, project, "pending") for id_ in received)
            return Person(user, False, [project], received)

        try:
            projects = bulk.projects([f"team-{number:04}" for number in range(PROJECTS)])
            bulk.images(mixed_names(OTHER_IMAGES, 1), owner)
            golden = images("golden", GOLDEN_IMAGES)
            homes = [home(number) for number in range(MEMBERS_PROJECTS)]
            managing = [
                Person(
                    ADMIN.name,
                    True,
                    [projects.pop() for _one in range(PROJECTS_OF_AN_ADMINISTRATOR)],
                    golden,
                )
                for _number in range(administrators)
            ]
            members = [member(number) for number in range(users - administrators)]
            planned = [projects.pop() for _one in range(PLANNED_PROJECTS)]
            planner = Person(
                ADMIN.name, True, planned, images("planned", PLANNED_IMAGES), planner=True
            )
            return [*managing, *members, planner]
        finally:
            bulk.close()


def write(people: list[Person], path: Path) -> None:
    """Write people to a file for the process that plays them."""
    path.write_text(json.dumps([dataclasses.asdict(person) for person in people]))


def read(path: Path) -> list[Person]:
    """Read people written by :func:`write`."""
    return [Person(**person) for person in json.loads(path.read_text())]
