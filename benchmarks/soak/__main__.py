# SPDX-License-Identifier: Apache-2.0
"""``python -m benchmarks.soak``: start two nodes, run users on them, and report."""

import contextlib
import csv
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchmarks.options import RESULTS
from benchmarks.soak.options import Options
from demo import program

if TYPE_CHECKING:  # these need the packages that `make soak` installs
    from benchmarks.soak.watch import Watch
    from demo.ha.nodes import Running

USERS = ("Administrator", "Member")
USERS_A_SECOND = 2  # log in, until all users have
say = program.timed("soak")


def main() -> int:
    """Run the soak; return 0 only if no request failed and every promise is kept."""
    return program.run("soak", Options.from_environment, _run, stopped=130)


def _run(options: Options) -> int:
    # Imported late: these need the packages that `make soak` installs.
    import shutil

    from benchmarks.soak import cast, promises, report
    from benchmarks.soak.watch import Watch
    from demo.data import ADMIN, connect
    from demo.ha.nodes import running

    folder = options.nodes.folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # A plan leaves most of Glance's capacity to others, as on a node with many users.
    settings = folder / "settings.py"
    settings.write_text('XLOUD_IMAGES_PANEL = {"plan_workers": 1}\n')
    with running(options.nodes, say, HORIZON_SETTINGS=str(settings)) as ha:
        locust = _Locust(options, ha)
        cast.write(cast.fill(ha.cloud, options.users, say), locust.people)
        watch = Watch(ha)
        say(f"{options.users} users for {options.minutes} minutes")
        with locust.playing("soak", options.users, *USERS) as users:
            _watch(users, watch, options.users)
        requests, failures = locust.statistics("soak")
        beside, slices = [], []
        if options.plan:
            say(f"The same for {options.minutes} minutes beside a plan")
            with (
                locust.playing("plan", 1, "Planner"),
                locust.playing("beside", options.users, *USERS) as users,
            ):
                _watch(users, watch, options.users)
            (beside, more), (slices, of_plan) = map(locust.statistics, ("beside", "plan"))
            failures += more + of_plan
        with connect(ha.cloud, ADMIN.name, ADMIN.project) as admin:
            compared, wrong = promises.broken(locust.promises, admin)
    result = report.text(options, requests, watch, failures, compared, wrong)
    if options.plan:
        result += report.plan(requests, beside, slices)
    print(result)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "soak.md").write_text(result)
    too_slow = options.plan and report.slower(requests, beside) > report.MOST
    return 1 if failures or wrong or too_slow or not compared else 0


def _watch(users: subprocess.Popen[bytes], watch: "Watch", count: int) -> None:
    """Watch the nodes until the users are gone."""
    # Each worker is fully loaded once all users are logged in.
    time.sleep(count / USERS_A_SECOND + 10)
    while users.poll() is None:
        watch.look()
        time.sleep(5)


class _Locust:
    """Locust, which plays the users; each run leaves its statistics in the folder.

    :ivar people: the file with the users
    :ivar promises: the file with the promises to them
    """

    def __init__(self, options: Options, ha: "Running") -> None:
        self._options, self._ha, self._folder = options, ha, options.nodes.folder
        self.people, self.promises = self._folder / "people.json", self._folder / "promises"

    @contextlib.contextmanager
    def playing(self, name: str, count: int, *classes: str) -> Iterator[subprocess.Popen[bytes]]:
        """Play that many users for some minutes, of some of the classes in ``people.py``."""
        with (self._folder / "log" / f"locust-{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [
                    sys.executable, "-m", "locust", "--headless", "--only-summary",
                    "--locustfile", os.path.join(os.path.dirname(__file__), "people.py"),
                    "--host", self._ha.url, "--csv", str(self._folder / name),
                    "--users", str(count), "--spawn-rate", str(USERS_A_SECOND),
                    "--run-time", f"{self._options.minutes}m", "--stop-timeout", "60", *classes,
                ],
                env=os.environ | {
                    "PYTHONPATH": os.getcwd(),
                    "SOAK_PEOPLE": str(self.people),
                    "SOAK_PROMISES": str(self.promises),
                    "SOAK_PASSWORD": self._ha.cloud.password,
                },
                stdout=subprocess.DEVNULL,
                stderr=log,
            )  # fmt: skip
            try:
                yield process
            finally:
                process.terminate()
                process.wait()

    def statistics(self, name: str) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
        """Return the statistics of a run, and its failures."""
        requests, failures = (
            list(csv.DictReader((self._folder / f"{name}_{kind}.csv").open()))
            for kind in ("stats", "failures")
        )
        return requests, failures


if __name__ == "__main__":
    sys.exit(main())
