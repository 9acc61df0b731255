# SPDX-License-Identifier: Apache-2.0
"""Parallel work, and the services' IDs of its requests."""

import contextlib
import contextvars
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

Item = TypeVar("Item")
Found = TypeVar("Found")
Task = Callable[[], Iterable["Task"]]

# The request IDs of the current work, see `traced`.
_request_ids: contextvars.ContextVar[list[str] | None] = contextvars.ContextVar(
    "request_ids", default=None
)


@contextlib.contextmanager
def traced() -> Iterator[list[str]]:
    """Collect the request IDs of the calls that this thread makes in the block.

    They are the services' own (``x-openstack-request-id``), also of failed
    calls. An operator can find a call in the service's log by its ID.
    """
    request_ids: list[str] = []
    before = _request_ids.set(request_ids)
    try:
        yield request_ids
    finally:
        _request_ids.reset(before)


def note_request_id(request_id: str | None) -> None:
    request_ids = _request_ids.get()
    if request_id and request_ids is not None:
        request_ids.append(request_id)


@contextlib.contextmanager
def pool(workers: int) -> Iterator[ThreadPoolExecutor]:
    """Provide a pool of this many threads.

    When the block is left early, for example after an error, queued calls are cancelled.
    """
    # Not futurist's pool: its idle threads check only once a second whether they may end, and
    # leaving the pool waits for them. Python's pool starts no more threads than it has work for.
    threads = ThreadPoolExecutor(workers)
    try:
        yield threads
    finally:
        threads.shutdown(cancel_futures=True)


def ahead(items: Iterator[Item], stop: Callable[[], None]) -> Iterator[Item]:
    """Yield the items, making the next one in another thread while the caller works on this one.

    :param items: items that are not None; the other thread advances the iterator
    :param stop: called when the caller leaves, to cut short an item that is no longer needed
    :raises Exception: the iterator's exception, after the items before it
    """
    with pool(1) as threads:
        try:
            coming = threads.submit(next, items, None)
            while (item := coming.result()) is not None:
                coming = threads.submit(next, items, None)
                yield item
        finally:
            stop()


def in_parallel(
    function: Callable[[Item], Found], items: Iterable[Item], workers: int
) -> list[Found]:
    """Return ``function(item)`` for each item, in order, from a pool of threads.

    :param workers: the maximum number of threads
    :raises Exception: the function's exception for the first failed item; queued calls are
        cancelled
    """
    items = list(items)
    if len(items) < 2:
        return [function(item) for item in items]
    with pool(workers) as threads:
        return [future.result() for future in [threads.submit(function, item) for item in items]]


def with_follow_ups(tasks: Iterable[Task], workers: int) -> None:
    """Run tasks, each of which returns further ones; these begin before queued tasks.

    :param workers: the maximum number of threads
    :raises Exception: the exception of the first failed task; queued tasks are cancelled
    """
    waiting, under_way = deque(tasks), set[Future[Iterable[Task]]]()
    with pool(workers) as threads:
        while waiting or under_way:
            # A thread that has finished a task gets the next one without waiting for this loop.
            while waiting and len(under_way) < 2 * workers:
                under_way.add(threads.submit(waiting.popleft()))
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for future in done:
                waiting.extendleft(future.result())
