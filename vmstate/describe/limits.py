"""Bounds on records that refer to each other: a short text may describe more than any machine has."""

from __future__ import annotations

from typing import Any, TypeVar

from ..errors import DecodeError
from ..shape import (
    Array,
    AtMost,
    Blob,
    Chain,
    Constant,
    Enumerated,
    Equal,
    Mapping,
    Nested,
    Nullable,
    Opaque,
    Range,
    Record,
    Shape,
)

MOST_DEEP, MOST_MEMBERS, MOST_MADE = 96, 200_000, 1 << 24
"""Records, members and lists within each other; members of all; bytes and elements of a reset instance."""

T = TypeVar("T")


def bounded(record: Record[T]) -> Record[T]:
    """The same record. Raises DecodeError where it is too large, too deep, or within itself."""
    Measure().record(record, 1)
    return record


class Measure:
    """A walk over all that is there. `times`: how many a reset instance has of it."""

    def __init__(self) -> None:
        self.members, self.made, self.depth = 0, 0, 0
        self.entered: list[Record[Any]] = []

    def record(self, record: Record[Any], times: int) -> None:
        if record in self.entered:
            if times:
                raise DecodeError(f"{record.name} is within itself", hint="it would have no end")
            return
        self.deeper()
        self.entered.append(record)
        self.members += len(record.members)
        if self.members > MOST_MEMBERS:
            raise DecodeError(f"more than {MOST_MEMBERS} members", hint="no device has so many")
        for member in record.members:
            self.shape(member.shape, times)
        for sub in record.subsections:
            self.record(sub.record, times)
        self.entered.pop()
        self.depth -= 1

    def deeper(self) -> None:
        """One step further in."""
        self.depth += 1
        if self.depth > MOST_DEEP:
            raise DecodeError(f"records and lists are nested more than {MOST_DEEP} deep", hint="no device has such")

    def shape(self, shape: Shape, times: int) -> None:
        """One shape. What is in lists and behind nulls, a reset instance has not."""
        self.deeper()
        match shape:
            case Nested():
                self.record(shape.record, times)
            case Array(of=of, count=count):
                self.shape(of, times * count if isinstance(count, int) else 0)
            case Chain(of=of) | Nullable(of=of):
                self.shape(of, 0)
            case Mapping(key=key, value=value):
                self.shape(key, 0)
                self.shape(value, 0)
            case Range(of=of) | Equal(of=of) | AtMost(of=of) | Constant(of=of) | Enumerated(of=of):
                self.shape(of, times)
            case Blob(size=int(size)) | Opaque(size=int(size)):
                self.spend(size * times)
            case _:
                self.spend(times)
        self.depth -= 1

    def spend(self, size: int) -> None:
        """Counts what a reset instance takes."""
        self.made += size
        if self.made > MOST_MADE:
            raise DecodeError(f"an instance of more than {MOST_MADE} bytes", hint="no device has so many")
