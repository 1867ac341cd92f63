"""A sketch of what a dump (`-dump-vmstate`) says there may be."""

from __future__ import annotations

from typing import Any

from vmstate.shape import Array, Nested, Record, Shape

from .sketch import Field, Inner, Leaf, Many, Sketch, Sub, What


def dumped(record: Record[Any]) -> Sketch:
    """What a dump's record shows: sizes, gates, all subsections; no types, and of counts the fixed ones."""
    fields = tuple(Field(one.name, _what(one.shape), one.since, one.when is not None, None)
                   for one in record.members)
    subsections = tuple(Sub(dumped(one.record)) for one in record.subsections)
    return Sketch(record.name, record.version, record.minimum, fields, subsections)


def _what(shape: Shape) -> What:
    match shape:
        case Array(of=of, count=count):
            return Many(_what(of), count if isinstance(count, int) else 0, not isinstance(count, int))
        case Nested():
            return Inner(dumped(shape.record))
        case _:
            return Leaf(shape)
