"""How cost grows: with the number of devices, with the length of an array; and memory with the size of RAM.

A line is fitted to (n, seconds) by least squares of relative errors. `exponent` is the slope of the same points on two
logarithmic scales, of the larger half: 1 where twice as much takes twice as long.
"""

from __future__ import annotations

import gc
import sys
import tempfile
from collections.abc import Callable, Sequence
from math import log
from pathlib import Path
from statistics import linear_regression, median
from time import process_time

from attrs import frozen

from devices.catalogue import registry
from migration.inputs import opened
from migration.replica import Stream
from migration.stream.events import SectionBegin
from visitors import codegen
from vmstate import array, state, uint32

from .processes import BARE, Command, in_turn
from .workloads import CORPUS, sections

MACHINE = "pc72-72-nodefaults"
COPIES = 1, 2, 4, 8, 16, 32
LENGTHS = 1_000, 4_000, 16_000, 64_000, 256_000, 1_024_000
MEBIBYTES = 16, 64, 256, 1024
PAGE, TOTAL, WHOLE_PAGE, END, CONTINUED = 4096, 0x04, 0x08, 0x10, 0x20
RAM = (2).to_bytes(4, "big")
FOOTER = b"\x7e" + RAM


@state("row", version=1)
class Row:
    """One long array."""

    n: int = uint32()
    values: list[int] = array(uint32(), "n")


@frozen
class Fit:
    """A line through points: seconds at 0, seconds for one more; how far a point is from it at most, as a share."""

    what: str
    points: list[tuple[int, float]]
    base: float
    slope: float
    worst: float
    exponent: float


def fit(what: str, points: Sequence[tuple[int, float]]) -> Fit:
    """Weighted by 1 / seconds, so that small points count as much as large ones."""
    weights = [1 / seconds**2 for _, seconds in points]
    total = sum(weights)
    x = sum(w * n for w, (n, _) in zip(weights, points, strict=True)) / total
    y = sum(w * s for w, (_, s) in zip(weights, points, strict=True)) / total
    slope = (sum(w * (n - x) * (s - y) for w, (n, s) in zip(weights, points, strict=True))
             / sum(w * (n - x) ** 2 for w, (n, _) in zip(weights, points, strict=True)))
    base = y - slope * x
    worst = max(abs(base + slope * n - s) / s for n, s in points)
    large = points[len(points) // 2:]
    exponent = linear_regression([log(n) for n, _ in large], [log(s) for _, s in large]).slope
    return Fit(what, list(points), base, slope, worst, exponent)


def fits(rounds: int) -> list[Fit]:
    """All of them."""
    with tempfile.TemporaryDirectory() as folder:
        return [_of_devices(Path(folder), rounds), *_of_arrays(rounds)]


def _timed(work: Callable[[], object], rounds: int) -> float:
    """Seconds of one run: the median of rounds, with the collector off."""
    seconds: list[float] = []
    work()
    for _ in range(rounds):
        gc.collect()
        gc.disable()
        begin = process_time()
        work()
        seconds.append(process_time() - begin)
        gc.enable()
    return median(seconds)


# -- devices: the sections of one machine, many times

def _of_devices(folder: Path, rounds: int) -> Fit:
    points: list[tuple[int, float]] = []
    known = registry()
    for copies in COPIES:
        count, data = machine(copies)
        path = folder / "stream"
        path.write_bytes(data)

        def work(path: Path = path) -> None:
            with opened(str(path)) as data:
                for _ in Stream(data, known).events():
                    pass

        points.append((count, _timed(work, rounds)))
    return fit("reading a stream, by the number of its sections", points)


def machine(copies: int) -> tuple[int, bytes]:
    """A stream with so many copies of a machine's sections and no RAM; how many sections that are."""
    found = [(one.header.name, one.header.version, bytes(one.body)) for one in sections(MACHINE)]
    many = [_section(number, i, *one) for i in range(copies) for number, one in enumerate(found, 1 + i * len(found))]
    return len(many), _beginning() + b"".join(many) + b"\0"


def _beginning() -> bytes:
    """What stands before the first section."""
    with opened(str(CORPUS / f"{MACHINE}.qemu.zst")) as data:
        first = next(event for event in Stream(data, registry()).events() if isinstance(event, SectionBegin))
        return bytes(data[:first.begin])


def _section(number: int, instance: int, name: str, version: int, body: bytes) -> bytes:
    label = name.encode()
    head = b"\4" + number.to_bytes(4, "big") + bytes((len(label),)) + label
    return (head + instance.to_bytes(4, "big") + version.to_bytes(4, "big") + body + b"\x7e"
            + number.to_bytes(4, "big"))


# -- arrays

def _of_arrays(rounds: int) -> list[Fit]:
    plan = codegen.plan(Row)
    saved: list[tuple[int, float]] = []
    loaded: list[tuple[int, float]] = []
    for n in LENGTHS:
        row = Row(n=n, values=[i & 0xFF for i in range(n)])
        data = plan.save(row)
        saved.append((n, _timed(lambda row=row: plan.save(row), rounds)))  # type: ignore[misc]
        loaded.append((n, _timed(lambda row=row, data=data: plan.load_into(row, data), rounds)))  # type: ignore[misc]
    return [fit("saving an array, by its elements", saved), fit("loading an array, by its elements", loaded)]


# -- RAM

def memory(rounds: int) -> list[tuple[int, int]]:
    """Mebibytes of RAM in a stream, and the bytes that `vmstate show` takes above a bare interpreter at most."""
    found: list[tuple[int, int]] = []
    with tempfile.TemporaryDirectory() as folder:
        for mebibytes in MEBIBYTES:
            path = Path(folder) / "stream"
            _write_ram(path, mebibytes)
            bare = Command(BARE)
            ours = Command([sys.executable, "-m", "vmstate_cli", "show", str(path)])
            in_turn([bare, ours], rounds)
            found.append((mebibytes, ours.memory - bare.memory))
    return found


def _write_ram(path: Path, mebibytes: int) -> None:
    """A stream of one RAM block whose pages hold something, and no device."""
    size, block = mebibytes << 20, b"\6pc.ram"
    ends = END.to_bytes(8, "big") + FOOTER
    with path.open("wb") as out:
        out.write(_beginning() + b"\1" + RAM + b"\3ram" + bytes(4) + (4).to_bytes(4, "big"))
        out.write((size | TOTAL).to_bytes(8, "big") + block + size.to_bytes(8, "big") + ends)
        out.write(b"\3" + RAM + WHOLE_PAGE.to_bytes(8, "big") + block + b"\x5a" * PAGE)
        for at in range(PAGE, size, PAGE):
            out.write((at | WHOLE_PAGE | CONTINUED).to_bytes(8, "big") + b"\x5a" * PAGE)
        out.write(ends + b"\0")
