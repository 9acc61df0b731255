# SPDX-License-Identifier: Apache-2.0
"""Options that ``make demo`` refuses, in a line with the variable, before it starts anything."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from demo import options
from demo.checks import OptionError
from demo.options import Options, check_packages
from demo.releases import NEWEST, RELEASES
from tests.environment import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
HOST = "127.0.0.1"


@pytest.fixture
def environment(tmp_path):
    """Return the variables of a demo that could start."""
    return {
        "DEMO_DIR": str(tmp_path / "demo"),
        "DEMO_PORT": str(free_port()),
        "DEMO_KEYSTONE_PORT": str(free_port()),
        "DEMO_GLANCE_PORT": str(free_port()),
    }


@pytest.fixture
def taken():
    """Return a port that is in use."""
    with socket.create_server((HOST, 0)) as server:
        yield server.getsockname()[1]


def refusal(environment):
    """Return the line with which the demo refuses to start, and check that nothing started."""
    folder = Path(environment["DEMO_DIR"])
    before = sorted(folder.iterdir()) if folder.is_dir() else None
    done = subprocess.run(
        [sys.executable, "-m", "demo"],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert (sorted(folder.iterdir()) if folder.is_dir() else None) == before
    (line,) = done.stderr.splitlines()
    return line


def test_everything_has_a_default():
    """Missing and empty variables give the documented defaults."""
    empty = dict.fromkeys(
        ("DEMO_DIR", "DEMO_PORT", "DEMO_KEYSTONE_PORT", "DEMO_GLANCE_PORT", "DEMO_IMAGES_PANEL"), ""
    )
    for environment in ({}, empty):
        chosen = Options.from_environment(environment)
        assert (chosen.port, chosen.keystone_port, chosen.glance_port) == (8000, 5000, 9292)
        assert (chosen.password, chosen.panel) == ("secret", "angular")
        assert chosen.folder == Path.cwd() / ".demo"


def test_newest_horizon_is_the_demo_s_own():
    """The newest Horizon is in the environment that runs the demo."""
    chosen = Options.from_environment({"DEMO_HORIZON": ""})
    assert chosen.release.name == NEWEST
    assert chosen.horizon_prefix == Path(sys.prefix)


@pytest.mark.parametrize("name", [name for name in RELEASES if name != NEWEST])
def test_older_horizon_has_a_folder_of_its_own(name):
    """An older Horizon has its own folder with an environment, beside the newest one's folder."""
    chosen = Options.from_environment({"DEMO_HORIZON": name})
    assert chosen.release is RELEASES[name]
    assert chosen.folder == Path.cwd() / f".demo-{name}"
    assert chosen.horizon_prefix == chosen.folder / f"venv-{name}"
    assert chosen.cloud().horizon_prefix == chosen.horizon_prefix


@pytest.mark.parametrize("name", ["DEMO_PORT", "DEMO_KEYSTONE_PORT", "DEMO_GLANCE_PORT"])
@pytest.mark.parametrize(
    "value", ["0", "65536", "-1", "http", "80.5", "\N{ARABIC-INDIC DIGIT ONE}"]
)
def test_what_is_no_port_is_refused(environment, name, value):
    """A port that is no number from 1 to 65535 is refused."""
    with pytest.raises(OptionError, match=f"^{name}: .*1 to 65535"):
        Options.from_environment({**environment, name: value})


def test_two_equal_ports_are_refused(environment):
    """Two equal ports are refused with a line that names both variables."""
    environment["DEMO_GLANCE_PORT"] = environment["DEMO_PORT"]
    with pytest.raises(OptionError, match=r"^DEMO_GLANCE_PORT: \d+ is what DEMO_PORT is set to\.$"):
        Options.from_environment(environment)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEMO_IMAGES_PANEL", "react"),
        ("DEMO_IMAGES_PANEL", "Python"),
        ("DEMO_HORIZON", "2024.2"),
        ("DEMO_HORIZON", "27"),
        ("DEMO_PASSWORD", "two\nlines"),
        ("DEMO_DIR", "/tmp/100%"),  # noqa: S108 - nothing is written there
        ("DEMO_DIR", "/dev/null"),
    ],
)
def test_unknown_value_is_refused(environment, name, value):
    """An unknown value is refused with one line that names the variable."""
    with pytest.raises(OptionError, match=f"^{name}: ") as caught:
        Options.from_environment({**environment, name: value})
    assert "\n" not in str(caught.value)


def test_foreign_folder_is_refused(environment, tmp_path):
    """A folder with other content is refused, so it is neither filled nor later removed."""
    (tmp_path / "letter.txt").touch()
    with pytest.raises(OptionError, match=r"^DEMO_DIR: .* something else"):
        Options.from_environment({**environment, "DEMO_DIR": str(tmp_path)})


@pytest.mark.parametrize("name", ["DEMO_PORT", "DEMO_KEYSTONE_PORT", "DEMO_GLANCE_PORT"])
def test_port_in_use_is_refused(environment, taken, name):
    """A port in use is refused with a line that names the variable to change."""
    chosen = Options.from_environment({**environment, name: str(taken)})
    with pytest.raises(OptionError, match=f"^{name}: cannot listen .* Set {name} to another port"):
        chosen.check_ports()


def test_free_ports_are_taken(environment):
    """Free ports pass the check."""
    Options.from_environment(environment).check_ports()


def test_missing_package_is_named(monkeypatch):
    """A missing package is reported by the name that pip knows."""
    monkeypatch.setitem(options.PACKAGES, "no_such_module", "no-such-package")
    with pytest.raises(OptionError, match="no-such-package"):
        check_packages()


def test_demo_ends_with_one_line_and_status_2(environment):
    """A wrong option ends the demo with one line and status 2, without starting anything."""
    line = refusal({**environment, "DEMO_IMAGES_PANEL": "react"})
    assert line == "demo: DEMO_IMAGES_PANEL: it is angular or python, not 'react'."


def test_demo_does_not_start_where_a_port_is_in_use(environment, taken):
    """A port in use, which only a try reveals, is reported like any other mistake."""
    assert refusal({**environment, "DEMO_PORT": str(taken)}).startswith("demo: DEMO_PORT: cannot")


def test_demo_does_not_start_in_a_foreign_folder(environment, tmp_path):
    """The demo refuses a folder with other content and leaves it unchanged."""
    (tmp_path / "letter.txt").touch()
    assert refusal({**environment, "DEMO_DIR": str(tmp_path)}).startswith("demo: DEMO_DIR: ")


def test_check_before_the_installation_says_the_same(environment):
    """`make demo` reports a mistake with nothing but Python, before it installs anything."""
    done = subprocess.run(
        [sys.executable, "-S", "-m", "demo.options"],
        cwd=ROOT,
        env={**os.environ, **environment, "DEMO_PORT": "http"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "demo: DEMO_PORT: it is a port from 1 to 65535, not 'http'.\n"
