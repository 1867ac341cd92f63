"""Frozen attrs classes that are cheap to make: their equality, hash and text are written once, not generated for each.

A program that declares a hundred devices makes hundreds of classes before its first byte is read.
"""

from __future__ import annotations

from typing import Any

import attrs


class Node:
    """What `@frozen(eq=False, repr=False)` classes inherit: equal are two of one class with equal fields."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return self.__class__ is other.__class__ and _values(self) == _values(other)

    def __hash__(self) -> int:
        return hash((self.__class__, _values(self)))

    def __repr__(self) -> str:
        kind: Any = self.__class__
        parts = (f"{one.name}={getattr(self, one.name)!r}" for one in attrs.fields(kind) if one.repr)
        return f"{kind.__name__}({', '.join(parts)})"


def _values(node: Any) -> tuple[Any, ...]:
    return tuple(getattr(node, one.name) for one in attrs.fields(node.__class__))
