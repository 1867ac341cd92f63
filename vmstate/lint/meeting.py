"""The records of a program, each once, and how they are met: as sections, within others, as subsections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, get_args

from ..nodes import Node, node
from ..shape import Asked, Fact, Mapping, Member, Nested, Record, Same, Shape, Subsection, Temporary, Validated


@node
class Method(Node):
    """A method of the author's: what it is for, and of which member."""

    role: str
    of: str
    method: Any
    place: int = -1

    @property
    def name(self) -> str:
        """What it is called."""
        return str(getattr(self.method, "__name__", self.method))


class Met:
    """A record. `versioned`: somewhere it is walked at a version that is told, and not always at its newest.

    `parent` is the record that it is a subsection of; `is_top`: it is one of those that were given, and `is_section`, a
    section by itself.
    """

    def __init__(self, record: Record[Any], parent: Record[Any] | None = None) -> None:
        self.record, self.parent = record, parent
        self.is_top, self.is_section, self.versioned = False, False, parent is not None

    @property
    def kind(self) -> type[Any]:
        """The class."""
        return self.record.kind

    @property
    def place(self) -> str:
        """The class, and of a view or subsection its name."""
        kind = self.kind
        own = f"{kind.__module__}:{kind.__qualname__}"
        return own if self.parent is None else f"{own}::{self.record.name}"

    def methods(self) -> Iterator[Method]:
        """All that its author wrote for it to be asked."""
        for i, member in enumerate(self.record.members):
            if member.when is not None:
                yield Method("gate", member.key, member.when.method, i)
            for role, asked in facts(member.shape):
                if isinstance(asked, Asked):
                    yield Method(role, member.key, asked.method, i)
        for sub in self.record.subsections:
            if sub.needed is not None:
                yield Method("needed", sub.name, sub.needed.method)
        hooks = self.record.hooks
        for role in ("pre_save", "pre_load", "post_load", "after_load"):
            for method in getattr(hooks, role):
                yield Method(role, "", method)


NODES: tuple[type[Any], ...] = get_args(Shape)
ASKED = "gate", "count", "size", "bits", "check", "needed"
"""What methods are for that a walk asks; the others are hooks."""


def facts(shape: Shape) -> Iterator[tuple[str, Fact]]:
    """Counts, sizes, widths and conditions of a shape and of those inside it."""
    if isinstance(shape, Validated):
        yield "check", shape.method
    for role in ("count", "size", "bits"):
        if (asked := getattr(shape, role, None)) is not None:
            yield role, asked
    for inside in ("of", "key", "value"):
        inner: Any = getattr(shape, inside, None)
        if isinstance(inner, NODES):
            yield from facts(inner)


def met(tops: Iterable[Record[Any]], are_sections: bool = True) -> list[Met]:
    """These records and all within them, each once."""
    found = dict[Record[Any], Met]()
    left = list[tuple[Record[Any], Record[Any] | None, bool, bool]]((one, None, True, True) for one in tops)
    while left:
        record, parent, is_top, versioned = left.pop()
        new = record not in found
        one = found.setdefault(record, Met(record, parent))
        one.is_top |= is_top
        one.is_section |= is_top and are_sections
        one.versioned |= versioned
        if new:
            left += [(sub.record, record, False, True) for sub in record.subsections]
            left += [(inner, None, False, told) for member in record.members
                     for inner, told in within(member.shape, record.kind)]
    return list(found.values())


def within(shape: Shape, kind: type[Any]) -> Sequence[tuple[Record[Any], bool]]:
    """The records in a shape of this class, and whether each is walked at a version that is told."""
    match shape:
        case Nested():
            return [(shape.record, shape.version is not None)]
        case Temporary():
            return [(shape.record, False)]
        case Mapping():
            return [*within(shape.key, kind), *within(shape.value, kind)]
        case Same():
            return [(shape.find(kind), True)]
        case _:
            of = getattr(shape, "of", None)
            return [] if of is None else within(of, kind)


def attributes(record: Record[Any]) -> dict[str, int]:
    """The place at which each attribute is first read; what a subsection has comes behind all members."""
    found = dict[str, int]()
    for i, member in enumerate(record.members):
        if member.attribute is not None:
            found.setdefault(member.attribute, i)
    for sub in record.subsections:
        for name in attributes(sub.record):
            found.setdefault(name, len(record.members))
    return found


def subsections(record: Record[Any]) -> Iterator[Subsection]:
    """Of a record, with those within them."""
    for sub in record.subsections:
        yield sub
        yield from subsections(sub.record)


def members(record: Record[Any]) -> Iterator[Member]:
    """Of a record and its subsections."""
    yield from record.members
    for sub in subsections(record):
        yield from sub.record.members
