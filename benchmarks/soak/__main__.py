# SPDX-License-Identifier: Apache-2.0
"""``python -m benchmarks.soak``: bring up two nodes, let users at them, and say how it went."""

import csv
import os
import subprocess
import sys
import time

from benchmarks.options import RESULTS
from benchmarks.soak.options import Options
from demo import program

USERS_A_SECOND = 2  # log in, until all are there
say = program.timed("soak")


def main() -> int:
    """Run the soak; return 0 only if no request failed and every promise is kept."""
    return program.run("soak", Options.from_environment, _run, stopped=130)


def _run(options: Options) -> int:
    # Only now: they need what `make soak` installs.
    import shutil

    from benchmarks.soak import cast, promises, report
    from benchmarks.soak.watch import Watch
    from demo.data import ADMIN, connect
    from demo.ha.nodes import running

    folder = options.nodes.folder
    shutil.rmtree(folder, ignore_errors=True)
    with running(options.nodes, say) as ha:
        people, promised = folder / "people.json", folder / "promises"
        cast.write(cast.fill(ha.cloud, options.users, say), people)
        say(f"{options.users} users for {options.minutes} minutes")
        watch = Watch(ha)
        locust = subprocess.Popen(
            [
                sys.executable, "-m", "locust", "--headless", "--only-summary",
                "--locustfile", os.path.join(os.path.dirname(__file__), "people.py"),
                "--host", ha.url, "--csv", str(folder / "soak"),
                "--users", str(options.users), "--spawn-rate", str(USERS_A_SECOND),
                "--run-time", f"{options.minutes}m", "--stop-timeout", "60",
            ],
            env=os.environ | {
                "PYTHONPATH": os.getcwd(),
                "SOAK_PEOPLE": str(people),
                "SOAK_PROMISES": str(promised),
                "SOAK_PASSWORD": ha.cloud.password,
            },
            stdout=subprocess.DEVNULL,
            stderr=(folder / "log" / "locust.log").open("wb"),
        )  # fmt: skip
        try:
            # When all are logged in, each worker has loaded what it needs.
            time.sleep(options.users / USERS_A_SECOND + 10)
            while locust.poll() is None:
                watch.look()
                time.sleep(5)
        finally:
            locust.terminate()
            locust.wait()
        with connect(ha.cloud, ADMIN.name, ADMIN.project) as admin:
            compared, wrong = promises.broken(promised, admin)
        requests, failures = (
            list(csv.DictReader((folder / f"soak_{name}.csv").open()))
            for name in ("stats", "failures")
        )
        result = report.text(options, requests, watch, failures, compared, wrong)
        print(result)
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "soak.md").write_text(result)
    failed = int(requests[-1]["Failure Count"])
    return 1 if failed or wrong or not compared else 0


if __name__ == "__main__":
    sys.exit(main())
