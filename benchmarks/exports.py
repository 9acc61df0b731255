# SPDX-License-Identifier: Apache-2.0
"""The row for the export of all access as CSV, by the command."""

import subprocess
import sys
import time
from collections.abc import Iterator

from benchmarks import fill, worker
from benchmarks.dashboard import Answer
from benchmarks.measure import Row, alternately
from benchmarks.raw import keystone
from benchmarks.rows import Bench, credentials
from benchmarks.scans import floor, listing, members_of

FIRST_ROW_SECONDS = 1
CUT_AT = 1_000  # Keystone's max_db_limit


def exported(bench: Bench) -> Iterator[Row]:
    """Measure the command from its start to its end, and to its first row.

    :raises RuntimeError: when memberships are missing in what it writes
    """
    what = bench.what
    fill.memberships(what)
    calls, ids = listing(bench)
    members = members_of(ids)
    # Few projects are looked up; more are read in pages, as long as that is less.
    look_ups = [keystone(f"projects/{id_}") for id_ in what.sharing]
    pages = _pages(bench)
    names = min(look_ups, pages, key=len)
    every = what.sizes.memberships // len(what.shared) * len(what.shared) + what.sizes.received
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
            "floor": lambda: floor(bench, calls, members) + bench.raw.all(names, workers=1),
        },
        warm_up=False,
    )
    starts = measured["start"]
    counts = f"{len(ids):,} images, {every:,} memberships"
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
    """Run the command, and note when its first row came and its memory from then on."""
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
