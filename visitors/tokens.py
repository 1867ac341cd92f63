"""What a visitor was asked and what it answered, as a list: two formats agree when their tokens do (tests)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vmstate.errors import Key
from vmstate.kept import Foreign
from vmstate.shape import (
    Array,
    Bits,
    Blob,
    Bool,
    Chain,
    Check,
    Descriptor,
    Float,
    Int,
    Mapping,
    Member,
    Nullable,
    Opaque,
    Padding,
    Record,
    Setting,
    Subsection,
    Temporary,
)
from vmstate.visitor import Bracket, Bytes, Counted, Linked, Visitor

Token = tuple[Any, ...]


class Recorder:
    """Stands before another visitor and writes down all that passes."""

    def __init__(self, inner: Visitor) -> None:
        self.inner = inner
        self.reading = inner.reading
        self.tokens: list[Token] = []

    @property
    def span(self) -> tuple[int, int] | None:
        return self.inner.span

    def _note(self, *token: Any) -> Any:
        self.tokens.append(token)
        return token[-1]

    def integer(self, key: Key, shape: Int, bits: int, value: int, /) -> int:
        new: int = self._note("integer", key, bits, self.inner.integer(key, shape, bits, value))
        return new

    def boolean(self, key: Key, shape: Bool, value: int, /) -> int:
        new: int = self._note("boolean", key, self.inner.boolean(key, shape, value))
        return new

    def floating(self, key: Key, shape: Float, value: int, /) -> int:
        new: int = self._note("floating", key, self.inner.floating(key, shape, value))
        return new

    def blob(self, key: Key, shape: Blob | Opaque, size: int, value: Bytes, /) -> Bytes:
        new = self.inner.blob(key, shape, size, value)
        self._note("blob", key, bytes(new))
        return new

    def bitmap(self, key: Key, shape: Bits, count: int, value: int, /) -> int:
        new: int = self._note("bitmap", key, count, self.inner.bitmap(key, shape, count, value))
        return new

    def padding(self, key: Key, shape: Padding, size: int, value: bytes, /) -> bytes:
        new: bytes = self._note("padding", key, bytes(self.inner.padding(key, shape, size, value)))
        return new

    def descriptor(self, key: Key, shape: Descriptor, value: int | None, /) -> int | None:
        new = self.inner.descriptor(key, shape, value)
        self._note("descriptor", key)
        return new

    def setting(self, key: Key, shape: Setting, value: Any, /) -> Any:
        self._note("setting", key)
        return self.inner.setting(key, shape, value)

    def note(self, check: Check, /) -> None:
        self.inner.note(self._note("note", check))

    def enter(self, key: Key, node: Bracket, /) -> None:
        self.inner.enter(key, node)
        self._note("enter", key, bracket_name(node))

    def leave(self) -> None:
        self.inner.leave()
        self._note("leave")

    def version(self, node: Subsection, version: int, /) -> int:
        new: int = self._note("version", node.name, self.inner.version(node, version))
        return new

    def is_there(self, node: Member | Nullable, truth: bool | None, /) -> bool:
        answer = self.inner.is_there(node, truth)
        self._note("is there", node.key if isinstance(node, Member) else "slot", answer)
        return answer

    def how_many(self, key: Key, shape: Counted, n: int | None, /) -> int:
        count: int = self._note("how many", key, self.inner.how_many(key, shape, n))
        return count

    def has_next(self, key: Key, shape: Linked, index: int, truth: bool | None, /) -> bool:
        answer: bool = self._note("has next", key, index, self.inner.has_next(key, shape, index, truth))
        return answer

    def which_next(self, record: Record[Any], pending: Sequence[Subsection], /) -> Subsection | None:
        sub = self.inner.which_next(record, pending)
        self._note("which next", record.name, None if sub is None else sub.name)
        return sub

    def foreign(self, record: Record[Any], known: tuple[Foreign, ...], /) -> tuple[Foreign, ...]:
        met = self.inner.foreign(record, known)
        if met:
            self._note("foreign", record.name, met)
        return met


def bracket_name(node: Bracket) -> str:
    """What a bracket is called: its record's name, or its kind."""
    if isinstance(node, Record | Subsection):
        return node.name
    if isinstance(node, Temporary):
        return node.record.name
    return {Array: "array", Chain: "chain", Mapping: "mapping"}[type(node)]
