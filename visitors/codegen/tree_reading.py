"""How each shape is read out of a document: one function per node of shape.py, and the table that finds it."""

from __future__ import annotations

from typing import Any, cast

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
    Temporary,
    Timer,
    Validated,
)

from .arrays import bounds, place_packed
from .elements import ALIKE, UNROLLED, in_line, inner, last, leaves, new_in_line
from .fresh import maker, presets
from .members import asks_path, leaves_of
from .patterns import LONGEST, Forms, PatternRun, Rows
from .patterns import row as in_a_row
from .places import UNKNOWN, Place, constant, version_of
from .reading import at_most, equal, nested, ranged, same, temporary, validated
from .source import as_list, class_of, is_state
from .spots import BULK, FEW, LARGE, Spot
from .tree_loading import Exchange, TreeLoading

# -- leaves

def took(to: TreeLoading, spot: Spot, expression: str) -> None:
    """What a value is made of, once it is there."""
    to.pattern.then(f"{spot.target} = {expression}")
    to.sets(spot)
    to.note(spot, "fused")


def integer(to: TreeLoading, shape: Int, spot: Spot) -> None:
    width: Any = constant(shape.bits, spot.place)
    if width is UNKNOWN:
        raw = to.pattern.group(*to.form.whole(64, shape.signed))
        took(to, spot, f"meant({to.said(shape.bits, spot.place)}, {shape.signed})[{raw}]")
    else:
        raw = to.pattern.group(*to.form.whole(width, shape.signed))
        took(to, spot, f"{table(to, width, shape.signed)}[{raw}]")


def table(to: TreeLoading, width: int, signed: bool) -> str:
    """The table of what integers of a width mean."""
    return to.source.name(to.form.meant(width, signed), f"{'i' if signed else 'u'}{width}")


def boolean(to: TreeLoading, _: Bool, spot: Spot) -> None:
    raw = to.pattern.group(*to.form.truth)
    took(to, spot, f"{raw} == {to.form.truths[1]!r}")


def floating(to: TreeLoading, _: Float, spot: Spot) -> None:
    raw = to.pattern.group(*to.form.any_real)
    took(to, spot, f"float_of({raw})")


def timer(to: TreeLoading, _: Timer, spot: Spot) -> None:
    raw = to.pattern.group(*to.form.expiry)
    took(to, spot, f"{to.source.name(to.form.expiries, 'timers')}[{raw}]")


def enumerated(to: TreeLoading, shape: Enumerated, spot: Spot) -> None:
    of = shape.of
    raw = to.pattern.group(*to.form.whole(of.bits if isinstance(of.bits, int) else 64, of.signed))
    took(to, spot, f"{to.source.name(to.form.chosen(shape.kind, of), shape.kind.__name__)}[{raw}]")


def constant_value(to: TreeLoading, shape: Constant, spot: Spot) -> None:
    to.pattern.literal(to.form.dumps(int(shape.value)))
    to.note(spot, "fused")


def blob(to: TreeLoading, shape: Blob, spot: Spot) -> None:
    size: Any = UNKNOWN if shape.prefix else constant(shape.size, spot.place)
    if size is not UNKNOWN and 0 <= size < LARGE:
        took(to, spot, f"bytearray({to.octets(size)})")
    elif shape.prefix:
        to.source.line(f"{spot.target} = bytearray({to.own_octets()})")
    else:
        to.source.line(f"{spot.target} = bytearray({to.told_octets(to.said(shape.size, spot.place))})")
    to.note(spot, "by itself")


def bitmap(to: TreeLoading, shape: Bits, spot: Spot) -> None:
    count = constant(shape.count, spot.place)
    if count is not UNKNOWN and count < LARGE:
        raw = to.octets(-(-count // 64) * 8)
        took(to, spot, f"from_bytes({raw}, 'little')")
    else:
        size = f"-(-({to.said(shape.count, spot.place)}) // 64) * 8"
        to.source.line(f"{spot.target} = from_bytes({to.told_octets(size)}, 'little')")


def padding(to: TreeLoading, shape: Padding, spot: Spot) -> None:
    """Unused bytes are there where they are not zero, and then left to the walk."""
    size = constant(shape.size, spot.place)
    if size is UNKNOWN:
        to.settle()
        to.source.line(f"if {to.said(shape.size, spot.place)} > {MOST_PADDING}: raise Miss")
    elif size > MOST_PADDING:
        to.source.line("raise Miss")


# -- brackets

def array(to: TreeLoading, shape: Array, spot: Spot) -> None:
    count = constant(shape.count, spot.place)
    if count is UNKNOWN:
        to.settle()
        count = to.source.local("n")
        to.source.line(f"{count} = max(0, {to.said(shape.count, spot.place)})")
    else:
        count = max(0, count)
    with to.items(count):
        of = shape.of.of if isinstance(shape.of, Range) else shape.of
        if isinstance(of, Int) and (bits := constant(of.bits, spot.place)) is not UNKNOWN:
            numbers(to, shape, of.but(bits=bits), spot, count)
        elif isinstance(shape.of, Nested):
            records(to, shape, spot, count)
        else:
            values(to, shape, spot, count)


def numbers(to: TreeLoading, shape: Array, of: Int, spot: Spot, count: int | str) -> None:
    """Integers of a fixed width."""
    bits: Any = of.bits
    made = to.form.numbers(bits, of.signed)
    new, told = to.source.local("new"), isinstance(count, str)
    if shape.packed:
        to.settle()
        to.source.line(f"{new}, at = {to.source.name(made.packed, 'packed')}(data, at, {count}, {shape.packed!r})")
    elif isinstance(count, str) or count >= BULK:
        to.settle()
        to.source.line(f"{new}, at = {to.source.name(made.told, 'numbers')}(data, at, {count})")
    elif count <= FEW:
        names = [element_of(to, to.form.whole(bits, of.signed)) for _ in range(count)]
        values = (f"{table(to, bits, of.signed)}[{name}]" for name in names)
        to.pattern.then(f"{new} = [{', '.join(values)}]")
    else:
        raw = to.pattern.captured(in_a_row(made.pattern, count))
        to.pattern.then(f"{new} = {to.source.name(made, 'numbers')}({raw}, {count})")
    if isinstance(shape.of, Range) and (bound := bounds(shape.of, spot.place)):
        to.pattern.then(f"if {new} and ({bound.format(f'min({new})', f'max({new})')}): raise Miss")
    placed(to, shape, spot, new, count)
    to.note(spot, "by itself" if told else "fused", "its length is told" if told else "")


def element_of(to: TreeLoading, forms: Forms) -> str:
    """One of a list: the variable that holds its bytes."""
    with to.element():
        return to.pattern.group(*forms)


def placed(to: TreeLoading, shape: Array, spot: Spot, new: str, count: int | str) -> None:
    """Elements that were read become those of the list, which may have others around them."""
    if shape.packed:
        place_packed(to, shape, spot, new, to.pattern.then, str(count))
        return
    begin, was = shape.start, as_list(spot.was)
    if was is not None and isinstance(count, int) and len(was) <= count and not begin:
        to.pattern.then(f"{spot.target} = {new}")
        to.sets(spot)
    elif begin:
        to.pattern.then(f"{spot.target} = [*{spot.old}[:{begin}], *{new}, *{spot.old}[{begin} + {count}:]]")
    else:
        to.pattern.then(f"{spot.target} = {new} if len({spot.old}) <= {count} else {new} + {spot.old}[{count}:]")


def records(to: TreeLoading, shape: Array, spot: Spot, count: int | str) -> None:
    """Records in a list: those of a new one are made, else those that are there are loaded."""
    was = as_list(spot.was)
    if isinstance(count, int):
        of: Any = shape.of
        n = leaves(of, spot.place, to.live)
        straight = n is not None and n * count <= UNROLLED
        if was is not None and len(was) <= count <= ALIKE and not shape.start:
            templates = [*was, *(shape.reset() for _ in range(count - len(was)))]
            if straight:
                new_in_line(to, shape, spot, templates)
                return
            if all(one == templates[0] for one in templates):
                new_in_loop(to, shape, spot, templates)
                return
        held = listed(to, shape, spot, count)
        if straight:
            in_line(to, shape, spot, held, count)
            return
    else:
        held = listed(to, shape, spot, count)
    in_loop(to, shape, spot, held, count)


def listed(to: TreeLoading, shape: Array, spot: Spot, count: int | str) -> str:
    """The list, long enough."""
    held = to.source.local("list")
    enough = f"{shape.start} + {count}" if shape.start else count
    to.source.line(f"{held} = {spot.old}")
    more = f"{maker(shape.reset(), to.source)}({enough} - len({held}))"
    to.source.line(f"if len({held}) < {enough}: {held} = {held} + {more}")
    to.source.line(f"{spot.target} = {held}")
    return held


def new_in_loop(to: TreeLoading, shape: Array, spot: Spot, templates: list[Any]) -> None:
    new, name, i = to.source.local("list"), to.source.local("e"), to.source.local("i")
    to.settle()
    to.source.line(f"{new} = []")
    if row := of_leaves(to, shape, spot, name):
        raw, kind = to.source.local("x"), class_of(templates[0])
        with to.source.block(f"for {raw} in {row.several(to, len(templates))}:"):
            to.source.line(f"{name} = new({to.source.name(kind, kind.__name__)})")
            for line in (*presets(name, templates[0], row.sets(), to.source), f"{row.bound} = {raw}", *row.lines):
                to.source.line(line)
            to.source.line(f"{new}.append({name})")
    elif templates:
        with to.block(f"for {i} in range({len(templates)}):"):
            with to.element():
                to.exchange(shape.of, inner(spot, i, name, templates[0]))
            to.settle()
            to.source.line(f"{new}.append({name})")
    to.source.line(f"{spot.target} = {new}")
    to.sets(spot)


def in_loop(to: TreeLoading, shape: Array, spot: Spot, held: str, count: int | str) -> None:
    name, begin, i = to.source.local("e"), shape.start, to.source.local("i")
    all_of = f"({held} if len({held}) == {count} else {held}[:{count}])"
    part = f"{held}[{begin}:{begin} + {count}]" if begin else all_of
    if row := of_leaves(to, shape, spot, name):
        to.settle()
        with to.source.block(f"for {name}, {row.bound} in zip({part}, {row.several(to, count)}):"):
            for line in row.lines:
                to.source.line(line)
        return
    asked = asks_path(shape.of.record) if isinstance(shape.of, Nested) else True
    head = f"for {i}, {name} in enumerate({part}, {begin}):" if asked else f"for {name} in {part}:"
    with to.block(head), to.element():
        to.exchange(shape.of, inner(spot, i, name))


class Row:
    """An element that has nothing but leaves: one pattern goes over many."""

    def __init__(self, run: PatternRun) -> None:
        self.text = run.laid_out(row=True)
        self.lines = [*self.text.lines, *run.after]
        names = self.text.names
        self.bound = f"({', '.join(names)},)" if len(names) > 1 else names[0]

    def several(self, to: TreeLoading, count: int | str) -> str:
        """The values of so many, as an expression. The place is behind them."""
        rows, found = Rows(self.text.pattern(groups=False), self.text.pattern()), to.source.local("rows")
        to.source.line(f"{found}, at = {to.source.name(rows, 'rows')}(data, at, {count})")
        return found

    def sets(self) -> set[str]:
        """What gets its value, and is not looked at before."""
        parts = [line.partition(" = ") for line in self.lines]
        looked = " ".join(part[2] if part[1] else part[0] for part in parts)
        return {target for target, _, value in parts if value and target not in looked}


def of_leaves(to: TreeLoading, shape: Array, spot: Spot, name: str) -> Row | None:
    """An element as a row; None where there is more to it."""
    of = cast(Nested, shape.of)
    record = of.record
    place = Place(name, record, version_of(of, spot.place), spot.place, record.make(), False)
    members = leaves_of(place, to.source, to.live)
    if not members or len(members) > LONGEST // FEW:
        return None
    run, whole = type(to.pattern)(to.source), to.pattern
    to.pattern = run
    with to.element():
        to.record(place)
    to.pattern = whole
    return Row(run) if run.values else None


def values(to: TreeLoading, shape: Array, spot: Spot, count: int | str) -> None:
    """Elements of any other kind, each as it comes."""
    to.settle()
    held, new, element, i, name = (to.source.local(one) for one in ("list", "new", "e", "i", "x"))
    begin, reset = shape.start, to.source.name(shape.reset, "reset")
    to.source.line(f"{held}, {new} = {spot.old}, []")
    with to.block(f"for {i} in range({begin}, {begin} + {count}):"):
        to.source.line(f"{element} = {held}[{i}] if {i} < len({held}) else {reset}()")
        with to.element():
            to.exchange(shape.of, inner(spot, i, element).but(target=name))
        to.settle()
        to.source.line(f"{new}.append({name})")
    to.source.line(f"{spot.target} = [*{held}[:{begin}], *{new}, *{held}[{begin} + {count}:]]")
    to.note(spot, "loop")


def chain(to: TreeLoading, shape: Chain, spot: Spot) -> None:
    """As many elements as there are; the last may be the one that says so."""
    to.settle()
    new, name = to.source.local("new"), to.source.local("e")
    template = shape.reset()
    to.source.line(f"{new} = []")
    with to.each() as (i, ended):
        with to.element():
            if is_state(template):
                to.exchange(shape.of, inner(spot, i, name, template))
            else:
                to.source.line(f"{name} = {to.source.name(shape.reset, 'reset')}()")
                to.exchange(shape.of, inner(spot, i, name))
        to.made()
        to.settle()
        to.source.line(f"{new}.append({name})")
        if shape.until is not None:
            to.source.line(f"if bool({last(to.source, shape, spot, name)}) is not ({ended}): raise Miss")
    if shape.until is not None:
        to.source.line(f"if not {new}: raise Miss")
    to.source.line(f"{spot.target} = {new}")
    to.sets(spot)
    to.note(spot, "loop")


def nullable(to: TreeLoading, shape: Nullable, spot: Spot) -> None:
    """Null is null. A live instance says which, unless a marker stands in QEMU's stream."""
    to.settle()
    test = f"data.startswith({to.form.null!r}, at)"
    held, reset = to.source.local("held"), to.source.name(shape.reset, "reset")
    with to.block(f"if {test}:"):
        to.pattern.literal(to.form.null)
        to.pattern.then(f"{spot.target} = None")
    with to.block("else:"):
        to.source.line(f"{held} = {reset}() if {spot.old} is None else {spot.old}")
        to.exchange(shape.of, spot.but(old=held, was=UNKNOWN))
    to.note(spot, "by itself", "it may be null")


READERS: dict[type, Exchange] = {
    Int: integer, Bool: boolean, Float: floating, Blob: blob, Bits: bitmap, Padding: padding,
    Timer: timer, Range: ranged, Equal: equal, AtMost: at_most, Constant: constant_value, Enumerated: enumerated,
    Validated: validated,
    Array: array, Chain: chain, Nullable: nullable, Nested: nested, Temporary: temporary, Same: same,
}
