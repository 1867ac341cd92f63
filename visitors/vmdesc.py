"""QEMU's own description of a body, as its trailer has it: written while the body is written.

After migration/vmstate.c of QEMU 5.2 to 11.1. What each release writes otherwise is a row of `STYLES`. A description is
objects of JSON, as pairs in order, because QEMU repeats keys.

A walk opens and closes brackets; each that is open is a frame. A frame that closes becomes an `Entry` of the one around
it: what QEMU says of one element. Only a record's frame (`Fields`) makes fields of entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vmstate.describe.vmdesc import Object
from vmstate.errors import Key
from vmstate.kept import Foreign
from vmstate.shape import (
    Array,
    AtMost,
    Bits,
    Blob,
    Bool,
    Chain,
    Check,
    Descriptor,
    Equal,
    Float,
    Int,
    Mapping,
    Member,
    Nested,
    Nullable,
    Opaque,
    Padding,
    Record,
    Setting,
    Shape,
    Subsection,
    Temporary,
    Timer,
)
from vmstate.visitor import Bracket, Bytes, Counted, Linked, Visitor

from ._listing import NEWEST, STYLES, Entry, Style, listed

__all__ = ["NEWEST", "STYLES", "Style", "Writer"]


class Frame:
    """A bracket that is open: `begin` is its offset. This one is a piece whose inside QEMU does not describe."""

    def __init__(self, begin: int, kind: str = "", node: Bracket | None = None) -> None:
        self.begin, self.kind, self.node = begin, kind, node

    def put(self, entries: Sequence[Entry]) -> None:
        """Something within it has ended."""

    def closed(self, end: int) -> list[Entry]:
        """What is said of it, to the frame around it."""
        return [Entry(self.kind, end - self.begin)]


class Elements(Frame):
    """An array: its elements are fields, or one field, of the record around it."""

    def __init__(self, begin: int, node: Array) -> None:
        super().__init__(begin, node=node)
        self.entries: list[Entry] = []

    def put(self, entries: Sequence[Entry]) -> None:
        self.entries += entries

    def closed(self, end: int) -> list[Entry]:
        return self.entries


class Listed(Frame):
    """A list whose elements are records: each one's keys stand among the field's own."""

    def __init__(self, begin: int, kind: str, node: Bracket) -> None:
        super().__init__(begin, kind, node)
        self.inline: list[tuple[str, Any]] = []

    def put(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            self.inline += entry.struct or ()

    def closed(self, end: int) -> list[Entry]:
        return [Entry(self.kind, end - self.begin, inline=tuple(self.inline))]


class Fields(Frame):
    """A record: `member` is the one that is being exchanged."""

    def __init__(self, begin: int, kind: str, node: Bracket, record: Record[Any], version: int, style: Style) -> None:
        super().__init__(begin, kind, node)
        self.record, self.version, self.style = record, version, style
        self.member: Member | None = None
        self.fields: list[Object] = []
        self.subsections: list[Object] = []

    def put(self, entries: Sequence[Entry]) -> None:
        if self.member is not None:
            self.fields += [entry.field(self.member.name, keys)
                            for entry, keys in listed(self.member, entries, self.style)]

    def pairs(self) -> Object:
        """The record's own keys."""
        below = [("subsections", self.subsections)] if self.subsections else []
        return Object([("vmsd_name", self.record.name), ("version", self.version), ("fields", self.fields), *below])

    def closed(self, end: int) -> list[Entry]:
        size = end - self.begin
        if self.kind == "struct":
            return [Entry(self.kind, size, struct=self.pairs())]
        return [Entry(self.kind, size, inline=tuple(self.pairs()))]


class Writer:
    """Stands before a writer that has offsets, and describes what that writes; `result` is the record's keys."""

    reading = False

    def __init__(self, inner: Visitor, record: Record[Any], version: int, style: Style = NEWEST) -> None:
        self.inner, self.style = inner, style
        self.counted = 0  # where the count of a mapping stands, which precedes its bracket
        self.root = Fields(0, "struct", record, record, version, style)
        whole = record.traits.info or record.traits.by_hand
        self.frames: list[Frame] = [Frame(0, record.traits.info) if whole else self.root]

    @property
    def span(self) -> tuple[int, int] | None:
        return self.inner.span

    @property
    def at(self) -> int:
        """How many bytes there are."""
        return (self.inner.span or (0, 0))[1]

    def result(self) -> Object:
        """The record's keys; of one that QEMU writes by hand its size alone."""
        traits, size = self.root.record.traits, self.at
        if traits.by_hand:
            data = Object([("name", "data"), ("size", size), ("type", "buffer")])
            return Object([("size", size), ("fields", [data])])
        if traits.info:
            self.root.fields.append(Entry(traits.info, size).field(traits.info, Object()))
        return self.root.pairs()

    # -- leaves

    def _leaf(self, base: str) -> None:
        frame, (begin, end) = self.frames[-1], self.inner.span or (0, 0)
        if isinstance(frame, Fields | Elements):
            frame.put([Entry(self._type(base), end - begin)])

    def _type(self, base: str) -> str:
        """The member's own word, else what its checks make of the type of its bytes."""
        member = self._member()
        if member is None:
            return base
        return member.type or _checked(member.shape, base)

    def _member(self) -> Member | None:
        return next((one.member for one in reversed(self.frames) if isinstance(one, Fields)), None)

    def integer(self, key: Key, shape: Int, bits: int, value: int, /) -> int:
        self.inner.integer(key, shape, bits, value)
        self._leaf(f"{'int' if shape.signed else 'uint'}{bits}")
        return value

    def boolean(self, key: Key, shape: Bool, value: int, /) -> int:
        self.inner.boolean(key, shape, value)
        self._leaf("bool")
        return value

    def floating(self, key: Key, shape: Float, value: int, /) -> int:
        self.inner.floating(key, shape, value)
        self._leaf("CPU_Double_U")
        return value

    def blob(self, key: Key, shape: Blob | Opaque, size: int, value: Bytes, /) -> Bytes:
        self.inner.blob(key, shape, size, value)
        self._leaf("GByteArray" if isinstance(shape, Blob) and shape.prefix else "buffer")
        return value

    def bitmap(self, key: Key, shape: Bits, count: int, value: int, /) -> int:
        self.inner.bitmap(key, shape, count, value)
        self._leaf("bitmap")
        return value

    def padding(self, key: Key, shape: Padding, size: int, value: bytes, /) -> bytes:
        self.inner.padding(key, shape, size, value)
        self._leaf("unused_buffer")
        return value

    def descriptor(self, key: Key, shape: Descriptor, value: int | None, /) -> int | None:
        self.inner.descriptor(key, shape, value)
        self._leaf("fd")
        return value

    def setting(self, key: Key, shape: Setting, value: Any, /) -> Any:
        return value

    def note(self, check: Check, /) -> None:
        pass

    # -- brackets

    def enter(self, key: Key, node: Bracket, /) -> None:
        begin = self.counted if isinstance(node, Mapping) else self.at
        self.inner.enter(key, node)
        self.frames.append(self._frame(node, begin))

    def _frame(self, node: Bracket, begin: int) -> Frame:
        outer = self.frames[-1]
        told = self._told(outer, node)
        if told is not None or not isinstance(outer, Fields | Elements | Listed):
            return Frame(begin, told or "")
        member = self._member()
        kind = member.type if member is not None else ""
        match node:
            case Array():
                return Elements(begin, node)
            case Chain() | Mapping():
                return Listed(begin, kind or ("gtree" if isinstance(node, Mapping) else "qtailq"), node)
            case Temporary():
                return Fields(begin, "tmp", node, node.record, node.record.version, self.style)
            case Subsection():
                return Fields(begin, "struct", node, node.record, node.record.version, self.style)
            case Record():
                if kind in LINKED and isinstance(outer, Fields):
                    return Listed(begin, kind, node)
                version = _version(member)
                inline = kind in INLINE or (version is not None and not isinstance(outer, Listed))
                return Fields(begin, (kind or "vstruct") if inline else "struct", node, node,
                              node.version if version is None else version, self.style)

    def _told(self, outer: Frame, node: Bracket) -> str | None:
        """What QEMU calls this bracket where it has one piece instead."""
        member = outer.member if isinstance(outer, Fields) else None
        if member is None or isinstance(node, Subsection):
            return None
        if isinstance(node, Array):
            return node.info or None
        return member.type if member.type and member.type not in DESCRIBED else None

    def leave(self) -> None:
        self.inner.leave()
        frame, outer = self.frames.pop(), self.frames[-1]
        if isinstance(frame, Fields) and isinstance(frame.node, Subsection):
            if isinstance(outer, Fields):
                outer.subsections.append(frame.pairs())
        else:
            outer.put(frame.closed(self.at))

    def version(self, node: Subsection, version: int, /) -> int:
        if isinstance(frame := self.frames[-1], Fields):
            frame.version = version
        return self.inner.version(node, version)

    # -- questions

    def is_there(self, node: Member | Nullable, truth: bool | None, /) -> bool:
        frame = self.frames[-1]
        if isinstance(node, Member):
            if isinstance(frame, Fields):
                frame.member = node
            return self.inner.is_there(node, truth)
        there = self.inner.is_there(node, truth)
        if node.marked or not there:
            frame.put([self._pointer(node)])
        return there

    def _pointer(self, node: Nullable) -> Entry:
        """A null, or the marker of one that is not."""
        if node.marked:
            return Entry("ptr-marker", 1, null=True)
        own = "struct" if isinstance(node.of, Nested) else _leaf_type(node.of)
        kind = self._type("nullptr" if self.style.runs else own)
        return Entry(kind, 1, struct=Object() if kind == "struct" else None, null=True)

    def how_many(self, key: Key, shape: Counted, n: int | None, /) -> int:
        self.counted = self.at
        return self.inner.how_many(key, shape, n)

    def has_next(self, key: Key, shape: Linked, index: int, truth: bool | None, /) -> bool:
        return self.inner.has_next(key, shape, index, truth)

    def which_next(self, record: Record[Any], pending: Sequence[Subsection], /) -> Subsection | None:
        return self.inner.which_next(record, pending)

    def foreign(self, record: Record[Any], known: tuple[Foreign, ...], /) -> tuple[Foreign, ...]:
        return known  # QEMU's stream has no place for them


def _version(member: Member | None) -> int | None:
    """The version that a record within is sent at, where the field says it (QEMU: VSTRUCT)."""
    shape = member.shape if member is not None else None
    while isinstance(shape, Array | Nullable):
        shape = shape.of
    return shape.version if isinstance(shape, Nested) and isinstance(shape.version, int) else None


# -- QEMU's names of types

LINKED, INLINE = ("qtailq", "qlist", "gtree"), ("tmp", "vstruct")
DESCRIBED = {"struct", *LINKED, *INLINE}
"""Types whose inside is described."""


def _checked(shape: Shape, base: str) -> str:
    """The name of a type, with what is checked of it."""
    match shape:
        case Timer():
            return "timer"
        case Equal():
            return "int64 equal" if base == "uint64" else f"{base} equal"
        case AtMost():
            return f"{base} le"
        case Array(of=of) | Nullable(of=of):
            return _checked(of, base)
        case _:
            return base


def _leaf_type(shape: Shape) -> str:
    """The type of what a null stands for."""
    return _checked(shape, str(shape) if isinstance(shape, Int) else "buffer")
