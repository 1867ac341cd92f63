"""What grammars have in common: a rule for each record, and one for each wire type that is come upon."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from enum import IntEnum

from vmstate.shape import Bool, Constant, Descriptor, Enumerated, Float, Int, Range, Timer

from ._outline import (
    Checked,
    Definition,
    Entries,
    Form,
    Inside,
    Items,
    OrNull,
    Outline,
    bounds,
    is_null,
    lengths,
    named,
    sizes,
)
from ._types import type_of


class Notation(ABC):
    """The fold over one outline. `rules` are the common ones that it has come upon, out of `common`.

    `plain` names those of leaves and of a timer; `spell` makes a record's name one of the grammar's.
    """

    common: dict[str, str]
    plain: dict[type, str]

    def __init__(self, outline: Outline, spell: Callable[[str], str]) -> None:
        self.outline, self.rules = outline, dict[str, str]()
        self.names = named(outline.definitions, spell)

    def records(self) -> Iterator[str]:
        """The rules of all records, the root's first."""
        for one in self.outline.definitions.values():
            yield "\n".join(self.record(one))

    def form(self, one: Form) -> str:
        """The type of one form."""
        match one:
            case OrNull(of=of):
                return self.form(of) if is_null(of) else self.or_null(self.form(of))
            case Checked(check=Timer()):
                return self.known(self.plain[Timer])
            case Checked(check=Enumerated(kind=kind)):
                return self.enumerated(kind, *bounds(one))
            case Checked(check=Range() | Constant()):
                return self.number(*bounds(one))
            case Checked(of=of):
                return self.form(of)
            case Items(shape=shape, of=of):
                return self.items(self.form(of), *lengths(shape))
            case Entries(key=key, value=value):
                return self.entries(self.form(key), self.form(value))
            case Inside(record=record):
                return self.names[record]
            case Int():
                return self.integer(one)
            case Bool() | Float() | Descriptor():
                return self.known(self.plain[type(one)])
            case leaf:
                return self.bytes(*sizes(leaf))

    def known(self, name: str) -> str:
        """A common rule, which the grammar then has."""
        self.rules[name] = self.common[name]
        return name

    def integer(self, shape: Int) -> str:
        """An integer by its width, which the grammar then has."""
        self.rules[name := self.width(type_of(shape))] = self.number(*bounds(shape))
        return name

    # -- how a grammar says it

    @abstractmethod
    def record(self, one: Definition) -> Iterator[str]:
        """A record's rule, line by line."""

    @abstractmethod
    def width(self, kind: str) -> str:
        """The name of an integer's rule, by its wire type."""

    @abstractmethod
    def number(self, least: int, most: int) -> str:
        """An integer within bounds."""

    @abstractmethod
    def enumerated(self, kind: type[IntEnum], least: int, most: int) -> str:
        """An integer of which only some values mean something."""

    @abstractmethod
    def bytes(self, least: int, most: int | None) -> str:
        """So many bytes."""

    @abstractmethod
    def or_null(self, of: str) -> str:
        """A type, or null."""

    @abstractmethod
    def items(self, of: str, least: int, most: int | None) -> str:
        """So many elements."""

    @abstractmethod
    def entries(self, key: str, value: str) -> str:
        """Keys and values."""


def about(one: Definition) -> Iterator[str]:
    """What a comment says of a record."""
    record = one.record
    yield f"{record.name}, version {record.version}"
    if record.minimum != record.version:
        yield f"reads from {record.minimum} on"
    yield from one.must
