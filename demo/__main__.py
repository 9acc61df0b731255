# SPDX-License-Identifier: Apache-2.0
"""``python -m demo``: run the cloud in the foreground until Ctrl-C or SIGTERM."""

import os
import shlex
import signal
import sys

from demo import checks, program
from demo.options import Options, check_packages


def main() -> int:
    """Run the demo and return its exit status; an external stop is no failure."""
    return program.run("demo", _options, _run)


def say(message: str) -> None:
    """Print a message about the progress."""
    program.say("demo", message)


def _options() -> Options:
    check_packages()
    return Options.from_environment()


def _run(options: Options) -> int:
    with checks.lock("DEMO_DIR", options.folder):
        return _serve(options)


def _serve(options: Options) -> int:
    from honcho.manager import Manager
    from honcho.printer import Printer

    cloud = options.cloud()
    options.install_horizon(say)
    say(f"Preparing the cloud in {options.folder}")
    cloud.prepare(say)
    say("Starting Keystone, Glance and Horizon")
    manager = Manager(Printer(prefix=False))
    for service in [*cloud.services(), cloud.horizon(options.port, options.panel)]:
        manager.add_process(
            service.name, f"exec {shlex.join(service.command)}", env=service.environment
        )
    # Fills the cloud and prints the guide. It is a process, because honcho owns the main thread.
    manager.add_process(
        "guide", f"exec {shlex.quote(sys.executable)} -m demo.guide", env=dict(os.environ)
    )
    manager.loop()
    if manager.returncode in (128 + signal.SIGINT, 128 + signal.SIGTERM):
        say("Stopped")
        return 0
    say(f"One of the services ended by itself: see {cloud.logs}")
    return manager.returncode or 1


if __name__ == "__main__":
    sys.exit(main())
