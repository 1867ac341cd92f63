"""How each shape is written into a document: one function per node of shape.py, and the table that finds it."""

from __future__ import annotations

from typing import Any

from vmstate.exchanges import MOST_PADDING
from vmstate.shape import (
    Array,
    AtMost,
    Bits,
    Blob,
    Bool,
    Chain,
    Constant,
    Enumerated,
    Equal,
    Float,
    Int,
    Nested,
    Nullable,
    Padding,
    Range,
    Same,
    Setting,
    Shape,
    Temporary,
    Timer,
    Validated,
)

from .elements import inner, last
from .in_line import first, inside, nested, same, temporary, validated
from .members import asks_path
from .places import UNKNOWN, constant, said
from .spots import Spot
from .tree_saving import Exchange, Met, TreeSaving

FEW = 4
"""Elements of a list that have a variable each."""


# -- leaves

def leaf(to: TreeSaving, shape: Shape, spot: Spot) -> None:
    """A value that a table has."""
    to.pieces.look(table(to, shape, spot), spot.old)
    to.note(spot, "fused")


def table(to: TreeSaving, shape: Any, spot: Spot) -> str:
    """The table of a leaf's values; empty where it has none."""
    match shape:
        case Int(bits=bits, signed=signed):
            width: Any = constant(bits, spot.place)
            told = f"spelled({said(bits, spot.place, to.source)}, {signed})"
            return told if width is UNKNOWN else to.table(width, signed)
        case Enumerated(of=of, kind=kind):
            return to.source.name(to.form.choices(kind, of), kind.__name__)
        case Timer():
            return to.source.name(to.form.pending, "timers")
        case Range(of=of) | Equal(of=of) | AtMost(of=of):
            return table(to, of, spot)
        case _:
            return ""


def boolean(to: TreeSaving, _: Bool, spot: Spot) -> None:
    no, yes = to.form.truths
    to.pieces.add(f"({yes!r} if {spot.old} else {no!r})", len(yes) if len(yes) == len(no) else None)
    to.note(spot, "fused")


def floating(to: TreeSaving, _: Float, spot: Spot) -> None:
    to.value(f"real({spot.old}.bits)")
    to.note(spot, "by itself", "it may be no number")


def blob(to: TreeSaving, shape: Blob, spot: Spot) -> None:
    size = constant(shape.size, spot.place)
    if shape.prefix:
        to.source.line(f"if len({spot.old}) >> {shape.prefix}: raise Miss")
    else:
        to.source.line(f"if len({spot.old}) != {said(shape.size, spot.place, to.source)}: raise Miss")
    to.octets(spot.old, UNKNOWN if shape.prefix else size)
    to.note(spot, "by itself", "its length is told" if shape.prefix or size is UNKNOWN else "")


def bitmap(to: TreeSaving, shape: Bits, spot: Spot) -> None:
    count, size = constant(shape.count, spot.place), to.source.local("size")
    to.source.line(f"{size} = -(-({said(shape.count, spot.place, to.source)}) // 64) * 8")
    to.octets(f"({spot.old}).to_bytes({size}, 'little')", UNKNOWN if count is UNKNOWN else -(-count // 64) * 8)
    to.note(spot, "by itself")


def padding(to: TreeSaving, shape: Padding, spot: Spot) -> None:
    """Unused bytes that are not zero are kept, and so left to the walk."""
    size = constant(shape.size, spot.place)
    if size is UNKNOWN:
        to.source.line(f"if {said(shape.size, spot.place, to.source)} > {MOST_PADDING}: raise Miss")
    elif size > MOST_PADDING:
        to.source.line("raise Miss")


def setting(to: TreeSaving, _: Setting, spot: Spot) -> None:
    """They stand at the end of the document."""
    if to.apart:
        to.source.line(f"c.settings.append(({spot.path[:-1]}{spot.key},), {spot.old}))")
        to.asks = True
    else:
        to.settings.append(Met((*spot.place.path, spot.key), spot.old))


# -- checks


def constant_value(to: TreeSaving, shape: Constant, spot: Spot) -> None:
    to.pieces.constant(to.form.dumps(int(shape.value)))
    to.note(spot, "fused")


# -- brackets


def array(to: TreeSaving, shape: Array, spot: Spot) -> None:
    known = constant(shape.count, spot.place)
    count = max(0, known) if known is not UNKNOWN else to.source.local("n")
    if known is UNKNOWN:
        to.source.line(f"{count} = max(0, {said(shape.count, spot.place, to.source)})")
    held, begin = to.source.local("list"), shape.start
    to.source.line(f"{held} = {spot.old}")
    test = f"if len({held}) != {count}: " if not begin else ""
    to.source.line(f"{test}{held} = exact({held}, {begin}, {count})")
    with to.items(count):
        elements(to, shape, spot, held, known)


def elements(to: TreeSaving, shape: Array, spot: Spot, held: str, count: Any) -> None:
    """Those of a list of the right length."""
    if values := table(to, shape.of, spot):
        if count is not UNKNOWN and 0 < count <= FEW:
            for name in named(to, held, count):
                with to.element():
                    to.pieces.look(values, name)
        else:
            to.values(f"map({values}.__getitem__, {held})")
        to.note(spot, "fused")
    elif isinstance(shape.of, Bool):
        no, yes = to.form.truths
        to.values(f"[{yes!r} if one else {no!r} for one in {held}]")
    elif isinstance(shape.of, Nested) and count is not UNKNOWN and 0 < count <= FEW:
        for i, name in enumerate(named(to, held, count), shape.start):
            with to.element():
                to.exchange(shape.of, inner(spot, str(i), name))
    else:
        each(to, shape.of, spot, held, shape.start)


def named(to: TreeSaving, held: str, count: int) -> list[str]:
    """Variables for elements that are few."""
    names = [to.source.local("e") for _ in range(count)]
    to.source.line(f"{', '.join(names)}, = {held}")
    return names


def each(to: TreeSaving, shape: Shape, spot: Spot, held: str, begin: int) -> None:
    """Element by element."""
    name, i = to.source.local("e"), to.source.local("i")
    asked = asks_path(shape.record) if isinstance(shape, Nested) else True
    head = f"for {i}, {name} in enumerate({held}, {begin}):" if asked else f"for {name} in {held}:"
    with to.block(head), to.element():
        to.exchange(shape, inner(spot, i, name))
    to.note(spot, "loop")


def chain(to: TreeSaving, shape: Chain, spot: Spot) -> None:
    """Elements; the last may be the one that says so."""
    name, i, held, n = (to.source.local(one) for one in ("e", "i", "list", "n"))
    to.source.line(f"{held} = {spot.old}")
    to.source.line(f"{n} = len({held})")
    if shape.until is not None:
        to.source.line(f"if not {held}: raise Miss")
    with to.items(n), to.block(f"for {i}, {name} in enumerate({held}):"):
        if shape.until is None and shape.marker is None:
            to.source.line(f"if not {first(shape.of, name)}: raise Miss")
        with to.element():
            to.exchange(shape.of, inner(spot, i, name))
        if shape.until is not None:
            to.pieces.flush()
            said_last = last(to.source, shape, spot, name)
            to.source.line(f"if bool({said_last}) is not ({i} + 1 == {n}): raise Miss")
    to.note(spot, "loop")


def nullable(to: TreeSaving, shape: Nullable, spot: Spot) -> None:
    held = to.source.local("held")
    to.source.line(f"{held} = {spot.old}")
    with to.block(f"if {held} is None:"):
        to.pieces.constant(to.form.null)
    with to.block("else:"):
        to.exchange(shape.of, spot.but(old=held, target=held))
    to.note(spot, "by itself", "it may be null")


WRITERS: dict[type, Exchange] = {
    Int: leaf, Bool: boolean, Float: floating, Blob: blob, Bits: bitmap, Padding: padding, Setting: setting,
    Timer: leaf, Range: inside, Equal: inside, AtMost: inside, Constant: constant_value, Enumerated: leaf,
    Validated: validated,
    Array: array, Chain: chain, Nullable: nullable, Nested: nested, Temporary: temporary, Same: same,
}
