"""Whether what was really sent is read: a record as a stream describes it, into a record that a reader has.

A stream tells no predicates: what is there was sent, and what a reader has beside it under a predicate was not. So both
are gone through in order, by name. A stream lists elements one by one where they are not alike, and knows every length;
a dump knows few: what one of the two does not tell decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from attrs import evolve

from ..errors import VMStateError
from ..nodes import Node, node
from ..shape import Array, Blob, Bool, Float, Int, Member, Nested, Opaque, Padding, Record, Shape, Timer
from .assuming import size_of
from .findings import BREAKS, OK, UNKNOWN, Both, Finding, Verdict, bytes_are
from .pairing import carried, inmost, stem, unused
from .sides import Part
from .values import bare

PLAIN = Int | Bool | Float | Timer


@node
class Group(Node):
    """Members of one name that follow each other: elements that are listed one by one."""

    name: str
    members: tuple[Member, ...]

    @property
    def first(self) -> Shape:
        """The shape of the first."""
        return bare(self.members[0].shape)

    @property
    def size(self) -> int | None:
        """Bytes of all; None where one is not told."""
        sizes = [size_of(one.shape) for one in self.members]
        return None if None in sizes else sum(size for size in sizes if size is not None)

    @property
    def unused(self) -> bool:
        """Whether it means nothing."""
        return isinstance(self.first, Padding)


def loads(name: str, sent: Record[Any], version: int, part: Part, knows: frozenset[str]) -> list[Finding]:
    """What is in the way of this very section, as far as the reader's side tells."""
    try:
        record = part.record
    except VMStateError as error:
        return [found("VM901", name, f"what the reader has makes no sense: {error}", UNKNOWN)]
    if record is None:
        return [found("VM106", name, "the reader cannot take it: it may not be migrated there")]
    if not record.traits.by_hand and (wrong := list(versions(name, version, record, knows))):
        return wrong
    return softened(list(Reading(name, knows).record(sent, record, version)), sent, record, knows)


def softened(
    findings: list[Finding], sent: Record[Any], record: Record[Any], knows: frozenset[str]
) -> list[Finding]:
    """Differences that may be none: a stream shows members, not whether they are always sent; and one that is as long
    as the other may only have been divided.
    """
    long = [size_of_all(one) for one in (sent, record)]
    if "conditions" in knows and (long[0] is None or long[0] != long[1]):
        return findings
    doubtful = LAYOUT - {"VM402"} if "subsections" in knows else LAYOUT  # a dump has all that its build reads
    why = "as many bytes are sent as are read" if "conditions" in knows else (
        "a stream does not tell which members are always sent")
    return [evolve(one, positional=Both(one.positional.backward.at_most(UNKNOWN), OK), severity="note",
                   reason=f"{one.reason}; {why}" if one.reason else why) if one.rule in doubtful else one
            for one in findings]


LAYOUT = frozenset({"VM301", "VM303", "VM306", "VM307", "VM311", "VM402"})


def size_of_all(record: Record[Any]) -> int | None:
    """Bytes of a record's members; None where one is not told, or there are subsections."""
    sizes = [one.size for one in groups(record)]
    return None if None in sizes or record.subsections else sum(size for size in sizes if size is not None)


def found(rule: str, path: str, message: str, verdict: Verdict = BREAKS, reason: str = "") -> Finding:
    """A finding about a load: only one direction counts."""
    return Finding(rule, path, message, Both(verdict, OK), reason=reason, cause=path,
                   severity="error" if verdict.hard else "note", layout=False)


def versions(path: str, version: int, record: Record[Any], knows: frozenset[str], rule: str = "") -> Iterator[Finding]:
    """Whether a version is refused."""
    if version > record.version:
        yield found(rule or "VM201", path, f"version {version} is newer than the reader's {record.version}")
    elif version < record.version and "minimum" not in knows:
        yield found("VM901", path, f"version {version} is older than the reader's {record.version}", UNKNOWN,
                    "a stream does not tell the oldest version that its writer reads")
    elif version < record.minimum:
        yield found(rule or "VM203", path, f"version {version} is older than the reader's minimum {record.minimum}")


class Reading:
    """One section's records, gone through in order."""

    def __init__(self, name: str, knows: frozenset[str]) -> None:
        self.name, self.knows = name, knows

    def path(self, path: Sequence[str]) -> str:
        return f"{self.name}::{'.'.join(path)}" if path else self.name

    def record(
        self, sent: Record[Any], reader: Record[Any], version: int, path: tuple[str, ...] = ()
    ) -> Iterator[Finding]:
        """The members, then the subsections."""
        there = [one for one in groups(reader) if any(taken(member, version) for member in one.members)]
        yield from self.members(groups(sent), there, path)
        known = {sub.name: sub.record for sub in reversed(reader.subsections)}  # QEMU takes the first of a name
        for sub in sent.subsections:
            step = (*path, sub.name)
            if (other := known.get(sub.name)) is None:
                yield found("VM402", self.path(step), "the reader knows no such subsection")
                continue
            refused = list(versions(self.path(step), sub.record.version, other, frozenset({"minimum"}), "VM407"))
            yield from refused or self.record(sub.record, other, sub.record.version, step)

    def members(self, sent: list[Group], read: list[Group], path: tuple[str, ...]) -> Iterator[Finding]:
        """Group by group; a gated one that does not come was not sent."""
        names, mine = ({one.name for one in of if not one.unused} for of in (read, sent))
        waiting = list(sent)
        for one in read:
            while waiting and waiting[0].name not in names and not stands_for(waiting[0], one, mine):
                yield from self.surplus(waiting.pop(0), path)
            if waiting and (same_name(waiting[0], one) or stands_for(waiting[0], one, mine)):
                yield from self.both(waiting.pop(0), one, path)
            elif not one.unused and one.name in {later.name for later in waiting}:
                yield from self.elsewhere(one, waiting, path)
            elif one.unused or one.name not in mine:
                yield from self.missing(one, path)
        for left in waiting:
            yield from self.surplus(left, path)

    def elsewhere(self, one: Group, waiting: list[Group], path: tuple[str, ...]) -> Iterator[Finding]:
        """It comes later. What stands before it the reader may have later, or not at all."""
        if not all(member.when is None for member in one.members):
            return
        at = next(i for i, later in enumerate(waiting) if later.name == one.name)
        yield found("VM306", self.path((*path, one.name)), f"{one.name} stands elsewhere", known(one.size))
        yield from self.both(waiting.pop(at), one, path)

    def missing(self, one: Group, path: tuple[str, ...]) -> Iterator[Finding]:
        """The reader wants it, and it was not sent; unless it is an array that has no elements here."""
        if any(member.when is not None for member in one.members) or one.size == 0:
            return
        if isinstance(one.first, Nested) and "types" not in self.knows:
            return  # a dump has no count of arrays whose length varies
        lone = not isinstance(one.first, Array) and "types" not in self.knows
        yield found("VM301", self.path((*path, one.name)), f"the reader wants {one.name}, which was not sent",
                    UNKNOWN if lone else known(one.size), "a dump does not tell whether it is an array, which may be "
                    "empty" if lone else f"{bytes_are(one.size or 0)} missing")

    def surplus(self, one: Group, path: tuple[str, ...]) -> Iterator[Finding]:
        """It was sent, and the reader does not want it."""
        if one.size != 0:
            yield found("VM303", self.path((*path, one.name)), f"{one.name} was sent, and the reader has it not",
                        known(one.size), f"{bytes_are(one.size)} left over" if one.size else "")

    def both(self, sent: Group, read: Group, path: tuple[str, ...]) -> Iterator[Finding]:
        """One that both have."""
        step = (*path, read.name)
        a, b = inmost(sent.members[0].shape), inmost(read.members[0].shape)
        if isinstance(a, Nested) and isinstance(b, Nested):
            if a.record.members or not b.record.members:  # of none that was there nothing is described
                yield from self.record(a.record, b.record, b.record.version, step)
        elif len(sent.members) == len(read.members) == 1:
            yield from self.sizes(sent.first, read.first, step)

    def sizes(self, a: Shape, b: Shape, step: tuple[str, ...]) -> Iterator[Finding]:
        """Numbers of another width, arrays of another length."""
        if isinstance(a, PLAIN) and isinstance(b, PLAIN):
            if size_of(a) != size_of(b):
                yield found("VM307", self.path(step), f"{size_of(a)} bytes were sent, {size_of(b)} are read",
                            known(size_of(b)))
        elif isinstance(a, Array) and isinstance(b, Array) and isinstance(b.count, int) and a.count != b.count:
            yield found("VM311", self.path(step), f"{a.count} elements were sent, {b.count} are read")
        elif isinstance(a, Blob) and isinstance(b, Blob) and "conditions" not in self.knows and a.size != b.size:
            yield found("VM311", self.path(step), f"{a.size} bytes were sent, the other stream has {b.size}", UNKNOWN,
                        "only its code knows what they are")


def untold(sent: Record[Any], reader: Record[Any]) -> Iterator[str]:
    """Members of which a dump says neither what is in them nor how many they may be: only code there can tell."""
    mine = {one.name: one for one in groups(sent)}
    for one in groups(reader):
        if (other := mine.get(one.name)) is None:
            continue
        a, b = inmost(other.members[0].shape), inmost(one.members[0].shape)
        if isinstance(a, Nested) and isinstance(b, Nested):
            yield from (f"{one.name}.{name}" for name in untold(a.record, b.record))
        elif isinstance(one.first, Opaque) or isinstance(other.first, Array) > isinstance(one.first, Array):
            yield one.name


def groups(record: Record[Any]) -> list[Group]:
    """A record's members, elements that are listed one by one together."""
    by_name = groupby(carried(record), lambda one: one.key if unused(one) else stem(one.name))
    return [Group(stem(name), tuple(members)) for name, members in by_name]


def taken(member: Member, version: int) -> bool:
    """Whether a reader takes it at this version, or may."""
    return member.when is not None or member.since <= version


def same_name(sent: Group, read: Group) -> bool:
    return sent.name == read.name and sent.unused == read.unused


def stands_for(sent: Group, read: Group, mine: set[str]) -> bool:
    """Whether it may be the other under another name: nothing else is called so, and it may be as long."""
    if read.name in mine and not read.unused:
        return False
    return sent.size is None or read.size is None or sent.size == read.size


def known(size: int | None) -> Verdict:
    """How certain it is that bytes are too many, or too few."""
    return UNKNOWN if size is None else BREAKS
