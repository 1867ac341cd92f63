"""Two sides compared: every section, both directions, all differences."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from attrs import evolve

from ..shape import Record
from . import fields, sections, subsections, versions
from .assuming import assume
from .catalogue import SEVERITIES
from .equality import equal
from .findings import CORRUPTS, DIRECTIONS, OK, UNKNOWN, Both, Finding, Report, most_severe
from .scope import Scope, scope_of, unchanged
from .sections import Met
from .sides import Part, Side

WANTED = frozenset({"counts", "types"})
"""Facts that are taken from the other side where one lacks them."""
SPEAKING = frozenset({"VM206", "VM503", "VM504", "VM313"})
"""Rules that speak of other versions than the two at hand."""


def compare_sides(
    old: Side, new: Side, *, positional: bool = True, stored: bool = False, names: Collection[str] = (),
) -> Report:
    """All that differs. `stored`: of all versions that were ever sent; `names`: these sections alone."""
    found, told = list[Finding](), Told()
    for met in sections.meet(old, new):
        if not names or not {met.name, *(part.key for part in (met.old, met.new) if part)}.isdisjoint(names):
            found += counted(section(met, old, new, stored, told), positional)
    found += sections.machines(old, new)
    return Report(tuple(most_severe(distinct(found), positional)), positional)


class Told:
    """Sections of which everything was told: several types of device may have one name in a stream, and one layout."""

    def __init__(self) -> None:
        self.parts = dict[str, list[tuple[Part, Part]]]()

    def again(self, name: str, before: Part, after: Part) -> bool:
        """Whether parts of this name and these contents were here before; now they were."""
        known = self.parts.setdefault(name, [])
        if any(before.same_as(one) and after.same_as(other) for one, other in known):
            return True
        known.append((before, after))
        return False


def distinct(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Each once: several types of device may have one name in a stream."""
    seen = set[tuple[object, ...]]()
    for one in findings:
        if (key := (one.rule, one.path, one.message, one.positional, one.named)) not in seen:
            seen.add(key)
            yield one


def counted(findings: Iterable[Finding], positional: bool) -> Iterator[Finding]:
    """Findings of one section, each as severe as it counts: of those with one cause the worst; of changes that are
    nothing to this family of formats, and of what fails less where all fails anyway, none.
    """
    found = list(findings)
    whole = Report(tuple(found), positional).verdict
    worst = dict[str, Finding]()
    for one in found:
        worst[one.cause] = max(worst.get(one.cause, one), one, key=lambda it: weight(it, positional))
    for one in found:
        mine = one.verdicts(positional)
        idle = one.rule.startswith(("VM3", "VM5")) and mine.worst <= OK and one.rule not in SPEAKING
        hidden = whole.worst.hard and mine.worst < whole.worst and mine.worst < CORRUPTS
        second = worst[one.cause] is not one and mine.worst <= worst[one.cause].verdicts(positional).worst
        yield evolve(one, severity=min(one.severity, "note", key=SEVERITIES.index)) if (
            idle or hidden or second) else one


def weight(one: Finding, positional: bool) -> tuple[int, int]:
    """How much a finding counts."""
    return one.verdicts(positional).worst, SEVERITIES.index(one.severity)


def section(met: Met, old: Side, new: Side, stored: bool = False, told: Told | None = None) -> Iterator[Finding]:
    """All of one section, unless it was told already."""
    before, after = met.old, met.new
    if before is None or after is None:
        yield from sections.alone(met)
        return
    yield from sections.keys(met, before, after)
    if before.same_as(after) or (told is not None and told.again(met.name, before, after)):
        return
    yield from sections.findings(met, before, after)
    if before.record is None or after.record is None:
        return
    yield from records(met, before, after, Facts(old, new), stored)


class Facts:
    """What each side lacks that the other has."""

    def __init__(self, old: Side, new: Side) -> None:
        self.old, self.new = old.lacks(new) & WANTED, new.lacks(old) & WANTED
        self.meanings = "meanings" in old.knows | new.knows
        self.sides = old, new

    def taken(self, a: Record[Any], b: Record[Any]) -> tuple[Record[Any], Record[Any], list[str]]:
        """Both records with what they lack; and which members' counts nobody knows for certain."""
        first = assume(a, b, self.old)
        second = assume(b, a, self.new)
        return first.record, second.record, [*first.paths, *second.paths]


def unexplained(scope: Scope, found: Sequence[Finding]) -> Iterator[Finding]:
    """What no finding about a member tells, and the bytes do."""
    told = Both(*(max((one.positional[direction] for one in found), default=OK) for direction in DIRECTIONS))
    for direction, meeting in zip(DIRECTIONS, (scope.backward, scope.forward), strict=True):
        if meeting.verdict.hard and meeting.verdict > told[direction]:
            places = [".".join(path) or "nothing" for path in (meeting.written, meeting.read)]
            yield scope.finding("VM306", places[1], f"bytes of {places[0]} are read as {places[1]}", None)
            return


def records(met: Met, before: Part, after: Part, facts: Facts, stored: bool) -> Iterator[Finding]:
    """Of the records of one section."""
    assert before.record is not None  # noqa: S101  the caller looked
    assert after.record is not None  # noqa: S101
    a, b, doubted = facts.taken(before.record, after.record)
    if a.minimum <= a.version and equal(a, b):
        found = list(versions.findings(unchanged(met.name, a, b), before, after, ()))
        yield from found
        yield from doubts(unchanged(met.name, a, b), found, doubted)
        return
    scope = scope_of(met.name, a, b, meanings=facts.meanings)
    found = [*fields.findings(scope), *subsections.findings(scope)]
    found += versions.findings(scope, before, after, found, stored)
    yield from found
    yield from unexplained(scope, found)
    yield from doubts(scope, found, doubted)


def doubts(scope: Scope, found: Sequence[Finding], doubted: Sequence[str]) -> Iterator[Finding]:
    """That nobody knows some counts, where nothing else differs."""
    if doubted and max((one.positional.worst for one in found), default=OK) < UNKNOWN:
        yield scope.finding("VM901", ", ".join(doubted[:3]), f"how many elements {', '.join(doubted)} have is known on "
                            "one side alone", Both(UNKNOWN, UNKNOWN), Both(), reason="a dump of QEMU up to 9.x "
                            "prints no counts")
