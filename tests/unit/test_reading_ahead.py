# SPDX-License-Identifier: Apache-2.0
"""An iterator that runs one item ahead of its caller."""

import threading

import pytest

from xloud_images_panel.access import threads


def no_stop():
    """Stop nothing."""


def test_items_come_in_their_order():
    """All items come in order, each once."""
    assert list(threads.ahead(iter([3, 1, 2]), no_stop)) == [3, 1, 2]
    assert list(threads.ahead(iter([]), no_stop)) == []


def test_next_item_is_made_while_the_caller_works():
    """The next item is made before the caller requests it."""
    made = threading.Event()

    def items():
        yield "first"
        made.set()
        yield "second"

    for item in threads.ahead(items(), no_stop):
        if item == "first":
            assert made.wait(30)


def test_failure_comes_after_the_items_before_it():
    """A failure is raised after the items before it, so none of them is lost."""

    def items():
        yield "first"
        raise RuntimeError

    ahead = threads.ahead(items(), no_stop)
    assert next(ahead) == "first"
    with pytest.raises(RuntimeError):
        next(ahead)


def test_only_one_item_is_made_ahead():
    """If the caller stops, the remaining items are not made, and memory has at most two."""
    made = []

    def items():
        for number in range(9):
            made.append(number)
            yield number

    ahead = threads.ahead(items(), no_stop)
    next(ahead)
    ahead.close()
    assert made in ([0], [0, 1])


def test_item_that_nobody_waits_for_is_cut_short():
    """Closing the iterator stops a slow item instead of waiting for it."""
    stopped = threading.Event()

    def items():
        yield "first"
        yield stopped.wait(30)

    ahead = threads.ahead(items(), stopped.set)
    next(ahead)
    ahead.close()
    assert stopped.is_set()
