# SPDX-License-Identifier: Apache-2.0
"""The memory of processes during a measurement."""

import contextlib
import re
import threading
from collections.abc import Iterator
from pathlib import Path

# Seconds between two samples; a slice of a scan takes longer.
EVERY = 0.1
MB = 1000**2
#: MB by which the memory may grow while everything is read.
FLAT = 30


class Memory:
    """The largest growth of any process's memory since the start.

    :ivar grown: MB
    """

    def __init__(self) -> None:
        self._first: dict[int, int] = {}
        self.grown = 0.0

    def look(self, pids: list[int]) -> None:
        """Take another sample; a process that has ended has no memory."""
        for pid in pids:
            now = _resident(pid)
            first = self._first.setdefault(pid, now)
            self.grown = max(self.grown, (now - first) / MB)

    def __str__(self) -> str:
        text = f"memory of a worker at most {self.grown:+.0f} MB"
        return text if self.grown <= FLAT else f"**{text}**"


def children(pid: int) -> list[int]:
    """Return the children of a process, such as the workers of a server."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextlib.contextmanager
def watched(pids: list[int], memory: Memory | None = None) -> Iterator[Memory]:
    """Sample the memory of processes until the block ends."""
    memory, ended = memory or Memory(), threading.Event()

    def watch() -> None:
        while not ended.wait(EVERY):
            memory.look(pids)

    thread = threading.Thread(target=watch)
    memory.look(pids)
    thread.start()
    try:
        yield memory
    finally:
        ended.set()
        thread.join()


def _resident(pid: int) -> int:
    """Return the resident bytes of a process."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) * 1024 if found else 0
