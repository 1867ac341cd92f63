"""A sketch of what a stream has: a section's description, and the values that it was decoded to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from vmstate.kept import Bag
from vmstate.shape import Array, Asked, Blob, Int, Member, Nested, Nullable, Padding, Record, Setting, Shape

from .guessing import is_told
from .sketch import Field, Inner, Leaf, Linked, Many, Maybe, Sample, Sketch, Sub, What, all_one

LISTS = "qtailq", "qlist"
MARKER = "ptr-marker"
COMPARED = " equal", " le"
"""How QEMU's types end that a load compares with its own value."""


def seen(record: Record[Bag], state: Bag) -> Sketch:
    """What a record and its values show."""
    members = [one for one in record.members if not isinstance(one.shape, Setting)]
    fields = tuple(field for name, alike in groupby(members, key=lambda one: one.name)
                   for field in _fields(name, list(alike), state))
    subsections = tuple(_sub(one.record, state) for one in record.subsections)
    return Sketch(record.name, record.version, record.minimum, fields, subsections, (Sample(record, state),),
                  record.traits.by_hand)


def _sub(record: Record[Bag], state: Bag) -> Sub:
    sketch = seen(record, state).but(samples=())
    named = [getattr(state, one.attribute or "", None) for one in record.members]
    return Sub(sketch, (any(map(is_told, named)),))


def _fields(name: str, members: Sequence[Member], state: Bag) -> Iterator[Field]:
    """Members in a row that have one name: the pieces of an array, for QEMU numbers fields that have one name."""
    values = [None if one.attribute is None else getattr(state, one.attribute) for one in members]
    listed = len(members) > 1 or members[0].listed is not None
    if listed and (whole := _pieced(members, values)) is not None:
        yield Field(name, whole)
        return
    for member, value in zip(members, values, strict=True):
        what = _what(member.shape, value, member.type)
        parts = [what] if what is not None else _elements(member, value)
        numbers = (value,) if isinstance(value, int) and isinstance(member.shape, Int) else ()
        yield from (Field(name, part, numbers=numbers, element=listed) for part in parts)


def _pieced(members: Sequence[Member], values: Sequence[Any]) -> What | None:
    """The array of which these are elements and runs of elements; None where they are not alike."""
    pieces = [(member.type, _elements(member, value)) for member, value in zip(members, values, strict=True)]
    elements = [one for kind, piece in pieces if kind != MARKER for one in piece]
    if slots := sum(len(piece) for kind, piece in pieces if kind == MARKER):
        return Many(Maybe(all_one(elements), marked=True), slots)
    if any(isinstance(one, Maybe) for one in elements):
        elements = [one if isinstance(one, Maybe) else Maybe(one) for one in elements]
    of = all_one(elements)
    return None if of is None else Many(of, len(elements), listed=len(members) > 1)


def _elements(member: Member, value: Any) -> list[What]:
    shape = member.shape
    if isinstance(shape, Array):
        return [one for each in value if (one := _what(shape.of, each, member.type)) is not None]
    return [one] if (one := _what(shape, value, member.type)) is not None else []


def _what(shape: Shape, value: Any, kind: str) -> What | None:
    """What a shape and its value show; None where the elements of an array are not alike."""
    match shape:
        case Array(of=Padding(size=int(size)), count=int(count)):
            return Leaf(Padding(size * count))
        case Array(count=int(count)):
            telling = value if isinstance(shape.of, Nested | Nullable | Array) else value[:1]
            of = all_one(one for each in telling or [shape.reset()] if (one := _what(shape.of, each, kind)) is not None)
            return None if of is None else Many(of, count)
        case Nullable(of=Blob(size=Asked())):
            return Maybe(None if value is None else Leaf(Blob(len(value)), "buffer"))
        case Nullable():
            return Maybe()
        case Nested():
            return _within(shape.record, value, kind)
        case _:
            compared = isinstance(value, int) and kind.endswith(COMPARED)
            return Leaf(shape, kind, value if compared else None)


def _within(record: Record[Bag], state: Bag, kind: str) -> What:
    if kind in LISTS and record.name == kind:
        elements = all_one(_within(inner.record, getattr(state, one.key), "") for one in record.members
                           if isinstance(inner := one.shape, Nested))
        if elements is not None:
            return Linked(elements)
    return Inner(seen(record, state), record.version if kind == "vstruct" else None, kind == "tmp")
