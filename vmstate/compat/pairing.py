"""Which member of the old record is which of the new one.

By key; by `was=` and `write_as=`; then, between members that are the same, by what is alike: a name that is there
several times, a group that was made or dissolved, one that is called otherwise and lies the same.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Literal

from ..nodes import Node, node
from ..shape import (
    Array,
    AtMost,
    Chain,
    Constant,
    Enumerated,
    Equal,
    Mapping,
    Member,
    Nested,
    Nullable,
    Padding,
    Range,
    Record,
    Setting,
    Shape,
    Subsection,
    Temporary,
    Validated,
)
from .layout import Layout, Piece, total

MOST_KEPT = 64
"""Records whose pairs are remembered: those of one section are asked for several times."""
How = Literal["same", "alias", "resembles", "renamed", "regrouped", "to unused", "from unused", "unused", "removed",
              "added"]


@node
class Pair(Node):
    """Members that are one; several where a group was made or dissolved. `how` they were found."""

    how: How
    old: tuple[Member, ...] = ()
    new: tuple[Member, ...] = ()

    @property
    def key(self) -> str:
        """The name to go by: the new one."""
        return ", ".join(one.key for one in self.new or self.old)


@lru_cache(MOST_KEPT)
def pair(old: Record[Any], new: Record[Any]) -> list[Pair]:
    """All members of both, each once."""
    before, after = carried(old), carried(new)
    ours, theirs = {one.key: one for one in after if not unused(one)}, {one.key: one for one in before}
    found = dict[str, tuple[Member, Pair]]()
    for one in before:
        if unused(one):
            continue
        if (other := ours.get(one.key)) is not None:
            found[one.key] = other, Pair("same", (one,), (other,))
        elif (other := next((new for new in after if names_of(new) & names_of(one) and new.key not in theirs), None)):
            found[one.key] = other, Pair("alias", (one,), (other,))
    taken = {other.key for other, _ in found.values()}
    pairs = [both for _, both in found.values()]
    for left, right in gaps(before, after, {key: other.key for key, (other, _) in found.items()}, taken):
        pairs += gap(left, right)
    return pairs


def by_name(subsections: Sequence[Subsection]) -> dict[tuple[str, int], Subsection]:
    """Subsections by name; those of one name, as SD cards have them in QEMU 11.1 (hw/sd/sd.c), are numbered."""
    seen = Counter[str]()
    found = dict[tuple[str, int], Subsection]()
    for one in subsections:
        found[one.name, seen[one.name]] = one
        seen[one.name] += 1
    return found


def disordered(pairs: Sequence[Pair], old: Record[Any], new: Record[Any]) -> frozenset[str]:
    """New keys of members that are out of order: all but the longest run that is in order on both sides."""
    before, after = ({one.key: i for i, one in enumerate(record.members)} for record in (old, new))
    both = sorted((before[one.old[0].key], after[one.new[0].key], one.new[0].key)
                  for one in pairs if len(one.old) == len(one.new) == 1)
    ends, behind, last = list[int](), dict[int, int](), list[int]()
    for i, (_, place, _) in enumerate(both):
        at = bisect_left(ends, place)
        ends[at:at + 1], last[at:at + 1] = [place], [i]
        if at:
            behind[i] = last[at - 1]
    kept, at = set[int](), last[-1] if last else -1
    while at >= 0:
        kept.add(at)
        at = behind.get(at, -1)
    return frozenset(key for i, (_, _, key) in enumerate(both) if i not in kept)


def nested(pairs: Sequence[Pair]) -> Iterator[tuple[Pair, Record[Any], Record[Any]]]:
    """Pairs of members that hold records, with those."""
    for one in pairs:
        if len(one.old) == len(one.new) == 1:
            for a, b in zip(contents(one.old[0].shape), contents(one.new[0].shape), strict=False):
                if isinstance(a, Nested | Temporary) and isinstance(b, Nested | Temporary):
                    yield one, a.record, b.record


def apart(pair: Pair) -> list[Pair]:
    """Members of groups that were made or dissolved, each with its own; those that are records on both sides first."""
    old, new = groups(pair.old), groups(pair.new)
    kept = [Pair("same", (one,), (new[key],)) for key, one in old.items() if key in new]
    leaves = zip(ungrouped(pair.old), ungrouped(pair.new), strict=False)
    return [*kept, *(Pair("same", (one,), (other,)) for one, other in leaves)]


def groups(members: Sequence[Member]) -> dict[str, Member]:
    """All that are records, those within others too."""
    found = dict[str, Member]()
    for one in members:
        if isinstance(one.shape, Nested):
            found |= {one.key: one, **groups(one.shape.record.members)}
    return found


def ungrouped(members: Sequence[Member]) -> Iterator[Member]:
    """Members, and in place of groups what is in them."""
    for one in members:
        if isinstance(one.shape, Nested):
            yield from ungrouped(one.shape.record.members)
        else:
            yield one


def inmost(shape: Shape) -> Shape:
    """What a shape has inside of all checks, arrays and nulls."""
    while isinstance(shape, Range | Equal | AtMost | Constant | Enumerated | Array | Nullable | Chain):
        shape = shape.of
    return shape


def contents(shape: Shape) -> list[Shape]:
    """The same; of a mapping that of keys and values."""
    found = inmost(shape)
    return [*contents(found.key), *contents(found.value)] if isinstance(found, Mapping) else [found]


def at_times(shape: Shape) -> bool:
    """Whether what is inside of a shape may not be there."""
    while isinstance(shape, Range | Equal | AtMost | Constant | Enumerated | Array):
        if isinstance(shape, Array) and not (isinstance(shape.count, int) and shape.count > 0):
            return True
        shape = shape.of
    return isinstance(shape, Nullable | Chain | Mapping)


def carried(record: Record[Any]) -> list[Member]:
    """Members that have bytes."""
    return [one for one in record.members if not isinstance(one.shape, Setting | Validated)]


def unused(member: Member) -> bool:
    """Whether it is bytes that mean nothing."""
    return isinstance(member.shape, Padding)


def names_of(member: Member) -> set[str]:
    """All names under which a document may have it."""
    return {member.key, member.name, member.write_as, *member.was} - {""}


def gaps(
    before: Sequence[Member], after: Sequence[Member], found: dict[str, str], taken: set[str]
) -> Iterator[tuple[list[Member], list[Member]]]:
    """What lies between members that are found on both sides in the same order."""
    place = {one.key: i for i, one in enumerate(after)}
    at, left = 0, list[Member]()
    for one in before:
        other = found.get(one.key)
        if other is None:
            left.append(one)
        elif place[other] >= at:
            yield left, [new for new in after[at:place[other]] if new.key not in taken]
            at, left = place[other] + 1, []
    yield left, [new for new in after[at:] if new.key not in taken]


def gap(old: list[Member], new: list[Member]) -> Iterator[Pair]:
    """Pairs out of what is left between two anchors."""
    yield from trimmed(old, new)
    while found := next(((a, b) for a in old for b in new if resembles(a, b)), None):
        yield Pair("resembles", (found[0],), (found[1],))
        old.remove(found[0])
        new.remove(found[1])
    if any(map(unused, (*old, *new))):
        yield from fillings(old, new)
    elif old and new and shapes(old) == shapes(new) and len(old) == len(new):
        yield from (Pair("renamed", (a,), (b,)) for a, b in zip(old, new, strict=True))
    elif old and new and (groups(old) or groups(new)) and [one[1:] for one in leaves(old)] == [
            one[1:] for one in leaves(new)]:
        yield Pair("regrouped", tuple(old), tuple(new))
    else:
        yield from (Pair("removed", (one,)) for one in old)
        yield from (Pair("added", (), (one,)) for one in new)


def trimmed(old: list[Member], new: list[Member]) -> Iterator[Pair]:
    """Takes off what is the same unused bytes at both ends; a pair where they are there under another condition."""
    for end in (0, -1):
        while old and new and room(old[end]) == room(new[end]) != "":
            a, b = old.pop(end), new.pop(end)
            if (a.since, str(a.when)) != (b.since, str(b.when)):
                yield Pair("same", (a,), (b,))


def room(member: Member) -> str:
    """How many bytes of a member are unused, or what tells it; empty if it is none of these."""
    return str(member.shape.size) if isinstance(member.shape, Padding) else ""


def resembles(old: Member, new: Member) -> bool:
    """Whether both are one name, which one side has several times."""
    return not unused(old) and not unused(new) and old.key != new.key and stem(old.key) == stem(new.key)


def stem(key: str) -> str:
    """A key without the number that it has where its name repeats."""
    return key.partition("[")[0].partition("#")[0]


def fillings(old: list[Member], new: list[Member]) -> Iterator[Pair]:
    """Members that became unused bytes, or came out of such."""
    if (before := size_of(old)) is None or before != size_of(new):
        yield Pair("unused", tuple(old), tuple(new))
        return
    yield from (Pair("to unused", (one,)) for one in old if not unused(one))
    yield from (Pair("from unused", (), (one,)) for one in new if not unused(one))


def pieces_of(members: Sequence[Member]) -> list[Piece]:
    """How members lie, whatever their versions."""
    return [one for member in members for one in Layout().shape(member.shape, 1 << 32, (member.key,), ())]


def size_of(members: Sequence[Member]) -> int | None:
    """Bytes of all."""
    return total(tuple(pieces_of(members)))


def shapes(members: Sequence[Member]) -> list[list[tuple[Any, ...]]]:
    """What members are like without their own names."""
    return [[(*one.path[1:], one.form, one.size, one.count) for one in pieces_of([member])] for member in members]


def leaves(members: Sequence[Member]) -> list[tuple[Any, ...]]:
    """What lies there, with the paths, the names of the predicates, and what is inside of elements."""
    return [(one.path, *inside(one)) for member in members for one in Layout().member(member, 1 << 32)]


def inside(piece: Piece) -> tuple[Any, ...]:
    """What a piece is like, whatever it is in."""
    names = tuple(gate.partition(": ")[2] for gate in piece.gates)
    return piece.form, piece.size, piece.count, names, tuple((one.name, *inside(one)) for one in piece.unit)
