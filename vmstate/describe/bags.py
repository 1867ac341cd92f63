"""Records over bags: what all have in common that come from elsewhere than a class.

Of a predicate such a source has a name at most. It is true, unless the bag says otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from ..kept import Bag
from ..nodes import Node, node
from ..shape import (
    Array,
    Asked,
    AtMost,
    Bits,
    Blob,
    Bool,
    Chain,
    Constant,
    Enumerated,
    Equal,
    Float,
    Int,
    Mapping,
    Nested,
    Nullable,
    Opaque,
    Range,
    Record,
    Setting,
    Shape,
)
from ..values import Float64


@node
class Maker(Node):
    """Makes a bag as it is after reset."""

    resets: dict[str, Callable[[], Any]]

    def __call__(self) -> Bag:
        return Bag(**{key: reset() for key, reset in self.resets.items()})


@node
class Assumed(Node):
    """A predicate of which nobody knows more than its name: true, unless the bag has `TOLD` with false at its place."""

    name: str
    place: str

    @property
    def __name__(self) -> str:
        return self.name

    def __call__(self, bag: Bag) -> bool:
        told: dict[str, bool] = vars(bag).get(TOLD, {})
        return told.get(self.place, True)


TOLD = "_told"
"""Where a bag has what its predicates say, by their places."""
OWN = frozenset({*dir(Bag()), TOLD})
"""Names that are a bag's own: no member may be called so."""


def assumed(name: str, place: str) -> Asked:
    """A predicate by name. `place`: the attribute or subsection that it decides about."""
    return Asked(Assumed(name, place), False)


def tell(bag: Bag, place: str, truth: bool) -> None:
    """Says what the predicate at this place of the bag is."""
    vars(bag).setdefault(TOLD, {})[place] = truth


class Raw:
    """A codec that is known by name alone: bytes stay bytes."""

    def __init__(self, name: str) -> None:
        self.name = name

    def decode(self, data: bytes, /) -> bytes:
        return data

    def encode(self, value: bytes, /) -> bytes:
        return value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Raw) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"Raw({self.name!r})"


@node
class Given(Node):
    """A default that a source spells out."""

    value: Any

    def __call__(self) -> Any:
        return self.value


def always(record: Record[Any]) -> Callable[[], Record[Any]]:
    """What finds a record that is there already."""
    return lambda: record


def keys(names: Sequence[str], used: dict[str, int]) -> Iterator[str]:
    """A key of its own for each name: of several that are one each has its number. `used` are taken, and get more."""
    times, seen = Counter(names), dict[str, int]()
    for name in names:
        key = f"{name}[{seen.get(name, 0)}]" if times[name] > 1 else name
        seen[name] = seen.get(name, 0) + 1
        free = key
        while free in used or free in OWN:
            used[key] = used.get(key, 0) + 1
            free = f"{key}#{used[key]}"
        used[free] = 1
        yield free


# -- what a bag has after reset

def reset(shape: Shape) -> Any:
    """The value of a shape in a new instance."""
    match shape:
        case Equal(of=of) | AtMost(of=of):
            return reset(of)
        case Range(of=of, least=least, most=most):
            return value if least <= (value := reset(of)) <= most else least
        case Enumerated(kind=kind):
            return next(iter(kind))
        case Constant(value=value):
            return value
        case Array(count=count):
            return elements(shape, count if isinstance(count, int) else 0)
        case Nested():
            return shape.record.make()
        case Setting(choices=choices):
            return choices[0] if choices else None
        case other:
            return RESETS.get(type(other), _nothing)(other)


def elements(shape: Array, count: int) -> list[Any]:
    """So many elements; those that nobody changes are one."""
    if not count or isinstance(one := reset(shape.of), int | bytes | None | Float64):
        return [reset(shape.of)] * count
    return [one, *(reset(shape.of) for _ in range(count - 1))]


def resetting(shape: Shape) -> Callable[[], Any]:
    """What makes the value of a shape in a new instance."""
    return partial(reset, shape)


def _nothing(_: Shape) -> None:
    return None


def _blob(shape: Blob) -> bytearray:
    return bytearray(shape.size if isinstance(shape.size, int) else 0)


def _opaque(shape: Opaque) -> bytes:
    return bytes(shape.size if isinstance(shape.size, int) else 0)


RESETS: dict[type, Callable[[Any], Any]] = {
    Int: lambda _: 0, Bits: lambda _: 0, Bool: lambda _: False, Float: lambda _: Float64(), Blob: _blob,
    Opaque: _opaque, Chain: lambda _: list[Any](), Mapping: lambda _: dict[Any, Any](), Nullable: _nothing,
}
"""Of the others it is None."""
