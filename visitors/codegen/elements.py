"""Lists as generated code reads them: records in a row or in a loop, other elements one by one, chains."""

from __future__ import annotations

from typing import Any, cast

from vmstate.shape import Array, Chain, Fact, Nested, Padding, Record, Shape

from .fresh import maker
from .loading import Loading
from .members import asks_path, walked
from .places import UNKNOWN, Place, constant, number, said, version_of
from .rows import Row
from .source import Source, as_list, is_state
from .spots import MANY, Spot, code_of

UNROLLED = 64
"""Leaves that an array of records has at most, if it is read in a row with what is beside it."""
ALIKE = 4096
"""Elements of a new list that are compared at most."""


def records(to: Loading, shape: Array, spot: Spot, count: Any) -> None:
    """Records in a list: those of a new one are made, else those that are there are loaded."""
    known = count is not UNKNOWN
    straight = known and unrolls(shape.of, spot.place, count, to.live)
    was = as_list(spot.was)
    if known and was is not None and len(was) <= count <= ALIKE and not shape.start:
        templates = [*was, *(shape.reset() for _ in range(count - len(was)))]
        if straight:
            new_in_line(to, shape, spot, templates)
            return
        if all(one == templates[0] for one in templates):
            new_in_loop(to, shape, spot, templates)
            return
    held, n = listed(to, shape, spot, count)
    if straight:
        in_line(to, shape, spot, held, count)
    else:
        in_loop(to, shape, spot, held, n)


def new_in_line(to: Loading, shape: Array, spot: Spot, templates: list[Any]) -> None:
    names = [to.source.local("e") for _ in templates]
    for i, (name, template) in enumerate(zip(names, templates, strict=True)):
        with to.element():
            to.exchange(shape.of, inner(spot, str(i), name, template))
    to.source.line(f"{spot.target} = [{', '.join(names)}]")
    to.sets(spot)


def new_in_loop(to: Loading, shape: Array, spot: Spot, templates: list[Any]) -> None:
    new, name = to.source.local("list"), to.source.local("e")
    to.settle()
    to.source.line(f"{new} = []")
    if templates and (row := Row.of(shape.of, spot, name, to, templates[0])) is not None:
        row.new(to, new, templates)
        to.source.line(f"{spot.target} = {new}")
        to.sets(spot)
        return
    i = to.source.local("i") if templates else "i"
    with to.block(f"for {i} in range({len(templates)}):"):
        if templates:
            to.exchange(shape.of, inner(spot, i, name, templates[0]))
            to.settle()
            to.source.line(f"{new}.append({name})")
    to.source.line(f"{spot.target} = {new}")
    to.sets(spot)


def listed(to: Loading, shape: Array, spot: Spot, count: Any) -> tuple[str, str]:
    """The list, long enough, and the number of its elements that are read."""
    held, begin, n = to.source.local("list"), shape.start, str(count)
    if count is UNKNOWN:
        to.settle()
        n = to.source.local("n")
        to.source.line(f"{n} = max(0, {to.said(shape.count, spot.place)})")
        believe(to, n, least(shape.of, spot.place))
    to.source.line(f"{held} = {spot.old}")
    enough = f"{begin} + {n}" if begin else n
    more = f"{maker(shape.reset(), to.source)}({enough} - len({held}))"
    to.source.line(f"if len({held}) < {enough}: {held} = {held} + {more}")
    to.source.line(f"{spot.target} = {held}")
    return held, n


def in_line(to: Loading, shape: Array, spot: Spot, held: str, count: int) -> None:
    if not count:
        return
    names, begin = [to.source.local("e") for _ in range(count)], shape.start
    part = f"{held}[{begin}:{begin + count}]"
    to.source.line(f"{', '.join(names)}, = {part if begin else f'{held} if len({held}) == {count} else {part}'}")
    for i, name in enumerate(names, begin):
        with to.element():
            to.exchange(shape.of, inner(spot, str(i), name))


def in_loop(to: Loading, shape: Array, spot: Spot, held: str, n: str) -> None:
    name, begin, i = to.source.local("e"), shape.start, to.source.local("i")
    part = f"{held}[{begin}:{begin} + {n}]" if begin else f"({held} if len({held}) == {n} else {held}[:{n}])"
    many = n.isdigit() and MANY <= int(n) <= ALIKE
    if many and (row := Row.of(shape.of, spot, name, to)) is not None:
        row.read(to, part, int(n))
        return
    asked = asks_path(shape.of.record) if isinstance(shape.of, Nested) else True
    head = f"for {i}, {name} in enumerate({part}, {begin}):" if asked else f"for {name} in {part}:"
    with to.block(head):
        to.exchange(shape.of, inner(spot, i, name))


def inner(spot: Spot, key: str, name: str, was: Any = UNKNOWN) -> Spot:
    """An element: the variable that holds it is what it becomes."""
    place = spot.place.but(path=(*spot.place.path, spot.key))
    return Spot(name, name, place, key, was)


def values(to: Loading, shape: Array, spot: Spot) -> None:
    """Elements of any other kind, each as it comes."""
    count = number(shape.count, spot.place)
    to.settle()
    held, new, n = to.source.local("list"), to.source.local("new"), to.source.local("n")
    element, i, name = to.source.local("e"), to.source.local("i"), to.source.local()
    begin, reset = shape.start, to.source.name(shape.reset, "reset")
    to.source.line(f"{n} = {max(0, count) if count is not UNKNOWN else f'max(0, {to.said(shape.count, spot.place)})'}")
    believe(to, n, 0)
    to.source.line(f"{held}, {new} = {spot.old}, []")
    with to.block(f"for {i} in range({begin}, {begin} + {n}):"):
        to.source.line(f"{element} = {held}[{i}] if {i} < len({held}) else {reset}()")
        to.exchange(shape.of, inner(spot, i, element).but(target=name))
        to.settle()
        to.source.line(f"{new}.append({name})")
    to.source.line(f"{spot.target} = [*{held}[:{begin}], *{new}, *{held}[{begin} + {n}:]]")


def linked(to: Loading, shape: Chain, spot: Spot) -> None:
    """Elements behind markers, or until one says that it is the last."""
    to.settle()
    new, name, i = to.source.local("new"), to.source.local("e"), to.source.local("i")
    begin, template = to.source.local("at"), shape.reset()
    to.source.line(f"{new} = []")
    with to.block("while True:"):
        marker(to, shape)
        to.source.line(f"{begin}, {i} = at, len({new})")
        if is_state(template):
            to.exchange(shape.of, inner(spot, i, name, template))
        else:
            to.source.line(f"{name} = {to.source.name(shape.reset, 'reset')}()")
            to.exchange(shape.of, inner(spot, i, name))
        to.settle()
        to.source.line(f"{new}.append({name})")
        if shape.until is not None:
            to.made()
            to.source.line(f"if at == {begin}: raise Miss")
            to.source.line(f"if {last(to.source, shape, spot, name)}: break")
    to.source.line(f"{spot.target} = {new}")


def marker(to: Loading, shape: Chain) -> None:
    """What stands before an element, or at the end."""
    if shape.until is not None:
        return
    if shape.marker is None:
        size = shape.bits // 8
        mark = to.source.local("mark")
        to.source.line(f"{mark} = data[at:at + {size}]")
        to.source.line(f"if len({mark}) < {size}: raise Miss")
        with to.source.block(f"if not any({mark}):"):
            to.source.line(f"at += {size}")
            to.source.line("break")
    else:
        mark = to.source.local("mark")
        to.source.line(f"{mark} = data[at]")
        to.source.line("at += 1")
        with to.source.block(f"if {mark} != {shape.marker}:"):
            to.source.line(f"if {mark}: raise Miss")
            to.source.line("break")


def last(source: Source, shape: Chain, spot: Spot, name: str) -> str:
    """Whether an element says that it is the last, as an expression."""
    inside = cast(Nested, shape.of)
    record, version = inside.record, version_of(inside, spot.place)
    around = f"Around({name}, {spot.place.around}, {version})"
    return said(cast(Fact, shape.until), Place(
        name, record, version, spot.place, record.make(), False, around=around), source)


def believe(to: Loading, n: str, size: int) -> None:
    """So many elements may come: each takes bytes, or there are few."""
    if size:
        to.source.line(f"if {n} > whole - at: raise Miss")
    else:
        to.asks = True
        to.source.line(f"c.believe({n}, whole - at)")


def least(shape: Shape, place: Place) -> int:
    """Bytes that an element takes at least; 0 where that is not known."""
    if not isinstance(shape, Nested):
        return 0
    record = shape.record
    inside = Place("o", record, record.version, place, record.make(), False)
    codes = (code_of(one.shape, inside) for one in record.members if one.when is None and one.since <= record.minimum)
    return sum(code[1] for code in codes if code is not None)


# -- what may be read in a row

def unrolls(shape: Shape, place: Place, count: int, live: bool) -> bool:
    """Whether so many are few enough to stand in a row."""
    n = leaves(shape, place, live)
    return n is not None and n * count <= UNROLLED


def leaves(shape: Any, place: Place, live: bool) -> int | None:
    """How many values a shape has; None where it is more than a row of them."""
    if isinstance(shape, Padding):
        return 0 if isinstance(shape.size, int) else None
    if code_of(shape, place) is not None:
        return 1
    if isinstance(shape, Array):
        told = number(shape.count, place) is UNKNOWN or code_of(shape.of, place) is None
        return None if told else 1
    if isinstance(shape, Nested) and not walked(shape, place) and shape.version is None:
        return leaves_of(shape.record, place, live)
    return None


def leaves_of(record: Record[Any], place: Place, live: bool) -> int | None:
    """The same of a record."""
    if record.subsections or record.imperative or (live and any(
            (record.hooks.pre_load, record.hooks.post_load, record.hooks.after_load,
             record.hooks.pre_save))):
        return None
    inside = Place("o", record, record.version, place, record.make(), False)
    total = 0
    for member in record.members:
        if member.when is not None and constant(member.when, inside) is UNKNOWN:
            return None
        n = leaves(member.shape, inside, live)
        if n is None:
            return None
        total += n
    return total
