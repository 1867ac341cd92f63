"""The page docs/formats/sizes.md: what was measured, as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from textwrap import fill

from bench.sizes.account import Member
from bench.sizes.measure import ORDER, Device, Machine

AIMS = {"pc72-72-default": 0.62, "q100-100-default": 0.45, "pc72-72-nodefaults": 2.0}
"""Most that compact CBOR may take, of QEMU's bare bytes."""
NAMED_AIM = 0.55
"""Most that named CBOR may take, of QEMU's bytes with the trailer."""
FEW, LARGEST, NESTS, LARGE = 4, 40, 6, 1024
WIDTH = 120

HEAD = """# Sizes: what a state takes in each format

`make sizes` makes this page of the streams in [tests/corpus](../../tests/corpus/README.md), and a test compares it with
what they give. `python -m bench.sizes FOLDER` prints the same of any other folder of streams.

Counted is the state of devices: the bodies of their sections. What stands around them is not, on either side: headers
and footers of QEMU's sections, items and digests of a document, guest memory. All numbers are bytes.

- *Bare* is what QEMU sends: values alone, in an order that both ends have to know.
- *With trailer* adds the JSON at the end of a stream, in which QEMU says names and sizes.
- *named* and *compact* are a document's [profiles](documents.md#two-profiles). Both say for each value its name, its
  type and whether it must be understood; *compact* once for each kind of record. All of that is counted here.
"""

AIMED = """
## The aims

Names on the wire, it was feared, cost ten times as much.

"""

FEARED = """
The most that any of these streams takes is {named} as `named` CBOR and {compact} as `compact`. Of single devices, those
of 1 KiB and more, the worst is {device}.
"""

FIELDS = """
## Which few fields make the figure

QEMU sends each register in its full width, and most are zero; CBOR has a number below 24 in one byte. A buffer is in
CBOR what it is in QEMU's stream, zeros or not. The last column is the figure, `compact` CBOR to bare, without this
member and those above it. In either of the large machines one array of registers that are hardly ever used makes the
figure; without it the figure is about 1. The less there is left, the more of it is names.

"""

NAMES = """
## Where names cost

`named` says them with every record, so they cost where records are many and small: virtio has 1,024 queues for each
device, used or not, and AHCI 32 commands for each port. `compact` says them once, and a record costs its row's number.

"""

OVER = """
Of the {told} streams with a trailer, {over} take more than {aim} of what QEMU sends with it as `named` CBOR:
{names}.
"""

OTHERS = """
## By machine

Each by the name of its stream; *named / compact*. In BER every element of a list has a tag and a length of its own, so
that a zero takes three bytes; JSON has bytes as hexadecimal text, two letters for each.

"""

DEVICES = """
## By device

The {count} largest of {all}, each by the largest section that any of the streams has of it; *named / compact*, the
latter with rows of its own. What stands in *italics* no class declares: its names are those of QEMU's trailer.

"""
FORMS = "BER", "CBOR", "msgpack", "JSON"
NONE = "\N{EN DASH}"


def page(found: Sequence[Machine]) -> str:
    """The page of what was measured."""
    return "".join((HEAD, *_aims(found), *_fields(found), *_names(found), *_by_machine(found), *_by_device(found)))


# -- the parts of the page

def _aims(found: Sequence[Machine]) -> Iterator[str]:
    if aimed := _aimed(found):
        yield AIMED
        head = ("machine", "bare", "with trailer", "compact CBOR", "of bare", "aim",
                "named CBOR", "of with trailer", "aim")
        yield _table(head, map(_aim_row, aimed))
        yield _wrapped(FEARED.format(
            named=_worst((one.named["cbor"], one) for one in found),
            compact=_worst((one.compact["cbor"], one) for one in found), device=_worst_device(found)))


def _aim_row(one: Machine) -> Sequence[object]:
    named, compact = one.named["cbor"], one.compact["cbor"]
    return (f"`{one.name}`", one.bare, one.with_trailer, compact, _times(compact, one.bare), _figure(AIMS[one.name]),
            named, _times(named, one.with_trailer), _figure(NAMED_AIM))


def _aimed(found: Sequence[Machine]) -> list[Machine]:
    by_name = {one.name: one for one in found}
    return [by_name[name] for name in AIMS if name in by_name]


def _worst(sizes: Iterable[tuple[int, Machine]]) -> str:
    size, one = max(sizes, key=lambda pair: pair[0] / pair[1].bare)
    return f"{_times(size, one.bare)} (`{one.name}`, {one.bare:,} bytes bare)"


def _worst_device(found: Sequence[Machine]) -> str:
    """The one for which names cost most, of those that are not tiny."""
    large = (device for one in found for device in one.devices if device.bare >= LARGE)
    worst = max(large, key=lambda device: device.sizes["cbor"].named / device.bare)
    named, compact = (_times(size, worst.bare) for size in (worst.sizes["cbor"].named, worst.sizes["cbor"].compact))
    return f"`{worst.name}`, {worst.bare:,} bytes bare: {named} as `named`, {compact} as `compact`"


def _fields(found: Sequence[Machine]) -> Iterator[str]:
    if aimed := _aimed(found):
        yield FIELDS
        yield _table(("machine", "member", "bare", "of it zeros", "CBOR", "without"),
                     (row for one in aimed for row in _largest_members(one)))


def _largest_members(one: Machine) -> Iterator[Sequence[object]]:
    bare, compact = one.bare, one.compact["cbor"]
    yield f"`{one.name}`", "all", bare, "", compact, _times(compact, bare)
    for place, member in sorted(one.account.members.items(), key=_by_bytes)[:FEW]:
        bare, compact = bare - member.bare, compact - member.cbor
        yield "", f"`{place}`", member.bare, member.zeros, member.cbor, _times(compact, bare)


def _by_bytes(item: tuple[str, Member]) -> tuple[int, str]:
    place, member = item
    return -member.bare, place


def _names(found: Sequence[Machine]) -> Iterator[str]:
    yield NAMES
    most = max(found, key=lambda one: (one.account.names, one.name))
    shown = _aimed(found)
    yield _table(
        ("machine", "named CBOR", "of it names", "compact CBOR", "of it names"),
        ((f"`{one.name}`", one.named["cbor"], one.account.names, one.compact["cbor"], one.account.rows)
         for one in (*shown, *(() if most in shown else (most,)))))
    yield "\n"
    yield _table(("records", "in", "how many", "names of each", "of all"), _nests(found))
    told = [one for one in found if one.trailer]
    over = [f"`{one.name}`" for one in told if one.named["cbor"] > NAMED_AIM * one.with_trailer]
    if over:
        yield _wrapped(OVER.format(told=len(told), over=len(over), aim=_figure(NAMED_AIM), names=", ".join(over)))


def _nests(found: Sequence[Machine]) -> Iterator[Sequence[object]]:
    """The places where names cost most: each in the device and stream where it costs most."""
    best: dict[str, tuple[int, str, str, int]] = {}
    for one in found:
        for place, records in one.account.records.items():
            inside = place.partition("::")[2]
            if inside and records.names > best.get(inside, (0,))[0]:
                best[inside] = records.names, place, one.name, records.count
    for names, place, stream, count in sorted(best.values(), reverse=True)[:NESTS]:
        yield f"`{place}`", f"`{stream}`", count, round(names / count), names


def _by_machine(found: Sequence[Machine]) -> Iterator[str]:
    yield OTHERS
    yield _table(("stream", "bare", "with trailer", *FORMS), (
        (f"`{one.name}`", one.bare, one.with_trailer if one.trailer else NONE,
         *(_both(one.named[form], one.compact[form]) for form in ORDER)) for one in found))


def _by_device(found: Sequence[Machine]) -> Iterator[str]:
    largest: dict[tuple[str, bool], Device] = {}
    for device in (device for one in found for device in one.devices):
        known = largest.get(place := (device.name, device.declared))
        if known is None or _weight(device) > _weight(known):
            largest[place] = device
    ordered = sorted(largest.values(), key=lambda one: (-one.bare, one.name))
    shown, rest = ordered[:LARGEST], ordered[LARGEST:]
    yield DEVICES.format(count=len(shown), all=len(ordered))
    rows = [*map(_device_row, shown), *([_rest(rest)] if rest else ())]
    yield _table(("device", "bare", "with trailer", *FORMS), rows)


def _weight(device: Device) -> tuple[int, bool]:
    return device.bare, device.described is not None


def _device_row(one: Device) -> Sequence[object]:
    name = f"`{one.name}`" if one.declared else f"*{one.name}*"
    whole = NONE if one.described is None else one.bare + one.described
    return name, one.bare, whole, *(_both(one.sizes[form].named, one.sizes[form].compact) for form in ORDER)


def _rest(rest: Sequence[Device]) -> Sequence[object]:
    bare = sum(one.bare for one in rest)
    sizes = ([one.sizes[form] for one in rest] for form in ORDER)
    return (f"{len(rest)} others", bare, bare + sum(one.described or 0 for one in rest),
            *(_both(sum(one.named for one in each), sum(one.compact for one in each)) for each in sizes))


# -- text

def _times(size: int, of: int) -> str:
    return _figure(size / of)


def _figure(times: float) -> str:
    return f"{times:.2f} \N{MULTIPLICATION SIGN}"


def _both(named: int, compact: int) -> str:
    return f"{named:,} / {compact:,}"


def _wrapped(text: str) -> str:
    return f"\n{fill(text.strip(), WIDTH, break_on_hyphens=False)}\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table: the first column to the left, and numbers to the right."""
    lines = [head, *([f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows)]
    marks = ["---" if i == 0 else "---:" for i in range(len(head))]
    return "".join(f"| {' | '.join(line)} |\n" for line in (lines[0], marks, *lines[1:]))
