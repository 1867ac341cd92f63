"""In turn: every side once in every round, so that whatever slows the machine down slows them all.

A ratio is of two sides in the same round, over the same devices. The collector of garbage is off while a side runs,
and has run before, for all alike.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from statistics import median
from time import process_time
from typing import Any

from attrs import define, field, frozen

from .calls import Call, Calls, Work

LEAST = 0.02
"""Seconds that a side runs for in a round, at least."""


@frozen
class Ratio:
    """How many times as long one side takes as another: over all rounds."""

    least: float
    median: float
    most: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.least:.2f} to {self.most:.2f})"


def ratio(ones: Sequence[float], others: Sequence[float]) -> Ratio:
    """Of each round, and their median."""
    each = [one / other for one, other in zip(ones, others, strict=True)]
    return Ratio(min(each), median(each), max(each))


@define
class Series:
    """One side over some devices: seconds of each round. `times`: how often a round repeats them."""

    calls: list[Call]
    times: int = 1
    seconds: list[float] = field(factory=list[float])

    def run(self) -> float:
        """Seconds of one time."""
        calls = [(one.function, *one.given) for one in self.calls]
        measure = _of_one if len(calls[0]) == 2 else _of_two
        gc.collect()
        gc.disable()
        try:
            return measure(calls, self.times) / self.times
        finally:
            gc.enable()


def _of_one(calls: list[Any], times: int) -> float:
    begin = process_time()
    for _ in range(times):
        for function, one in calls:
            function(one)
    return process_time() - begin


def _of_two(calls: list[Any], times: int) -> float:
    begin = process_time()
    for _ in range(times):
        for function, one, other in calls:
            function(one, other)
    return process_time() - begin


Subject = tuple[str, Work]
"""A side at one of its works."""

Pair = tuple[Subject, Subject]
Key = tuple[Subject, frozenset[str]]
"""A subject, and the devices that it is measured with."""


class Turns:
    """Subjects that are compared: `devices` has each side's calls by device."""

    def __init__(self, devices: dict[str, dict[str, Calls]]) -> None:
        self.devices = devices
        self.series: dict[Key, Series] = {}

    def common(self, pair: Pair) -> frozenset[str]:
        """The devices that both have a call for."""
        (side, work), (other, its) = pair
        return frozenset(label for label, calls in self.devices[side].items()
                         if work in calls and its in self.devices[other].get(label, {}))

    def add(self, pair: Pair) -> None:
        """Two subjects to be compared, over these devices."""
        if not (labels := self.common(pair)):
            return
        for side, work in pair:
            if ((side, work), labels) not in self.series:
                calls = self.devices[side]
                self.series[(side, work), labels] = Series([calls[label][work] for label in sorted(labels)])

    def run(self, rounds: int) -> None:
        """All series in turn, so many times; each has been run before."""
        gc.collect()
        gc.freeze()  # or each collection looks at all states again
        for one in self.series.values():
            one.times = max(1, round(LEAST / min(one.run() for _ in range(2))))
        series = list(self.series.values())
        for i in range(rounds):
            begin = i * len(series) // rounds  # another one first in each round
            for one in series[begin:] + series[:begin]:
                one.seconds.append(one.run())
        gc.unfreeze()

    def ratio(self, pair: Pair) -> Ratio | None:
        """None where they have no device in common."""
        labels = self.common(pair)
        if not labels:
            return None
        one, other = (self.series[subject, labels].seconds for subject in pair)
        return ratio(one, other)

    def least(self, subject: Subject) -> float:
        """The shortest time of a subject that was added with itself."""
        return min(self.series[subject, self.common((subject, subject))].seconds)
