"""What the judges of schemas are given: every declared device, the states of the recorded streams, and wrong values."""

from collections.abc import Callable
from enum import IntEnum
from functools import cache
from typing import Any

import pytest

from devices.catalogue import SECTIONS, registry
from tests.devices.test_sections import declared
from visitors import tree
from vmstate import (
    Decoded,
    Float64,
    Record,
    array,
    bitmap,
    boolean,
    buffer,
    chain,
    constant,
    descriptor,
    encode,
    enum,
    floating,
    int8,
    mapping,
    nested,
    nullable,
    record_of,
    setting,
    sized_buffer,
    state,
    subsection,
    timer,
    uint8,
    uint16,
    uint32,
    uint64,
    unused,
)
from vmstate.kept import keep

Tree = dict[str, Any]

DEVICES: dict[str, Record[Any]] = {
    f"{name}: {record.kind.__name__}": record for name in SECTIONS for record in registry().named(name)}


@cache
def states() -> list[Decoded[Any]]:
    """The states of all sections of the recorded streams that a declaration took; each once."""
    found: dict[tuple[Any, str], Decoded[Any]] = {}
    for _, section in declared():
        if (decoded := section.decoded) is not None:
            found[decoded.record, repr(encode(decoded, tree))] = decoded
    return list(found.values())


# -- a device with one of each

class Colour(IntEnum):
    RED = 1
    BLUE = 4


@state("leaf")
class Leaf:
    x: int = uint8()


@state("link")
class Link:
    last: bool = boolean(reset=True)


@state("planted", version=3, minimum=1)
class Planted:
    """One of each kind of value."""

    n: int = uint8()
    wide: int = uint64()
    signed: int = int8()
    late: int = uint16(since=2)
    flag: bool = boolean()
    real: Float64 = floating()
    expiry: int | None = timer()
    fd: int | None = descriptor()
    raw: bytearray = buffer(2)
    text: bytearray = sized_buffer(8)
    bits: int = bitmap(70)
    ranged: int = uint8(range=(3, 9), reset=4)
    colour: Colour = enum(Colour, uint8(reset=1))
    _magic = constant(uint16(), 7)
    _pad = unused(2)
    row: list[int] = array(uint32(), 2)
    listed: list[int] = array(uint8(), "n")
    leaf: Leaf = nested(Leaf)
    leaves: list[Leaf] = array(nested(Leaf), 2)
    slot: Leaf | None = nullable(nested(Leaf))
    queue: list[Leaf] = chain(nested(Leaf))
    links: list[Link] = chain(nested(Link), until="last")
    table: dict[int, Leaf] = mapping(uint8(), nested(Leaf))
    extra: int = uint8(skippable=True)
    lately: int = uint8(default=7)
    size: int = setting(1, 2)
    sized: bytearray = buffer("size")

    @subsection("planted/more", version=3, minimum=2)
    def _more(self) -> bool:
        return True

    more: int = uint8()

    @subsection("planted/skip", skippable=True)
    def _skip(self) -> bool:
        return True

    skip: int = uint8()


FULL = Planted(
    n=2, wide=(1 << 64) - 1, signed=-128, flag=True, real=Float64.of(1.5), expiry=5, raw=bytearray(b"ab"),
    text=bytearray(b"abc"), bits=1 << 69, row=[1, 2], listed=[3, 4], slot=Leaf(x=1), queue=[Leaf(x=1), Leaf(x=2)],
    links=[Link(last=False), Link()], table={1: Leaf(x=1), 2: Leaf(x=2)}, more=3, size=2, sized=bytearray(b"ab"))
keep(FULL).raw["pad",] = b"ab"
KEPT = Decoded(FULL, 3, record_of(Planted))
"""With unused bytes that are not zero."""


# -- what is wrong with a document of it, by kind

Plant = Callable[[Tree], object]


def put(value: Any, *path: Any) -> Plant:
    """Another value at a path."""
    def plant(document: Tree) -> None:
        inside: Any = document
        for key in path[:-1]:
            inside = inside[key]
        inside[path[-1]] = value
    return plant


def lost(*path: Any) -> Plant:
    """Nothing at a path."""
    def plant(document: Tree) -> None:
        inside: Any = document
        for key in path[:-1]:
            inside = inside[key]
        del inside[path[-1]]
    return plant


RANGES: dict[str, Plant] = {
    "one too many for 8 bits": put(256, "n:u8"),
    "one too many for 64 bits": put(1 << 64, "wide:u64"),
    "below 0": put(-1, "n:u8"),
    "too small for its sign": put(-129, "signed:i8"),
    "too large for its sign": put(128, "signed:i8"),
    "below its range": put(2, "ranged:u8"),
    "above its range": put(10, "ranged:u8"),
    "another constant": put(8, "magic:u16"),
    "an element out of range": put(1 << 32, "row:[u32]", 1),
    "a member out of range inside a record": put(256, "leaves:[{}]", 1, "x:u8"),
    "a member out of range inside a null's slot": put(256, "slot:{}?", "x:u8"),
    "a value out of range in a mapping": put(256, "table:<u8,{}>", 0, "value", "x:u8"),
    "a member out of range in a subsection": put(256, "planted/more:{}", "more:u8"),
    "a boolean's byte of 9 bits": put(256, "flag:bool"),
    "a timer that is pending at no time": put((1 << 64) - 1, "expiry:time"),
    "a timer below 0": put(-1, "expiry:time"),
    "a subsection's version that is read no more": put(1, "planted/more:{}", "@version"),
}
SIZES: dict[str, Plant] = {
    "a byte too few": put(b"a", "raw:b2"),
    "a byte too many": put(b"abc", "raw:b2"),
    "a length that 8 bits do not tell": put(bytes(256), "text:b"),
    "a bitmap of another size": put(bytes(8), "bits:bits70"),
    "a float of 7 bytes": put(bytes(7), "real:f64"),
    "unused bytes of another number": put(bytes(3), "pad:pad"),
    "an element too few": put([1], "row:[u32]"),
    "an element too many": put([1, 2, 3], "row:[u32]"),
    "no element, where the last says that it is": put([], "links:[{}]"),
}
TYPES: dict[str, Plant] = {
    "text for a number": put("1", "n:u8"),
    "null for a number": put(None, "n:u8"),
    "a list for a number": put([1], "n:u8"),
    "a boolean for a number": put(True, "n:u8"),
    "a number for a boolean": put(1, "flag:bool"),
    "a number for bytes": put(1, "raw:b2"),
    "null for bytes": put(None, "raw:b2"),
    "text for a timer": put("1", "expiry:time"),
    "bytes for a descriptor": put(b"1", "fd:fd"),
    "a record for a list": put({}, "row:[u32]"),
    "a list for a record": put([], "leaf:{}"),
    "null for a record": put(None, "leaf:{}"),
    "a number for an element that is a record": put(1, "leaves:[{}]", 0),
}
MISSING: dict[str, Plant] = {
    "a member that is missing": lost("n:u8"),
    "a member that is missing in a record": lost("leaf:{}", "x:u8"),
    "a subsection without its version": lost("planted/more:{}", "@version"),
    "an entry without value": lost("table:<u8,{}>", 0, "value"),
    "an entry without key": lost("table:<u8,{}>", 0, "key"),
}
UNKNOWN: dict[str, Plant] = {
    "an unknown member that must be understood": put(1, "other:u8"),
    "one in a record": put(1, "leaf:{}", "other:u8"),
    "one in a subsection": put(1, "planted/more:{}", "other:u8"),
    "a third part of an entry": put(1, "table:<u8,{}>", 0, "other"),
    "an unknown subsection": put({"@version": 1}, "planted/other:{}"),
    "a member of another type": lambda document: document.update({"n:u16": document.pop("n:u8")}),
    "an unknown setting": put(1, "@settings", "other"),
}
VALUES: dict[str, Plant] = {
    "a number that its enumeration has not": put(2, "colour:u8"),
    "a setting that is none of its choices": put(3, "@settings", "size"),
}
HARMLESS: dict[str, Plant] = {
    "nothing": lambda document: None,
    "a null": put(None, "slot:{}?"),
    "a timer that is not pending": put(None, "expiry:time"),
    "a descriptor": put(3, "fd:fd"),
    "an odd boolean": put(255, "flag:bool"),
    "a float that is not finite": put(bytes.fromhex("7ff8000000000001"), "real:f64"),
    "no unused bytes": lost("pad:pad"),
    "no member that came later": lost("late:u16"),
    "no member that has a default": lost("lately:u8"),
    "no subsection": lost("planted/more:{}"),
    "a subsection's version, counted modulo 256": put(258, "planted/more:{}", "@version"),
    "no settings": lost("@settings"),
}
SKIPPABLE: dict[str, Plant] = {
    "an unknown member that may be skipped": put(1, "?other:u8"),
    "one in a record": put({"a:u8": [1]}, "leaf:{}", "?other:{}"),
    "one in a subsection": put(None, "planted/more:{}", "?a: b:{}?"),
}


def each(*kinds: dict[str, Plant]) -> list[Any]:
    """Arguments of a parametrized test."""
    return [pytest.param(plant, id=name) for kind in kinds for name, plant in kind.items()]
