"""What stands under one key of a schema, as a shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

from ..errors import DecodeError
from ..shape import (
    Array,
    Asked,
    AtMost,
    Blob,
    Chain,
    Constant,
    Enumerated,
    Equal,
    Fact,
    Float,
    Int,
    Member,
    Opaque,
    Padding,
    Range,
    Shape,
    Validated,
)
from ..values import Float64
from .bags import Assumed, Raw, resetting
from .checks import enumeration, named
from .objects import Said
from .settings import referred
from .wiretypes import leaf

EXTRA = "x-vmstate"
"""What JSON Schema has no word for."""
Find = Callable[[str], Said]
"""A definition of the schema by name."""
BYTE = 8


def parted(spelled: str) -> tuple[str, str, bool]:
    """A key as its name, its type, and whether it may be skipped."""
    name, mark, kind = spelled.rpartition(":")
    if not mark:
        raise DecodeError(f"the schema has a key {spelled!r} without a type", hint="it is written as `name:type`")
    return name.removeprefix("?"), kind, name.startswith("?")


def halves(kind: str) -> tuple[str, str]:
    """The types of a mapping's key and value, out of `<K,V>`."""
    deep = 0
    for i, one in enumerate(kind):
        deep += (one in "<[") - (one in ">]")
        if one == "," and deep == 1:
            return kind[1:i], kind[i + 1:-1]
    raise DecodeError(f"the schema has a type {kind!r}", hint="a mapping's is `<key,value>`")


def leaf_of(said: Said, kind: str, find: Find) -> Shape:
    """A leaf of this type."""
    extra = said.inner(EXTRA)
    told = next((extra.text(fact) for fact in ("size", "bits") if fact in extra), "")
    if kind == "pad":
        return Padding(told or size_of(said, find))
    shape = leaf(kind, told or 0)
    if shape is None:
        raise DecodeError(f"the schema has a type {kind!r}", hint="no wire type is called so")
    if isinstance(shape, Blob) and "codec" in extra:
        return Opaque(shape.size, Raw(extra.text("codec")))
    if isinstance(shape, Blob) and "length" in extra:
        width = leaf(extra.text("length"))
        return Blob(0, width.bits if isinstance(width, Int) and isinstance(width.bits, int) else BYTE)
    if isinstance(shape, Int) and extra.text("order", "") == "little":
        return shape.but(order="little")
    return shape

def size_of(said: Said, find: Find) -> int:
    """Bytes of a wire type that is referred to."""
    shape = leaf(find(referred(said)).inner(EXTRA).text("type"))
    return shape.size if isinstance(shape, Blob) and isinstance(shape.size, int) else 0


def listed(said: Said, of: Shape) -> Shape:
    """A list of such elements."""
    extra = said.inner(EXTRA)
    if "until" in extra:
        return Chain(of, None, 0, resetting(of), extra.text("until"))
    if "count" not in extra and "maxItems" not in said:
        marker: Any = extra.values.get("marker", 1)
        width = leaf(marker) if isinstance(marker, str) else None
        if isinstance(width, Int) and isinstance(width.bits, int):
            return Chain(of, None, width.bits, resetting(of))
        return Chain(of, extra.number("marker", 1, 255), BYTE, resetting(of))
    count: Fact = extra.text("count") if "count" in extra else said.number("maxItems")
    return Array(of, count, resetting(of), extra.number("start", 0))


def checked(said: Said, shape: Shape) -> Shape:
    """A shape with the checks around it."""
    extra = said.inner(EXTRA)
    if "const" in said:
        shape = Constant(shape, said.values["const"])
    elif "enum" in said and isinstance(shape, Int):
        shape = Enumerated(shape, enumeration("enum", named(extra.values.get("means", said.values["enum"]))))
    elif "minimum" in said and "maximum" in said:
        least, most = said.values["minimum"], said.values["maximum"]
        if type(least) is not int or type(most) is not int or least > most:
            raise DecodeError("the schema has a range that is none")
        shape = Range(shape, least, most)
    own = extra.text("own", "")
    return AtMost(shape) if own == "at most" else Equal(shape, extra.text("hint", "")) if own else shape


def musts(extra: Said) -> Iterator[Member]:
    """The conditions on a record."""
    for i, must in enumerate(map(str, extra.listed("must"))):
        yield Member(f"must[{i}]", None, Validated(Asked(Assumed(must, must), False), must), f"must[{i}]")


def facts(members: list[Member]) -> set[str]:
    """Attributes that tell counts, sizes and widths."""
    found = set[str]()
    for member in members:
        shape: Any = member.shape
        while shape is not None:
            told = (getattr(shape, name, None) for name in ("count", "size", "bits"))
            found |= {one for one in told if isinstance(one, str)}
            shape = getattr(shape, "of", None)
    return found


def value(shape: Shape, written: Any) -> Any:
    """A default as an attribute has it."""
    match shape, written:
        case (Blob() | Opaque(), str()):
            return _bytes(written)
        case (Float(), int() | float()):
            return Float64.of(float(written))
        case (Float(), str()):
            return Float64(int.from_bytes(_bytes(written)[:8], "big"))
        case (Array(of=of) | Chain(of=of), list()):
            return [value(of, one) for one in cast("list[Any]", written)]  # type: ignore[redundant-cast]
        case _:
            return written


def _bytes(written: str) -> bytearray:
    try:
        return bytearray.fromhex(written)
    except ValueError:
        raise DecodeError(f"the schema has a default {written!r}", hint="bytes are hexadecimal digits") from None


class Unsaid:
    """A default that JSON cannot say: nobody can tell it from another."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


UNSAID = Unsaid()
