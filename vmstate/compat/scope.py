"""Where a comparison is: one record of each side, what becomes of its bytes, and how a finding is made there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import evolve, field, frozen

from ..shape import ABSENT, Member, Nested, Record
from .catalogue import RULES
from .findings import BREAKS, CONDITIONAL, OK, Both, Finding, Verdict
from .layout import Layout, gate_of
from .meeting import Meeting
from .pairing import Pair, disordered, pair
from .renames import Renames
from .scenarios import outcome


@frozen
class Scope:
    """Two records that are one, or parts of such.

    `place` is what stands before a member's path. `old_version`, `new_version`: those at which each side writes.
    `backward` and `forward` say what becomes of the bytes of the whole that is sent at once, of which nested records
    are parts: `nested`. `most`: nothing here is worse, for it may not be sent at all. `rare`: at times this part is not
    sent with the rest. `follows`: a nested record that is read at its parent's version.
    """

    place: str
    old: Record[Any]
    new: Record[Any]
    old_version: int
    new_version: int
    backward: Meeting
    forward: Meeting
    most: Verdict = BREAKS
    nested: bool = False
    rare: bool = False
    follows: bool = False
    meanings: bool = False
    pairs: list[Pair] = field(factory=list[Pair])
    disordered: frozenset[str] = frozenset()

    @property
    def revised(self) -> bool:
        """Whether this is a nested record of another version."""
        return self.nested and self.old.version != self.new.version

    @property
    def layout(self) -> Both:
        """What becomes of the bytes, in both directions."""
        return Both(self.backward.verdict, self.forward.verdict)

    @property
    def reads(self) -> tuple[int, int]:
        """The versions at which an old stream is read, and a new one: the stream's, or a nested record's own."""
        if self.nested and not self.follows:
            return self.new_version, self.old_version
        return self.old_version, self.new_version

    def inner(
        self, key: str, old: Record[Any], new: Record[Any], versions: tuple[int, int], *, follows: bool = False,
    ) -> Scope:
        """That of records inside of these, sent with them."""
        pairs = pair(old, new)
        return evolve(self, place=self.path(key), old=old, new=new, old_version=versions[0], new_version=versions[1],
                      nested=True, follows=follows, pairs=pairs, disordered=disordered(pairs, old, new))

    def of(self, members: Iterable[Member]) -> Scope:
        """The same, for members that may have a predicate."""
        return self if all(one.when is None for one in members) else self.at_times()

    def at_times(self) -> Scope:
        """The same, for what is not always sent."""
        return self if self.rare else evolve(self, rare=True)

    def lost(self, member: Member) -> Both:
        """What it is by name that the old side alone has a member."""
        return Both(OK if member.skippable else BREAKS, OK if spared(member, self.reads[1]) else BREAKS)

    def come(self, member: Member) -> Both:
        """What it is by name that the new side alone has a member."""
        return Both(OK if spared(member, self.reads[0]) else BREAKS, OK if member.skippable else BREAKS)

    def path(self, key: str) -> str:
        """A member's path."""
        return f"{self.place}{'.' if '::' in self.place else '::'}{key}" if key else self.place

    def finding(
        self, rule: str, key: str, message: str, positional: Both | None = None, named: Both | None = None, *,
        reason: str = "", cause: str = "",
    ) -> Finding:
        """One finding. Without `positional` it is a change of the layout, and what becomes of that is its verdict."""
        layout = positional is None
        most = min(self.most, CONDITIONAL) if self.rare else self.most
        mine = self.layout.at_most(self.most) if positional is None else positional.at_most(most)
        theirs = Both() if named is None else named
        severity = RULES[rule].severity
        if layout and mine.worst is OK:
            severity = "note" if severity in ("error", "warn") else severity
        worst = self.backward if self.backward.verdict >= self.forward.verdict else self.forward
        return Finding(rule, self.path(key), message, mine, theirs.at_most(most),
                       reason or (worst.reason if layout else ""), cause=cause or self.path(key),
                       layout=layout and mine.worst.hard, severity=severity)


def spared(member: Member, version: int) -> bool:
    """Whether a document of this version may lack it."""
    return has_default(member) or (member.when is None and member.since > version)


def has_default(member: Member) -> bool:
    """Whether any document may lack it."""
    return member.default is not ABSENT


def scope_of(place: str, old: Record[Any], new: Record[Any], *, version: int | None = None, new_version: int |
             None = None, most: Verdict = BREAKS, meanings: bool = False) -> Scope:
    """That of two records that are sent at once: a section's, a subsection's. Versions are those that are written."""
    writes = old.version if version is None else version
    sends = new.version if new_version is None else new_version
    pairs = pair(old, new)
    renames = Renames(pairs)
    return Scope(place, old, new, writes, sends, met(old, new, writes, renames), met(new, old, sends, renames), most,
                 meanings=meanings, pairs=pairs, disordered=disordered(pairs, old, new))


def unchanged(place: str, old: Record[Any], new: Record[Any]) -> Scope:
    """That of two records that are the same."""
    return Scope(place, old, new, old.version, new.version, Meeting(OK), Meeting(OK))


def met(writer: Record[Any], reader: Record[Any], version: int, renames: Renames) -> Meeting:
    """What becomes of a writer's bytes; of a version that the reader refuses, nothing."""
    if not reader.minimum <= version <= reader.version:
        known = f"{reader.minimum} to {reader.version}"
        return Meeting(BREAKS, None, (), (), f"version {version} is refused, for {known} are read")
    written, read = (list(Layout().record(one, version)) for one in (writer, reader))
    written, wanted = renames.sent(written)
    return outcome(renames.unified(written), renames.unified(read), renames.aliases,
                   {**carried_versions(writer, reader), **wanted})


def carried_versions(writer: Record[Any], reader: Record[Any]) -> dict[str, bool]:
    """Predicates that a version in the stream decides: of members that one side's nested record has in addition, when
    only its version was raised and a member beside it carries a version. True where the writer is the newer.
    """
    decided = dict[str, bool]()
    for member in writer.members:
        other = next((one for one in reader.members if one.key == member.key), None)
        if other is None or not (isinstance(member.shape, Nested) and isinstance(other.shape, Nested)):
            continue
        ours, theirs = member.shape.record, other.shape.record
        if ours.version == theirs.version or not any("version" in one.key for one in writer.members):
            continue
        newer, older = (ours, theirs) if ours.version > theirs.version else (theirs, ours)
        known = {one.key for one in older.members}
        if known <= {one.key for one in newer.members}:
            decided |= {gate_of((member.key, one.key), one): newer is ours for one in newer.members
                        if one.when is not None and one.key not in known}
    return decided
