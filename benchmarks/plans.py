# SPDX-License-Identifier: Apache-2.0
"""The row for a plan of many images: forty projects on twenty images, accepted on behalf."""

import json
import time
from collections.abc import Callable, Iterator

from benchmarks import fill
from benchmarks.dashboard import Answer
from benchmarks.measure import Row, alternately
from benchmarks.raw import glance
from benchmarks.rows import Bench, openstack
from benchmarks.scans import INVENTORY, LONGEST_SLICE

SLICE = "/admin/images/access/slice/"
# Cells offered to one slice, as in model/plan-run.js.
MOST = 300
POOLS = (1, 2, 4, 8)
# The best pool is determined with this part of the images.
PART = 4
SAMPLED = 3


def carried_out(bench: Bench) -> Iterator[Row]:
    """Measure a plan from the first slice to the last answer.

    :raises RuntimeError: when a member has the wrong status afterwards
    """
    what, raw = bench.what, bench.raw
    images_count, projects_count = what.sizes.plan
    names = [f"planned-{number}" for number in range(images_count)]
    images = what.bulk.images(names, what.project_ids[fill.OWNER])
    projects = what.projects[:: len(what.projects) // projects_count][:projects_count]
    cells = [(image_id, id_) for image_id in images for id_ in projects]
    longest = 0.0

    def prepared(function: Callable[[], Answer], expected: int = images_count) -> Answer:
        what.bulk.remove_members(images)
        answer = function()
        for image_id in images[:expected]:
            found = raw.one(glance(f"images/{image_id}/members"))["members"]
            right = [item["member_id"] for item in found if item["status"] == "accepted"]
            if sorted(right) != sorted(projects) or len(found) != len(projects):
                raise RuntimeError(f"{image_id} has {len(found)} members, {len(right)} accepted")
        return answer

    def panel() -> Answer:
        nonlocal longest
        # The page has shown the projects that are ticked in it, so their names are cached.
        bench.forget()
        for at in range(0, len(projects), 80):
            bench.admin.get(f"{INVENTORY}names/?ids={','.join(projects[at : at + 80])}", ajax=True)
        total, left = Answer(0), list(cells)
        while left:
            answer = bench.admin.send(SLICE, _part(left[:MOST]))
            longest = max(longest, answer.seconds)
            done = _done(answer)
            left = [cell for cell in left if cell not in done]
            total += answer
        return total

    def floor(workers: int, some: int = images_count) -> Answer:
        def add(cell: str) -> None:
            image_id, id_ = cell.split()
            raw.one(glance(f"images/{image_id}/members", "POST", {"member": id_}))
            raw.one(glance(f"images/{image_id}/members/{id_}", "PUT", {"status": "accepted"}))

        started = time.perf_counter()
        asked = [f"{image_id} {id_}" for image_id in images[:some] for id_ in projects]
        raw.each(add, asked, workers)
        return Answer(time.perf_counter() - started, glance=2 * len(asked))

    def sdk() -> Answer:
        started = time.perf_counter()
        for image_id in images:
            for id_ in projects:
                what.admin.image.add_member(image_id, member_id=id_)
                what.admin.image.update_member(id_, image_id, status="accepted")
        return Answer(time.perf_counter() - started, glance=2 * len(cells))

    some = max(1, images_count // PART)
    tried = {
        workers: prepared(lambda workers=workers: floor(workers, some), some).seconds
        for workers in POOLS
    }
    best = min(tried, key=tried.__getitem__)
    bench.say(f"The best pool for {2 * len(cells):,} writes has {best} of {list(tried)} threads")
    measured = alternately(
        what.sizes.long_pairs,
        {
            "panel": lambda: prepared(panel),
            "floor": lambda: prepared(lambda: floor(best)),
            "sdk": lambda: prepared(sdk),
        },
        warm_up=False,
    )
    what.bulk.remove_members(images)
    commands = [_commands(bench, images[0], id_, len(cells)) for id_ in projects[:SAMPLED]]
    what.bulk.remove_images(images)
    pools = ", ".join(map(str, POOLS))
    note = f"nothing lost; longest slice {longest:.1f} s"
    yield Row(
        "I",
        f"a plan: {projects_count} projects on {images_count} images, accepted on behalf",
        f"raw HTTP, pool of {best} (the best of {pools})",
        measured["panel"],
        measured["floor"],
        most=1.25,
        note=note if longest <= LONGEST_SLICE else f"**{note}**",
    )
    yield Row(
        "I",
        "the same",
        "a loop over openstacksdk, two calls for each project of each image",
        measured["panel"],
        measured["sdk"],
    )
    yield Row(
        "I",
        "the same",
        "`openstack image add project` and `image set --accept`, once for each project of each "
        f"image ({SAMPLED} of each measured, multiplied)",
        measured["panel"],
        commands,
        least=50,
    )


def _commands(bench: Bench, image_id: str, project_id: str, count: int) -> Answer:
    """Return the time of the command line client for that many calls, measured with one."""
    started = time.perf_counter()
    openstack(bench.what, "image", "add", "project", image_id, project_id)
    openstack(bench.what, "image", "set", "--accept", "--project", project_id, image_id)
    return Answer((time.perf_counter() - started) * count)


def _part(cells: list[tuple[str, str]]) -> dict[str, object]:
    by_image: dict[str, list[str]] = {}
    for image_id, project_id in cells:
        by_image.setdefault(image_id, []).append(project_id)
    changes = [{"image": id_, "verb": "add", "projects": ids} for id_, ids in by_image.items()]
    return {"region": "RegionOne", "accept": True, "changes": changes}


def _done(answer: Answer) -> set[tuple[str, str]]:
    """Return the cells that a slice has carried out.

    :raises RuntimeError: when a slice did nothing, or a cell failed
    """
    cells = json.loads(answer.text).get("cells", [])
    if not cells or any(cell["state"] != "done" or "note" in cell for cell in cells):
        raise RuntimeError(f"not done: {answer.text[:1000]}")
    return {(cell["image"], cell["project"]) for cell in cells}
