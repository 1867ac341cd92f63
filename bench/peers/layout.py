"""What a section's bytes are, in order: what a peer is told instead of a declaration.

A peer knows no gates and no subsections, so it gets the members of this very state, with the heads of subsections as
constants. What that cannot tell is left out of a comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from attrs import define, field, frozen

from vmstate import Around, Record
from vmstate.facts import authors, number, tell
from vmstate.shape import (
    Array,
    AtMost,
    Blob,
    Bool,
    Chain,
    Constant,
    Enumerated,
    Equal,
    Int,
    Member,
    Nested,
    Padding,
    Range,
    Same,
    Setting,
    Shape,
    Temporary,
    Timer,
    Validated,
)

Getter = Callable[[Any], Any]


class Inexpressible(Exception):
    """A peer has no words for this device; the message says why."""


@frozen
class Number:
    """An integer."""

    bits: int
    signed: bool
    little: bool


@frozen
class Flag:
    """A byte, 0 or 1."""


@frozen
class Raw:
    """So many bytes."""

    size: int


@frozen
class Expiry:
    """64 bits, all ones for None."""


@frozen
class Many:
    """Elements of one class. Not `alike`: of some more is sent than of others."""

    of: Node
    count: int
    alike: bool


@frozen
class Fixed:
    """Bytes that are always the same, and no attribute."""

    data: bytes


@frozen(eq=False)
class Part:
    """One record of a state: attributes in order, with what stands between them. `kind` is the declared class."""

    kind: type
    entries: tuple[tuple[str, Node], ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Part) and (self.kind, self.entries) == (other.kind, other.entries)

    def __hash__(self) -> int:
        return hash((self.kind, self.entries))


Node = Number | Flag | Raw | Expiry | Many | Fixed | Part


@define
class Layout:
    """A whole section. `sent`: of each class, each attribute that is sent, with how it is got out of a state."""

    root: Part
    sent: dict[type, dict[str, tuple[Node, Getter]]] = field(factory=dict[type, dict[str, tuple[Node, Getter]]])


def layout(record: Record[Any], state: Any) -> Layout:
    """The layout of a state as it would be saved. Raises Inexpressible."""
    found = Layout(Part(record.kind, ()))
    found.root = _part(found, record, state, Around(state, None, record.version))
    return found


def _part(found: Layout, record: Record[Any], state: Any, around: Around) -> Part:
    return Part(type(state), tuple(_entries(found, record, state, around)))


def _entries(found: Layout, record: Record[Any], state: Any, around: Around) -> Iterator[tuple[str, Node]]:
    sent = found.sent.setdefault(type(state), {})
    for member in record.members:
        if not _is_there(member, state, around):
            continue
        if isinstance(member.shape, Same):
            yield from _entries(found, member.shape.find(type(state)), state, around)
            continue
        name, get = _access(member)
        if isinstance(member.shape, Blob) and member.shape.prefix:
            yield "", Fixed(len(get(state)).to_bytes(member.shape.prefix // 8, "big"))
        if (node := _node(found, member.shape, get(state), around)) is None:
            continue
        if not isinstance(node, Fixed) and (name not in sent or _longer(node, sent[name][0])):
            sent[name] = node, get
        yield name, node
    for sub in record.subsections:
        if sub.needed is None or tell(sub.needed, state, around):
            yield "", Fixed(bytes((5, len(sub.name))) + sub.name.encode() + sub.record.version.to_bytes(4, "big"))
            yield from _entries(found, sub.record, state, Around(state, around.outer, sub.record.version))


def _longer(node: Node, other: Node) -> bool:
    return isinstance(node, Many) and isinstance(other, Many) and node.count > other.count


def _is_there(member: Member, state: Any, around: Around) -> bool:
    if member.when is not None:
        return bool(tell(member.when, state, around))
    return member.since <= around.version


def _access(member: Member) -> tuple[str, Getter]:
    """The attribute's name in a peer's class, and how to get it."""
    shape, attribute = member.shape, member.attribute
    if isinstance(shape, Temporary):
        kind: Any = shape.record.kind
        return member.key.strip("_"), lambda state: authors(kind.pack, state)
    if attribute is None:
        return member.key.strip("_"), lambda _: None
    return attribute, lambda state: getattr(state, attribute)


def _node(found: Layout, shape: Shape, value: Any, around: Around) -> Node | None:
    match shape:
        case Int():
            return Number(number(shape.bits, around.state, around), shape.signed, shape.order == "little")
        case Bool():
            return Flag()
        case Timer():
            return Expiry()
        case Blob():
            return Raw(len(value))
        case Padding():
            return Fixed(bytes(number(shape.size, around.state, around)))
        case Constant(of=Int(bits=int() as bits)):
            return Fixed(shape.value.to_bytes(bits // 8, "big"))
        case Range() | Equal() | AtMost() | Enumerated():
            return _node(found, shape.of, value, around)
        case Setting() | Validated():
            return None
        case Array():
            return _many(found, shape, value, around)
        case Chain(until=None, bits=bits) if not value:
            return Fixed(bytes(bits // 8))
        case Nested() | Temporary():
            record = shape.record
            version = around.version if isinstance(shape, Nested) and shape.version == "outer" else record.version
            return _part(found, record, value, Around(value, around, version))
        case _:
            raise Inexpressible(type(shape).__name__)


def _many(found: Layout, shape: Array, value: list[Any], around: Around) -> Node | None:
    count = max(0, number(shape.count, around.state, around))
    if shape.start:
        raise Inexpressible("a part of a list")
    nodes = [_node(found, shape.of, one, around) for one in value[:count]]
    if not nodes:
        return None
    if (first := nodes[0]) is None:
        raise Inexpressible("elements that are no value")
    return Many(first, count, all(node == first for node in nodes))
