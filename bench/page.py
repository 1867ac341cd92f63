"""The page RESULTS.md: what was measured, as text. Parts that were not measured are left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from textwrap import fill

from attrs import define, field

from . import aims
from .calls import WORKS, Work
from .growth import Fit
from .machine import described
from .processes import Shown
from .sides import BY_HAND, sides
from .speed import Speed
from .turns import Ratio

WIDTH = 120

HEAD = """# What was measured

`make bench` makes this page. Every figure is a ratio of two sides that ran in turn, in the same rounds, over the same
devices, each verified before to give equal results: the median of all rounds, and the least and the most.
"""

AIMED = """
## The aims

One side's time by another's. **no**: not reached here.

"""

SPEED = """
## {name}: {devices} devices, {size:,} bytes

Times as long as code by hand, which takes {save:.0f} µs to save, {load:.0f} µs to load {new} of these into new states,
{into:.0f} µs to load all into states that are there.

"""

NOTES = """
*By hand* is what a good engineer would write for each device alone: one format for each fixed run of members, records
inside flattened, gates, subsections, ranges and all. It calls an author's own methods (hooks, predicates) as
generated code does; peers have none of them, and are not charged for them: *methods alone* says what they take.

*load* makes a new state; it is measured with the devices that go by their reset settings. Peers are given attrs
classes with what is sent of each device, and no more: nobody's classes, for what is sent is another each time. *Whole
states* are attrs classes with every attribute of the declared ones, as a program would have them.
"""

STARTS = """
## Start-up

A whole process, times `python -c 'import attrs'`.

"""

SHOWN = """
## Against analyze-migration.py

`vmstate show --format json` and QEMU's own script, whole processes: milliseconds, their time by ours, and the memory
that each takes above a bare interpreter, in MB.

"""

GROWTH = """
## Growth

A line through the points, and how far a point is from it at most. The exponent, of the larger half of the points, is
1 where twice as much takes twice as long.

"""

MEMORY = """
The most memory that `vmstate show` takes above a bare interpreter, by the RAM that a stream holds:

"""


DEVICES = """
## By device

Microseconds by hand, and how many times as long each side takes.

"""


@define
class Results:
    """All that a run has measured."""

    speed: list[Speed] = field(factory=list[Speed])
    starts: dict[str, Ratio] = field(factory=dict[str, Ratio])
    shown: list[Shown] = field(factory=list[Shown])
    fits: list[Fit] = field(factory=list[Fit])
    memory: list[tuple[int, int]] = field(factory=list[tuple[int, int]])
    devices: list[tuple[str, ...]] = field(factory=list[tuple[str, ...]])


def page(found: Results) -> str:
    """The whole page."""
    return "".join((HEAD, *_machine(), *_speed(found.speed), *_starts(found.starts), *_shown(found.shown),
                    *_growth(found), *_devices(found.devices)))


def _machine() -> Iterator[str]:
    yield "\n" + table(("", ""), described())


def _speed(found: Sequence[Speed]) -> Iterator[str]:
    if not found:
        return
    yield AIMED
    yield table(("what", "by", "aim", *(one.workload for one in found)), aims.of_speed(found))
    yield NOTES
    for one in found:
        micro = {work: one.seconds[work] * 1e6 for work in WORKS}
        yield _wrapped(SPEED.format(name=one.workload, devices=one.devices, size=one.size, save=micro["save"],
                                    load=micro["load"], new=one.counts["load"], into=micro["load into"]))
        yield table(("side", "", *WORKS), (_side(one, name) for name in sides() if name != BY_HAND))
        yield from _missing(one)


def _devices(found: Sequence[Sequence[str]]) -> Iterator[str]:
    if found:
        columns = (len(found[0]) - 1) // len(WORKS)
        yield DEVICES
        heads = (cell for work in WORKS for cell in (f"{work}, µs", *["times"] * (columns - 1)))
        yield table(("device", *heads), found)


def _side(one: Speed, name: str) -> tuple[str, ...]:
    return name, sides()[name].what, *(_of_hand(one, name, work) for work in WORKS)


def _of_hand(one: Speed, name: str, work: Work) -> str:
    ratio = one.ratios.get(((name, work), (BY_HAND, work)))
    return "" if ratio is None else str(ratio)


def _missing(one: Speed) -> Iterator[str]:
    """Which devices were left out, on both sides, and why."""
    sides_of: dict[tuple[str, str], list[str]] = {}
    for name, devices in one.missing.items():
        told = {why: [device for device, its in devices.items() if its == why] for why in devices.values()}
        for why, names in told.items():
            sides_of.setdefault((", ".join(names), why), []).append(name)
    for (names, why), whose in sides_of.items():
        text = f"Without {names} for {', '.join(whose)}, and for whoever they are compared with: {why}."
        yield "\n" + _wrapped(text) + "\n"


def _starts(found: dict[str, Ratio]) -> Iterator[str]:
    if found:
        yield STARTS
        yield table(("command", "aim", "times"), aims.of_starts(found))


def _shown(found: Sequence[Shown]) -> Iterator[str]:
    if found:
        yield SHOWN
        yield table(("stream", "bytes", "theirs", "ours", "ratio", "aim", "their MB", "our MB"), aims.of_shown(found))


def _growth(found: Results) -> Iterator[str]:
    if found.fits:
        yield GROWTH
        yield table(("what", "from", "to", "at 0", "for one more", "farthest", "exponent"), map(_fit, found.fits))
    if found.memory:
        yield MEMORY
        yield table(("RAM", "memory"), ((f"{ram} MiB", f"{size / 1e6:.1f} MB") for ram, size in found.memory))


def _fit(one: Fit) -> tuple[str, ...]:
    numbers = [n for n, _ in one.points]
    return (one.what, f"{min(numbers):,}", f"{max(numbers):,}", f"{one.base * 1000:.2f} ms", _time(one.slope),
            f"{one.worst:.0%}", f"{one.exponent:.2f}")


def _time(seconds: float) -> str:
    return f"{seconds * 1e6:.1f} µs" if seconds >= 1e-6 else f"{seconds * 1e9:.1f} ns"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """As Markdown; the first column is text."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _wrapped(text: str) -> str:
    paragraphs = text.split("\n\n")
    return "\n\n".join(one if one.startswith(("#", "\n")) else fill(one, WIDTH, break_long_words=False)
                       for one in paragraphs)
