# SPDX-License-Identifier: Apache-2.0
"""The rows for many projects at once: all that match, a pasted list, a thousand members."""

import json
from collections.abc import Iterator

from benchmarks import browser, fill
from benchmarks.dashboard import Answer
from benchmarks.measure import Row, added, alternately
from benchmarks.raw import Call, keystone
from benchmarks.rows import EMPTY_DIALOG, PAGE, Bench, access, image_calls
from demo.data import ADMIN

FOUND = 500
MEMBERS = 1_000
CUT_AT = 1_000  # Keystone's max_db_limit
MOST_ROWS = 150
BEYOND_SECONDS = 0.5


def found(bench: Bench) -> Iterator[Row]:
    """Measure selecting all that match, and pasting their names.

    The floors are the panel's necessary requests to Keystone and Glance, over raw HTTP. Names have
    two floors; the smaller one of each round counts.
    """
    what, raw, admin = bench.what, bench.raw, bench.admin
    names = [f"many-{number:03}" for number in range(FOUND)]
    ids = what.bulk.projects(names)
    [image_id] = what.bulk.images(["golden-many"], what.project_ids[fill.OWNER])
    pages = list(_pages(bench))

    def all_that_match() -> Answer:
        bench.forget()
        answer = admin.get(f"{access(image_id)}all/?search=many-", ajax=True)
        return _checked(answer, ids)

    def pasted() -> Answer:
        bench.forget()
        answer = admin.post(f"{access(image_id)}list/", {"list": "\n".join(names)}, status=200)
        return _checked(answer, ids)

    measured = alternately(
        bench.pairs,
        {
            "all": all_that_match,
            "all floor": lambda: raw.all(
                image_calls(image_id),
                [keystone(f"projects?limit={CUT_AT}&name__icontains=many-"), keystone("domains")],
            ),
            "pasted": pasted,
            "look-ups": lambda: raw.all(
                image_calls(image_id),
                [*(keystone(f"projects?name={name}") for name in names), keystone("domains")],
            ),
            # Each page needs the last ID of the previous one.
            "pages": lambda: raw.all(
                image_calls(image_id), [*pages, keystone("domains")], workers=1
            ),
            "empty": lambda: admin.get(EMPTY_DIALOG, ajax=True),
        },
    )
    what.bulk.remove_projects(ids)
    yield Row(
        "G",
        f"select all {FOUND} that match",
        "the same calls over raw HTTP + an empty dialog",
        measured["all"],
        added(measured["all floor"], measured["empty"]),
        most=1.5,
    )
    floors = [
        min(floors, key=lambda floor: floor.seconds)
        for floors in zip(measured["look-ups"], measured["pages"], strict=True)
    ]
    yield Row(
        "G",
        f"paste {FOUND} names",
        f"a look-up a name, or all {len(pages)} pages of projects, over raw HTTP + an empty dialog",
        measured["pasted"],
        added(floors, measured["empty"]),
        most=1.5,
    )


def _checked(answer: Answer, ids: list[str]) -> Answer:
    """Return an answer after checking that it has exactly these projects.

    :raises RuntimeError: when it has others
    """
    if {project["id"] for project in json.loads(answer.text)["projects"]} != set(ids):
        raise RuntimeError(f"not all {len(ids)} were found: {answer.text[:500]}")
    return answer


def _pages(bench: Bench) -> Iterator[Call]:
    """Yield the requests for all projects."""
    marker = ""
    while True:
        call = keystone(f"projects?limit={CUT_AT}{marker}")
        yield call
        projects = bench.raw.one(call)["projects"]
        if len(projects) < CUT_AT:
            return
        marker = f"&marker={projects[-1]['id']}"


def many_members(bench: Bench) -> Iterator[Row]:
    """Measure in Chromium from the click until the rows of a thousand members are usable.

    :raises RuntimeError: when the page has more rows than intended
    """
    what = bench.what
    image_id, members = fill.shared_image(what, min(MEMBERS, len(what.projects)))
    with browser.chromium() as chromium:
        page = browser.Page(chromium, bench.running.horizon, ADMIN.name, what.cloud.password)

        measured = alternately(
            bench.pairs,
            {
                "ours": lambda: page.open_manage_access(image_id, before=bench.forget),
                "floor": lambda: bench.raw.all(
                    image_calls(image_id),
                    [keystone(f"projects?limit={PAGE + 1}"), keystone("domains")],
                ),
            },
        )
        rows = page.rows()
    if rows > MOST_ROWS:
        raise RuntimeError(f"{rows} rows are in the page")
    yield Row(
        "H",
        f"click to usable table, {len(members):,} members",
        "the same calls over raw HTTP",
        measured["ours"],
        measured["floor"],
        beyond=BEYOND_SECONDS,
        note=f"{rows} rows in the page, at most {MOST_ROWS}",
    )
