"""Whether two records are the same, as far as bytes, names and words go: most are, and then nothing is to be found."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, cast

from ..nodes import Node
from ..shape import Nested, Record, Same, Temporary

LEFT_OUT = frozenset({"kind", "make", "hooks", "find", "reset", "reset_key", "reset_value"})
"""What instances need, and no comparison looks at."""


def equal(one: Record[Any], other: Record[Any]) -> bool:
    """Whether nothing about their members and subsections differs; what only a method knows may, always."""
    return Equality().nodes(one, other)


class Equality:
    """Goes over both. Records may be within themselves: those that are being looked at are not entered again."""

    getters: dict[type[Any], tuple[attrgetter[Any], ...]] = {}  # noqa: RUF012  filled as classes are met

    def __init__(self) -> None:
        self.entered = set[tuple[int, int]]()

    def alike(self, one: Any, other: Any) -> bool:
        if one is other:
            return True
        if one.__class__ is not other.__class__:
            return False
        if isinstance(one, Node):
            return self.nodes(one, other)
        if isinstance(one, tuple):
            inside: tuple[object, ...] = cast("tuple[object, ...]", one)
            return len(inside) == len(other) and all(map(self.alike, inside, other))
        return bool(one == other)

    def nodes(self, one: Any, other: Any) -> bool:
        kind: type[Any] = one.__class__
        if issubclass(kind, Record):
            if one.imperative or other.imperative:
                return False
            if (met := (id(one), id(other))) in self.entered:
                return True
            self.entered.add(met)
        elif issubclass(kind, Same):
            return bool(one.find == other.find)
        elif issubclass(kind, Nested | Temporary) and not self.alike(one.record, other.record):
            return False
        return all(self.alike(get(one), get(other)) for get in self.compared(other.__class__))

    def compared(self, kind: type[Any]) -> tuple[attrgetter[Any], ...]:
        """What gets the fields that count, of one class."""
        if kind not in self.getters:
            names: tuple[str, ...] = kind.__slots__
            self.getters[kind] = tuple(attrgetter(name) for name in names if name not in LEFT_OUT)
        return self.getters[kind]
