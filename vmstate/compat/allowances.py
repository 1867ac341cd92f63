"""Findings that somebody accepts: said beside the device (`allow`), or in a project's configuration.

What is allowed is told (VM902) and counts for nothing. An allowance that has expired fails: its finding stays, and says
so. One that nothing needs is told, so that it goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, cast

from attrs import evolve, frozen

from ..errors import DecodeError
from ..marks import dated
from ..nodes import Node, node
from ..shape import Allowance, Nested, Record, Temporary
from .catalogue import RULES
from .findings import Finding, Report, most_severe, suppressed
from .levels import Level, violated
from .pairing import inmost
from .sections import Met

ANY = "*"
KEYS = ("rule", "reason", "until", "device", "path")


@node
class Granted(Node):
    """An allowance, where it holds, and who says so. Both patterns have `*` and `?` as a shell has; `device` is a
    section's name or its end behind a slash, `path` all of a PATH or its beginning. `beside`: it stands beside the
    device.
    """

    allowance: Allowance
    device: str = ANY
    path: str = ANY
    said: str = ""
    beside: bool = False

    def covers(self, finding: Finding) -> bool:
        """Whether it is this finding that is meant."""
        section = finding.path.partition("::")[0]
        return (self.allowance.rule == finding.rule
                and (like(self.device, section) or like(f"*/{self.device}", section))
                and (like(self.path, finding.path) or any(like(self.path + end, finding.path) for end in BENEATH)))

    def expired(self, today: date) -> str:
        """Why it holds no more; empty while it does."""
        until = self.allowance.until
        if not until:
            return ""
        if (last := dated(until)) is None:
            return f"until {until!r}, which is no date (YYYY-MM-DD)"
        return f"until {until}" if last < today else ""


LINT = "VL"
"""How the rules of `vmstate lint` begin, which say something of one declaration, and not of two."""

BENEATH = ("::*", ".*", "[*")
"""How a path goes on."""


@frozen
class Settled:
    """A report in which allowances are heeded; which findings' allowances have expired, and which nothing needs."""

    report: Report
    expired: tuple[Finding, ...] = ()
    idle: tuple[Granted, ...] = ()

    def violates(self, level: Level) -> bool:
        """Whether the promise is broken, or an allowance has expired."""
        return bool(self.expired) or violated(self.report, level)


def settled(report: Report, granted: Sequence[Granted], today: date) -> Settled:
    """A report with what is allowed on this day, and with it what is no worse of the same cause."""
    meant = [[one for one in granted if one.covers(finding)] for finding in report.findings]
    allowed = [next((one for one in found if not one.expired(today)), None) for found in meant]
    causes = {finding.cause: (finding, one) for finding, one in zip(report.findings, allowed, strict=True)
              if one is not None and "::" in finding.cause}
    kept, expired = list[Finding](), list[Finding]()
    for finding, found, one in zip(report.findings, meant, allowed, strict=True):
        if one is None and found:
            expired.append(overdue(finding, found[0], today))
            kept.append(expired[-1])
            continue
        head, other = causes.get(finding.cause, (None, None))
        reached = one or (other if head is not None and no_worse(finding, head, report.positional) else None)
        kept.append(finding if reached is None else suppressed(finding, reached.allowance.reason))
    idle = tuple(one for one in granted if not any(one in found for found in meant))
    return Settled(evolve(report, findings=tuple(most_severe(kept, report.positional))), tuple(expired), idle)


def no_worse(finding: Finding, head: Finding, positional: bool) -> bool:
    """Whether nothing follows from a finding that does not follow from the other."""
    mine, other = finding.verdicts(positional), head.verdicts(positional)
    return mine.backward <= other.backward and mine.forward <= other.forward


def overdue(finding: Finding, granted: Granted, today: date) -> Finding:
    """A finding that is allowed no more."""
    said = f" by {granted.said}" if granted.said else ""
    told = f"it was allowed{said} {granted.expired(today)} ({granted.allowance.reason})"
    return evolve(finding, severity="error", message=f"{finding.message}; {told}")


def like(pattern: str, text: str) -> bool:
    """Whether a text is as a pattern says, in which `*` is anything and `?` one character."""
    return re.fullmatch("".join(WILD.get(one, re.escape(one)) for one in pattern), text, re.DOTALL) is not None


WILD = {"*": ".*", "?": "."}


# -- beside the device

def declared(met: Iterable[Met]) -> Iterator[Granted]:
    """What the new side's records allow, and of a section that it does not have, the old side's."""
    for one in met:
        part = one.new or one.old
        if part is not None and part.allows and part.record is not None:
            yield from of_record(part.record, one.name, frozenset())


def of_record(record: Record[Any], place: str, entered: frozenset[Record[Any]]) -> Iterator[Granted]:
    """Of a record, its subsections and those nested in it."""
    if record in entered:
        return
    for allowance in record.traits.allowances:
        if not allowance.rule.startswith(LINT):
            yield Granted(allowance, path=place, said=record.kind.__name__, beside=True)
    inside = [(member.key, shape.record) for member in record.members
              if isinstance(shape := inmost(member.shape), Nested | Temporary)]
    for key, inner in [*inside, *((sub.name, sub.record) for sub in record.subsections)]:
        yield from of_record(inner, f"{place}{step(place)}{key}", entered | {record})


def step(place: str) -> str:
    """What stands between a place and a member."""
    return "." if "::" in place else "::"


# -- in a configuration

def configured(table: Mapping[str, Any], said: str) -> Iterator[Granted]:
    """Those of a table as TOML has it: `allow` is a list of tables of KEYS. Raises DecodeError."""
    known(table, ("allow",), said)
    entries = table.get("allow", [])
    if not isinstance(entries, list):
        raise DecodeError("a list of tables is wanted: [[allow]]", section=said, path=("allow",))
    for i, entry in enumerate(cast("list[object]", entries)):
        if not isinstance(entry, dict):
            raise DecodeError("a table is wanted", section=said, path=("allow", i))
        yield entry_of(cast("dict[str, Any]", entry), said, i)


def entry_of(entry: dict[str, Any], said: str, i: int) -> Granted:
    """One table. Raises DecodeError."""
    known(entry, KEYS, said, "allow", i)

    def text(key: str, otherwise: str, must: str = "a text is wanted") -> str:
        given = entry.get(key, otherwise)
        told = given.isoformat() if key == "until" and type(given) is date else given
        if isinstance(told, str) and (told.strip() or key == "until"):
            return told
        raise DecodeError(must, section=said, path=("allow", i, key))

    rule, reason = text("rule", "", "a rule is wanted, such as VM301"), text("reason", "", "a reason is wanted")
    until = text("until", "", DAY)
    if until and dated(until) is None:
        raise DecodeError(DAY, section=said, path=("allow", i, "until"), actual=until)
    if rule not in RULES:
        raise DecodeError(f"no rule {rule}", hint="`vmstate rules` has all", section=said, path=("allow", i, "rule"))
    return Granted(Allowance(rule, reason, until), text("device", ANY), text("path", ANY), said)


DAY = "a date is wanted: YYYY-MM-DD"


def known(table: Mapping[str, Any], keys: Sequence[str], said: str, *path: str | int) -> None:
    """Raises DecodeError for a key that means nothing."""
    for key in table:
        if key not in keys:
            raise DecodeError(f"nothing is called {key}", hint=f"known: {', '.join(keys)}", section=said, path=path)
