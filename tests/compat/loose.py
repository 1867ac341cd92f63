"""Declared records over loose states: an attribute that a test plants is found, and predicates say what it wants."""

from collections.abc import Callable
from functools import cache
from itertools import count
from typing import Any

from vmstate import Record
from vmstate.kept import Bag
from vmstate.shape import (
    Array,
    Asked,
    AtMost,
    Chain,
    Constant,
    Equal,
    Mapping,
    Nested,
    Nullable,
    Range,
    Same,
    Shape,
)

NUMBERS = count()
RESETS: dict[str, Callable[[Any], Any]] = {}
"""What a planted attribute holds after reset."""
TRUTHS: dict[str, bool] = {}
"""What predicates say, by name. Those that are not here are true."""


class Said:
    """A predicate that says what the test wants."""

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __call__(self, _: Any) -> bool:
        return TRUTHS.get(self.__name__, True)


@cache
def said(asked: Asked) -> Asked:
    """The same predicate, as the test wants it."""
    return Asked(Said(f"{asked}.{next(NUMBERS)}"), takes_around=False)


def predicate() -> Asked:
    """A new one."""
    return Asked(Said(f"is_planted.{next(NUMBERS)}"), takes_around=False)


def attribute(reset: Callable[[Any], Any]) -> str:
    """A new attribute of every loose state."""
    name = f"planted_{next(NUMBERS)}"
    RESETS[name] = reset
    return name


@cache
def loose_kind(kind: type[Any]) -> type[Any]:
    """A state's class, of which instances may have other attributes as well; those of a bag may anyway."""
    if kind is Bag:
        return kind

    def absent(self: Any, name: str) -> Any:
        if name not in RESETS:
            raise AttributeError(name)
        value = RESETS[name](self)
        setattr(self, name, value)
        return value

    return type(kind.__name__, (kind,), {"__getattr__": absent, "__vmstate__": vars(kind)["__vmstate__"]})


def loosened(value: Any) -> Any:
    """A state and all inside it, loose."""
    if isinstance(value, list):
        return [loosened(one) for one in value]
    if "__vmstate__" not in vars(type(value)):
        return value
    kind = loose_kind(type(value))
    made = kind.__new__(kind)
    for slot in type(value).__slots__:
        if slot != "__weakref__":
            setattr(made, slot, loosened(getattr(value, slot)))
    return made


@cache
def loose(record: Record[Any]) -> Record[Any]:
    """A declared record over loose states."""
    members = tuple(one.but(shape=loose_shape(one.shape), when=None if one.when is None else said(one.when))
                    for one in record.members)
    subsections = tuple(one.but(record=loose(one.record), needed=None if one.needed is None else said(one.needed))
                        for one in record.subsections)
    return record.but(kind=loose_kind(record.kind), make=lambda: loosened(record.make()), members=members,
                      subsections=subsections)


def loose_shape(shape: Shape) -> Shape:
    match shape:
        case Nested(find=find):
            return shape.but(find=lambda: loose(find()))
        case Same(find=find):
            return shape.but(find=lambda kind: loose(find(kind)))
        case Array(of=of, reset=reset) | Chain(of=of, reset=reset) | Nullable(of=of, reset=reset):
            return shape.but(of=loose_shape(of), reset=lambda: loosened(reset()))
        case Mapping(key=key, value=value, reset_key=reset_key, reset_value=reset_value):
            return shape.but(key=loose_shape(key), value=loose_shape(value), reset_key=lambda: loosened(reset_key()),
                             reset_value=lambda: loosened(reset_value()))
        case Range(of=of) | Equal(of=of) | AtMost(of=of) | Constant(of=of):
            return shape.but(of=loose_shape(of))
        case _:
            return shape
