# SPDX-License-Identifier: Apache-2.0
"""Server processes: each is started, watched and ended by its own id."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator

from demo.cloud import Service, wait_until_served

# What gunicorn takes for its workers, and MariaDB for its pages on disk, and some more.
STOPPING_SECONDS = 40


class Process:
    """The process of a service, which can be started again after it ended.

    :ivar service: what runs in it
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
        """Start it; see :meth:`wait` for when it answers."""
        with contextlib.ExitStack() as stack:
            # What logs to its standard output; the others have a log file of their own.
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

        :raises demo.cloud.CloudError: with the end of its log, when it does not
        """
        wait_until_served(self.service, lambda: self.running, seconds)

    def terminate(self) -> None:
        """Ask it to end what it is doing and then itself."""
        if self.running:
            self._process.send_signal(signal.SIGTERM)

    def join(self) -> None:
        """Wait until it has ended; one that does not is killed."""
        if self._process:
            try:
                self._process.wait(STOPPING_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def stop(self) -> None:
        """End it in an orderly way."""
        self.terminate()
        self.join()

    def kill(self) -> None:
        """End it and its children at once, in the middle of whatever they do."""
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


@contextlib.contextmanager
def running(services: list[Service]) -> Iterator[list[Process]]:
    """Run services, which answer when this is entered, and end them afterwards, the last first.

    :raises demo.cloud.CloudError: when one does not start
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
