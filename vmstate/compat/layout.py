"""How a record's bytes lie: its members as pieces in order, those of nested records among them.

A piece is a leaf, or a row of elements with the pieces of one inside. Sizes that only a running instance knows are
None, counts are the names of what tells them. Nested records leave no trace in the bytes, so they leave none here but
in the paths.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..nodes import Node, node
from ..shape import (
    Array,
    AtMost,
    Bits,
    Blob,
    Bool,
    Chain,
    Constant,
    Descriptor,
    Enumerated,
    Equal,
    Fact,
    Float,
    Int,
    Mapping,
    Member,
    Nested,
    Nullable,
    Opaque,
    Padding,
    Range,
    Record,
    Same,
    Setting,
    Shape,
    Temporary,
    Timer,
    Validated,
)

Path = tuple[str, ...]
BYTES, UNUSED, ROW, MAYBE = "bytes", "unused", "row", "maybe"
NOBODY = "nobody knows"
"""What tells a length of which no source tells anything."""
COUNT, END = 4, 1
"""Bytes of what a mapping begins with, and ends with."""


@node
class Piece(Node):
    """Bytes of one meaning. `size` in bytes, of all elements; None: nobody knows before it runs.

    `gates` are the predicates that it depends on, each with the path of the member that has it. `count` and `unit`
    are those of a row; a leaf has no unit, and its `count` is what tells a size that is not known. `least`: the bytes
    at least of what tells its own length.
    """

    path: Path
    form: str
    size: int | None
    gates: tuple[str, ...] = ()
    count: Fact = 1
    unit: tuple[Piece, ...] = ()
    least: int | None = None

    @property
    def name(self) -> str:
        """The last step of its path."""
        return self.path[-1] if self.path else ""

    @property
    def unused(self) -> bool:
        """Whether its bytes mean nothing."""
        return self.form == UNUSED


class Layout:
    """The fold over one record at one version."""

    def __init__(self) -> None:
        self.entered: list[Record[Any]] = []

    def record(
        self, record: Record[Any], version: int, path: Path = (), gates: tuple[str, ...] = ()
    ) -> Iterator[Piece]:
        """The pieces of its members that are there at this version."""
        if record in self.entered:
            yield Piece(path, f"again {record.name}", None, gates, NOBODY)
            return
        self.entered.append(record)
        for member in record.members:
            yield from self.member(member, version, path, gates)
        if record.imperative:
            yield Piece(path, "what a method sends", None, gates, NOBODY)
        self.entered.pop()

    def member(self, member: Member, version: int, path: Path = (), gates: tuple[str, ...] = ()) -> Iterator[Piece]:
        """The pieces of one member, if it is there at this version."""
        if member.when is not None or member.since <= version:
            step = (*path, member.key)
            own = () if member.when is None else (gate_of(step, member),)
            yield from self.shape(member.shape, version, step, (*gates, *own))

    def shape(self, shape: Shape, version: int, path: Path, gates: tuple[str, ...]) -> Iterator[Piece]:
        """The pieces of one shape."""
        match shape:
            case Range(of=of) | Equal(of=of) | AtMost(of=of) | Constant(of=of) | Enumerated(of=of):
                yield from self.shape(of, version, path, gates)
            case Setting() | Validated():
                return
            case Nested():
                yield from self.record(shape.record, nested_version(shape, version), path, gates)
            case Temporary():
                yield from self.record(shape.record, shape.record.version, path, gates)
            case Same(find=find):
                record = find(self.entered[-1].kind)
                yield from self.record(record, record.version, path, gates)
            case Array():
                yield from self.array(shape, version, path, gates)
            case Nullable(of=of, marked=marked):
                unit = tuple(self.shape(of, version, path, ()))
                yield Piece(path, MAYBE, None, gates, "1, behind a marker" if marked else "0 or 1", unit, 1)
            case Chain(of=of, marker=marker, bits=bits, until=until):
                unit = tuple(self.shape(of, version, path, ()))
                behind = f"until {until}" if until else f"behind {marker}"
                yield Piece(path, f"chain, {bits} bits", None, gates, behind, unit, bits // 8)
            case Mapping(key=key, value=value):
                both = (("key", key), ("value", value))
                unit = tuple(one for step, of in both for one in self.shape(of, version, (*path, step), ()))
                yield Piece(path, "mapping", None, gates, "as sent", unit, COUNT + END)
            case leaf:
                yield placed(LEAVES[type(leaf)](leaf), path, gates)

    def array(self, shape: Array, version: int, path: Path, gates: tuple[str, ...]) -> Iterator[Piece]:
        """A row; one of bytes is bytes, one of a single element that element."""
        if shape.count == 1:
            yield from self.shape(shape.of, version, path, gates)
            return
        count = shape.count if isinstance(shape.count, int) else str(shape.count)
        yield row(path, gates, count, tuple(self.shape(shape.of, version, path, ())))


def row(path: Path, gates: tuple[str, ...], count: int | str, unit: tuple[Piece, ...]) -> Piece:
    """Elements; those that are bytes are bytes."""
    size = total(unit)
    if len(unit) == 1 and unit[0].form in ("u8", UNUSED) and size == 1:
        return placed(sized(BYTES if unit[0].form == "u8" else UNUSED, count), path, gates)
    whole = size * max(0, count) if size is not None and isinstance(count, int) else None
    return Piece(path, ROW, whole, gates, count, unit)


def placed(leaf: Piece, path: Path, gates: tuple[str, ...]) -> Piece:
    """A leaf as it lies anywhere, at its place."""
    return Piece(path, leaf.form, leaf.size, gates, leaf.count, (), leaf.least)


def pieces(record: Record[Any], version: int | None = None) -> list[Piece]:
    """How a record lies at a version, the newest if none is given."""
    return list(Layout().record(record, record.version if version is None else version))


def nested_version(shape: Nested, version: int) -> int:
    """The version at which a nested record is walked: its own, unless it is told another."""
    if shape.version is None:
        return shape.record.version
    return version if shape.version == "outer" else shape.version


def total(unit: tuple[Piece, ...]) -> int | None:
    """Bytes of all; None where one is not known, or may be absent."""
    sizes = [None if one.gates else one.size for one in unit]
    return None if None in sizes else sum(one for one in sizes if one is not None)


def sized(form: str, size: Fact) -> Piece:
    """A leaf of so many bytes; a single byte is a number as well."""
    if size == 1 and form == BYTES:
        return Piece((), "u8", 1)
    return Piece((), form, max(0, size)) if isinstance(size, int) else Piece((), form, None, (), str(size))


def _integer(leaf: Int) -> Piece:
    sign = "i" if leaf.signed else "u"
    if not isinstance(leaf.bits, int):
        return Piece((), f"{sign}({leaf.bits})", None, (), str(leaf.bits))
    little = " little-endian" if leaf.order == "little" and leaf.bits > 8 else ""
    return Piece((), f"{sign}{leaf.bits}{little}", leaf.bits // 8)


def _blob(leaf: Blob) -> Piece:
    if not leaf.prefix:
        return sized(BYTES, leaf.size)
    return Piece((), f"length {leaf.prefix}, bytes", None, (), "as sent", (), leaf.prefix // 8)


def _bits(leaf: Bits) -> Piece:
    return sized("bits", -(-leaf.count // 64) * 8 if isinstance(leaf.count, int) else leaf.count)


def _opaque(leaf: Opaque) -> Piece:
    form = f"opaque {leaf.codec.name}"
    return sized(form, leaf.size) if leaf.size else Piece((), form, None, (), NOBODY)


LEAVES: dict[type, Callable[[Any], Piece]] = {
    Int: _integer, Blob: _blob, Bits: _bits, Opaque: _opaque, Bool: lambda _: Piece((), "bool", 1),
    Float: lambda _: Piece((), "f64", 8), Timer: lambda _: Piece((), "time", 8),
    Padding: lambda leaf: sized(UNUSED, leaf.size), Descriptor: lambda _: Piece((), "descriptor", 1),
}
"""Each leaf, as it lies anywhere."""


def gate_of(path: Path, member: Member) -> str:
    """A predicate, told from those of the same name elsewhere."""
    return f"{'.'.join(path)}: {member.when}"
