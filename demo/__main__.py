# SPDX-License-Identifier: Apache-2.0
"""``python -m demo``: run the cloud in the foreground until Ctrl-C or SIGTERM."""

import os
import shlex
import signal
import sys

from demo import checks
from demo.checks import OptionError
from demo.options import Options, check_packages


def main() -> int:
    """Run the demo and return its exit status; being stopped from outside is no failure."""
    try:
        check_packages()
        options = Options.from_environment()
        options.check_ports()
        lock = checks.lock("DEMO_DIR", options.folder)
    except OptionError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2
    # Only now: these modules need the packages that were checked for.
    from demo.cloud import CloudError
    from demo.releases import InstallError

    signal.signal(signal.SIGTERM, _interrupt)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        # A closed terminal stops the demo too; under nohup it does not.
        signal.signal(signal.SIGHUP, _terminate)
    try:
        with lock:
            return _run(options)
    except (CloudError, InstallError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def say(message: str) -> None:
    """Tell whoever watches what is going on, at once even through a pipe."""
    # One write: steps that run side by side do not mix their lines.
    sys.stdout.write(f"demo: {message}\n")
    sys.stdout.flush()


def _run(options: Options) -> int:
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
    # Fills the cloud and tells how to use it. A process, because honcho owns the main thread.
    manager.add_process(
        "guide", f"exec {shlex.quote(sys.executable)} -m demo.guide", env=dict(os.environ)
    )
    manager.loop()
    if manager.returncode in (128 + signal.SIGINT, 128 + signal.SIGTERM):
        say("Stopped")
        return 0
    say(f"One of the services ended by itself: see {cloud.logs}")
    return manager.returncode or 1


def _interrupt(*_: object) -> None:
    from demo.cloud import stop_steps

    stop_steps()
    raise KeyboardInterrupt


def _terminate(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
