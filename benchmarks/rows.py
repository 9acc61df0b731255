# SPDX-License-Identifier: Apache-2.0
"""The rows of the result: each measurement and its comparison."""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from glanceclient import exc as glance_errors
from glanceclient.v2 import client as glanceclient

from benchmarks import browser, fill
from benchmarks.dashboard import Answer, Dashboard
from benchmarks.fill import Filled
from benchmarks.measure import Row, added, alternately, seconds
from benchmarks.raw import Call, Raw, glance, keystone
from benchmarks.running import Running
from demo.data import ADMIN

EMPTY_PAGE, EMPTY_DIALOG = "/project/bench/", "/project/bench/dialog/"
SHARED_IMAGES = "/project/images/shared/"
PAGE = 20  # Horizon's own API_RESULT_PAGE_SIZE
NAIVE_PAGE = 25  # used in many examples of glanceclient, and Glance's own default
# A naive variant that takes a minute is measured for this part and multiplied.
SAMPLE = 10


@dataclass
class Bench:
    """The objects that all rows need."""

    running: Running
    what: Filled
    say: Callable[[str], None]

    @cached_property
    def raw(self) -> Raw:
        """Raw HTTP as the administrator."""
        return Raw(self.what.cloud, self.what.admin.session.get_token())

    @cached_property
    def admin(self) -> Dashboard:
        """The administrator's dashboard."""
        return Dashboard(self.what.cloud, self.running.horizon, ADMIN.name)

    @cached_property
    def ann(self) -> Dashboard:
        """The dashboard of a member of the receiving project."""
        return Dashboard(self.what.cloud, self.running.horizon, "ann")

    @property
    def pairs(self) -> int:
        """The number of measurements of each pair."""
        return self.what.sizes.pairs

    def forget(self) -> None:
        """Remove the names of projects and domains from Horizon's cache."""
        with sqlite3.connect(self.what.cloud.folder / "horizon/horizon.db", timeout=20) as cache:
            cache.execute("DELETE FROM cache WHERE cache_key LIKE '%xloud_images_panel:%'")
        cache.close()


def access(image_id: str) -> str:
    """Return the URL of an image's dialog."""
    return f"/admin/images/{image_id}/access/"


# -- A: the dialog opens


def opening(bench: Bench) -> Iterator[Row]:
    """Measure the dialog with the members' names uncached and cached."""
    what, raw, admin = bench.what, bench.raw, bench.admin
    golden = what.golden

    def cold() -> Answer:
        bench.forget()
        return admin.get(access(golden), ajax=True)

    def named() -> Answer:
        # The dialog itself makes this request for the names as well.
        return cold() + admin.get(f"{access(golden)}projects/", ajax=True)

    def warm() -> Answer:
        admin.get(f"{access(golden)}projects/", ajax=True)
        return admin.get(access(golden), ajax=True)

    page = [keystone(f"projects?limit={PAGE + 1}")]

    def floor() -> Answer:
        return raw.all(image_calls(golden), [*page, keystone("domains")])

    def named_floor() -> Answer:
        names = [keystone(f"projects/{id_}") for id_ in [*what.members, owner]]
        return floor() + raw.all(image_calls(golden), page, names)

    def warm_floor() -> Answer:
        return raw.all(image_calls(golden), page)

    owner = what.project_ids[fill.OWNER]
    measured = alternately(
        bench.pairs,
        {
            "cold": cold,
            "named": named,
            "warm": warm,
            "floor": floor,
            "named floor": named_floor,
            "warm floor": warm_floor,
            "empty": lambda: admin.get(EMPTY_DIALOG, ajax=True),
            "naive": lambda: admin.get(f"/project/bench/naive/{golden}/", ajax=True),
        },
    )
    count = f"{what.sizes.projects:,} projects, {what.sizes.members} members"
    floors = added(measured["floor"], measured["empty"])
    named_floors = added(measured["named floor"], measured["empty"])
    warm_floors = added(measured["warm floor"], measured["empty"])
    yield Row(
        "A",
        f"open Manage Access, {count}, no name known",
        "the same calls over raw HTTP + an empty dialog",
        measured["cold"],
        floors,
        most=1.5,
    )
    yield Row(
        "A",
        "the same",
        "all projects in one table (naive)",
        measured["cold"],
        measured["naive"],
        least=20,
    )
    yield Row(
        "A named",
        "the same until the names that follow are there",
        "the same calls over raw HTTP + an empty dialog",
        measured["named"],
        named_floors,
        most=1.5,
    )
    yield Row(
        "A named",
        "the same",
        "all projects in one table (naive)",
        measured["named"],
        measured["naive"],
    )
    yield Row(
        "A again",
        "the same within a minute",
        "image, members, a page over raw HTTP + an empty dialog",
        measured["warm"],
        warm_floors,
        most=1.5,
    )
    yield Row(
        "A again",
        "the same",
        "all projects in one table (naive)",
        measured["warm"],
        measured["naive"],
        least=20,
    )


def image_calls(image_id: str) -> list[Call]:
    """Return the calls for an image and its members."""
    return [glance(f"images/{image_id}"), glance(f"images/{image_id}/members")]


# -- A', A'': the same in Chromium


def in_chromium(bench: Bench) -> Iterator[Row]:
    """Measure from the click to the table, and from the key to the rows."""
    what = bench.what
    with browser.chromium() as chromium:
        page = browser.Page(chromium, bench.running.horizon, ADMIN.name, what.cloud.password)
        plain = browser.Page(chromium, bench.running.plain, ADMIN.name, what.cloud.password)

        measured = alternately(
            bench.pairs,
            {
                "ours": lambda: page.open_manage_access(what.golden, before=bench.forget),
                "named": lambda: page.open_manage_access(
                    what.golden, named=True, before=bench.forget
                ),
                "again": lambda: page.open_manage_access(what.golden),
                "horizon": lambda: plain.open_manage_members(what.crowd),
            },
        )
        searched = alternately(
            bench.pairs,
            {
                "ours": lambda: page.search(what.golden, "team-0"),
                "keystone": lambda: bench.raw.all(
                    [keystone(f"projects?limit={PAGE + 1}&name__icontains=team-0")]
                ),
            },
        )
    horizon = f"Horizon's Manage Members, {what.sizes.users:,} users, {what.sizes.members} members"
    yield Row(
        "A'",
        "click to usable table, no name known",
        horizon,
        measured["ours"],
        measured["horizon"],
        least=5,
    )
    yield Row(
        "A'",
        "the same until the names that follow are there",
        horizon,
        measured["named"],
        measured["horizon"],
    )
    yield Row(
        "A'",
        "the same within a minute",
        horizon,
        measured["again"],
        measured["horizon"],
        least=5,
    )
    # `waited` of a search is the pause after the last key; Answer.seconds includes it.
    asked = [Answer(one.seconds - one.waited) for one in searched["ours"]]
    yield Row(
        "A''",
        "search: key to rows, the pause of typing included",
        "Keystone's own answer",
        searched["ours"],
        searched["keystone"],
        most=2,
    )
    yield Row(
        "A''",
        "search: request to rows",
        "Keystone's own answer",
        asked,
        searched["keystone"],
        most=2,
    )


# -- B: Confirm


def confirming(bench: Bench) -> Iterator[Row]:
    """Measure adding and removing on an image that is restored each time."""
    what, raw = bench.what, bench.raw
    image_id, removed = fill.shared_image(what, what.sizes.removed)
    added_ids = [
        id_ for id_ in what.projects[1 :: max(1, len(what.projects) // 150)] if id_ not in removed
    ][: what.sizes.members]
    members = f"images/{image_id}/members"
    lost: dict[str, int] = {}

    def prepared(name: str, function: Callable[[], Answer]) -> Callable[[], Answer]:
        def measured() -> Answer:
            what.bulk.remove_members([image_id])
            what.bulk.members((image_id, id_, "accepted") for id_ in removed)
            answer = function()
            found = raw.one(glance(members))["members"]
            right = {item["member_id"] for item in found if item["status"] == "accepted"}
            lost[name] = lost.get(name, 0) + len(right ^ set(added_ids))
            return answer

        return measured

    def panel() -> Answer:
        form = {"add": added_ids, "remove": removed, "accept": "on"}
        return bench.admin.post(access(image_id), form)

    def known() -> Answer:
        # The dialog has shown the projects ticked in it, so their names are cached.
        names_are_known()
        return panel()

    def names_are_known() -> None:
        # The table looks up the names of the members that it shows. It is opened for an image with
        # all projects to be added, and for the image with the projects to be removed.
        bench.forget()
        what.bulk.members((known_image, id_, "accepted") for id_ in added_ids)
        for shown in (known_image, image_id):
            bench.admin.get(f"{access(shown)}projects/", ajax=True)
        what.bulk.remove_members([known_image])

    [known_image] = what.bulk.images(["golden-known"], what.project_ids[fill.OWNER])

    def floor(workers: int) -> Answer:
        deletes = [glance(f"{members}/{id_}", "DELETE") for id_ in removed]

        def add(id_: str) -> None:
            raw.one(glance(members, "POST", {"member": id_}))
            raw.one(glance(f"{members}/{id_}", "PUT", {"status": "accepted"}))

        started = time.perf_counter()
        raw.all(image_calls(image_id), deletes, workers=workers)
        raw.each(add, added_ids, workers)
        calls = 2 + len(deletes) + 2 * len(added_ids)
        return Answer(time.perf_counter() - started, glance=calls)

    def one_by_one() -> Answer:
        client = glanceclient.Client(session=what.admin.session)
        started = time.perf_counter()
        for id_ in removed:
            _again(client.image_members.delete, image_id, id_)
        for id_ in added_ids:
            _again(client.image_members.create, image_id, id_)
            _again(client.image_members.update, image_id, id_, "accepted")
        return Answer(time.perf_counter() - started, glance=len(removed) + 2 * len(added_ids))

    def command_line() -> Answer:
        started = time.perf_counter()
        openstack(what, "image", "add", "project", image_id, added_ids[0])
        return Answer((time.perf_counter() - started) * (len(added_ids) + len(removed)))

    tried = {
        workers: prepared("", lambda workers=workers: floor(workers))().seconds
        for workers in (1, 2, 4, 8)
    }
    best = min(tried, key=tried.__getitem__)
    bench.say(f"The best pool for {len(added_ids)} writes has {best} of {list(tried)} threads")
    lost.clear()
    measured = alternately(
        bench.pairs,
        {
            "panel": prepared("panel", known),
            "floor": prepared("floor", lambda: floor(best)),
            "glanceclient": prepared("glanceclient", one_by_one),
        },
    )
    what.bulk.remove_members([image_id])
    commands = []
    for _sample in range(min(3, bench.pairs)):
        commands.append(command_line())
        what.bulk.remove_members([image_id])
    commands *= bench.pairs
    count = f"confirm {len(added_ids)} adds and {len(removed)} removes"
    if lost["panel"]:
        raise RuntimeError(f"{count}: {lost['panel']} members are not as they should be")
    yield Row(
        "B",
        count,
        f"raw HTTP, pool of {best} (the best of {_list(tried)})",
        measured["panel"],
        measured["floor"],
        most=1.25,
        note="nothing lost",
    )
    yield Row(
        "B", "the same", "glanceclient, one by one", measured["panel"], measured["glanceclient"]
    )
    yield Row(
        "B",
        "the same",
        "`openstack image add project`, once per project (3 measured, multiplied)",
        measured["panel"],
        commands[: bench.pairs],
        least=100,
    )


def _again(function: Callable[..., Any], *arguments: str) -> None:
    for _try in range(10):
        try:
            function(*arguments)
        except glance_errors.HTTPInternalServerError:
            time.sleep(0.05)
        else:
            return


def openstack(what: Filled, *arguments: str) -> None:
    """Run the command line client once."""
    program = str(Path(sys.executable).with_name("openstack"))
    environment = credentials(what)
    subprocess.run([program, *arguments], env=environment, check=True, stdout=subprocess.DEVNULL)


def credentials(what: Filled) -> dict[str, str]:
    """Return the environment of an operator's shell."""
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {
        "OS_AUTH_URL": what.cloud.keystone_url,
        "OS_USERNAME": ADMIN.name,
        "OS_PASSWORD": what.cloud.password,
        "OS_PROJECT_NAME": ADMIN.project,
        "OS_USER_DOMAIN_ID": "default",
        "OS_PROJECT_DOMAIN_ID": "default",
        "OS_IDENTITY_API_VERSION": "3",
    }


def _list(numbers: object) -> str:
    return ", ".join(map(str, numbers))


# -- C, D: Shared Images


def shared_as_member(bench: Bench) -> Iterator[Row]:
    """Measure the first page of the receiving project's member."""
    sizes = bench.what.sizes
    count = f"{sizes.received} received, {sizes.own_images:,} own"
    yield from _shared(bench, "C", f"Shared Images, member, {count}", bench.ann, everything=False)


def shared_as_administrator(bench: Bench) -> Iterator[Row]:
    """Measure the same page for an administrator, whose token sees every image in the cloud."""
    what = bench.what
    role = what.admin.identity.find_role("admin")
    user = what.admin.identity.find_user(ADMIN.name, domain_id="default")
    what.admin.identity.assign_project_role_to_user(what.receiver, user, role)
    admin = Dashboard(what.cloud, bench.running.horizon, ADMIN.name, what.receiver)
    count = f"{what.sizes.images + what.sizes.own_images:,} shared images in the cloud"
    for row in _shared(bench, "D", f"Shared Images, administrator, {count}", admin, True):
        most = max(answer.glance for answer in row.ours)
        row.note = ", ".join(filter(None, [row.note, f"at most {most} requests to Glance"]))
        yield row


def _shared(
    bench: Bench, name: str, title: str, dashboard: Dashboard, everything: bool
) -> Iterator[Row]:
    what, raw = bench.what, bench.raw
    listed = _listed(bench, everything)
    received = [image for image in listed if image["id"] in _received(what)]
    position = listed.index(received[PAGE]) + 1
    candidates = [image for image in listed[:position] if image["owner"] != what.receiver]
    query = "images?visibility=shared&member_status=all&sort=name:asc,id:asc&limit="

    def lookups(images: list[dict[str, Any]]) -> list[Call]:
        return [glance(f"images/{image['id']}/members/{what.receiver}") for image in images]

    part = listed[::SAMPLE]
    pages = max(1, len(listed) // NAIVE_PAGE // SAMPLE)

    def naive() -> Answer:
        calls = [
            glance(f"{query}{NAIVE_PAGE}&marker={listed[number * NAIVE_PAGE]['id']}")
            for number in range(pages)
        ]
        sample = raw.all(calls, lookups(part), workers=1)
        return Answer(sample.seconds * SAMPLE, glance=sample.glance * SAMPLE)

    measured = alternately(
        bench.pairs,
        {
            "ours": lambda: dashboard.get(SHARED_IMAGES),
            "floor": lambda: raw.all([glance(f"{query}{position}")], lookups(candidates)),
            "empty": lambda: dashboard.get(EMPTY_PAGE),
            "naive": naive,
        },
    )
    yield Row(
        name,
        title,
        "the fewest Glance calls over raw HTTP + an empty page",
        measured["ours"],
        added(measured["floor"], measured["empty"]),
        most=1.5,
    )
    yield Row(
        name,
        "the same",
        f"every page of {NAIVE_PAGE}, a lookup per image (a tenth measured, multiplied)",
        measured["ours"],
        added(measured["naive"], measured["empty"]),
        least=None if everything else 20,
    )


def _received(what: Filled) -> set[str]:
    every = len(what.shared) // what.sizes.received
    return set(what.shared[::every][: what.sizes.received])


def _listed(bench: Bench, everything: bool) -> list[dict[str, Any]]:
    """Return the shared images of a member, or of an administrator, in Glance's order."""
    images: list[dict[str, Any]] = []
    query = "images?visibility=shared&member_status=all&sort=name:asc,id:asc&limit=1000"
    path: str | None = query
    while path:
        answer = bench.raw.one(glance(path))
        images += answer["images"]
        path = answer.get("next", "").removeprefix("/v2/") or None
    if everything:
        return images
    mine = _received(bench.what)
    owner = bench.what.receiver
    return [image for image in images if image["owner"] == owner or image["id"] in mine]


# -- E: growth


@dataclass(frozen=True)
class Curve:
    """The growth of a measurement: the sizes, and the time for each size."""

    name: str
    reason: str
    points: list[tuple[int, list[Answer]]]


def members_grow(bench: Bench) -> Curve:
    """Measure the dialog with a growing number of members."""
    what = bench.what
    images = {count: fill.shared_image(what, count)[0] for count in what.sizes.growing_members}

    def opened(image_id: str) -> Answer:
        bench.forget()
        return bench.admin.get(access(image_id), ajax=True)

    measured = alternately(
        bench.pairs,
        {str(count): lambda id_=id_: opened(id_) for count, id_ in images.items()},
    )
    return Curve(
        "Manage Access by members",
        "rows to render; the names of more than ten members follow when it is open",
        [(count, measured[str(count)]) for count in images],
    )


def own_images_grow(bench: Bench) -> Curve:
    """Measure Shared Images for projects with a growing number of own images."""
    what = bench.what
    dashboards = {}
    user = what.admin.identity.find_user("bob", domain_id="default")
    role = what.admin.identity.find_role("member")
    for number, count in enumerate(what.sizes.growing_images):
        project = what.admin.identity.create_project(name=f"owner-of-{count}", domain_id="default")
        what.admin.identity.assign_project_role_to_user(project, user, role)
        what.bulk.images(fill.mixed_names(count, 10 + number), project.id)
        every = len(what.shared) // what.sizes.received
        shared = what.shared[::every][: what.sizes.received]
        what.bulk.members((id_, project.id, "accepted") for id_ in shared)
        dashboards[count] = Dashboard(what.cloud, bench.running.horizon, "bob", project.id)
    measured = alternately(
        bench.pairs,
        {
            str(count): lambda dashboard=dashboard: dashboard.get(SHARED_IMAGES)
            for count, dashboard in dashboards.items()
        },
    )
    return Curve(
        "Shared Images by own images",
        "Glance lists a project's own images with the received ones and cannot leave them out",
        [(count, measured[str(count)]) for count in dashboards],
    )


def projects_grow(bench: Bench) -> Curve:
    """Measure the dialog of an image without members, with a growing number of projects.

    Runs last, because it removes the projects that the others need.
    """
    what = bench.what
    [image_id] = what.bulk.images(["golden-alone"], what.project_ids[fill.OWNER])
    what.bulk.remove_projects(what.projects)
    there, points = len(what.project_ids), []
    for size in what.sizes.growing_projects:
        bench.say(f"Growing to {size:,} projects")
        what.bulk.projects([f"grown-{number:05}" for number in range(there, size)])
        there = max(there, size)
        measured = alternately(
            bench.pairs,
            {
                "dialog": lambda: bench.admin.get(access(image_id), ajax=True),
                "empty": lambda: bench.admin.get(EMPTY_DIALOG, ajax=True),
            },
        )
        points.append((size, measured["dialog"]))
    return Curve(
        "Manage Access by projects", "one page of projects, however many there are", points
    )


def flat(curve: Curve) -> Row:
    """Return the row that rates the flatness of a curve."""
    (smallest, first), (largest, last) = curve.points[0], curve.points[-1]
    ratio = seconds(last) / seconds(first)
    row = Row(
        "E",
        f"Manage Access among {largest:,} projects",
        f"among {smallest:,}",
        last,
        first,
        most=1.3,
    )
    row.note = f"of the medians: {ratio:.2f}"
    return row
