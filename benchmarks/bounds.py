# SPDX-License-Identifier: Apache-2.0
"""The load that one user can put on everybody: ``python -m benchmarks.bounds``.

Runs in the project's environment, with its own cloud (SQLite, two workers), and takes some minutes.
There are three attacks: images with megabytes of properties (``memory``), an answer to 990 images
(``answer``), and eight searches at once that match nothing (``searches``). Arguments select some of
them; the default is all. To compare with another revision, copy this file into that revision's
``git archive`` and run it there.
"""

import re
import secrets
import socket
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.dashboard import Dashboard
from benchmarks.running import _measured
from demo import processes
from demo.bulk import Bulk
from demo.cloud import HOST, Cloud
from demo.data import ADMIN, connect, seed

TAB = "/project/images/shared/"
HEAVY, PROPERTIES, CHARACTERS = 12, 100, 60_000
ANSWERED, OWN, SEARCHES = 990, 8000, 8


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bounds-") as folder:
        cloud = Cloud(Path(folder), _port(), _port(), secrets.token_hex(8))
        cloud.configure()
        cloud.prepare(_say)
        cloud.compress()
        horizon = _measured(cloud.horizon(_port(), "python"))
        with processes.running([*cloud.services(), horizon]) as (*_services, dashboard):
            seed(cloud, _say)
            admin = connect(cloud, ADMIN.name, ADMIN.project)
            bulk = Bulk(cloud, admin)
            ids = {project.name: project.id for project in admin.identity.projects()}
            wanted = sys.argv[1:] or ["memory", "answer", "searches"]
            if "memory" in wanted:
                _memory(cloud, admin, ids, horizon.url, dashboard.pid)
            if "answer" in wanted:
                _answer(cloud, bulk, ids, horizon.url)
            if "searches" in wanted:
                _searches(cloud, bulk, ids, horizon.url)
            bulk.close()
            admin.close()


def _memory(cloud, admin, ids, url, pid) -> None:
    """Print the memory of the largest worker for the badge and for the tab."""
    _say(f"{HEAVY} images with {PROPERTIES} properties of {CHARACTERS} characters")
    heavy = [
        admin.image.create_image(
            name=f"heavy-{number}",
            visibility="shared",
            owner=ids["platform"],
            disk_format="raw",
            container_format="bare",
            allow_duplicates=True,
            **{f"p{item}": "x" * CHARACTERS for item in range(PROPERTIES)},
        )
        for number in range(HEAVY)
    ]
    ann = Dashboard(cloud, url, "ann")
    for _worker in range(8):
        ann.get(TAB)
    for image in heavy:
        admin.image.add_member(image.id, member_id=ids["app-team-a"])
    before = _largest_worker(pid)
    for path in (f"{TAB}pending/", TAB):
        begun = time.perf_counter()
        response = ann.session.get(url + path)
        seconds = time.perf_counter() - begun
        print(
            f"{path}: {response.status_code} in {seconds:.1f} s, largest worker "
            f"{before} -> {_largest_worker(pid)} MB, {response.text[:60].split(chr(10))[0]!r}, "
            f"{response.headers.get('X-Bench')}"
        )
    for image in heavy:
        admin.image.delete_image(image.id)


def _answer(cloud, bulk, ids, url) -> None:
    """Print the cost of an answer to many images."""
    images = bulk.images([f"answered-{number}" for number in range(ANSWERED)], ids["platform"])
    bulk.members((image_id, ids["app-team-a"], "pending") for image_id in images)
    ann = Dashboard(cloud, url, "ann")
    page = ann.session.get(f"{url}{TAB}?name=nothing").text
    begun = time.perf_counter()
    response = ann.session.post(
        url + TAB,
        {
            "action": "shared_images__accept",
            "object_ids": images,
            "csrfmiddlewaretoken": ann.session.cookies["csrftoken"],
            **dict(re.findall(r'name="(made_for_\w+)" value="([^"]*)"', page)),
        },
        headers={"Referer": url + TAB},
        allow_redirects=False,
    )
    seconds = time.perf_counter() - begun
    print(f"Accept of {ANSWERED}: {response.status_code} in {seconds:.1f} s, ", end="")
    print(response.headers.get("X-Bench"))
    bulk.remove_members(images)


def _searches(cloud, bulk, ids, url) -> None:
    """Print the time of another user's badge while one user runs eight searches at once."""
    bulk.images([f"own-{number}" for number in range(OWN)], ids["app-team-a"])
    searchers = [Dashboard(cloud, url, "ann") for _number in range(SEARCHES)]
    bob = Dashboard(cloud, url, "bob")
    print(f"badge of another user: {bob.get(f'{TAB}pending/').seconds:.1f} s at rest")

    def search(ann):
        begun = time.perf_counter()
        page = ann.session.get(f"{url}{TAB}?name=zzz")
        told = re.findall(r"Another search|None so far|No shared image matches|too long", page.text)
        bench = page.headers.get("X-Bench")
        return f"{time.perf_counter() - begun:.1f} s {page.status_code} {told[:1]} {bench}"

    with ThreadPoolExecutor() as pool:
        running = [pool.submit(search, ann) for ann in searchers]
        time.sleep(1)  # until the searches have begun
        waited = []
        while not all(search.done() for search in running):
            waited.append(bob.get(f"{TAB}pending/").seconds)
        print(f"{max(waited):.1f} s at the most of {len(waited)} while {SEARCHES} searches run")
        for answer in running:
            print("  search:", answer.result())


def _largest_worker(master: int) -> int:
    """Return the peak memory of a dashboard's largest worker, in MB."""
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    status = [Path(f"/proc/{child}/status").read_text() for child in children]
    return max(int(re.search(r"VmHWM:\s+(\d+)", text)[1]) for text in status) // 1024


def _port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def _say(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    main()
