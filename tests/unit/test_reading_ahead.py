# SPDX-License-Identifier: Apache-2.0
"""An iterator that runs one item ahead of its caller."""

import threading

import pytest

from xloud_images_panel.access import threads


def no_stop():
    """Cut nothing short."""


def test_items_come_in_their_order():
    """All of them come, and each once."""
    assert list(threads.ahead(iter([3, 1, 2]), no_stop)) == [3, 1, 2]
    assert list(threads.ahead(iter([]), no_stop)) == []


def test_next_item_is_made_while_the_caller_works():
    """An item does not wait for the consumer to ask for it."""
    made = threading.Event()

    def items():
        yield "first"
        made.set()
        yield "second"

    for item in threads.ahead(items(), no_stop):
        if item == "first":
            assert made.wait(30)


def test_failure_comes_after_the_items_before_it():
    """Nothing that was made before is lost."""

    def items():
        yield "first"
        raise RuntimeError

    ahead = threads.ahead(items(), no_stop)
    assert next(ahead) == "first"
    with pytest.raises(RuntimeError):
        next(ahead)


def test_only_one_item_is_made_ahead():
    """A consumer that stops leaves the rest unmade, and memory has two items at the most."""
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
    """The end does not wait for an item that takes long."""
    stopped = threading.Event()

    def items():
        yield "first"
        yield stopped.wait(30)

    ahead = threads.ahead(items(), stopped.set)
    next(ahead)
    ahead.close()
    assert stopped.is_set()
