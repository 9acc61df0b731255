# SPDX-License-Identifier: Apache-2.0
"""Checks of the environment's folders and ports, made before anything starts.

This module needs only Python, so that it works before anything is installed.
"""

import fcntl
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from demo.cloud import HOST, MARKER


class OptionError(Exception):
    """The command cannot start; the message is one line that names the variable or package."""


def number(
    environment: Mapping[str, str],
    name: str,
    default: int,
    least: int,
    most: int,
    what: str = "number",
) -> int:
    """Return the whole number that a variable holds.

    :param what: the variable's meaning, for the message
    :raises OptionError: for text that is no number, or a number out of range
    """
    value = environment.get(name) or str(default)
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise OptionError(f"{name}: it is a {what} from {least} to {most}, not {value!r}.")
    return int(value)


def port(environment: Mapping[str, str], name: str, default: int, count: int = 1) -> int:
    """Return the TCP port that a variable names.

    :param count: the number of consecutive ports from this one on
    :raises OptionError: for any other value
    """
    return number(environment, name, default, 1, 65536 - count, "port")


def free(name: str, first: int, count: int = 1) -> None:
    """Check that the ports of the services are free.

    :param name: the variable that moves the ports
    :raises OptionError: for the first port in use
    """
    for number in range(first, first + count):
        with socket.socket() as probe:
            # As in gunicorn: a port in TIME_WAIT after the last run is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, number))
            except OSError as error:
                other = (
                    "another port" if count == 1 else f"the first of {count} ports that are free"
                )
                raise OptionError(
                    f"{name}: cannot listen on {HOST}:{number} ({error.strerror}). "
                    f"Set {name} to {other}."
                ) from None


def folder(environment: Mapping[str, str], name: str, default: str) -> Path:
    """Return the folder that a variable names: a cloud's, an empty one or a missing one.

    :raises OptionError: for a folder with other contents, or a name that a service's configuration
        cannot hold
    """
    path = Path(environment.get(name) or default).absolute()
    if "\n" in str(path) or "%" in str(path):
        raise OptionError(f"{name}: the path must not contain % or a line break.")
    if path.exists() and not path.is_dir():
        raise OptionError(f"{name}: {path} is not a folder.")
    if path.exists() and any(path.iterdir()) and not (path / MARKER).exists():
        raise OptionError(f"{name}: {path} has something else in it.")
    return path


def lock(name: str, path: Path) -> IO[str]:
    """Return an open file that locks a folder against a second demo until the file is closed.

    :param name: the variable that moves the folder
    :raises OptionError: when a demo is running in it
    """
    path.mkdir(parents=True, exist_ok=True)
    (path / MARKER).touch()
    file = (path / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise OptionError(f"{name}: another demo is running in {path}.") from None
    return file


def choice(
    environment: Mapping[str, str], name: str, default: str, choices: tuple[str, ...]
) -> str:
    """Return the choice that a variable names.

    :raises OptionError: for any other value
    """
    value = environment.get(name) or default
    if value not in choices:
        raise OptionError(f"{name}: it is {' or '.join(choices)}, not {value!r}.")
    return value


def password(environment: Mapping[str, str], name: str, default: str) -> str:
    """Return the password that a variable holds.

    :raises OptionError: for a password that a configuration file cannot hold
    """
    value = environment.get(name) or default
    if "\n" in value:
        raise OptionError(f"{name}: it cannot have more than one line.")
    return value
