"""A plain Python tree, in and out: the self-describing shape that CBOR, msgpack and JSON give bytes to.

A record is a dict by member key, an array or chain a list, a mapping a list of `{"key": …, "value": …}`. Leaves are
int, bool, bytes, Float64 and None. Three spellings are reserved: a key that begins with `?` may be skipped by a reader
that does not know it; `@version` in a subsection is its version; `@settings` at the root has the settings by path.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from enum import IntEnum, IntFlag
from typing import Any

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

from ._tree import ENTRY, SETTINGS, SKIPPABLE, VERSION, Tree, fits, is_record, words
from ._tree_reader import Reader

__all__ = ["Builder", "Reader", "Writer", "reader", "writer"]


class Frame(ABC):
    """An open bracket: what grows in it, and how long the path was outside.

    `label` is the key of the member at hand; a bracket has its own, so that one that was not used is nobody else's.
    """

    def __init__(self, data: Any) -> None:
        self.data, self.label, self.depth = data, "", 0

    @abstractmethod
    def add(self, value: Any) -> None:
        """One value more."""


class Items(Frame):
    """A list."""

    def add(self, value: Any) -> None:
        self.data.append(value)


class Entry(Frame):
    """One of a mapping: first its key, then its value."""

    def __init__(self, labels: Sequence[str]) -> None:
        super().__init__({})
        self._labels = iter(labels)

    def add(self, value: Any) -> None:
        self.data[next(self._labels)] = value


class Members(Frame):
    """A record: each value by its label. `named` tells the name that a label spells, which a record has once."""

    def __init__(self, named: Callable[[str], str]) -> None:
        super().__init__({})
        self._named, self._names = named, set[str]()

    def add(self, value: Any) -> None:
        if (name := self._named(self.label)) in self._names:
            raise EncodeError(f"{name} is written twice", hint="a name stands for one value of a record")
        self._names.add(name)
        self.data[self.label] = value


class Builder:
    """Builds a tree: `document` is what it has grown."""

    reading = False
    span = None
    entry: Sequence[str] = ENTRY
    """The labels of an entry's key and value."""

    def __init__(self) -> None:
        self._open: list[Frame] = [Members(self.named)]
        self._settings = Members(str)
        self._path: list[Key] = []

    def document(self) -> Tree:
        """The tree, with the settings at its root."""
        root: Tree = self._open[0].data
        return {**root, SETTINGS: self._settings.data} if self._settings.data else root

    def put(self, value: Any) -> None:
        """One value: of the member at hand, or the next of a list or entry."""
        self._open[-1].add(value)

    def put_at(self, label: str, value: Any) -> None:
        """One value, under this label of the open record."""
        self._open[-1].label = label
        self.put(value)

    def label(self, node: Member | Subsection) -> str:
        """The key under which a member or subsection stands."""
        name = node.name if isinstance(node, Subsection) else node.write_as or node.key
        return SKIPPABLE + name if node.skippable else name

    def named(self, label: str) -> str:
        """The name that a key spells."""
        return label.removeprefix(SKIPPABLE)

    def integer(self, key: Key, shape: Int, bits: int, value: int, /) -> int:
        if not fits(value, bits, shape.signed):
            raise EncodeError(f"{value} does not fit", expected=f"{shape}", actual=str(value))
        self.put(int(value))
        return value

    def boolean(self, key: Key, shape: Bool, value: int, /) -> int:
        self.put(value if value > 1 else value == 1)
        return value

    def floating(self, key: Key, shape: Float, value: int, /) -> int:
        if not fits(value, 64, False):
            raise EncodeError(f"{value:#x} does not fit", expected="the 64 bits of a float", actual=f"{value:#x}")
        self.put(Float64(value))
        return value

    def blob(self, key: Key, shape: Blob | Opaque, size: int, value: Bytes, /) -> Bytes:
        if isinstance(shape, Blob) and shape.prefix and not fits(len(value), shape.prefix, False):
            raise EncodeError(f"{len(value)} bytes do not fit behind a length of {shape.prefix} bits")
        self.put(bytes(value))
        return value

    def bitmap(self, key: Key, shape: Bits, count: int, value: int, /) -> int:
        if not fits(value, words(count), False):
            raise EncodeError(f"a bit is set beyond the bitmap's {count}")
        self.put(value)
        return value

    def padding(self, key: Key, shape: Padding, size: int, value: bytes, /) -> bytes:
        if any(value) or not isinstance(self._open[-1], Members):
            self.put(bytes(value))
        return value

    def descriptor(self, key: Key, shape: Descriptor, value: int | None, /) -> int | None:
        if value is not None and not fits(value, 64, True):
            raise EncodeError(f"{value} does not fit", expected="a descriptor", actual=str(value))
        self.put(value)
        return value

    def setting(self, key: Key, shape: Setting, value: Any, /) -> Any:
        self._settings.label = render_path((*self._path, key))
        self._settings.add(int(value) if isinstance(value, IntEnum | IntFlag) else value)
        return value

    def note(self, check: Check, /) -> None:
        pass

    def enter(self, key: Key, node: Bracket, /) -> None:
        inner = Members(self.named) if is_record(node) else Items([])
        if isinstance(node, Subsection):
            self._open[-1].label = self.label(node)
            self._enter(inner)
        else:
            self._enter(inner, key)

    def _enter(self, inner: Frame, *steps: Key) -> None:
        inner.depth = len(self._path)
        self._path += steps
        self.put(inner.data)
        self._open.append(inner)

    def leave(self) -> None:
        self._leave()

    def _leave(self) -> None:
        del self._path[self._open.pop().depth:]

    def version(self, node: Subsection, version: int, /) -> int:
        self.put_at(VERSION, version)
        return version

    def is_there(self, node: Member | Nullable, truth: bool | None, /) -> bool:
        if isinstance(node, Member):
            self._open[-1].label = self.label(node)
        elif not truth:
            self.put(None)
        return bool(truth)

    def how_many(self, key: Key, shape: Counted, n: int | None, /) -> int:
        return n or 0

    def has_next(self, key: Key, shape: Linked, index: int, truth: bool | None, /) -> bool:
        if isinstance(shape, Mapping):
            if index:
                self._leave()
            if truth:
                self._enter(Entry(self.entry), index)
        return bool(truth)

    def which_next(self, record: Record[Any], pending: Sequence[Subsection], /) -> Subsection | None:
        return pending[0] if pending else None

    def foreign(self, record: Record[Any], known: tuple[Foreign, ...], /) -> tuple[Foreign, ...]:
        for one in known:
            self.put_at(self.foreign_label(one), one.value)
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
