"""Frozen classes that are cheap to make: what attrs would compile for each is written here once.

A program that shows one stream makes fifty kinds of nodes before its first byte is read, and a hundred states after
(see `classes`); compiled one by one they would take a fifth of its time.
"""

from __future__ import annotations

from typing import Any, Self, TypeVar, cast, dataclass_transform

C = TypeVar("C", bound=type)


class Node:
    """What nodes have in common: equal are two of one class with equal fields, and nobody changes them."""

    __slots__ = ()
    _names: tuple[str, ...] = ()
    _defaults: dict[str, Any] = {}  # noqa: RUF012  nobody changes it

    def __init__(self, *values: Any, **named: Any) -> None:
        names, defaults, put = self._names, self._defaults, object.__setattr__
        for name, value in zip(names, values):  # noqa: B905  the rest is named, or has a default
            put(self, name, value)
        for name in names[len(values):]:
            put(self, name, named.pop(name) if name in named else defaults[name])
        if named or len(values) > len(names):
            raise TypeError(f"{type(self).__name__} takes {', '.join(names)}")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and self.__class__ is other.__class__ and self._values() == other._values()

    def __hash__(self) -> int:
        return hash((self.__class__, *self._values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self._names)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._values()

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self._names)

    def but(self, **changes: Any) -> Self:
        """The same node with some fields changed."""
        return type(self)(**{**dict(zip(self._names, self._values(), strict=True)), **changes})


@dataclass_transform(frozen_default=True)
def node(kind: C) -> C:
    """Declares a subclass of Node: its annotations are its fields, in order; what stands behind `=` is the default."""
    names = tuple(vars(kind).get("__annotations__", ()))
    body = {key: value for key, value in vars(kind).items() if key not in (*names, "__dict__", "__weakref__")}
    defaults = {name: vars(kind)[name] for name in names if name in vars(kind)}
    body |= {"__slots__": names, "_names": names, "_defaults": defaults}
    metaclass: Any = type(kind)
    return cast(C, metaclass(kind.__name__, kind.__bases__, body))
