# SPDX-License-Identifier: Apache-2.0
"""The rows for all images of the cloud: scans as in a browser, and their growth."""

import itertools
import json
import statistics
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks import fill, worker
from benchmarks.dashboard import Answer, Dashboard
from benchmarks.measure import Row, added, alternately
from benchmarks.raw import Call, glance, keystone
from benchmarks.rows import EMPTY_PAGE, PAGE, Bench, Curve

BY_IMAGE = "/admin/images/access/by-image/"
BY_PROJECT = "/admin/images/access/by-project/"
STALE = "/admin/images/access/stale/"
INVENTORY = "/admin/images/access/inventory/"
# As in the pages: `AT_ONCE` and `FIRST` of model/scan.js.
AT_ONCE, FIRST = 80, 20
LISTED = 1_000
FIRST_ROW_SECONDS = 1.5
#: Seconds for which a slice may hold a worker.
LONGEST_SLICE = 3


class Scan:
    """A scan in slices, as ``ui/scan.js`` runs it.

    :param members: the address of a slice of members
    :param more: additional parameters of such a slice, apart from the IDs
    :ivar rows: the data of each image's row, by its ID
    :ivar longest: seconds of the longest slice so far
    """

    def __init__(
        self,
        dashboard: Dashboard,
        members: str,
        more: Callable[[list[dict[str, Any]]], str] = lambda _images: "",
    ) -> None:
        self._dashboard, self._members, self._more = dashboard, members, more
        self._queue: list[dict[str, Any]] = []
        self.rows: dict[str, Any] = {}
        self.longest = 0.0

    def run(self, enough: Callable[["Scan"], bool] = lambda _scan: False) -> Answer:
        """Read until there is enough, or until the end.

        Slices of the list and of members alternate until all images are listed.

        :raises RuntimeError: when a slice could not be read
        """
        total, after, listed, turn = Answer(0), "", False, False
        while not enough(self) and not (listed and not self._queue):
            turn = not turn if self._queue and not listed else not listed
            if turn:
                slice_ = self._get(f"{INVENTORY}?after={after}")
                content = json.loads(slice_.text)
                self._queue += content["images"]
                after = content["after"]
                listed = not after
            else:
                slice_ = self._read()
            total += slice_
        return total

    def _read(self) -> Answer:
        asked = self._queue[: AT_ONCE if self.rows else FIRST]
        ids = ",".join(image["id"] for image in asked)
        slice_ = self._get(f"{self._members}?ids={ids}{self._more(asked)}")
        content = json.loads(slice_.text)
        if content["unread"] or content["gone"]:
            raise RuntimeError(f"not read: {slice_.text[:500]}")
        self.rows |= content["rows"]
        self._queue = [image for image in self._queue if image["id"] not in content["rows"]]
        return slice_

    def _get(self, path: str) -> Answer:
        answer = self._dashboard.get(path, ajax=True)
        if '"failed"' in answer.text:
            raise RuntimeError(f"{path}: {answer.text[:500]}")
        self.longest = max(self.longest, answer.seconds)
        return answer


def listing(bench: Bench) -> tuple[list[Call], list[str]]:
    """Return the fewest requests for all shared images of the cloud, and the images' IDs."""
    query = (
        "images?visibility=shared&member_status=all&sort=created_at:desc,id:desc"
        f"&limit={LISTED}&os_hidden="
    )
    calls, ids = [], list[str]()
    for hidden in ("false", "true"):
        path: str | None = query + hidden
        while path:
            calls.append(glance(path))
            answer = bench.raw.one(calls[-1])
            ids += [image["id"] for image in answer["images"]]
            path = answer.get("next", "").removeprefix("/v2/") or None
    return calls, ids


def floor(bench: Bench, calls: list[Call], *look_ups: list[Call]) -> Answer:
    """Make the calls of a list one after the other, then the look-ups that need the list."""
    return bench.raw.all(calls, workers=1) + bench.raw.all(*look_ups)


def members_of(ids: list[str]) -> list[Call]:
    """Return the calls for the members of images."""
    return [glance(f"images/{image_id}/members") for image_id in ids]


class Longest:
    """The seconds of the longest slice of all scans of a row."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def of(self, scan: Scan) -> None:
        """Record a scan that has ended."""
        self.seconds = max(self.seconds, scan.longest)

    def __str__(self) -> str:
        text = f"longest slice {self.seconds:.1f} s"
        return text if self.seconds <= LONGEST_SLICE else f"**{text}**"


# -- G2: Access by Image


def by_image(bench: Bench) -> Iterator[Row]:
    """Measure the page until its first twenty rows are shown."""
    fill.memberships(bench.what)
    _calls, ids = listing(bench)
    first = glance(
        f"images?visibility=shared&member_status=all&os_hidden=false&limit={PAGE}"
        "&sort=created_at:desc,id:desc"
    )

    def page() -> Answer:
        bench.forget()
        scan = Scan(bench.admin, f"{INVENTORY}members/")
        return bench.admin.get(BY_IMAGE) + scan.run(lambda scan: len(scan.rows) >= PAGE)

    measured = alternately(
        bench.pairs,
        {
            "ours": page,
            "floor": lambda: bench.raw.all([first], members_of(ids[:PAGE])),
            "empty": lambda: bench.admin.get(EMPTY_PAGE),
        },
    )
    yield Row(
        "G2",
        f"Access by Image, {PAGE} rows, {len(ids):,} shared images",
        "the fewest Glance calls over raw HTTP + an empty page",
        measured["ours"],
        added(measured["floor"], measured["empty"]),
        most=1.5,
    )


# -- H2: Access by Project


def by_project(bench: Bench) -> Iterator[Row]:
    """Measure the page until the first of the project's images, and until all of them."""
    what = bench.what
    fill.memberships(what)
    calls, ids = listing(bench)
    look_ups = [glance(f"images/{image_id}/members/{what.receiver}") for image_id in ids]
    longest = Longest()

    def scan() -> Scan:
        return Scan(
            bench.admin,
            f"{INVENTORY}memberships/",
            more=lambda _images: f"&project={what.receiver}",
        )

    def first() -> Answer:
        bench.forget()
        return bench.admin.get(f"{BY_PROJECT}?project={what.receiver}") + scan().run(
            lambda scan: any(scan.rows.values())
        )

    def whole() -> Answer:
        one = scan()
        answer = one.run()
        longest.of(one)
        found = sum(row is not None for row in one.rows.values())
        if len(one.rows) != len(ids) or found < what.sizes.received:
            raise RuntimeError(f"{found} of {len(one.rows)} images were found")
        return answer

    measured = alternately(
        bench.pairs,
        {"ours": first, "empty": lambda: bench.admin.get(EMPTY_PAGE)},
    )
    counts = f"{len(ids):,} shared images, {what.sizes.received} of them the project's"
    yield Row(
        "H2",
        f"Access by Project, {counts}: first row",
        "an empty page",
        measured["ours"],
        measured["empty"],
        within=FIRST_ROW_SECONDS,
    )
    measured = alternately(
        what.sizes.long_pairs,
        {"ours": whole, "floor": lambda: floor(bench, calls, look_ups)},
        warm_up=False,
    )
    yield Row(
        "H2",
        "the same, the whole scan",
        "the list and a look-up for each image over raw HTTP",
        measured["ours"],
        measured["floor"],
        most=1.25,
        note=str(longest),
    )


# -- J: Stale Access


def stale(bench: Bench) -> Iterator[Row]:
    """Measure Stale Access from the first request to the last.

    :raises RuntimeError: when it misses stale access
    """
    what = bench.what
    fill.memberships(what)
    calls, ids = listing(bench)
    # The golden image and those of the receiving project have members of their own.
    projects = dict.fromkeys([*what.sharing, *what.members, what.receiver])
    members, existence = members_of(ids), [keystone(f"projects/{id_}") for id_ in projects]
    longest, memory = Longest(), worker.Memory()
    workers = worker.children(bench.running.dashboard.pid)

    def owners(images: list[dict[str, Any]]) -> str:
        """Return the owner of each image; an empty one equals the one before it."""
        ids = [image["owner"] for image in images]
        named = [
            "" if owner == before else owner for before, owner in itertools.pairwise(["", *ids])
        ]
        return "&owners=" + ",".join(named)

    def scan() -> Answer:
        bench.forget()
        one = Scan(bench.admin, f"{STALE}members/", owners)
        with worker.watched(workers, memory):
            answer = one.run()
        longest.of(one)
        found = {item["member"] for row in one.rows.values() for item in row}
        if not found or not found < set(what.sharing) or len(one.rows) != len(ids):
            raise RuntimeError(f"{len(found)} stale members in {len(one.rows)} images")
        return answer

    # The first run lets each worker load its modules.
    alternately(1, {"page": lambda: bench.admin.get(STALE)})
    measured = alternately(
        what.sizes.long_pairs,
        {"ours": scan, "floor": lambda: floor(bench, calls, members, existence)},
        warm_up=False,
    )
    yield Row(
        "J",
        f"Stale Access, {len(ids):,} images, {what.sizes.memberships:,} memberships of "
        f"{what.sizes.sharing:,} projects",
        "the list, the members of each image and each project once, over raw HTTP",
        measured["ours"],
        measured["floor"],
        most=1.25,
        note=f"{longest}; {memory}",
    )


# -- L: growth


def images_grow(bench: Bench) -> Curve:
    """Measure the scan of Access by Image with a growing number of images in the cloud.

    Removes the images that the other rows need.
    """
    what = bench.what
    _calls, there = listing(bench)
    what.bulk.remove_images(there)
    made, points = list[str](), []
    for size in what.sizes.growing_scans:
        bench.say(f"Growing to {size:,} images")
        names = fill.mixed_names(size - len(made), size)
        made += what.bulk.images(names, what.project_ids[fill.OWNER])
        points.append((size, _scanned(bench, size)))
    what.bulk.remove_images(made)
    return Curve("Access by Image by images", f"a request for each image; {_each(points)}", points)


def memberships_grow(bench: Bench) -> Curve:
    """Measure the same scan with a growing number of members of each image."""
    what = bench.what
    size = sorted(what.sizes.growing_scans)[len(what.sizes.growing_scans) // 2]
    made = what.bulk.images(fill.mixed_names(size, 0), what.project_ids[fill.OWNER])
    points, there = [], 0
    for count in what.sizes.growing_shares:
        bench.say(f"Growing to {count:,} members of each of {size:,} images")
        what.bulk.members(
            (image_id, f"{member:032x}", "accepted")
            for image_id in made
            for member in range(there, count)
        )
        there = count
        points.append((size * count, _scanned(bench, size)))
    what.bulk.remove_images(made)
    return Curve(
        f"Access by Image by memberships, {size:,} images",
        f"a request for each image, and its members to be read; {_each(points)}",
        points,
    )


def _scanned(bench: Bench, size: int) -> list[Answer]:
    """Return the cost of scans of all images.

    :raises RuntimeError: when a scan finds another number of images
    """

    def scan() -> Answer:
        one = Scan(bench.admin, f"{INVENTORY}members/")
        answer = one.run()
        if len(one.rows) != size:
            raise RuntimeError(f"{len(one.rows)} images")
        return answer

    return alternately(bench.what.sizes.long_pairs, {"ours": scan}, warm_up=False)["ours"]


def _each(points: list[tuple[int, list[Answer]]]) -> str:
    """Return the milliseconds per item of each size; constant values mean linear growth."""
    shares = [
        f"{1000 * statistics.median(one.seconds for one in answers) / size:.2f}"
        for size, answers in points
    ]
    return f"ms each: {', '.join(shares)}"
