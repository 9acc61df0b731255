# SPDX-License-Identifier: Apache-2.0
"""The common frame of this repository's programs: demo, demo-ha, bench and soak."""

import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from demo.checks import OptionError


class Options(Protocol):
    """A program's options from the environment."""

    def check_ports(self) -> None: ...


Given = TypeVar("Given", bound=Options)


def run(
    name: str, read: Callable[[], Given], work: Callable[[Given], int], stopped: int = 0
) -> int:
    """Run a program in the foreground, until it ends or is stopped by Ctrl-C, SIGTERM or SIGHUP.

    :param name: the prefix of each line that the program prints
    :param read: returns the options from the environment, before anything is started
    :param work: the program's work; it may raise OptionError as well
    :param stopped: the exit status of a program that is stopped
    :returns: the exit status: 2 for wrong options, 1 for a failure, otherwise that of the work
    """
    try:
        options = read()
        options.check_ports()
    except OptionError as error:
        return _failed(name, error, 2)
    # Imported late: these modules need packages that are checked for first.
    from demo.cloud import CloudError
    from demo.releases import InstallError

    signal.signal(signal.SIGTERM, _interrupt)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        # The services run in sessions of their own, which would outlive a closed terminal. Under
        # nohup they keep running.
        signal.signal(signal.SIGHUP, _terminate)
    try:
        return work(options)
    except OptionError as error:
        return _failed(name, error, 2)
    except (CloudError, InstallError) as error:
        return _failed(name, error, 1)
    except KeyboardInterrupt:
        say(name, "Stopped")
        return stopped


def timed(name: str) -> Callable[[str], None]:
    """Return a function that prints messages with the minutes since now."""
    started = time.monotonic()

    def say_when(message: str) -> None:
        minutes, seconds = divmod(int(time.monotonic() - started), 60)
        say(name, f"{minutes:2}:{seconds:02} {message}")

    return say_when


def say(name: str, message: str) -> None:
    """Print a message at once, even through a pipe."""
    # One write, so that parallel steps do not mix their lines.
    sys.stdout.write(f"{name}: {message}\n")
    sys.stdout.flush()


def _failed(name: str, error: Exception, status: int) -> int:
    print(f"{name}: {error}", file=sys.stderr)
    return status


def _interrupt(*_: object) -> None:
    from demo.cloud import stop_steps

    stop_steps()
    raise KeyboardInterrupt


def _terminate(*_: object) -> None:
    # Handled by the current SIGTERM handler; honcho installs its own.
    os.kill(os.getpid(), signal.SIGTERM)
