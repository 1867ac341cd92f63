"""How each shape is written by generated code: one function per node of shape.py, and the table that finds it."""

from __future__ import annotations

from typing import Any, cast

from vmstate.exchanges import MOST_PADDING, NOT_PENDING
from vmstate.shape import (
    Array,
    AtMost,
    Bits,
    Blob,
    Bool,
    Chain,
    Constant,
    Descriptor,
    Enumerated,
    Equal,
    Float,
    Int,
    Mapping,
    Member,
    Nested,
    Nullable,
    Opaque,
    Padding,
    Range,
    Same,
    Setting,
    Shape,
    Temporary,
    Timer,
    Validated,
)

from .elements import inner, last, unrolls
from .in_line import first, inside, nested, same, temporary, validated
from .members import asks_path, leaves_of, spot_of
from .places import UNKNOWN, Place, number, said
from .rows import element_place
from .runs import WriteRun, struct_of
from .saving import Exchange, Saving
from .source import as_list
from .spots import BULK, FEW, LARGE, MANY, SWAPPED, Spot, code_of

# -- leaves

def leaf(to: Saving, shape: Shape, spot: Spot) -> None:
    """A value as it is packed."""
    if (code := code_of(shape, spot.place)) is None:
        odd_width(to, shape, spot)
        return
    to.run.put(code[0], packed(to, shape).format(spot.old))
    to.note(spot, "fused")


def odd_width(to: Saving, shape: Any, spot: Spot) -> None:
    """An integer that no struct has, or whose width the state tells."""
    shape = shape.of if isinstance(shape, Enumerated | Range) else shape
    width: Any = number(shape.bits, spot.place)
    how = f"{shape.order!r}, signed={shape.signed}"
    if width is UNKNOWN:
        to.add(f"({spot.old}).to_bytes({said(shape.bits, spot.place, to.source)} >> 3, {how})")
    else:
        to.run.put(f"{width >> 3}s", f"({spot.old}).to_bytes({width >> 3}, {how})")
    to.note(spot, "by itself", "an odd width")


def packed(to: Saving, shape: Shape) -> str:
    """How a value becomes what is packed."""
    match shape:
        case Float():
            return "{}.bits"
        case Timer():
            return f"{NOT_PENDING} if {{0}} is None else {{0}}"
        case Blob(size=size):
            return f"sized({{}}, {size})"
        case Enumerated(kind=kind):  # a number that is none of them is refused
            return f"{to.source.name(kind, kind.__name__)}({{}})"
        case _:
            return "{}"


def blob(to: Saving, shape: Blob, spot: Spot) -> None:
    size = number(shape.size, spot.place)
    if shape.prefix:
        head = shape.prefix // 8
        to.add(f"len({spot.old}).to_bytes({head}, 'big')")
        to.add(spot.old)
        to.note(spot, "by itself", "its length is told")
    elif size is not UNKNOWN and 0 <= size < LARGE:
        to.source.line(f"if len({spot.old}) != {size}: raise Miss")
        to.run.put(f"{size}s", spot.old)
        to.note(spot, "fused")
    else:
        to.source.line(f"if len({spot.old}) != {said(shape.size, spot.place, to.source)}: raise Miss")
        to.add(spot.old)
        to.note(spot, "by itself", "its length is told" if size is UNKNOWN else "a large buffer")


def bitmap(to: Saving, shape: Bits, spot: Spot) -> None:
    size = -(-number(shape.count, spot.place) // 64) * 8
    to.run.put(f"{size}s", f"bits_to({spot.old}, {size})")
    to.note(spot, "fused")


def padding(to: Saving, shape: Padding, spot: Spot) -> None:
    size = number(shape.size, spot.place)
    if size is UNKNOWN:
        n = to.source.local("n")
        to.source.line(f"{n} = max(0, {said(shape.size, spot.place, to.source)})")
        to.source.line(f"if {n} > {MOST_PADDING}: raise Miss")
        to.add(f"bytes({n})")
    elif size > MOST_PADDING:
        to.source.line("raise Miss")
    else:
        to.run.skip(max(0, size))
    to.note(spot, "by itself" if size is UNKNOWN else "fused")


def nothing(to: Saving, shape: Any, spot: Spot) -> None:
    """A setting is on no wire."""


# -- checks


def constant_value(to: Saving, shape: Constant, spot: Spot) -> None:
    to.exchange(shape.of, spot.but(old=repr(int(shape.value))))


# -- brackets

def array(to: Saving, shape: Array, spot: Spot) -> None:
    known = number(shape.count, spot.place)
    count = str(max(0, known)) if known is not UNKNOWN else to.source.local("n")
    if known is UNKNOWN:
        to.source.line(f"{count} = max(0, {said(shape.count, spot.place, to.source)})")
    held, begin = to.source.local("list"), shape.start
    code = code_of(shape.of, spot.place)
    small = known is not UNKNOWN and 0 < known <= FEW and not begin and not shape.packed
    if small and code is not None and packed(to, shape.of) == "{}":
        few(to, spot, code[0], known)
        return
    to.source.line(f"{held} = {spot.old}")
    test = f"if len({held}) != {count}: " if not begin else ""
    to.source.line(f"{test}{held} = exact({held}, {begin}, {count})")
    if code is not None:
        leaves(to, shape, spot, code, held, count if known is UNKNOWN else int(count))
    elif isinstance(shape.of, Nested):
        records(to, shape, spot, held, None if known is UNKNOWN else int(count))
    else:
        name, i = to.source.local("e"), to.source.local("i")
        with to.block(f"for {i}, {name} in enumerate({held}, {begin}):"):
            to.exchange(shape.of, inner(spot, i, name))


def few(to: Saving, spot: Spot, code: str, count: int) -> None:
    """Values that are few enough to be named. A list of an odd length is left to the walk."""
    names, held = [to.source.local("e") for _ in range(count)], spot.old
    if usual_length(spot) != count:
        held = f"{held} if len({held}) == {count} else exact({held}, 0, {count})"
    to.source.line(f"{', '.join(names)}, = {held}")
    for name in names:
        to.run.put(code, name)
    to.note(spot, "fused")


def usual_length(spot: Spot) -> int | None:
    """How long a list is after reset."""
    held = as_list(getattr(spot.place.template, spot.names[-1], None))
    return None if held is None else len(held)


def leaves(to: Saving, shape: Array, spot: Spot, code: tuple[str, int], held: str, count: int | str) -> None:
    """Elements of a fixed size."""
    how = packed(to, shape.of)
    if how != "{}":
        held = f"[{how.format('one')} for one in {held}]"
    if shape.packed and isinstance(count, int) and count * code[1] >= LARGE:
        to.add(f"swapped({shape.packed!r}, {held})")
        to.note(spot, "by itself", "many numbers")
    elif isinstance(count, str):
        to.add(f"several({code[0]!r}, {count}).pack(*{held})")
        to.note(spot, "by itself", "its length is told")
    else:
        if code[0] == "B" and count >= MANY:
            to.run.put(f"{count}s", f"bytearray({held})")
        elif count >= BULK and code[0] in SWAPPED:
            to.run.put(f"{count * code[1]}s", f"swapped({code[0]!r}, {held})")
        elif count:
            to.run.put(f"{count}{code[0]}" if code[0][-1] != "s" else code[0] * count, f"*{held}")
        to.note(spot, "fused")


def records(to: Saving, shape: Array, spot: Spot, held: str, count: int | None) -> None:
    """Records in a list, in a row where they are few."""
    inside = cast(Nested, shape.of)
    if count is not None and unrolls(shape.of, spot.place, count, to.live):
        names = [to.source.local("e") for _ in range(count)]
        if names:
            to.source.line(f"{', '.join(names)}, = {held}")
        for at, name in enumerate(names, shape.start):
            to.exchange(shape.of, inner(spot, str(at), name))
        return
    name, i = to.source.local("e"), to.source.local("i")
    place = element_place(inside, spot, name)
    members = leaves_of(place, to.source, to.live) if (count or 0) >= MANY else []
    if members and not any(isinstance(one.shape, Array | Blob) for one in members):
        rows(to, members, place, held, count or 0)
        return
    asked = asks_path(inside.record)
    head = f"for {i}, {name} in enumerate({held}, {shape.start}):" if asked else f"for {name} in {held}:"
    with to.block(head):
        to.exchange(shape.of, inner(spot, i, name))


def rows(to: Saving, members: list[Member], place: Place, held: str, count: int) -> None:
    """Many records of nothing but leaves: column by column into one list, and through one struct."""
    run = WriteRun(to.source)
    for member in members:
        to.note(spot_of(member, place), "fused")
        if isinstance(member.shape, Padding):
            run.skip(int(str(member.shape.size)))
        elif (code := code_of(member.shape, place)) is not None:
            run.put(code[0], packed(to, member.shape).format(place.attribute(member.attribute or "")))
    flat, var, width = to.source.local("flat"), place.var, len(run.values)
    pack = to.source.name(struct_of(">" + "".join(run.layout) * count).pack, "pack")
    to.source.line(f"all_fine([{var}._kept for {var} in {held} if {var}._kept is not None], {to.live})")
    to.source.line(f"{flat} = [0] * {count * width}")
    for i, value in enumerate(run.values):
        to.source.line(f"{flat}[{i}::{width}] = [{value} for {var} in {held}]")
    to.add(f"{pack}(*{flat})")


def nullable(to: Saving, shape: Nullable, spot: Spot) -> None:
    held = to.source.local("held")
    to.source.line(f"{held} = {spot.old}")
    with to.block(f"if {held} is None:"):
        to.add("b'0'")
    with to.block("else:"):
        if shape.marked:
            to.add("b'1'")
        to.exchange(shape.of, spot.but(old=held, target=held))
    to.note(spot, "by itself", "it may be null")


def chain(to: Saving, shape: Chain, spot: Spot) -> None:
    """Elements behind markers, or until one says that it is the last."""
    name, i, held = to.source.local("e"), to.source.local("i"), to.source.local("list")
    to.source.line(f"{held} = {spot.old}")
    if shape.until is not None:
        to.source.line(f"if not {held}: raise Miss")
    with to.block(f"for {i}, {name} in enumerate({held}):"):
        if shape.until is None and shape.marker is None:
            to.source.line(f"if not {first(shape.of, name)}: raise Miss")
        elif shape.marker is not None and shape.until is None:
            to.add(repr(bytes((shape.marker,))))
        to.exchange(shape.of, inner(spot, i, name))
        if shape.until is not None:
            to.run.flush()
            said_last = last(to.source, shape, spot, name)
            to.source.line(f"if bool({said_last}) is not ({i} + 1 == len({held})): raise Miss")
    if shape.until is None:
        to.add(repr(bytes(shape.bits // 8)))


def left(to: Saving, shape: Any, spot: Spot) -> None:
    raise AssertionError(f"{to.title}: {type(shape).__name__} at {spot.key} is left to the walk")


WRITERS: dict[type, Exchange] = {
    Int: leaf, Bool: leaf, Float: leaf, Blob: blob, Opaque: left, Bits: bitmap, Padding: padding, Descriptor: left,
    Setting: nothing,
    Timer: leaf, Range: inside, Equal: inside, AtMost: inside, Constant: constant_value, Enumerated: leaf,
    Validated: validated,
    Array: array, Chain: chain, Mapping: left, Nullable: nullable, Nested: nested, Temporary: temporary, Same: same,
}
