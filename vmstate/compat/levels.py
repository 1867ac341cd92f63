"""What a project promises: which streams have to load, and whether a comparison keeps that promise.

As Confluent's registry has it: `backward` is old streams in new code, and the usual promise; `forward` new streams in
old code; `full` both. Transitive are they where streams of every version that was ever sent count, not only of the
newest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Literal, get_args

from attrs import evolve

from ..shape import ABSENT, Nested, Record
from .comparing import Facts, compare_sides
from .findings import BREAKS, CONDITIONAL, DIRECTIONS, OK, UNKNOWN, Both, Direction, Finding, Report, most_severe
from .pairing import inmost
from .scope import Scope, scope_of
from .sections import Met, meet
from .sides import Side

Level = Literal["backward", "forward", "full"]
LEVELS: tuple[Level, ...] = get_args(Level)
USUAL: Level = "backward"
MOST = 64
"""Versions of one section that are laid out, at which something changes."""


def directions(level: Level) -> tuple[Direction, ...]:
    """The directions that a level speaks of."""
    return DIRECTIONS if level == "full" else (level,)


def breach(finding: Finding, level: Level, positional: bool) -> bool:
    """Whether a finding breaks the promise: refused or loaded wrong for certain, or an error that some streams meet."""
    verdicts = finding.verdicts(positional)
    worst = max(verdicts[direction] for direction in directions(level))
    return worst.hard or (worst >= CONDITIONAL and finding.severity == "error")


def violated(report: Report, level: Level) -> bool:
    """Whether a comparison breaks the promise."""
    return any(breach(one, level, report.positional) for one in report.findings)


def promised(
    old: Side, new: Side, *, positional: bool = True, transitive: bool = False, names: Collection[str] = (),
) -> Report:
    """All that differs; `transitive`: also for streams of the versions before the old side's newest."""
    report = compare_sides(old, new, positional=positional, stored=transitive, names=names)
    if not transitive:
        return report
    facts = Facts(old, new)
    earlier = [one for met in meet(old, new) if among(met, names) for one in stored(met, facts, positional)]
    return Report(tuple(most_severe([*report.findings, *earlier], positional)), positional)


def among(met: Met, names: Collection[str]) -> bool:
    """Whether a section is one of these, by its name or its key; without names, any is."""
    known = {met.name, *(part.key for part in (met.old, met.new) if part is not None)}
    return not names or not known.isdisjoint(names)


# -- streams of earlier versions

def stored(met: Met, facts: Facts, positional: bool) -> Iterator[Finding]:
    """What becomes of a section's streams of each version before the old side's newest, where it is worse than of that.

    What the new side refuses by its minimum is told by VM203, what it refuses by its version by VM202.
    """
    if met.old is None or met.new is None or met.old.same_as(met.new):
        return
    if (before := met.old.record) is None or (after := met.new.record) is None:
        return
    old, new, _ = facts.taken(before, after)
    newest = scope_of(met.name, old, new)
    worse = misread if positional else lacking
    found = list[tuple[int, int, Finding]]()
    for first, last in runs(old, new, max(old.minimum, new.minimum), min(old.version - 1, new.version)):
        one = worse(newest, scope_of(met.name, old, new, version=first))
        if one is not None and found and found[-1][1:] == (first - 1, one):
            found[-1] = found[-1][0], last, one
        elif one is not None:
            found.append((first, last, one))
    yield from (told(*one) for one in found)
    if len(steps(old, new)) > MOST:
        unknown = Both(UNKNOWN, OK)
        yield newest.finding("VM901", "", f"more than {MOST} versions differ: the newest were compared alone", unknown,
                             unknown)


def runs(old: Record[Any], new: Record[Any], least: int, most: int) -> Iterator[tuple[int, int]]:
    """Versions from the one to the other, in runs in which nothing changes."""
    begins = [least, *(one for one in steps(old, new) if least < one <= most)][-MOST:] if least <= most else []
    yield from zip(begins, [*(one - 1 for one in begins[1:]), most], strict=False)


def steps(*records: Record[Any]) -> list[int]:
    """Versions with which something came, in order."""
    found, entered = set[int](), set[Record[Any]]()
    left = [*records]
    while left:
        record = left.pop()
        if record in entered:
            continue
        entered.add(record)
        found.update(member.since for member in record.members if member.when is None)
        left += [inner.record for member in record.members if isinstance(inner := inmost(member.shape), Nested)
                 and inner.version == "outer"]
    return sorted(found)


def misread(newest: Scope, earlier: Scope) -> Finding | None:
    """What is worse by place for a version than for the newest; None where nothing is."""
    met = earlier.backward
    if met.verdict <= newest.backward.verdict:
        return None
    return earlier.finding("VM313", ".".join(met.read or met.written), "are taken otherwise than they were written",
                           Both(met.verdict, OK), Both(), reason=met.reason)


def lacking(newest: Scope, earlier: Scope) -> Finding | None:
    """What is worse by name: members that are wanted of a version, and that its writer did not have."""
    known = missing(newest)
    keys = [key for key in missing(earlier) if key not in known]
    return earlier.finding("VM313", keys[0], f"lack {', '.join(keys)}", Both(), Both(BREAKS, OK),
                           reason="there is no default") if keys else None


def missing(scope: Scope) -> list[str]:
    """Members that both sides have, and of this version the reader alone."""
    pairs = [(*one.old, *one.new) for one in scope.pairs if len(one.old) == len(one.new) == 1]
    return [new.key for old, new in pairs if old.when is None and new.when is None
            and new.since <= scope.old_version < old.since and new.default is ABSENT]


def told(first: int, last: int, found: Finding) -> Finding:
    """A finding with its versions."""
    which = f"version {first}" if first == last else f"versions {first} to {last}"
    hard = max(found.positional.worst, found.named.worst).hard
    return evolve(found, message=f"streams of {which} {found.message}", severity="error" if hard else "warn",
                  witness={"version": first} if hard else None)
