# SPDX-License-Identifier: Apache-2.0
"""The row for the export of all access as CSV, by the command and in a page."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks import fill, worker
from benchmarks.dashboard import Answer, Dashboard
from benchmarks.measure import Row, alternately
from benchmarks.raw import Call, keystone
from benchmarks.rows import Bench, credentials
from benchmarks.scans import Longest, floor, listing, members_of
from demo.cloud import REGION

EXPORT = "/admin/images/access/export/"
# The same values as in model/access-export.js.
MOST_IMAGES, MOST_PROJECTS, MOST_ROWS, MOST_ALONE = 80, 40, 2_000, 60
FIRST_ROW_SECONDS = 1
CUT_AT = 1_000  # Keystone's max_db_limit


def exported(bench: Bench) -> Iterator[Row]:
    """Measure the command and the page, each until its first row and until its end.

    :raises RuntimeError: when memberships are missing from the output
    """
    what = bench.what
    fill.memberships(what)
    calls, ids = listing(bench)
    members = members_of(ids)
    # A few projects are looked up one by one; more are read in pages, if that takes fewer calls.
    look_ups = [keystone(f"projects/{id_}") for id_ in what.sharing]
    pages = _pages(bench)
    names = min(look_ups, pages, key=len)
    every = what.sizes.memberships // len(what.shared) * len(what.shared) + what.sizes.received
    yield from _by_the_command(bench, floor_of(bench, calls, members, names), len(ids), every)
    yield from _in_the_page(bench, floor_of(bench, [], members, names), ids, every)


def floor_of(
    bench: Bench, calls: list[Call], members: list[Call], names: list[Call]
) -> Callable[[], Answer]:
    """Return a function that makes the smallest possible number of requests."""
    return lambda: floor(bench, calls, members) + bench.raw.all(names, workers=1)


def _by_the_command(
    bench: Bench, least: Callable[[], Answer], images: int, every: int
) -> Iterator[Row]:
    what = bench.what
    environment = credentials(what) | what.cloud.horizon_environment(0, "python")
    first: list[Answer] = []
    starts: list[Answer] = []
    memory = worker.Memory()

    def command(*arguments: str) -> Answer:
        return _run([*arguments], environment, memory, first, at_least=every)

    def started() -> Answer:
        began = time.perf_counter()
        subprocess.run(
            [*_PROGRAM, "export", "--help"], env=environment, check=True, stdout=subprocess.DEVNULL
        )
        return Answer(time.perf_counter() - began)

    measured = alternately(
        what.sizes.long_pairs,
        {
            "ours": lambda: command("export", "--format", "csv"),
            "start": started,
            "floor": least,
        },
        warm_up=False,
    )
    starts = measured["start"]
    counts = f"{images:,} images, {every:,} memberships"
    yield Row(
        "K",
        f"export as CSV by the command, {counts}",
        "the list, the members of each image and all names over raw HTTP",
        measured["ours"],
        measured["floor"],
        most=1.25,
        note=str(memory).replace("a worker", "the command"),
    )
    yield Row(
        "K",
        "the same without the start of Python, Django and Horizon",
        "the same",
        [_without(one, start) for one, start in zip(measured["ours"], starts, strict=True)],
        measured["floor"],
        most=1.25,
    )
    yield Row(
        "K",
        "its first row, without that start",
        "that start",
        [_without(one, start) for one, start in zip(first, starts, strict=True)],
        starts,
        within=FIRST_ROW_SECONDS,
    )


def _in_the_page(
    bench: Bench, least: Callable[[], Answer], ids: list[str], every: int
) -> Iterator[Row]:
    longest, memory, first = Longest(), worker.Memory(), list[Answer]()
    workers = worker.children(bench.running.dashboard.pid)

    def page() -> Answer:
        bench.forget()
        export = _Export(bench.admin, ids)
        with worker.watched(workers, memory):
            total = export.run()
        longest.seconds = max(longest.seconds, export.longest)
        first.append(export.first)
        if export.lines < every:
            raise RuntimeError(f"{export.lines} rows of {every}")
        return total

    measured = alternately(
        bench.what.sizes.long_pairs, {"ours": page, "floor": least}, warm_up=False
    )
    yield Row(
        "K",
        "export as CSV in the page, of the images that it has listed",
        "the members of each image and all names over raw HTTP",
        measured["ours"],
        measured["floor"],
        most=1.25,
        note=f"{longest}; {memory}",
    )
    yield Row(
        "K",
        "its first slice of images",
        "the same",
        first,
        measured["floor"],
        within=FIRST_ROW_SECONDS,
    )


class _Export:
    """An export as CSV in slices, as ``model/access-export.js`` assembles it.

    :ivar lines: the number of memberships with a line
    :ivar first: the first slice of images
    :ivar longest: seconds of the longest slice
    """

    def __init__(self, dashboard: Dashboard, ids: list[str]) -> None:
        self._dashboard = dashboard
        self._queue, self._waiting = list(ids), list[dict[str, Any]]()
        self._projects: dict[str, Any] = {}
        self._asked_for, self._after = 0, ""
        self._all_read = False
        self.lines, self.first, self.longest = 0, Answer(0), 0.0

    def run(self) -> Answer:
        """Read everything and write its lines."""
        self.first = total = self._read()
        while self._queue:
            while self._queue and sum(len(one["rows"]) for one in self._waiting) < MOST_ROWS:
                total += self._read()
            total += self._name() + self._write()
        return total

    def _read(self) -> Answer:
        answer = self._get(f"members/?ids={','.join(self._queue[:MOST_IMAGES])}")
        content = json.loads(answer.text)
        if content["unread"] or content["gone"]:
            raise RuntimeError(f"not read: {answer.text[:500]}")
        self._waiting += [{"id": id_, **one} for id_, one in content["images"].items()]
        self._queue = [id_ for id_ in self._queue if id_ not in content["images"]]
        return answer

    def _name(self) -> Answer:
        """Read the unknown projects: a few by their IDs, many from the pages of all projects."""
        total = Answer(0)
        while unknown := [id_ for id_ in self._named() if id_ not in self._projects]:
            if self._asked_for + len(unknown) > MOST_ALONE and not self._all_read:
                answer = self._get(f"projects/?after={self._after}")
                self._after = json.loads(answer.text)["after"]
                self._all_read = not self._after
            else:
                asked = unknown[:MOST_PROJECTS]
                answer = self._get(f"projects/?ids={','.join(asked)}")
                self._projects |= dict.fromkeys(asked)
                self._asked_for += len(asked)
            self._projects |= json.loads(answer.text)["projects"]
            total += answer
        return total

    def _named(self) -> dict[str, None]:
        every = [[one["owner"], *(row[0] for row in one["rows"])] for one in self._waiting]
        return dict.fromkeys(id_ for ids in every for id_ in ids)

    def _write(self) -> Answer:
        named = {id_: self._projects[id_] for id_ in self._named() if self._projects[id_]}
        asked = {"region": REGION, "format": "csv"}
        content = asked | {"images": self._waiting, "projects": named}
        answer = self._noted(self._dashboard.send(f"{EXPORT}lines/", content))
        texts = json.loads(answer.text)["texts"]
        self.lines += sum(text.count("\n") for text in texts.values())
        self._waiting = []
        return answer

    def _get(self, path: str) -> Answer:
        return self._noted(self._dashboard.get(EXPORT + path, ajax=True))

    def _noted(self, answer: Answer) -> Answer:
        if '"failed"' in answer.text:
            raise RuntimeError(answer.text[:500])
        self.longest = max(self.longest, answer.seconds)
        return answer


_PROGRAM = [sys.executable, "-m", "django", "image_access"]


def _without(one: Answer, start: Answer) -> Answer:
    return Answer(one.seconds - start.seconds)


def _run(
    arguments: list[str],
    environment: dict[str, str],
    memory: worker.Memory,
    first: list[Answer],
    at_least: int,
) -> Answer:
    """Run the command; record the time of its first row, and its memory from then on."""
    began = time.perf_counter()
    with subprocess.Popen(
        [*_PROGRAM, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout  # noqa: S101, it is a pipe
        process.stdout.readline()  # the names of the columns
        process.stdout.readline()
        first.append(Answer(time.perf_counter() - began))
        with worker.watched([process.pid], memory):
            rows = 1 + sum(1 for _line in process.stdout)
    seconds = time.perf_counter() - began
    if process.returncode or rows < at_least:
        raise RuntimeError(f"status {process.returncode}, {rows} rows of {at_least}")
    return Answer(seconds)


def _pages(bench: Bench) -> list[object]:
    calls, marker = [], ""
    while True:
        calls.append(keystone(f"projects?limit={CUT_AT}{marker}"))
        projects = bench.raw.one(calls[-1])["projects"]
        if len(projects) < CUT_AT:
            return [*calls, keystone("domains")]
        marker = f"&marker={projects[-1]['id']}"
