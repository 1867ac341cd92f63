"""Lists of numbers as generated code reads them: all at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vmstate.exchanges import NOT_PENDING
from vmstate.shape import Array, Blob, Enumerated, Float, Int, Range, Shape, Timer
from vmstate.values import Packed

from .loading import Loading
from .places import UNKNOWN, Place, number
from .source import as_list, as_packed
from .spots import BULK, FEW, LARGE, MANY, SWAPPED, Spot


def element(to: Loading, shape: Shape) -> str:
    """How a value is made of what is unpacked."""
    match shape:
        case Float():
            return "Float64({})"
        case Timer():
            return f"None if {{0}} == {NOT_PENDING} else {{0}}"
        case Enumerated(kind=kind):
            return f"{to.source.name(kind, kind.__name__)}({{}})"
        case Blob():
            return "bytearray({})"
        case _:
            return "{}"


def bounds(shape: Range, place: Place) -> str:
    """When the least and the most of some numbers are out of bounds; empty if they can't be."""
    of: Any = shape.of
    bits: Any = number(of.bits, place) if isinstance(of, Int) else UNKNOWN
    tests: list[str] = []
    if bits is UNKNOWN or of.signed or shape.least > 0:
        tests.append(f"{{0}} < {int(shape.least)}")
    if bits is UNKNOWN or of.signed or shape.most < (1 << bits) - 1:
        tests.append(f"{{1}} > {int(shape.most)}")
    return " or ".join(tests)


def fused_array(to: Loading, shape: Array, spot: Spot, code: tuple[str, int], count: int) -> None:
    """Leaves of fixed size and number, in a row with what is beside them."""
    how, begin, plain = element(to, shape.of), shape.start, not isinstance(shape.of, Range)
    if how == "{}" and 0 < count <= FEW:
        few(to, shape, spot, code, count)
        to.note(spot, "fused")
        return
    was = as_list(spot.was)
    whole = was is not None and len(was) <= count and not begin
    if plain and how == "{}" and whole:
        list_of(to, code, count, spot.target, "list({})")
        to.sets(spot)
    elif plain and how == "{}" and spot.old == spot.target and (begin or count < MANY):
        list_of(to, code, count, f"{spot.target}[{begin}:{begin + count}]", "{}")
    elif plain and how == "{}" and spot.old == spot.target:
        raw = to.source.local("raw")
        turned = list_of(to, code, count, raw, "{}")
        new = raw if turned else f"list({raw})"
        to.run.then(f"if len({spot.target}) == {count}: {spot.target} = {new}")
        to.run.then(f"else: {spot.target}[:{count}] = {raw}")
    else:
        raw = to.source.local("raw")
        to.run.several(*code, count, raw, "{}")
        place_list(to, shape, spot, raw, str(count), whole)
    to.note(spot, "fused")


def list_of(to: Loading, code: tuple[str, int], count: int, target: str, keep: str) -> bool:
    """Numbers as they come; many bytes are numbers already. Whether they come as a list whatever is kept of them."""
    turned = count >= BULK and code[0] in SWAPPED
    if code[0] == "B" and count >= MANY:
        to.run.octets(count, target, keep)
    elif turned:
        to.run.octets(count * code[1], target, f"numbers({code[0]!r}, {{}})")
    else:
        to.run.several(*code, count, target, keep)
    return turned


def few(to: Loading, shape: Array, spot: Spot, code: tuple[str, int], count: int) -> None:
    """Values that are few enough to be named."""
    names = [to.source.local("e") for _ in range(count)]
    for name in names:
        to.run.take(*code, name)
    if isinstance(shape.of, Range) and (bound := bounds(shape.of, spot.place)):
        to.run.then(f"if {' or '.join(bound.format(name, name) for name in names)}: raise Miss")
    new, target, begin = f"[{', '.join(names)}]", spot.target, shape.start
    was = as_list(spot.was)
    if was is not None and len(was) <= count and not begin:
        to.run.then(f"{target} = {new}")
        to.sets(spot)
    elif spot.old != target:
        to.run.then(f"{target} = [*{spot.old}[:{begin}], {new[1:-1]}, *{spot.old}[{begin + count}:]]")
    elif begin:
        to.run.then(f"{target}[{begin}:{begin + count}] = {new}")
    else:
        to.run.then(f"if len({target}) == {count}: {target} = {new}")
        to.run.then(f"else: {target}[:{count}] = {new}")


def place_list(to: Loading, shape: Array, spot: Spot, raw: str, count: str, whole: bool) -> None:
    """Elements that were unpacked become those of the list."""
    if isinstance(shape.of, Range) and (bound := bounds(shape.of, spot.place)):
        some = f"{raw} and " if not count.isdigit() or count == "0" else ""
        to.run.then(f"if {some}({bound.format(f'min({raw})', f'max({raw})')}): raise Miss")
    how, begin = element(to, shape.of), shape.start
    new = f"list({raw})" if how == "{}" else f"[{how.format('one')} for one in {raw}]"
    if whole:
        to.run.then(f"{spot.target} = {new}")
        to.sets(spot)
    elif spot.old == spot.target:
        to.run.then(f"{spot.target}[{begin}:{begin} + {count}] = {new}")
    else:
        to.run.then(f"{spot.target} = [*{spot.old}[:{begin}], *{new}, *{spot.old}[{begin} + {count}:]]")


def packed_array(to: Loading, shape: Array, spot: Spot, count: Any) -> None:
    """Numbers that stay as they are in C."""
    size, raw, told = Packed(shape.packed).itemsize, to.source.local("raw"), count is UNKNOWN
    n = to.source.local("n") if told else str(max(0, count))
    if told or count * size >= LARGE:
        to.settle()
        if told:
            to.source.line(f"{n} = max(0, {to.said(shape.count, spot.place)})")
        to.source.line(f"if {n} * {size} > whole - at: raise Miss")
        to.source.line(f"{raw} = packed({shape.packed!r}, memoryview(data)[at:at + {n} * {size}])")
        to.source.line(f"at += {n} * {size}")
        to.note(spot, "by itself", "its length is told" if told else "many numbers")
    else:
        to.run.octets(int(n) * size, raw, f"packed({shape.packed!r}, {{}})")
        to.note(spot, "fused")
    place_packed(to, shape, spot, raw, to.run.then, n)


def place_packed(
    to: Loading, shape: Array, spot: Spot, raw: str, line: Callable[[str], None], n: str
) -> None:
    """Those that were read become those of what holds them."""
    begin, was = shape.start, as_packed(spot.was)
    if was is not None and not begin and n.isdigit() and len(was) <= int(n):
        line(f"{spot.target} = {raw}")
        to.sets(spot)
    elif not begin:
        line(f"{spot.target} = {raw} if len({spot.old}) <= {n} else "
             f"{raw} + packed_of({shape.packed!r}, {spot.old}[{n}:])")
    else:
        held = f"packed_of({shape.packed!r}, {spot.old}"
        line(f"{spot.target} = {held}[:{begin}]) + {raw} + {held}[{begin} + {n}:])")


def told_array(to: Loading, shape: Array, spot: Spot, code: tuple[str, int]) -> None:
    """Leaves of fixed size, as many as the state tells."""
    to.settle()
    n, raw = to.source.local("n"), to.source.local("raw")
    to.source.line(f"{n} = max(0, {to.said(shape.count, spot.place)})")
    to.source.line(f"{raw} = several({code[0]!r}, {n}).unpack_from(data, at)")
    if code[0] == "?" and not to.live:
        to.source.line(f"if max(data[at:at + {n}], default=0) > 1: raise Miss")
    to.source.line(f"at += {n} * {code[1]}")
    place_list(to, shape, spot, raw, n, whole=False)
    to.run.flush()
    to.note(spot, "by itself", "its length is told")
