"""What the benchmark is asked to do: its environment variables, checked before anything starts."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from demo.cloud import HOST, MARKER

DATABASES = ("sqlite", "mariadb")
ROWS = ("A", "A'", "B", "C", "D", "E", "F")
RESULTS = Path(__file__).with_name("results")


class OptionError(Exception):
    """The benchmark cannot start; the message is one line that names the variable."""


@dataclass(frozen=True)
class Sizes:
    """How much there is in the cloud, and how often each pair is measured."""

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
    ),
}


@dataclass(frozen=True)
class Options:
    """Where the benchmark runs, on which database, and what it measures.

    :ivar port: the first of five TCP ports on loopback
    """

    folder: Path
    database: str
    scale: str
    rows: tuple[str, ...]
    port: int

    @property
    def sizes(self) -> Sizes:
        """How much there is in the cloud."""
        return SCALES[self.scale]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Options":
        """Read the ``BENCH_*`` variables.

        :raises OptionError: for a variable that does not exist or a value that makes no sense
        """
        known = {"BENCH_DIR", "BENCH_DATABASE", "BENCH_SCALE", "BENCH_ROWS", "BENCH_PORT"}
        for name in sorted(environment):
            if name.startswith("BENCH_") and name not in known:
                raise OptionError(f"{name}: there is no such option, only {_list(known)}.")
        folder = Path(environment.get("BENCH_DIR") or ".bench").absolute()
        if folder.exists() and not folder.is_dir():
            raise OptionError(f"BENCH_DIR: {folder} is not a folder.")
        if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).exists():
            raise OptionError(f"BENCH_DIR: {folder} has something else in it.")
        rows = tuple((environment.get("BENCH_ROWS") or ",".join(ROWS)).split(","))
        if unknown := set(rows) - set(ROWS):
            raise OptionError(f"BENCH_ROWS: no row {_list(unknown)}, only {_list(ROWS)}.")
        return cls(
            folder=folder,
            database=_choice(environment, "BENCH_DATABASE", "sqlite", DATABASES),
            scale=_choice(environment, "BENCH_SCALE", "full", tuple(SCALES)),
            rows=rows,
            port=_port(environment, "BENCH_PORT", 18_600),
        )

    def check_ports(self) -> None:
        """Make sure that nothing else listens where the services are going to.

        :raises OptionError: for the first port in use
        """
        for port in range(self.port, self.port + 5):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((HOST, port))
                except OSError as error:
                    raise OptionError(
                        f"BENCH_PORT: cannot listen on {HOST}:{port} ({error.strerror}). "
                        "Set BENCH_PORT to the first of five ports that are free."
                    ) from None


def _choice(environment: Mapping[str, str], name: str, default: str, there: tuple[str, ...]) -> str:
    value = environment.get(name) or default
    if value not in there:
        raise OptionError(f"{name}: it is {' or '.join(there)}, not {value!r}.")
    return value


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name) or str(default)
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 65531:
        raise OptionError(f"{name}: it is a port from 1 to 65531, not {value!r}.")
    return int(value)


def _list(words: object) -> str:
    return ", ".join(sorted(words))
