"""How much may be walked over to prove verdicts: a dump of a few lines may describe millions of values."""

from __future__ import annotations

from typing import Any

from ..shape import Array, Blob, Chain, Nested, Nullable, Padding, Record, Shape, Temporary
from .values import bare

MOST_WALKED = 400_000
"""Values of all states of a comparison, written and read: a few seconds."""
EACH, BYTES = 10, 256
"""What a state counts before its first value; bytes in a row that count as a value."""


class Effort:
    """How much may still be walked over."""

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, size: int) -> bool:
        """Whether there is so much left; then it is spent."""
        enough = size <= self.left
        self.left -= size * enough
        return enough


def weight(record: Record[Any], entered: tuple[Record[Any], ...] = ()) -> int:
    """How many values a state has, as far as a declaration tells; of bytes in a row, few."""
    if record in entered:
        return 1
    inside = sum(weight(sub.record, (*entered, record)) for sub in record.subsections)
    return inside + sum(weight_of(member.shape, (*entered, record)) for member in record.members)


def weight_of(shape: Shape, entered: tuple[Record[Any], ...]) -> int:
    """The same of one member."""
    within = bare(shape)
    match within:
        case Array(of=of, count=int(count)):
            return count * weight_of(of, entered)
        case Nested() | Temporary():
            return weight(within.record, entered)
        case Nullable(of=of) | Chain(of=of) | Array(of=of):
            return weight_of(of, entered)
        case Blob(size=int(size)) | Padding(size=int(size)):
            return 1 + size // BYTES
        case _:
            return 1
