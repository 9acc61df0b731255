# SPDX-License-Identifier: Apache-2.0
"""The benchmark's environment variables, checked before anything starts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from demo import checks
from demo.checks import OptionError

DATABASES = ("sqlite", "mariadb")
ROWS = ("A", "A'", "B", "C", "D", "E", "F", "G", "H", "G2", "H2", "I", "J", "K", "L")
PORTS = 6
RESULTS = Path(__file__).with_name("results")


@dataclass(frozen=True)
class Sizes:
    """The size of the cloud, and the number of measurements of each pair.

    :ivar memberships: those of the shared images, in addition to the receiving project's
    :ivar sharing: number of projects with these memberships
    :ivar plan: the numbers of images and projects of a plan
    :ivar long_pairs: the measurements of each pair that takes as long as a scan of all images
    :ivar growing_scans: numbers of shared images in the cloud
    :ivar growing_shares: members of each shared image; the number of images is the middle one of
        ``growing_scans``
    """

    projects: int
    images: int
    own_images: int
    received: int
    members: int
    removed: int
    users: int
    pairs: int
    growing_projects: tuple[int, ...]
    growing_images: tuple[int, ...]
    growing_members: tuple[int, ...]
    memberships: int
    sharing: int
    plan: tuple[int, int]
    long_pairs: int
    growing_scans: tuple[int, ...]
    growing_shares: tuple[int, ...]


SCALES = {
    "full": Sizes(
        projects=10_500,
        images=5_000,
        own_images=2_000,
        received=300,
        members=100,
        removed=20,
        users=10_500,
        pairs=7,
        growing_projects=(100, 1_000, 10_000, 50_000),
        growing_images=(0, 2_000, 20_000),
        growing_members=(1, 100, 1_000),
        memberships=20_000,
        sharing=500,
        plan=(20, 40),
        long_pairs=3,
        growing_scans=(100, 1_000, 10_000),
        growing_shares=(1, 10, 100),
    ),
    "small": Sizes(
        projects=500,
        images=300,
        own_images=100,
        received=60,
        members=20,
        removed=5,
        users=500,
        pairs=3,
        growing_projects=(100, 1_000),
        growing_images=(0, 200),
        growing_members=(1, 20, 100),
        memberships=1_200,
        sharing=50,
        plan=(5, 10),
        long_pairs=3,
        growing_scans=(50, 100, 300),
        growing_shares=(1, 10, 40),
    ),
}


@dataclass(frozen=True)
class Options:
    """The benchmark's folder, ports and database, and the rows to measure.

    :ivar port: the first of six TCP ports on loopback
    """

    folder: Path
    database: str
    scale: str
    rows: tuple[str, ...]
    port: int

    @property
    def sizes(self) -> Sizes:
        """The sizes of the cloud."""
        return SCALES[self.scale]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Options":
        """Read the ``BENCH_*`` variables.

        :raises OptionError: for an unknown variable or an invalid value
        """
        known = {"BENCH_DIR", "BENCH_DATABASE", "BENCH_SCALE", "BENCH_ROWS", "BENCH_PORT"}
        for name in sorted(environment):
            if name.startswith("BENCH_") and name not in known:
                raise OptionError(f"{name}: there is no such option, only {_list(known)}.")
        rows = tuple((environment.get("BENCH_ROWS") or ",".join(ROWS)).split(","))
        if unknown := set(rows) - set(ROWS):
            raise OptionError(f"BENCH_ROWS: no row {_list(unknown)}, only {_list(ROWS)}.")
        return cls(
            folder=checks.folder(environment, "BENCH_DIR", ".bench"),
            database=checks.choice(environment, "BENCH_DATABASE", "sqlite", DATABASES),
            scale=checks.choice(environment, "BENCH_SCALE", "full", tuple(SCALES)),
            rows=rows,
            port=checks.port(environment, "BENCH_PORT", 18_600, PORTS),
        )

    def check_ports(self) -> None:
        """Check that the ports of the services are free.

        :raises OptionError: for the first port in use
        """
        checks.free("BENCH_PORT", self.port, PORTS)


def _list(words: object) -> str:
    return ", ".join(sorted(words))
