"""Reader -> writer: a visitor made of two. It knows no format.

It is walked in wire mode over a scratch instance, as a reader. What the reader answers, the writer is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .errors import Key
from .kept import Foreign
from .shape import (
    Bits,
    Blob,
    Bool,
    Check,
    Descriptor,
    Float,
    Int,
    Member,
    Nullable,
    Opaque,
    Padding,
    Record,
    Setting,
    Subsection,
)
from .visitor import Bracket, Bytes, Counted, Linked, Visitor


class Pipe:
    """Each value as the reader has it, handed to the writer at once."""

    reading = True

    def __init__(self, reader: Visitor, writer: Visitor) -> None:
        self.reader, self.writer = reader, writer

    @property
    def span(self) -> tuple[int, int] | None:
        return self.reader.span

    def integer(self, key: Key, shape: Int, bits: int, value: int, /) -> int:
        return self.writer.integer(key, shape, bits, self.reader.integer(key, shape, bits, value))

    def boolean(self, key: Key, shape: Bool, value: int, /) -> int:
        return self.writer.boolean(key, shape, self.reader.boolean(key, shape, value))

    def floating(self, key: Key, shape: Float, value: int, /) -> int:
        return self.writer.floating(key, shape, self.reader.floating(key, shape, value))

    def blob(self, key: Key, shape: Blob | Opaque, size: int, value: Bytes, /) -> Bytes:
        read = self.reader.blob(key, shape, size, value)
        return self.writer.blob(key, shape, len(read), read)

    def bitmap(self, key: Key, shape: Bits, count: int, value: int, /) -> int:
        return self.writer.bitmap(key, shape, count, self.reader.bitmap(key, shape, count, value))

    def padding(self, key: Key, shape: Padding, size: int, value: bytes, /) -> bytes:
        return self.writer.padding(key, shape, size, self.reader.padding(key, shape, size, value))

    def descriptor(self, key: Key, shape: Descriptor, value: int | None, /) -> int | None:
        return self.writer.descriptor(key, shape, self.reader.descriptor(key, shape, value))

    def setting(self, key: Key, shape: Setting, value: Any, /) -> Any:
        return self.writer.setting(key, shape, self.reader.setting(key, shape, value))

    def note(self, check: Check, /) -> None:
        self.writer.note(check)

    def enter(self, key: Key, node: Bracket, /) -> None:
        self.reader.enter(key, node)
        self.writer.enter(key, node)

    def leave(self) -> None:
        self.reader.leave()
        self.writer.leave()

    def version(self, node: Subsection, version: int, /) -> int:
        return self.writer.version(node, self.reader.version(node, version))

    def is_there(self, node: Member | Nullable, truth: bool | None, /) -> bool:
        return self.writer.is_there(node, self.reader.is_there(node, truth))

    def how_many(self, key: Key, shape: Counted, n: int | None, /) -> int:
        return self.writer.how_many(key, shape, self.reader.how_many(key, shape, n))

    def has_next(self, key: Key, shape: Linked, index: int, truth: bool | None, /) -> bool:
        return self.writer.has_next(key, shape, index, self.reader.has_next(key, shape, index, truth))

    def which_next(self, record: Record[Any], pending: Sequence[Subsection], /) -> Subsection | None:
        sub = self.reader.which_next(record, pending)
        return self.writer.which_next(record, () if sub is None else (sub,))

    def foreign(self, record: Record[Any], known: tuple[Foreign, ...], /) -> tuple[Foreign, ...]:
        met = self.reader.foreign(record, known)
        return self.writer.foreign(record, met) if met else met
