"""Where a value goes in generated code, and which leaves one character of a struct stands for."""

from __future__ import annotations

from typing import Any

from vmstate.exchanges import EXPIRY
from vmstate.nodes import Node, node
from vmstate.shape import Blob, Bool, Enumerated, Float, Int, Range, Shape, Timer

from .places import UNKNOWN, Place, number

CODES = {(8, False): "B", (16, False): "H", (32, False): "I", (64, False): "Q",
         (8, True): "b", (16, True): "h", (32, True): "i", (64, True): "q"}


@node
class Spot(Node):
    """One value: what it was, where it goes, both as expressions; the record that it is in, the step that leads to it.

    `was` is what a new state holds, where the code makes the state itself; else UNKNOWN. `names` are the attributes
    that lead to it from the root.
    """

    old: str
    target: str
    place: Place
    key: str
    was: Any = UNKNOWN
    names: tuple[str, ...] = ("",)

    @property
    def path(self) -> str:
        """The steps to the record, as a tuple's expression."""
        return f"({''.join(f'{step}, ' for step in self.place.path)})"


def code_of(shape: Shape, place: Place) -> tuple[str, int] | None:
    """A leaf's character in a struct, and its bytes; None where it has none."""
    match shape:
        case Int(bits=bits, order="big", signed=signed):
            width: Any = number(bits, place)
            code = CODES.get((width, signed)) if isinstance(width, int) else None
            return None if code is None else (code, width // 8)
        case Bool():
            return "?", 1
        case Float():
            return "Q", 8
        case Timer():
            return code_of(EXPIRY, place)
        case Range(of=of) if isinstance(of, Int):
            return code_of(of, place)
        case Enumerated(of=of):
            return code_of(of, place)
        case Blob(size=int(size), prefix=0) if 0 < size < LARGE:
            return f"{size}s", size
        case _:
            return None


FEW, MANY = 6, 16
"""Elements up to which each has a name; bytes from which on they go as bytes."""
BULK = 64
"""Numbers from which on they are turned over together, by an array."""
SWAPPED = frozenset("HIQhiq")
LARGE = 4096
"""Bytes from which on a buffer goes its own way: it is copied once, into the output."""
