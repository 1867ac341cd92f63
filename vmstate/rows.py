"""Arrays of elements that are all alike, exchanged at once where the visitor can.

A row is one element: a number, or a record of numbers that are there whatever the state is. A thousand of them take a
tenth of the time that they take one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from .nodes import Node, node
from .shape import Array, Bool, Hooks, Int, Member, Nested, Padding, Record, Shape
from .values import Packed

if TYPE_CHECKING:
    from .walk import Walk

LEAST, MOST = 16, 64
"""Elements of an array for which it is worth the trouble; values of a member of a row, and bytes of its padding."""
KEPT = 256
WITHOUT_HOOKS = Hooks()


@node
class Part(Node):
    """A member of a row: `n` values in a list; 0: one value."""

    key: str
    attribute: str
    n: int


@node
class Row(Node):
    """One element. `layout`: its values as `struct` calls them, without the byte order. No parts: it is a number.

    `name` is its record's, which has no subsections.
    """

    layout: str
    parts: tuple[Part, ...] = ()
    name: str = ""

    @property
    def loses(self) -> bool:
        """Whether other bytes may give the same values: padding that is not zero, an odd boolean."""
        return not {"x", "?"}.isdisjoint(self.layout)


Numbers = Callable[[Row, int, Sequence[Any]], Sequence[Any] | None]
"""What a visitor offers as `numbers`: so many rows; a writer is told what they hold (numbers perhaps in an `array`), a
reader answers it.

A row that is a number is that, one with parts a tuple of all their values. None: one by one, which tells what is wrong.
"""


def exchanged(walk: Walk, shape: Array, n: int, old: Any) -> Any:
    """The elements of an array; None where they have to be exchanged one by one."""
    if n < LEAST or walk.numbers is None or walk.abstract or (row := _row(shape.of)) is None:
        return None
    begin, reading = shape.start, walk.reading
    if not row.parts:
        found = walk.numbers(row, n, () if reading else old[begin:begin + n])
        return None if found is None else [*found] if reading else old
    states = [old[i] if i < len(old) else shape.reset() for i in range(begin, begin + n)]
    if any(state._kept is not None for state in states):
        return None
    held = () if reading else _held(row.parts, states)
    found = None if held is None else walk.numbers(row, n, held)
    if found is not None and reading:
        _fill(row.parts, states, found)
    return None if found is None else states


def joined(shape: Array, n: int, old: Any, new: list[Any]) -> Any:
    """The list, or array, with these elements in it."""
    before, behind = old[:shape.start], old[shape.start + n:]
    if not shape.packed:
        return before + new + behind
    return Packed(shape.packed, before) + Packed(shape.packed, new) + Packed(shape.packed, behind)


def _held(parts: tuple[Part, ...], states: list[Any]) -> list[tuple[Any, ...]] | None:
    """What they hold, row by row; None where a list is too short."""
    names = [one.attribute for one in parts]
    if not any(one.n or "." in one.attribute for one in parts):  # in a dot attrgetter sees a path
        get = attrgetter(*names)
        return list(map(get, states)) if len(parts) > 1 else [(get(one),) for one in states]
    rows = list[tuple[Any, ...]]()
    for state in states:
        values = list[Any]()
        for part in parts:
            value = getattr(state, part.attribute)
            if not part.n:
                values.append(value)
            elif len(value) < part.n:
                return None
            else:
                values += value[:part.n]
        rows.append(tuple(values))
    return rows


def _fill(parts: tuple[Part, ...], states: list[Any], found: Sequence[Any]) -> None:
    places, at = list[tuple[str, int, int]](), 0
    for part in parts:
        places.append((part.attribute, at, at + part.n))
        at += part.n or 1
    for state, values in zip(states, found, strict=True):
        for name, begin, end in places:
            if begin == end:
                setattr(state, name, values[begin])
            else:
                setattr(state, name, [*values[begin:end], *getattr(state, name)[end - begin:]])


# -- which elements are rows

def _row(shape: Shape) -> Row | None:
    if isinstance(shape, Nested):
        return _of_record(shape.record) if shape.version is None else None
    code = shape.code if isinstance(shape, Int) else ""  # of odd truths the state around keeps what they were
    return Row(code) if code else None


@lru_cache(maxsize=KEPT)
def _of_record(record: Record[Any]) -> Row | None:
    """None where there is more to it."""
    if record.subsections or record.imperative or record.hooks != WITHOUT_HOOKS:
        return None
    layout, parts = "", list[Part]()
    for member in record.members:
        code, n = _layout(member.shape)
        if not code or not _always(member, record.version):
            return None
        layout += code
        if not isinstance(member.shape, Padding):
            if member.attribute is None:
                return None
            parts.append(Part(member.key, member.attribute, n))
    return Row(layout, tuple(parts), record.name) if parts else None


def _always(member: Member, version: int) -> bool:
    """Whether it is there in every state, once."""
    return member.when is None and member.since <= version and not member.twice


def _layout(shape: Shape) -> tuple[str, int]:
    """A member's values, and how many are in its list. Empty: it is something else."""
    match shape:
        case Padding(size=int(size)) if 0 < size <= MOST:
            return f"{size}x", 0
        case Array(of=of, count=int(count), start=0, packed="") if 0 < count <= MOST and (code := _code(of)):
            return f"{count}{code}", count
        case _:
            return _code(shape), 0


def _code(shape: Shape) -> str:
    """How `struct` calls a number; empty where it has none."""
    return "?" if isinstance(shape, Bool) else shape.code if isinstance(shape, Int) else ""
