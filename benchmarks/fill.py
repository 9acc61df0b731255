# SPDX-License-Identifier: Apache-2.0
"""The contents of the measured cloud."""

import contextlib
import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from openstack.connection import Connection

from benchmarks.options import Sizes
from demo.bulk import Bulk
from demo.cloud import Cloud
from demo.data import ADMIN, connect

STATUSES = ("accepted", "pending", "rejected")
DOMAINS = 6  # including the two of the demo
RECEIVER = "app-team-a"  # ann is its user
OWNER = "platform"


@dataclass
class Filled:
    """The filled cloud.

    :ivar projects: IDs, in the number that the sizes require
    :ivar shared: IDs of the images of one owner that are shared
    :ivar own: IDs of the receiving project's images
    :ivar sharing: member IDs of the shared images, some of which are no projects
    :ivar golden: ID of the image with members
    :ivar members: the golden image's members
    :ivar crowd: ID of a project with as many users as the golden image has members
    """

    cloud: Cloud
    admin: Connection
    bulk: Bulk
    sizes: Sizes
    project_ids: dict[str, str]
    projects: list[str] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)
    sharing: list[str] = field(default_factory=list)
    golden: str = ""
    members: list[str] = field(default_factory=list)
    crowd: str = ""

    @property
    def receiver(self) -> str:
        """ID of the project that receives images."""
        return self.project_ids[RECEIVER]


@contextlib.contextmanager
def filled(cloud: Cloud, sizes: Sizes, say: Callable[[str], None]) -> Iterator[Filled]:
    """Fill a cloud that has the demo's data."""
    admin = connect(cloud, ADMIN.name, ADMIN.project)
    bulk = Bulk(cloud, admin)
    try:
        ids = {project.name: project.id for project in admin.identity.projects()}
        what = Filled(cloud, admin, bulk, sizes, ids)
        say(f"Filling: {sizes.projects} projects in {DOMAINS} domains")
        _fill_projects(what)
        say(f"Filling: {sizes.images} shared images, {sizes.own_images} of the receiver")
        _fill_images(what)
        say(f"Filling: {sizes.users} users, {sizes.members} of one project")
        _fill_users(what)
        yield what
    finally:
        bulk.close()
        admin.close()


def _fill_projects(what: Filled) -> None:
    domains = [domain.id for domain in what.admin.identity.domains()]
    domains += [
        what.admin.identity.create_domain(name=f"region-{number}").id
        for number in range(len(domains), DOMAINS)
    ]
    missing = what.sizes.projects - len(what.project_ids)
    names = [f"team-{number:05}" for number in range(missing)]
    for number, domain in enumerate(domains):
        what.projects += what.bulk.projects(names[number::DOMAINS], domain)


def _fill_images(what: Filled) -> None:
    sizes, owner = what.sizes, what.project_ids[OWNER]
    what.shared = what.bulk.images(mixed_names(sizes.images, 1), owner)
    what.own = what.bulk.images(mixed_names(sizes.own_images, 2), what.receiver)
    every = len(what.shared) // sizes.received
    what.bulk.members(
        (image_id, what.receiver, STATUSES[number % 3])
        for number, image_id in enumerate(what.shared[::every][: sizes.received])
    )
    what.golden, what.members = shared_image(what, sizes.members)


def _fill_users(what: Filled) -> None:
    # Horizon offers the users of the project's own domain, and lists at most 1,000 projects.
    first = what.admin.identity.projects(domain_id="default", limit=1, paginated=False)
    what.crowd = next(iter(first)).id
    role = what.admin.identity.find_role("member").id
    users = what.bulk.users([f"user-{number:05}" for number in range(what.sizes.users)])
    what.bulk.assign(users[: what.sizes.members], what.crowd, role)


def memberships(what: Filled) -> None:
    """Leave only the shared images in the cloud, and share them with many projects, once.

    One member in a hundred is an ID without a project.
    """
    if what.sharing:
        return
    sizes = what.sizes
    what.bulk.remove_images(what.own)
    stale = max(1, sizes.sharing // 100)
    live = sizes.sharing - stale
    what.sharing = what.projects[:: len(what.projects) // live][:live]
    what.sharing += [uuid.uuid4().hex for _number in range(stale)]
    each = sizes.memberships // sizes.images
    what.bulk.members(
        (image_id, what.sharing[(number * each + member) % sizes.sharing], "accepted")
        for number, image_id in enumerate(what.shared)
        for member in range(each)
    )


def mixed_names(count: int, seed: int) -> list[str]:
    """Return names in random order, so that lists mix the images of several projects."""
    numbers = random.Random(seed)  # noqa: S311 - the same names in each run
    return [f"{numbers.getrandbits(48):012x}" for _number in range(count)]


def shared_image(what: Filled, count: int) -> tuple[str, list[str]]:
    """Return a new image shared with that many projects, and those projects."""
    [image_id] = what.bulk.images([f"golden-{count}"], what.project_ids[OWNER])
    every = max(1, len(what.projects) // count)
    members = what.projects[::every][:count]
    what.bulk.members((image_id, project_id, "accepted") for project_id in members)
    return image_id, members
