# SPDX-License-Identifier: Apache-2.0
"""``make test-horizons``: test the panel's wheel in each supported release of Horizon.

``HORIZONS`` selects releases, ``HORIZONS_SCALE=smoke`` runs the main job alone, and
``HORIZONS_DIR`` moves the folder of the environments. The oldest release also
runs against its own Keystone and Glance.
"""

import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from demo.releases import OLDEST, RELEASES, InstallError, Release
from tests.horizons import environments
from tests.horizons.environments import Failure

# Tests that depend on Glance, Keystone and the path to them, but not on Horizon. They run on the
# oldest release with its own services; `make test` runs them on the newest.
BELOW = [
    f"tests/cloud/test_{name}.py"
    for name in (
        "access_file", "bounds", "catalogue_faults", "command_line", "confidential", "costs",
        "demo_catalogue", "explain", "faults", "hostile_input", "image_access_command",
        "inventory", "lost_place", "many_at_once", "many_projects", "paging", "plan_races",
        "plan_slice", "races", "regions",
    )
]  # fmt: skip

# Tests of decisions that Horizon makes before it calls a service. They run once on each release:
# the oldest release's second run, with its own services, skips them.
ABOVE = [
    f"tests/cloud/test_{name}.py"
    for name in ("auditor", "german", "log_in_again", "login", "who_gets_in")
]

# Paths for pytest, by column of the table.
SUITES = {
    "Horizon's own": ["tests/horizon_own"],
    "unit": ["tests/unit"],
    "cloud": ["tests/cloud"],
    "browser": [
        f"tests/browser/test_{name}.py"
        for name in (
            "main_job", "answering", "create_image", "edit_image", "community_images", "details",
        )
    ],
}  # fmt: skip
SMOKE = {"browser": ["tests/browser/test_main_job.py"]}
# Another Python for Horizon cannot affect the services.
OTHER_PYTHON = {name: SUITES[name] for name in ("Horizon's own", "unit")}

# These tests cover the project's files, the demo and the benchmark, and need no Horizon.
LEFT_OUT = [
    f"tests/unit/test_{name}.py"
    for name in (
        "bounds", "demo_options", "license", "map", "other_options", "promises", "translations",
        "wheel",
    )
]  # fmt: skip


@dataclass
class Run:
    """The results of one release."""

    release: str
    python: str
    services: str
    suites: dict[str, Counter] = field(default_factory=dict)
    seconds: float = 0
    failure: str = ""

    @property
    def passed(self) -> bool:
        """Whether every suite ran and passed."""
        ran = self.suites and all(counts["passed"] for counts in self.suites.values())
        return bool(ran) and not self.failure


def main() -> int:
    """Run the requested releases and suites; return 0 when everything passed."""
    try:
        releases = wanted(os.environ)
        suites = {"": SUITES, "smoke": SMOKE}[os.environ.get("HORIZONS_SCALE", "")]
    except KeyError as error:
        known = ", ".join(RELEASES)
        print(
            f"test-horizons: {error} is none of {known}; HORIZONS_SCALE is smoke or nothing.",
            file=sys.stderr,
        )
        return 2
    folder = Path(os.environ.get("HORIZONS_DIR") or ".horizons").absolute()
    wheel = environments.build_wheel(folder / "dist")
    environments.copy_tests(folder / "checkout")
    runs = []
    for release in releases:
        runs.append(run(release, folder, wheel, suites, BELOW))
        if suites is SMOKE:
            continue
        if release.name == OLDEST:
            own = SMOKE | {"cloud": SUITES["cloud"]}
            runs.append(run(release, folder, wheel, own, ABOVE, own=True))
        others = filter(None, map(other_python, release.pythons))
        runs += [run(release, folder, wheel, OTHER_PYTHON, python=other) for other in others]
    print(f"\n{table(runs, suites)}")
    return 0 if all(item.passed for item in runs) else 1


def wanted(environment: Mapping[str, str]) -> list[Release]:
    """Return the releases that ``HORIZONS`` names, or all when it is empty.

    :raises KeyError: for an unknown name
    """
    names = environment.get("HORIZONS", "").split()
    return [RELEASES[name] for name in names or RELEASES]


def other_python(version: str) -> str:
    """Return the path of a Python version, or nothing if it is missing or runs this module."""
    if version == _version(sys.executable):
        return ""
    path = shutil.which(f"python{version}") or ""
    return path if path and _version(path) == version else ""


def _version(python: str) -> str:
    """Return the version of a Python, or nothing if the program fails."""
    script = "import sys; print('%d.%d' % sys.version_info[:2])"
    command = [python, "-c", script]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def run(
    release: Release,
    folder: Path,
    wheel: Path,
    suites: Mapping[str, list[str]],
    left_out: Iterable[str] = (),
    own: bool = False,
    python: str = sys.executable,
) -> Run:
    """Install the panel into a release's Horizon and run tests on it.

    :param left_out: test modules of these suites that do not run
    :param own: use the release's own Keystone and Glance instead of the newest ones
    :param python: the Python to install Horizon and the panel for
    """
    version = _version(python)
    other = python != sys.executable
    name = release.name + ("-own" if own else "") + (f"-python{version}" if other else "")
    services = f"{release.keystone}, {release.glance}" if own else "the newest"
    done = Run(release.name, version, "-" if other else services)
    say(f"{name}: installing Horizon {release.horizon} and the panel's wheel")
    try:
        place = folder / release.name
        if not other:
            environments.check_harmless(release, place / "horizon", wheel)
        tests = place / (f"tests-python{version}" if other else "tests")
        tests_python = environments.test_environment(release, tests, wheel, python)
        prefix = Path(sys.prefix)
        if own:
            prefix = place / "services"
            keystone, glance = f"keystone~={release.keystone}.0", f"glance~={release.glance}.0"
            release.environment(prefix, keystone, glance, "gunicorn>=26", "python-openstackclient")
    except (Failure, InstallError) as error:
        done.failure = str(error)
        say(f"{name}: {error}")
        return done
    say(f"{name}: running {', '.join(suites)}")
    begun = time.monotonic()
    report = folder / f"{name}.xml"
    report.unlink(missing_ok=True)
    options = ["-q", "-p", "no:cacheprovider", "--dist", "worksteal", f"--junit-xml={report}"]
    options += ["--numprocesses", os.environ.get("TEST_PROCESSES") or "2"]
    options += [f"--ignore={path}" for path in [*LEFT_OUT, *left_out]]
    paths = [path for paths in suites.values() for path in paths]
    status = subprocess.run(
        [tests_python, "-m", "pytest", *options, *paths],
        cwd=folder / "checkout",
        env=os.environ | {"TEST_SERVICES": str(prefix)},
        check=False,
    ).returncode
    done.seconds = time.monotonic() - begun
    if status:
        done.failure = f"pytest ended with status {status}"
    if report.exists():
        done.suites = counted(report, suites)
    return done


def counted(report: Path, suites: Iterable[str]) -> dict[str, Counter]:
    """Return the number of tests by suite and result, from pytest's report."""
    counts = {name: Counter() for name in suites}
    folders = {"horizon_own": "Horizon's own"}
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - of our own making
        # A module that cannot be imported has no class; its name is its path.
        where = (case.get("classname") or case.get("name", "")).replace("/", ".")
        folder = where.split(".")[1]
        ends = {child.tag for child in case}
        end = "failed" if ends & {"failure", "error"} else "skipped" if ends else "passed"
        counts[folders.get(folder, folder)][end] += 1
    return counts


def table(runs: Iterable[Run], suites: Iterable[str]) -> str:
    """Return the results of all runs, as a table in Markdown."""
    suites = list(suites)
    lines = [
        f"| OpenStack | Horizon | Python | Keystone, Glance | {' | '.join(suites)} | minutes | |",
        "| " + " | ".join(["---"] * (len(suites) + 6)) + " |",
    ]
    for item in runs:
        cells = [
            ", ".join(f"{number} {end}" for end, number in sorted(item.suites[name].items())) or "-"
            if name in item.suites
            else "-"
            for name in suites
        ]
        end = "passed" if item.passed else f"**failed**: {item.failure.splitlines()[0]}"
        horizon = RELEASES[item.release].horizon
        lines.append(
            f"| {item.release} | {horizon} | {item.python} | {item.services} | {' | '.join(cells)} "
            f"| {item.seconds / 60:.1f} | {end} |"
        )
    return "\n".join(lines)


def say(message: str) -> None:
    """Print a message about the progress."""
    print(f"test-horizons: {message}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
