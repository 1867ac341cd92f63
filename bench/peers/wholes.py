"""Declared states as attrs classes of the same attributes, all of them: what the declaration itself has to hold.

`twins` has what is sent of a device, and no more. A program that keeps its devices in attrs classes has these.
"""

from __future__ import annotations

from array import array
from enum import IntEnum
from functools import cache
from itertools import count
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs

from bench.workloads import Item
from vmstate import Float64

from .layout import Inexpressible

NUMBERS = count(1)
PLAIN = int, bool, str, bytes, bytearray, type(None)


class Wholes:
    """A device for a peer: the class for each of its records, and its state in these. Raises Inexpressible."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.kinds: dict[type, type[Any]] = {}
        self.root = self.kind(item.record.kind)
        self.state = self.value(item.state)

    def kind(self, declared: type) -> type[Any]:
        """The attrs class of a declared one."""
        if declared not in self.kinds:
            fields = {name: attrs.field(type=self.annotation(hint)) for name, hint in _hints(declared).items()}
            made = attrs.make_class(f"{declared.__name__}_{next(NUMBERS)}", fields, slots=True, repr=False)
            made.__module__ = __name__
            globals()[made.__name__] = made  # where a peer looks for it
            self.kinds[declared] = made
        return self.kinds[declared]

    def annotation(self, hint: Any) -> Any:
        """The type of an attribute."""
        origin = get_origin(hint)
        if hint in PLAIN:
            return hint
        if hint in (array, Float64) or (isinstance(hint, type) and issubclass(hint, IntEnum)):
            return list[int] if hint is array else int
        if isinstance(hint, type) and "__vmstate__" in vars(hint):
            return self.kind(hint)
        if origin in (list, UnionType, Union):
            inside = tuple(map(self.annotation, get_args(hint)))
            return list[inside] if origin is list else Union[inside]  # type: ignore[valid-type]  # noqa: UP007
        raise Inexpressible(f"an attribute of type {hint}")

    def value(self, held: Any) -> Any:
        """The same value in these classes."""
        if isinstance(held, list | array):
            return [self.value(one) for one in held]
        if isinstance(held, Float64):
            return held.bits
        if isinstance(held, int) and held >> 64 not in (0, -1):
            raise Inexpressible("an integer of more than 64 bits")
        if (kind := self.kinds.get(type(held))) is None:
            return int(held) if isinstance(held, IntEnum) else held
        return kind(*(self.value(getattr(held, name)) for name in _hints(type(held))))


@cache
def _hints(declared: type) -> dict[str, Any]:
    """The type of each attribute that an author gave it."""
    found = get_type_hints(declared)
    return {one.name: found[one.name] for one in attrs.fields(declared) if one.name in found}
