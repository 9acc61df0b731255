# SPDX-License-Identifier: Apache-2.0
"""Alternating measurements of two or more things, and their comparison."""

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from benchmarks.dashboard import Answer

Measured = dict[str, list[Answer]]


@dataclass
class Row:
    """One line of the result.

    :ivar most: the largest allowed multiple of the other's seconds, None without such a goal
    :ivar least: the smallest allowed factor by which it is faster than the other
    :ivar beyond: the seconds that it may take in addition to the other's
    :ivar within: the seconds that it may take, independent of the other
    :ivar ratios: one for each pair
    """

    name: str
    what: str
    against: str
    ours: list[Answer]
    theirs: list[Answer]
    most: float | None = None
    least: float | None = None
    beyond: float | None = None
    within: float | None = None
    note: str = ""
    ratios: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        # "N times faster" divides their seconds by ours.
        pairs = zip(self.ours, self.theirs, strict=False)
        self.ratios = [
            theirs.seconds / ours.seconds if self._is_faster else ours.seconds / theirs.seconds
            for ours, theirs in pairs
        ]

    @property
    def _is_faster(self) -> bool:
        return not self.most and self.beyond is None and self.within is None

    @property
    def ratio(self) -> float:
        """The median of the pairs."""
        return statistics.median(self.ratios)

    @property
    def more(self) -> list[float]:
        """The seconds that it took in addition to the other's, in each pair."""
        pairs = zip(self.ours, self.theirs, strict=False)
        return [ours.seconds - theirs.seconds for ours, theirs in pairs]

    @property
    def comparison(self) -> str:
        """The median of the pairs, with the smallest and the largest."""
        if self.beyond is not None:
            more = self.more
            median = statistics.median(more)
            return f"+{median:.2f} s ({min(more):.2f}-{max(more):.2f})"
        text = f"{self.ratio:.1f} faster" if self._is_faster else f"{self.ratio:.2f}"
        return f"{text} ({min(self.ratios):.2f}-{max(self.ratios):.2f})"

    @property
    def goal(self) -> str:
        """The goal in words."""
        if self.least:
            return f"at least {self.least:g} times faster"
        if self.beyond is not None:
            return f"at most {self.beyond:g} s more"
        if self.within is not None:
            return f"within {self.within:g} s"
        return f"at most {self.most:g} times" if self.most else ""

    @property
    def met(self) -> bool | None:
        """Whether the median meets the goal."""
        if self.least:
            return self.ratio >= self.least
        if self.beyond is not None:
            return statistics.median(self.more) <= self.beyond
        if self.within is not None:
            return seconds(self.ours) <= self.within
        return self.ratio <= self.most if self.most else None


def alternately(
    pairs: int, things: Mapping[str, Callable[[], Answer]], *, warm_up: bool = True
) -> Measured:
    """Measure each thing once in every round.

    :param warm_up: run an uncounted round first; not for things that take half a minute
    """
    for thing in things.values() if warm_up else ():
        thing()
    measured: Measured = {name: [] for name in things}
    for number in range(pairs):
        # The order alternates, so that no thing always follows the same one.
        order = list(things) if number % 2 else list(reversed(things))
        for name in order:
            measured[name].append(things[name]())
    return measured


def added(first: list[Answer], second: list[Answer]) -> list[Answer]:
    """Return the sums of two things, one for each round."""
    return [one + other for one, other in zip(first, second, strict=True)]


def seconds(answers: list[Answer]) -> float:
    """Return the median of the seconds."""
    return statistics.median(answer.seconds for answer in answers)
