# SPDX-License-Identifier: Apache-2.0
"""Checks that ``make demo-ha``, ``make soak`` and ``make bench`` run before they start."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.options import Options as Bench
from benchmarks.soak.options import Options as Soak
from demo import cloud
from demo.checks import OptionError
from demo.ha.options import PORTS
from demo.ha.options import Options as Nodes
from tests.environment import free_port

HOST = "127.0.0.1"


@pytest.mark.parametrize("options", [Nodes, Soak, Bench])
def test_everything_has_a_default(options):
    """Without a variable the documented value is used."""
    options.from_environment({})


@pytest.mark.parametrize(
    ("options", "name", "value"),
    [
        (Nodes, "DEMO_HA_PORT", "http"),
        (Nodes, "DEMO_HA_PORT", str(65536 - PORTS + 1)),
        (Nodes, "DEMO_IMAGES_PANEL", "react"),
        (Nodes, "DEMO_PASSWORD", "two\nlines"),
        (Soak, "SOAK_PORT", "0"),
        (Soak, "SOAK_USERS", "4"),
        (Soak, "SOAK_USERS", "many"),
        (Soak, "SOAK_MINUTES", "0"),
        (Soak, "SOAK_HOURS", "1"),
        (Soak, "SOAK_PLAN", "maybe"),
        (Bench, "BENCH_PORT", "65535"),
        (Bench, "BENCH_DATABASE", "oracle"),
        (Bench, "BENCH_ROWS", "A,Z"),
        (Bench, "BENCH_SIZE", "small"),
    ],
)
def test_wrong_value_is_named(options, name, value):
    """A wrong value is refused with one line that begins with the variable."""
    with pytest.raises(OptionError, match=f"^{name}: ") as caught:
        options.from_environment({name: value})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "name"), [(Nodes, "DEMO_HA_DIR"), (Soak, "SOAK_DIR"), (Bench, "BENCH_DIR")]
)
def test_folder_with_something_else_in_it_is_left_alone(name, options, tmp_path):
    """A folder with other content is refused, as the benchmark and the soak would empty it."""
    (tmp_path / "thesis.odt").touch()
    with pytest.raises(OptionError, match=f"^{name}: .* something else"):
        options.from_environment({name: str(tmp_path)})


@pytest.mark.parametrize(
    ("options", "name"), [(Nodes, "DEMO_HA_PORT"), (Soak, "SOAK_PORT"), (Bench, "BENCH_PORT")]
)
def test_port_in_use_is_named(name, options):
    """A port in use is reported, even if it is not the first of the needed ones."""
    with socket.create_server((HOST, free_port())) as taken:
        first = taken.getsockname()[1] - 1
        chosen = options.from_environment({name: str(first)})
        with pytest.raises(OptionError, match=f"^{name}: cannot listen .*ports"):
            chosen.check_ports()


def test_programs_that_are_missing_are_named_at_once(monkeypatch):
    """All missing programs are reported together, so that one installation is enough."""
    monkeypatch.setattr(cloud.shutil, "which", lambda _program, path: None)
    monkeypatch.setattr(cloud, "ROOT", Path("/nowhere"))
    called = []

    def run(command, **_):
        called.append(command)
        return subprocess.CompletedProcess(command, 1, stderr=b"Not installed: a b.")

    monkeypatch.setattr(cloud.subprocess, "run", run)
    with pytest.raises(cloud.CloudError, match="Not installed: a b"):
        cloud.ensure_programs({"one": "a", "two": "b"})
    assert called == [["/nowhere/.ci/apt-install", "a", "b"]]


def test_proxy_is_not_asked_for_this_machine():
    """This machine is added to the environment's proxy exceptions."""
    script = "import os, demo.cloud; print(os.environ['no_proxy'])"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "no_proxy": "example.org"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "example.org,127.0.0.1,localhost"
