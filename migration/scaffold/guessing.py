"""When a subsection may be needed: as QEMU's often are, when it holds something that a reset does not leave there.

A guess, to be looked up; it is made where it says what was seen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vmstate.shape import Bits, Blob, Bool, Float, Int, Shape, Timer
from vmstate.values import Float64

from .sketch import Leaf, Many, What

TELLING: dict[type[Shape], str] = {
    Int: "self.{} != 0", Bits: "self.{} != 0", Bool: "self.{}", Float: "self.{}.bits != 0",
    Timer: "self.{} is not None", Blob: "any(self.{})",
}
"""By the shape of a leaf: whether an attribute holds something."""
ELEMENTS = Int, Bool
"""Leaves of which an array can be asked by `any`."""

TRUTHS: dict[type, Callable[[Any], bool]] = {
    int: bool, bool: bool, Float64: lambda value: value.bits != 0, bytearray: any, list: lambda value: all(
        isinstance(one, int) for one in value) and any(value),
}


def is_told(value: Any) -> bool:
    """Whether a value would make the guess true."""
    return TRUTHS[type(value)](value) if type(value) in TRUTHS else False


def guess(what: What, attribute: str) -> str:
    """The expression that asks an attribute; empty where none can."""
    match what:
        case Leaf(shape=shape):
            return TELLING.get(type(shape), "").format(attribute)
        case Many(of=Leaf(shape=shape)) if isinstance(shape, ELEMENTS):
            return f"any(self.{attribute})"
        case _:
            return ""
