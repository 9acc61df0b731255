# SPDX-License-Identifier: Apache-2.0
"""The clock of a slice: how much of a work it begins."""

import pytest

from xloud_images_panel.dashboard.catalogue import slice_of_time
from xloud_images_panel.dashboard.catalogue.slice_of_time import Clock


@pytest.fixture
def passes(monkeypatch):
    """Return a function that lets seconds pass."""
    now = [100.0]
    monkeypatch.setattr(slice_of_time.time, "monotonic", lambda: now[0])

    def passes(seconds):
        now[0] += seconds

    return passes


def first_piece(passes, seconds, workers):
    """Return how many items the first piece has after a reading of that many seconds."""
    clock = Clock()
    with clock.reading(workers):
        passes(seconds)
    return clock.fitting()


@pytest.mark.parametrize(
    ("seconds", "workers", "items"),
    [
        (0.001, 4, 40),  # the most
        (0.1, 4, 19),  # 1.9 s left, a reading's time for each
        (0.1, 1, 4),
        (1.5, 4, 4),  # the fewest
        (3.0, 4, 4),
    ],
)
def test_first_piece_is_estimated_from_a_reading(passes, seconds, workers, items):
    """Its size is what a service as slow as that can be expected to do in the time."""
    assert first_piece(passes, seconds, workers) == items


def test_next_piece_is_estimated_from_the_one_before(passes):
    """A reading says nothing more once an item has been written."""
    clock = Clock()
    for seconds in (0.01, 1.0):
        with clock.reading(4):
            passes(0.01)
        clock.fitting()
        passes(seconds - 0.01)
        clock.ended(10)
    assert clock.fitting() == 9  # 0.99 s left, 0.1 s for each


def test_time_of_a_reading_belongs_to_its_piece(passes):
    """What is read before each piece is part of how long it takes."""
    clock = Clock()
    with clock.reading(4):
        passes(0.5)
    passes(0.5)
    clock.ended(5)
    assert clock.fitting() == 5  # 1 s left, 0.2 s for each


def test_reading_that_fails_is_a_beginning(passes):
    """After the time is over nothing more is begun, not even where nothing could be read."""
    clock = Clock()
    passes(slice_of_time.SECONDS)
    assert not clock.is_over
    with pytest.raises(RuntimeError), clock.reading(4):
        raise RuntimeError
    assert clock.is_over
