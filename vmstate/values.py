"""Values that Python has no type for."""

from __future__ import annotations

import struct
from array import array
from typing import TYPE_CHECKING

from .nodes import Node, node

if TYPE_CHECKING:
    Packed = array[int]
    """Integers as C has them: what holds a packed array."""
else:
    Packed = array  # which Python 3.11 cannot say more of


@node
class Float64(Node):
    """A 64-bit float as its bits: equal when all 64 are, so that a NaN's payload survives every format."""

    bits: int = 0

    def __init__(self, bits: int = 0) -> None:
        object.__setattr__(self, "bits", bits)

    @classmethod
    def of(cls, value: float) -> Float64:
        """The bits of a Python float."""
        return cls(int.from_bytes(struct.pack(">d", value), "big"))

    @property
    def value(self) -> float:
        """As a Python float; a NaN's payload may be lost."""
        return float(struct.unpack(">d", self.bits.to_bytes(8, "big"))[0])

    def __repr__(self) -> str:
        return f"Float64(bits={self.bits:#018x})"
