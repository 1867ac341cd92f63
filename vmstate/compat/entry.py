"""What a program calls: `vmstate.compare`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, overload

from attrs import frozen

from ..combinators import record_of
from ..registry import Registry
from ..shape import Record
from .allowances import Settled, declared, settled
from .catalogue import SEVERITIES
from .findings import DIRECTIONS, Both, Finding, Report, most_severe
from .levels import USUAL, Level, promised
from .sections import meet
from .sides import Side, part_of
from .witness import witnessed

if TYPE_CHECKING:
    from ..format import Format

Comparable = type | Record[Any] | Registry | Side
"""A class made by `@state`, a record, all that a registry has, or a side however it was made."""


@frozen
class Comparison(Sequence[Finding]):
    """What comparing gave: its findings, the worst first; false where there are none.

    `settled` has those of each family of formats that was asked for, with the allowances that have expired, and those
    that nothing needs.
    """

    findings: tuple[Finding, ...]
    settled: tuple[Settled, ...]

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Finding]: ...
    def __getitem__(self, index: int | slice) -> Finding | Sequence[Finding]:
        return self.findings[index]

    def __len__(self) -> int:
        return len(self.findings)

    @property
    def verdict(self) -> Both:
        """The worst of all formats, in each direction."""
        return Both(*(max(one.report.verdict[direction] for one in self.settled) for direction in DIRECTIONS))

    def violates(self, level: Level = USUAL) -> bool:
        """Whether one of the formats breaks this promise, or an allowance has expired."""
        return any(one.violates(level) for one in self.settled)


def compare(
    old: Comparable, new: Comparable, *, wires: Sequence[Format[Any]], transitive: bool = False,
    today: date | None = None,
) -> Comparison:
    """Whether what the old side saves loads into the new one, and the other way round: all that differs, with why.

    `wires` are the formats that count (`from visitors import qemufile, cbor`); witnesses are of the first one of those
    that go by place, and of those that go by name. `transitive`: streams of all versions that the old side reads, not
    only of its newest. What `allow()` allows on the day `today` (by default the day that it is, UTC) counts for
    nothing. Raises TypeError for a class that is no state, ValueError without a format.
    """
    families: dict[bool, Format[Any]] = {}
    for one in wires:
        families.setdefault(positional(one), one)
    if not families:
        raise ValueError("compare() wants the formats that count: wires=[qemufile]")
    sides, day = pair(old, new), today or datetime.now(UTC).date()
    granted = list(declared(meet(*sides)))
    reports = (witnessed(promised(*sides, positional=family, transitive=transitive), *sides, form)
               for family, form in families.items())
    found = tuple(settled(one, granted, day) for one in reports)
    return Comparison(together([one.report for one in found]), found)


def positional(form: Format[Any]) -> bool:
    """Whether a format's bytes go by their place alone."""
    return bool(getattr(form, "positional", False))


def together(reports: Sequence[Report]) -> tuple[Finding, ...]:
    """Findings of all families, each once, as severe as it is in any."""
    first, *others = reports
    found = list(first.findings)
    for report in others:
        for one in report.findings:
            place = next((i for i, it in enumerate(found) if same(it, one)), None)
            if place is None:
                found.append(one)
            elif SEVERITIES.index(one.severity) > SEVERITIES.index(found[place].severity):
                found[place] = one
    return tuple(most_severe(found, positional=first.positional))


def same(one: Finding, other: Finding) -> bool:
    """Whether two families have found one thing."""
    return (one.rule, one.path, one.message) == (other.rule, other.path, other.message)


# -- sides

def pair(old: Comparable, new: Comparable) -> tuple[Side, Side]:
    """Both as sides. Two declarations that are handed in alone are one section, whatever they are called."""
    one, two = alone(old), alone(new)
    if one is not None and two is not None:
        key = two.kind.__name__
        return Side("old", (part_of(key, one),)), Side("new", (part_of(key, two),))
    return side(old, "old"), side(new, "new")


def alone(given: Comparable) -> Record[Any] | None:
    """The record of a single declaration."""
    return None if isinstance(given, Side | Registry) else record_of(given)


def side(given: Comparable, name: str) -> Side:
    """Anything as a side."""
    if isinstance(given, Side):
        return given
    return Side(name, tuple(part_of(record.kind.__name__, record) for record in records(given)))


def records(given: type | Record[Any] | Registry) -> Iterator[Record[Any]]:
    """The declarations, each once."""
    if isinstance(given, Registry):
        yield from dict.fromkeys(record for name in given for record in given.named(name))
    else:
        yield record_of(given)
