# SPDX-License-Identifier: Apache-2.0
"""Work in parallel, and the IDs that the services give its requests."""

import contextlib
import contextvars
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

Item = TypeVar("Item")
Found = TypeVar("Found")
Task = Callable[[], Iterable["Task"]]

# The request IDs of the work at hand, see `traced`.
_request_ids: contextvars.ContextVar[list[str] | None] = contextvars.ContextVar(
    "request_ids", default=None
)


@contextlib.contextmanager
def traced() -> Iterator[list[str]]:
    """Collect the request IDs of the calls that this thread makes in the block.

    They are the services' own (``x-openstack-request-id``), of failed calls
    too: with them an operator finds a call in the service's log.
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
    """Give a pool of so many threads.

    When the block is left early, for example after an error, queued calls are cancelled.
    """
    # Not futurist's pool: its idle threads look up only once a second whether they may end,
    # and leaving it waits for that. Python's starts no more threads than there is work for.
    threads = ThreadPoolExecutor(workers)
    try:
        yield threads
    finally:
        threads.shutdown(cancel_futures=True)


def ahead(items: Iterator[Item], stop: Callable[[], None]) -> Iterator[Item]:
    """Yield the items, making the next one in another thread while the caller works on this one.

    :param items: none of them is None; the iterator is advanced in that thread
    :param stop: called when the caller leaves, to cut short an item that nobody waits for any more
    :raises Exception: what the iterator raises, after the items before
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

    :param workers: threads at the most
    :raises Exception: the function's exception for the first failed item; later calls that have
        not begun are cancelled
    """
    items = list(items)
    if len(items) < 2:
        return [function(item) for item in items]
    with pool(workers) as threads:
        return [future.result() for future in [threads.submit(function, item) for item in items]]


def with_follow_ups(tasks: Iterable[Task], workers: int) -> None:
    """Run tasks, each of which returns further ones; these begin before the tasks that wait.

    :param workers: threads at the most
    :raises Exception: what the first task that failed raised; tasks that wait are cancelled
    """
    waiting, under_way = deque(tasks), set[Future[Iterable[Task]]]()
    with pool(workers) as threads:
        while waiting or under_way:
            # A thread that has ended a task finds the next one without waiting for this loop.
            while waiting and len(under_way) < 2 * workers:
                under_way.add(threads.submit(waiting.popleft()))
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for future in done:
                waiting.extendleft(future.result())
