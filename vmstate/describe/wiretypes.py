"""Wire types by name, as self-describing formats spell them: `u32`, `b128`, `bits40`, `time` (visitors/_types.py)."""

from __future__ import annotations

import re

from ..shape import Bits, Blob, Bool, Descriptor, Fact, Float, Int, Shape, Timer

SIZED = re.compile(r"(u|i|bits|b)(\d{0,9})", re.ASCII)
PLAIN: dict[str, Shape] = {"bool": Bool(), "f64": Float(), "time": Timer(), "fd": Descriptor()}
WIDEST = 64


def leaf(kind: str, told: Fact = 0) -> Shape | None:
    """The leaf of this type; `told` is its size or width where the name has none. None: it is no such type."""
    if (shape := PLAIN.get(kind)) is not None:
        return shape
    if (found := SIZED.fullmatch(kind)) is None:
        return None
    number: Fact = int(found[2]) if found[2] else told
    if found[1] == "b":
        return Blob(number)
    if found[1] == "bits":
        return Bits(number)
    if isinstance(number, int) and (number % 8 or not 0 < number <= WIDEST):
        return None
    return Int(number, signed=found[1] == "i")
