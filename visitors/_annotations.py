"""What a JSON Schema has no word for: the facts under `x-vmstate` (docs/formats/schemas.md lists them)."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import Any, cast

from vmstate.describe.hooks import digests
from vmstate.meaning import text_of
from vmstate.shape import (
    Array,
    AtMost,
    Bits,
    Blob,
    Chain,
    Check,
    Equal,
    Int,
    Leaf,
    Nested,
    Opaque,
    Padding,
    Shape,
    Traits,
)

from ._outline import Attribute, Definition

Facts = Iterator[tuple[str, Any]]


def of_record(one: Definition, name: str) -> Facts:
    """Its name, if it stands under another; versions, traits, hooks, conditions; of a subsection when it is sent."""
    record, sub = one.record, one.subsection
    if name not in ("", record.name):
        yield "name", record.name
    if sub is not None:
        yield "subsection", True
    yield "version", record.version
    if record.minimum != record.version:
        yield "minimum", record.minimum
    if sub is not None and sub.needed is not None:
        yield "when", str(sub.needed)
    if sub is not None and sub.skippable:
        yield "skippable", True
    yield from of_traits(record.traits)
    if hooks := digests(record):
        yield "hooks", hooks
    if one.must:
        yield "must", one.must


def of_traits(traits: Traits) -> Facts:
    """What a record is besides its members, where that is anything."""
    for name in ("target", "alias_ids", "reserved"):
        if told := getattr(traits, name):
            yield name, list(told)
    for name in ("priority", "early", "unmigratable"):
        if told := getattr(traits, name):
            yield name, told
    if traits.allowances:
        yield "allow", [{"rule": one.rule, "reason": one.reason, **({"until": one.until} if one.until else {})}
                        for one in traits.allowances]


def of_member(one: Attribute) -> Facts:
    """Its other names, when it is there, whether it may be skipped, what it means."""
    member = one.member
    if member.write_as and member.write_as != member.key:
        yield "key", member.key
    if member.name != member.key:
        yield "name", member.name
    if member.was:
        yield "was", list(member.was)
    if member.when is not None:
        yield "when", str(member.when)
    elif member.since:
        yield "since", member.since
    if member.skippable:
        yield "skippable", True
    if (version := _version(member.shape)) is not None:
        yield "version", version
    if (means := meaning(member.means)) is not None:
        yield "means", means


def _version(shape: Shape) -> Any:
    """The version that a record within is walked at, where that is not its own."""
    inner: Any = shape
    while not isinstance(inner, Nested):
        if (inner := getattr(inner, "of", None)) is None:
            return None
    return inner.version


def of_leaf(shape: Leaf) -> Facts:
    """What tells its width or size, where that is no constant; an order of bytes that is not QEMU's."""
    match shape:
        case Int(bits=fact, order=order):
            yield from _told("bits", fact)
            if order == "little":
                yield "order", order
        case Bits(count=fact):
            yield from _told("bits", fact)
        case Blob(prefix=prefix) if prefix:
            yield "length", f"u{prefix}"
        case Blob(size=fact) | Padding(size=fact):
            yield from _told("size", fact)
        case Opaque(size=fact, codec=codec):
            yield from _told("size", fact)
            yield "codec", codec.name
        case _:
            pass


def of_items(shape: Array | Chain) -> Facts:
    """What tells how many there are, and which element is the first."""
    if isinstance(shape, Chain):
        if shape.until is not None:
            yield "until", str(shape.until)
        else:
            yield "marker", f"u{shape.bits}" if shape.marker is None else shape.marker
        return
    yield from _told("count", shape.count)
    if shape.start:
        yield "start", shape.start


def of_check(check: Check) -> Facts:
    """What a live load wants: that is for no schema to judge."""
    match check:
        case Equal(hint=hint):
            yield "own", "equal"
            if hint:
                yield "hint", hint
        case AtMost():
            yield "own", "at most"
        case _:
            pass


def _told(name: str, fact: object) -> Facts:
    """A fact that an attribute or a method tells; a number is in the schema itself."""
    if not isinstance(fact, int):
        yield name, str(fact)


def meaning(means: object) -> Any:
    """A text, or an enumeration's names with their numbers; a register's bits and what a method tells are no part."""
    return {one.name: int(one) for one in cast("type[IntEnum]", means)} if isinstance(means, type) else text_of(means)
