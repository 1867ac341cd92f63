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
BYTES, UNUSED = "bytes", "unused"


@node
class Piece(Node):
    """Bytes of one meaning. `size` in bytes, of all elements; None: nobody knows before it runs.

    `gates` are the predicates that it depends on, each with the path of the member that has it. `count` and `unit`
    are those of a row; a leaf has no unit.
    """

    path: Path
    form: str
    size: int | None
    gates: tuple[str, ...] = ()
    count: Fact = 1
    unit: tuple[Piece, ...] = ()

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

    def record(self, record: Record[Any], version: int, path: Path = (), gates: tuple[str, ...] = ()) -> Iterator[Piece]:
        """The pieces of its members that are there at this version."""
        if record in self.entered:
            yield Piece(path, f"again {record.name}", None, gates)
            return
        self.entered.append(record)
        for member in record.members:
            if member.when is None and member.since > version:
                continue
            step = (*path, member.key)
            own = () if member.when is None else (gate_of(step, member),)
            yield from self.shape(member.shape, version, step, (*gates, *own))
        self.entered.pop()

    def shape(self, shape: Shape, version: int, path: Path, gates: tuple[str, ...]) -> Iterator[Piece]:
        """The pieces of one shape."""
        match shape:
            case Range(of=of) | Equal(of=of) | AtMost(of=of) | Constant(of=of) | Enumerated(of=of):
                yield from self.shape(of, version, path, gates)
            case Setting() | Validated() | Descriptor():
                return
            case Nested():
                yield from self.record(shape.record, nested_version(shape, version), path, gates)
            case Temporary():
                yield from self.record(shape.record, shape.record.version, path, gates)
            case Same():
                yield Piece(path, "same", None, gates)
            case Array():
                yield self.array(shape, version, path, gates)
            case Nullable(of=of):
                yield Piece(path, "maybe", None, gates, 1, tuple(self.shape(of, version, path, ())))
            case Chain(of=of, marker=marker, bits=bits):
                unit = tuple(self.shape(of, version, path, ()))
                yield Piece(path, f"chain {marker}/{bits}", None, gates, "until its end", unit)
            case Mapping(key=key, value=value):
                both = (("key", key), ("value", value))
                unit = tuple(one for step, of in both for one in self.shape(of, version, (*path, step), ()))
                yield Piece(path, "mapping", None, gates, "as sent", unit)
            case leaf:
                form, size = LEAVES[type(leaf)](leaf)
                yield Piece(path, form, size, gates)

    def array(self, shape: Array, version: int, path: Path, gates: tuple[str, ...]) -> Piece:
        """A row; one of bytes is bytes."""
        unit = tuple(self.shape(shape.of, version, path, ()))
        size = total(unit)
        if isinstance(shape.count, int):
            if len(unit) == 1 and unit[0].form in ("u8", UNUSED) and not unit[0].gates:
                return Piece(path, BYTES if unit[0].form == "u8" else UNUSED, max(0, shape.count), gates)
            whole = None if size is None else size * max(0, shape.count)
            return Piece(path, "row", whole, gates, shape.count, unit)
        return Piece(path, "row", None, gates, shape.count, unit)


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


def _known(size: Fact) -> int | None:
    return size if isinstance(size, int) else None


def _integer(leaf: Int) -> tuple[str, int | None]:
    sign = "i" if leaf.signed else "u"
    if not isinstance(leaf.bits, int):
        return f"{sign}({leaf.bits})", None
    little = " little-endian" if leaf.order == "little" and leaf.bits > 8 else ""
    return f"{sign}{leaf.bits}{little}", leaf.bits // 8


def _blob(leaf: Blob) -> tuple[str, int | None]:
    return (f"length {leaf.prefix}, bytes", None) if leaf.prefix else (BYTES, _known(leaf.size))


def _bits(leaf: Bits) -> tuple[str, int | None]:
    return "bits", -(-leaf.count // 64) * 8 if isinstance(leaf.count, int) else None


def _opaque(leaf: Opaque) -> tuple[str, int | None]:
    return f"opaque {leaf.codec.name}", _known(leaf.size) or None


LEAVES: dict[type, Callable[[Any], tuple[str, int | None]]] = {
    Int: _integer, Blob: _blob, Bits: _bits, Opaque: _opaque, Bool: lambda _: ("bool", 1),
    Float: lambda _: ("f64", 8), Timer: lambda _: ("time", 8), Padding: lambda leaf: (UNUSED, _known(leaf.size)),
}
"""The form and size of each leaf."""


def gate_of(path: Path, member: Member) -> str:
    """A predicate, told from those of the same name elsewhere."""
    return f"{'.'.join(path)}: {member.when}"
