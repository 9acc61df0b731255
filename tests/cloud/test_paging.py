# SPDX-License-Identifier: Apache-2.0
"""Paging through lists that change between two pages, with the real Glance.

An unchanged image must be on exactly one page, in either direction, whatever changes in other
images. Catalogues and changes are random, and are written into Glance's database, where a change
is fast.
"""

import dataclasses
import datetime
import time

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.environment import CLOUD
from tests.limits import LIMITS
from xloud_images_panel.dashboard import caching
from xloud_images_panel.services import image_lists
from xloud_images_panel.services.connection import Actor, Connection
from xloud_images_panel.services.glance import Glance
from xloud_images_panel.services.markers import Marker

POOL = 9
NAMES = (None, "", "  ", "same", "same", "x")
BEGIN = datetime.datetime(2026, 1, 1)
EXAMPLES = 25
# The limit for one list; the remaining examples are skipped.
MOST_SECONDS = 60

created = st.builds(
    lambda second, microsecond: BEGIN + datetime.timedelta(0, second, microsecond),
    st.sampled_from([0, 0, 0, 1, 2]),
    st.sampled_from([0, 1, 500_000, 999_999]),
)


@dataclasses.dataclass
class Kept:
    """The record of an image in Glance's database."""

    name: str | None
    created_at: datetime.datetime
    hidden: bool
    owner: str
    visibility: str
    status: str | None
    deleted: bool = False


kept = st.builds(
    Kept,
    name=st.sampled_from(NAMES),
    created_at=created,
    hidden=st.sampled_from([False, False, True]),
    owner=st.sampled_from(["other", "other", "other", "third", "own"]),
    visibility=st.sampled_from(["listed", "listed", "listed", "private"]),
    status=st.sampled_from(["accepted", "pending", "rejected", "accepted", None]),
)

CHANGES = {
    "delete": {"deleted": True},
    "take away": {"status": None},
    "make private": {"visibility": "private"},
    "list": {"visibility": "listed", "status": "pending"},
    "hide": {"hidden": True},
    "show": {"hidden": False},
    "rename": {"name": "zzz"},
    "take the name": {"name": None},
    "hand over": {"owner": "third"},
    "take over": {"owner": "own"},
    "reject": {"status": "rejected"},
}
changes = st.lists(
    st.tuples(st.sampled_from(["edge", "edge", "edge", *range(POOL)]), st.sampled_from([*CHANGES])),
    max_size=3,
)
# The changes before a page is turned, and whether the page is read again first.
steps = st.lists(st.tuples(changes, st.booleans()), max_size=12)


class Catalogue:
    """The images of an example, in Glance's database."""

    def __init__(self, ids, projects, visibility):
        self.engine = sa.create_engine(CLOUD.database_url("glance"))
        tables = sa.MetaData()
        tables.reflect(self.engine, only=["images", "image_members"])
        self.images, self.members = tables.tables["images"], tables.tables["image_members"]
        self.ids, self.projects, self.visibility = ids, projects, visibility
        self.kept = []

    def write(self, *numbers):
        """Write the records of these images, or of all images."""
        with self.engine.begin() as connection:
            for number in numbers or range(len(self.kept)):
                self._write(connection, self.ids[number], self.kept[number])

    def _write(self, connection, image_id, image):
        shown = self.visibility if image.visibility == "listed" else "private"
        values = {
            "name": image.name,
            "created_at": image.created_at,
            "os_hidden": image.hidden,
            "owner": self.projects[image.owner],
            "visibility": shown,
            "deleted": image.deleted,
            "status": "deleted" if image.deleted else "active",
        }
        where = self.images.c.id == image_id
        connection.execute(self.images.update().where(where).values(values))
        of_image = self.members.c.image_id == image_id
        connection.execute(self.members.delete().where(of_image))
        if image.status:
            row = {
                "image_id": image_id,
                "member": self.projects["own"],
                "status": image.status,
                "can_share": False,
                "deleted": False,
                "created_at": BEGIN,
                "updated_at": BEGIN,
            }
            connection.execute(self.members.insert().values(row))

    def listed(self, number):
        """Return whether an image belongs to the list."""
        image = self.kept[number]
        if image.deleted or image.visibility != "listed":
            return False
        return self.visibility == "community" or (image.owner != "own" and image.status is not None)


@pytest.fixture
def catalogue(bulk, connection, request):
    """Return a function that returns the catalogue of a list, without any image yet."""
    projects = {project.name: project.id for project in connection.identity.projects()}
    made = []

    def catalogue(own, visibility):
        ids = bulk.images([f"paged-{number}" for number in range(POOL)], projects["platform"])
        names = {"own": own, "other": "platform", "third": "research"}
        named = {role: projects[name] for role, name in names.items()}
        made.append(Catalogue(ids, named, visibility))
        return made[-1]

    yield catalogue
    for each in made:
        bulk.remove_images(each.ids)
        each.engine.dispose()


@pytest.fixture
def as_user(cloud):
    """Return a function that returns Glance as the panel uses it for a user."""

    def as_user(name, **limits):
        user = cloud.connection(name)
        return Glance(
            Connection(
                actor=Actor(
                    user_id=user.current_user_id,
                    project_id=user.current_project_id,
                    domain_id="default",
                    token=user.authorize(),
                    region="",
                    address="127.0.0.1",
                ),
                url_for=lambda _service: CLOUD.glance_url,
                # All examples share one request of the user's.
                limits=dataclasses.replace(LIMITS, total_time=3600, **limits),
                verify=True,
                cache=caching,
            )
        )

    return as_user


def carry_out(catalogue, step, rows, changed, backwards):
    """Change images that have not changed in this direction yet.

    :param rows: the images on the previous page
    """
    for which, kind in step:
        if which == "edge":
            on_page = [catalogue.ids.index(row) for row in rows if row in catalogue.ids]
            if not on_page:
                continue
            which = on_page[0 if backwards else -1]
        if which not in changed:
            changed.add(which)
            catalogue.kept[which] = dataclasses.replace(catalogue.kept[which], **CHANGES[kind])
            catalogue.write(which)


def ids_on(page):
    """Return the IDs of the images on a page."""
    return [getattr(item, "image", item).id for item in page.items]


def check_turning(catalogue, read, images, size, legs):
    """Page to the end, back to the beginning, and to the end again, while images change.

    :param read: reads a page, from a marker, forwards or backwards
    :param legs: the steps in each direction
    """
    catalogue.kept = list(images)
    catalogue.write()
    marker, came_backwards, page = None, False, None
    for leg, steps in enumerate(legs):
        backwards = bool(leg % 2)
        changed, seen = set(), []
        page = page or read(size, marker, came_backwards)
        steps = iter(steps)
        before = [catalogue.listed(number) for number in range(POOL)]
        while onwards := page.previous_marker if backwards else page.next_marker:
            step, again = next(steps, ((), False))
            carry_out(catalogue, step, ids_on(page), changed, backwards)
            # Reading the page again from the other side could drop rows on this one.
            if again and came_backwards == backwards:
                page = read(size, marker, came_backwards)
                if not page.items and page.complete:
                    return  # the tab then shows its first page
                continue
            seen += ids_on(page)
            marker, came_backwards = Marker.parse(str(onwards)), backwards
            page = read(size, marker, came_backwards)
        seen += ids_on(page)
        for number, image_id in enumerate(catalogue.ids):
            times = seen.count(image_id)
            if number in changed:
                assert times <= 2, f"changed, and listed {times} times: {catalogue.kept[number]}"
            else:
                assert times == before[number], f"{times} times: {catalogue.kept[number]}"
        if not page.items:
            return


def turning(catalogue, read):
    """Return the property test of a list."""
    begun = time.monotonic()
    failed = []

    @hypothesis_settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        st.lists(kept, min_size=POOL, max_size=POOL),
        st.integers(1, 4),
        st.tuples(steps, steps, steps),
    )
    def check(images, size, legs):
        if not failed and time.monotonic() - begun > MOST_SECONDS:
            return
        try:
            check_turning(catalogue, read, images, size, legs)
        except AssertionError as error:
            failed.append(error)  # hypothesis repeats a failed example, even after the time limit
            raise

    return check


def test_shared_images_are_on_one_page_each(catalogue, as_user):
    """Each image shared with a member's project is on one page."""
    user = as_user("ann")

    def read(size, marker, backwards):
        return image_lists.shared_with_project(user, size, marker, backwards=backwards)

    turning(catalogue("app-team-a", "shared"), read)()


def test_shared_images_of_an_administrator_are_on_one_page_each(catalogue, as_user):
    """An administrator's scan continues from its bound, with each image on one page."""
    admin = as_user("admin", scan_limit=4)

    def read(size, marker, backwards):
        return image_lists.shared_with_project(admin, size, marker, backwards=backwards)

    turning(catalogue("admin", "shared"), read)()


def test_community_images_are_on_one_page_each(catalogue, as_user, monkeypatch):
    """Each community image is on one page, even if images disappear between two small batches."""
    monkeypatch.setattr(image_lists, "FIRST_BATCH", 2)
    user = as_user("ann")

    def read(size, marker, backwards):
        return image_lists.community(user, size, marker, backwards=backwards)

    turning(catalogue("app-team-a", "community"), read)()
