"""A section's values as JSON.

Keys are the members' own. A record is an object, an array or chain a list, a mapping a list of `{"key", "value"}`, a
subsection an object under its name with its version as `@version`. Bytes are lower-case hexadecimal text; a bitmap is
such a text with `0x` in front (bit 0 is the lowest); a float is a number where it comes back bit for bit, else
`{"bits": "0x…"}`; a timer that is not pending, and a null, is null; a boolean whose byte is neither 0 nor 1 is that
number. Padding is there only where it is not zero. Integers stay integers, however large.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

from vmstate.shape import (
    Array,
    Bits,
    Blob,
    Chain,
    Float,
    Mapping,
    Opaque,
    Padding,
    Setting,
    Shape,
    Subsection,
    Timer,
)
from vmstate.trace import Seen
from vmstate.values import Float64

from .leaves import NOT_PENDING, bare

VERSION = "@version"


def members(inside: list[Seen]) -> dict[str, Any]:
    """A record's members by key."""
    return {str(one.key): value(one, one.member.shape if one.member else None) for one in inside if is_there(one)}


def is_there(seen: Seen) -> bool:
    """Settings have their own place, and zeros that mean nothing have none."""
    return not isinstance(seen.node, Setting) and (not isinstance(seen.node, Padding) or any(seen.value))


def value(seen: Seen, shape: Shape | None) -> Any:
    """One value with what is inside. `shape` is the declared one."""
    node, inside = seen.node, seen.inside
    if inside is None:
        missing = seen.value == NOT_PENDING and isinstance(bare(shape), Timer)
        return None if missing else LEAVES.get(type(node), _plain)(seen)
    if isinstance(node, Array | Chain):
        return [value(one, one.member.shape if one.member else node.of) for one in inside]
    if isinstance(node, Mapping):
        shapes = node.key, node.value
        return [{str(one.key): value(one, of) for one, of in zip(entry.inside or (), shapes, strict=False)}
                for entry in inside]
    if isinstance(node, Subsection):
        return {VERSION: seen.version, **members(inside)}
    return members(inside)


def _plain(seen: Seen) -> Any:
    return seen.value


def _floating(seen: Seen) -> Any:
    number: Float64 = seen.value
    return number.value if isfinite(number.value) else {"bits": f"{number.bits:#018x}"}


def _bytes(seen: Seen) -> str:
    return bytes(seen.value).hex()


def _bits(seen: Seen) -> str:
    return f"0x{seen.value:0{2 * (seen.end - seen.begin)}x}"


LEAVES: dict[type, Callable[[Seen], Any]] = {
    Float: _floating, Blob: _bytes, Opaque: _bytes, Padding: _bytes, Bits: _bits,
}
"""How leaves are written that JSON has no type for; the others are what they are."""
