"""A plain Python tree, in and out: the self-describing shape that CBOR, msgpack and JSON give bytes to.

A record is a dict by member key, an array or chain a list, a mapping a list of `{"key": …, "value": …}`. Leaves are
int, bool, bytes, Float64 and None. Three spellings are reserved: a key that begins with `?` may be skipped by a reader
that does not know it; `@version` in a subsection is its version; `@settings` at the root has the settings by path.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, cast

from vmstate.errors import EncodeError, Key, render_path
from vmstate.kept import Foreign
from vmstate.shape import (
    Bits,
    Blob,
    Bool,
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
)
from vmstate.values import Float64
from vmstate.visitor import Bracket, Bytes, Counted, Linked

from ._tree import SETTINGS, SKIPPABLE, VERSION, Tree, fits, is_record, words
from ._tree_reader import Reader

__all__ = ["Builder", "Reader", "Writer", "reader", "writer"]

class Builder:
    """Builds a tree: `document` is what it has grown."""

    reading = False
    span = None

    def __init__(self) -> None:
        self.root: Tree = {}
        self._open: list[Any] = [self.root]
        self._depth: list[int] = []
        self._path: list[Key] = []
        self._settings: Tree = {}
        self._slots = [""]
        self._label = ""

    def document(self) -> Tree:
        """The tree, with the settings at its root."""
        if self._settings:
            self.root[SETTINGS] = self._settings
        return self.root

    def put(self, key: Key, value: Any) -> None:
        """One value, under its key or at the end of its list."""
        here, self._label, label = self._open[-1], "", self._label
        if isinstance(here, dict):
            cast(Tree, here)[label or str(key)] = value
        else:
            here.append(value)

    def label(self, node: Member | Subsection) -> str:
        """The key under which a member or subsection stands."""
        name = node.name if isinstance(node, Subsection) else node.write_as or node.key
        return SKIPPABLE + name if node.skippable else name

    def integer(self, key: Key, shape: Int, bits: int, value: int, /) -> int:
        if not fits(value, bits, shape.signed):
            raise EncodeError(f"{value} does not fit", expected=f"{shape}", actual=str(value))
        self.put(key, int(value))
        return value

    def boolean(self, key: Key, shape: Bool, value: int, /) -> int:
        self.put(key, value if value > 1 else value == 1)
        return value

    def floating(self, key: Key, shape: Float, value: int, /) -> int:
        if not fits(value, 64, False):
            raise EncodeError(f"{value:#x} does not fit", expected="the 64 bits of a float", actual=f"{value:#x}")
        self.put(key, Float64(value))
        return value

    def blob(self, key: Key, shape: Blob | Opaque, size: int, value: Bytes, /) -> Bytes:
        if isinstance(shape, Blob) and shape.prefix and not fits(len(value), shape.prefix, False):
            raise EncodeError(f"{len(value)} bytes do not fit behind a length of {shape.prefix} bits")
        self.put(key, bytes(value))
        return value

    def bitmap(self, key: Key, shape: Bits, count: int, value: int, /) -> int:
        if not fits(value, words(count), False):
            raise EncodeError(f"a bit is set beyond the bitmap's {count}")
        self.put(key, value)
        return value

    def padding(self, key: Key, shape: Padding, size: int, value: bytes, /) -> bytes:
        if any(value) or not isinstance(self._open[-1], dict):
            self.put(key, bytes(value))
        return value

    def descriptor(self, key: Key, shape: Descriptor, value: int | None, /) -> int | None:
        self.put(key, value)
        return value

    def setting(self, key: Key, shape: Setting, value: Any, /) -> Any:
        self._settings[render_path((*self._path, key))] = int(value) if isinstance(value, IntEnum) else value
        return value

    def note(self, check: Check, /) -> None:
        pass

    def enter(self, key: Key, node: Bracket, /) -> None:
        inner: Any = {} if is_record(node) else []
        self._depth.append(len(self._path))
        if isinstance(node, Subsection):
            self._label = self.label(node)
        else:
            self._path.append(key)
        self.put(key, inner)
        self._push(inner)

    def _push(self, inner: Any) -> None:
        self._open.append(inner)
        self._slots.append("value")

    def leave(self) -> None:
        self._open.pop()
        self._slots.pop()
        del self._path[self._depth.pop():]

    def version(self, node: Subsection, version: int, /) -> int:
        self.put(VERSION, version)
        return version

    def is_there(self, node: Member | Nullable, truth: bool | None, /) -> bool:
        if isinstance(node, Member):
            self._label = self.label(node)
            self._slots[-1] = node.key
        elif not truth:
            self.put(self._slots[-1], None)
        return bool(truth)

    def how_many(self, key: Key, shape: Counted, n: int | None, /) -> int:
        return n or 0

    def has_next(self, key: Key, shape: Linked, index: int, truth: bool | None, /) -> bool:
        if isinstance(shape, Mapping):
            if index:
                self._open.pop()
                self._slots.pop()
            if truth:
                self.put(key, entry := dict[str, Any]())
                self._push(entry)
        return bool(truth)

    def which_next(self, record: Record[Any], pending: Sequence[Subsection], /) -> Subsection | None:
        return pending[0] if pending else None

    def foreign(self, record: Record[Any], known: tuple[Foreign, ...], /) -> tuple[Foreign, ...]:
        for one in known:
            self._label = self.foreign_label(one)
            self.put(one.name, one.value)
        return known

    def foreign_label(self, one: Foreign) -> str:
        """The key under which an attribute stands that nobody here knows."""
        return SKIPPABLE + one.name if one.skippable else one.name


class Writer(Builder):
    """Gives the tree as it is."""

    def result(self) -> Tree:
        return self.document()


def reader(data: Tree, /) -> Reader:
    """A reader of a tree."""
    return Reader(data)


def writer() -> Writer:
    """A writer of a tree."""
    return Writer()
