"""In one process: every side, every workload, every work; ratios to code by hand, and those of the aims."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context

from attrs import define, field, frozen

from .calls import NEW, WORKS, Calls, Work
from .peers.layout import Inexpressible
from .sides import BY_HAND, OURS, Side, sides
from .turns import Pair, Ratio, Turns
from .workloads import Workload, workloads

PAIRS: list[Pair] = [
    ((OURS, "load into"), (BY_HAND, "load")),
    *(((OURS, work), (peer, work)) for peer in ("msgspec, whole states", "msgspec") for work in NEW),
    ((OURS, "load into"), ("msgspec", "load")),
    (("cbor2, dicts", "save"), (f"{OURS} CBOR", "save")),
    *((("asn1tools", work), (f"{OURS} BER", work)) for work in NEW),
    *((("construct compiled", work), (OURS, work)) for work in NEW),
]
"""What an aim compares, besides each side with code by hand at the same work."""


@frozen
class Speed:
    """One workload: ratios over the devices that both have a call for, and seconds and number of those by hand.

    `missing`: what a side has no words for, and why.
    """

    workload: str
    devices: int
    size: int
    ratios: dict[Pair, Ratio]
    seconds: dict[Work, float]
    counts: dict[Work, int]
    missing: dict[str, dict[str, str]]


@define
class Found:
    """What sides could and could not do with the devices of a workload."""

    calls: dict[str, dict[str, Calls]] = field(factory=dict[str, dict[str, Calls]])
    missing: dict[str, dict[str, str]] = field(factory=dict[str, dict[str, str]])

    def add(self, side: Side, workload: Workload) -> None:
        """Raises Unequal where a result is wrong."""
        calls = self.calls[side.name] = dict[str, Calls]()
        for item in workload.items:
            try:
                calls[item.label] = side.calls(item)
            except Inexpressible as why:
                self.missing.setdefault(side.name, {})[item.name] = str(why)


def measure(names: Sequence[str], chosen: Sequence[str], rounds: int) -> Iterator[Speed]:
    """One workload after the other, each in a process of its own: where its objects lie depends on nothing else."""
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as processes:
        yield from processes.map(measured, names, repeat(tuple(chosen)), repeat(rounds))


def measured(name: str, chosen: Sequence[str], rounds: int) -> Speed:
    """One workload, here."""
    workload, found = next(one for one in workloads() if one.name == name), Found()
    for side in chosen:
        print(f"{name}: {side} …", file=sys.stderr, flush=True)
        found.add(sides()[side], workload)
    return _measured(workload, found, list(chosen), rounds)


def _measured(workload: Workload, found: Found, names: list[str], rounds: int) -> Speed:
    ratios: dict[Pair, Ratio] = {}
    seconds: dict[Work, float] = {}
    counts: dict[Work, int] = {}
    for work in WORKS:
        print(f"{workload.name}: {work} …", file=sys.stderr, flush=True)
        turns, hand = Turns(found.calls), (BY_HAND, work)
        pairs: list[Pair] = [((name, work), hand) for name in names]
        pairs += [pair for pair in PAIRS if pair[0][1] == work and {side for side, _ in pair} <= {*names}]
        for pair in pairs:
            turns.add(pair)
        turns.run(rounds)
        ratios |= {pair: one for pair in pairs if (one := turns.ratio(pair)) is not None}
        seconds[work], counts[work] = turns.least(hand), len(turns.common((hand, hand)))
    return Speed(workload.name, len(workload.items), workload.size, ratios, seconds, counts, found.missing)


def by_device(chosen: Sequence[Workload], names: Sequence[str], rounds: int) -> Iterator[tuple[str, ...]]:
    """Of each device: its name, and for each work microseconds by hand and times as much of each side."""
    for workload in chosen:
        found = Found()
        for name in (BY_HAND, *names):
            found.add(sides()[name], workload)
        for label, item in ((one.label, one) for one in workload.items):
            alone = {name: {label: calls[label]} for name, calls in found.calls.items() if label in calls}
            yield item.name, *_of_device(Turns(alone), names, rounds)


def _of_device(turns: Turns, names: Sequence[str], rounds: int) -> Iterator[str]:
    pairs: list[Pair] = [((name, work), (BY_HAND, work)) for work in WORKS for name in (BY_HAND, *names)
                         if name in turns.devices]
    for pair in pairs:
        turns.add(pair)
    turns.run(rounds)
    for (name, work), hand in pairs:
        ratio = turns.ratio(((name, work), hand))
        if name == BY_HAND:
            yield "" if ratio is None else f"{turns.least(hand) * 1e6:.2f}"
        else:
            yield "" if ratio is None else f"{ratio.median:.2f}"
