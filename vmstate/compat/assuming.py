"""Facts that one side lacks, taken from the other: element counts, types.

What is taken is told (VM901): should nothing else differ, nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import is_
from typing import Any

from ..describe.bags import resetting
from ..nodes import Node, node
from ..shape import Array, Blob, Bool, Float, Int, Member, Nested, Record, Shape, Subsection, Timer
from . import values
from .layout import Layout, total
from .pairing import by_name, pair, unused


@node
class Assumed(Node):
    """A record with what it lacks, and the paths of the members that got it."""

    record: Record[Any]
    paths: tuple[str, ...]


@node
class Remade(Node):
    """Makes an instance, of which some attributes hold what their members have become."""

    make: Callable[[], Any]
    resets: dict[str, Callable[[], Any]]

    def __call__(self) -> Any:
        made = self.make()
        for name, reset in self.resets.items():
            setattr(made, name, reset())
        return made


def resets(now: Sequence[Member], then: Sequence[Member]) -> dict[str, Callable[[], Any]]:
    """What attributes hold after reset whose members have another shape than then."""
    return {one.attribute: resetting(one.shape) for one, other in zip(now, then, strict=True)
            if one.attribute is not None and one.shape is not other.shape}


def remade(record: Record[Any]) -> dict[str, Callable[[], Any]]:
    """The same of a record that was made here; a subsection's are its parent's as well."""
    return record.make.resets if isinstance(record.make, Remade) else {}


class Assuming:
    """Goes over two records, of which the first lacks facts."""

    def __init__(self, lacking: frozenset[str]) -> None:
        self.lacking = lacking
        self.paths = list[str]()

    def record(self, mine: Record[Any], theirs: Record[Any], path: tuple[str, ...] = ()) -> Record[Any]:
        """The first record, with what the second says."""
        others = {member.key: member for member in theirs.members}
        subs = by_name(theirs.subsections)
        filled = self.fillings(mine, theirs) if "counts" in self.lacking else {}
        members = tuple(self.member(one, others.get(one.key), path) if one.key not in filled else
                        one.but(shape=filled[one.key]) for one in mine.members)
        inner = tuple(self.subsection(one, subs.get(key), path) for key, one in by_name(mine.subsections).items())
        if all(map(is_, (*members, *inner), (*mine.members, *mine.subsections))):
            return mine
        return mine.but(members=members, subsections=inner, make=Remade(mine.make, resets(members, mine.members)
                        | {name: reset for sub in inner for name, reset in remade(sub.record).items()}))

    def fillings(self, mine: Record[Any], theirs: Record[Any]) -> dict[str, Shape]:
        """Members that became unused bytes, or came out of such: as many elements as fill them."""
        found = dict[str, Shape]()
        if not any(map(unused, theirs.members)):
            return found
        for one in pair(mine, theirs):
            if one.how == "unused" and len(one.old) == len(one.new) == 1 and not unused(one.old[0]):
                (member,), whole, size = one.old, size_of(one.new[0].shape), size_of(one.old[0].shape)
                if size and whole and whole % size == 0:
                    found[member.key] = Array(member.shape, whole // size, resetting(member.shape))
        return found

    def subsection(self, mine: Subsection, theirs: Subsection | None, path: tuple[str, ...]) -> Subsection:
        if theirs is None:
            return mine
        record = self.record(mine.record, theirs.record, (*path, mine.name))
        return mine if record is mine.record else mine.but(record=record)

    def member(self, mine: Member, theirs: Member | None, path: tuple[str, ...]) -> Member:
        if theirs is None:
            return mine
        shape = self.shape(mine.shape, theirs.shape, (*path, mine.key))
        return mine if shape is mine.shape else mine.but(shape=shape)

    def shape(self, mine: Shape, theirs: Shape, path: tuple[str, ...]) -> Shape:
        """One shape, as the other is, where that may be what is meant."""
        a, b = values.bare(mine), values.bare(theirs)
        if isinstance(a, Array) and isinstance(b, Array):
            of = self.shape(a.of, b.of, path)
            return mine if of is a.of else a.but(of=of, reset=resetting(of))
        if isinstance(b, Array) and "counts" in self.lacking and self.an_element(a, b):
            self.paths.append(".".join(path))
            of = self.shape(a, b.of, path)
            return b.but(of=of, reset=resetting(of))
        if isinstance(a, Nested) and isinstance(b, Nested):
            inner = self.record(a.record, b.record, path)
            return mine if inner is a.record else a.but(find=lambda: inner)
        alike = "types" in self.lacking and size_of(a) == size_of(b) is not None
        if alike and isinstance(a, Int | Blob) and isinstance(
                b, Int | Blob | Bool | Float | Timer):
            return theirs
        return mine

    def an_element(self, mine: Shape, theirs: Array) -> bool:
        """Whether a shape may be one element of which the count is not told."""
        element = values.bare(theirs.of)
        if isinstance(mine, Nested) or isinstance(element, Nested):
            return isinstance(mine, Nested) and isinstance(element, Nested)
        return size_of(mine) == size_of(element)


def size_of(shape: Shape) -> int | None:
    """Bytes of a shape."""
    return total(tuple(Layout().shape(shape, 1 << 32, (), ())))


def assume(mine: Record[Any], theirs: Record[Any], lacking: frozenset[str]) -> Assumed:
    """The first record with the facts that it lacks and the second has."""
    assuming = Assuming(lacking)
    record = assuming.record(mine, theirs)
    return Assumed(record, tuple(assuming.paths))
