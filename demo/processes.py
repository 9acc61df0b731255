# SPDX-License-Identifier: Apache-2.0
"""Server processes, each started, watched and ended by its own id."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator

from demo.cloud import Service, wait_until_served

# Enough for gunicorn's workers and MariaDB's writes to disk, with a margin.
STOPPING_SECONDS = 40


class Process:
    """The process of a service; it can be started again after it ended.

    :ivar service: the service that it runs
    """

    def __init__(self, service: Service) -> None:
        self.service = service
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process's id, None when it does not run."""
        return self._process.pid if self._process and self.running else None

    @property
    def running(self) -> bool:
        """Whether the process was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process; :meth:`wait` waits until it answers."""
        with contextlib.ExitStack() as stack:
            # For services that log to standard output; the others have a log file of their own.
            output = stack.enter_context(self.service.log.open("ab"))
            self._process = subprocess.Popen(
                self.service.command,
                env=self.service.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def wait(self, seconds: float = 60) -> None:
        """Return as soon as the service answers.

        :raises demo.cloud.CloudError: with the end of its log, when it does not answer
        """
        wait_until_served(self.service, lambda: self.running, seconds)

    def terminate(self) -> None:
        """Ask the process to finish its work and end."""
        if self.running:
            self._process.send_signal(signal.SIGTERM)

    def join(self) -> None:
        """Wait until the process has ended, and kill it if it does not."""
        if self._process:
            try:
                self._process.wait(STOPPING_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def stop(self) -> None:
        """End the process in an orderly way."""
        self.terminate()
        self.join()

    def kill(self) -> None:
        """Kill the process and its children at once, even during their work."""
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


@contextlib.contextmanager
def running(services: list[Service]) -> Iterator[list[Process]]:
    """Run services that answer on entry, and end them afterwards in reverse order.

    :raises demo.cloud.CloudError: when a service does not start
    """
    processes = [Process(service) for service in services]
    try:
        for process in processes:
            process.start()
        for process in processes:
            process.wait()
        yield processes
    finally:
        for process in processes:
            process.terminate()
        for process in reversed(processes):
            process.join()
