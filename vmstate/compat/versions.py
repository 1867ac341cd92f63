"""VM201 to VM209: the version of a section, and the oldest that is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import evolve

from .findings import BREAKS, CONDITIONAL, OK, Both, Finding
from .scope import Scope
from .sides import Part


def findings(scope: Scope, old: Part, new: Part, layout: Sequence[Finding], stored: bool = False) -> Iterator[Finding]:
    """What the numbers say. `layout`: what else was found; `stored`: all versions that were ever sent count."""
    a, b = scope.old, scope.new
    if b.version > a.version:
        refused = Both(OK, BREAKS)
        yield numbered(scope, "VM201", f"version {a.version} became {b.version}", refused, b.version)
        if not any(one.rule.startswith("VM3") for one in layout):
            yield numbered(scope, "VM208", "the version was raised, and nothing is sent otherwise", refused, b.version)
    if b.version < a.version:
        refused = Both(BREAKS, OK if a.minimum <= b.version else BREAKS)
        yield numbered(scope, "VM202", f"version {a.version} became {b.version}", refused, a.version)
    if b.minimum > b.version:
        refused = Both(BREAKS, OK)
        yield numbered(scope, "VM205", f"minimum {b.minimum} is above version {b.version}", refused, b.version)
    elif b.minimum > a.minimum:
        refused = Both(BREAKS if b.minimum > a.version or stored else OK, OK)
        found = numbered(scope, "VM203", f"minimum {a.minimum} became {b.minimum}", refused,
                         min(a.version, b.minimum - 1))
        yield evolve(found, severity="error" if refused.worst.hard else "note")
    if b.minimum < a.minimum:
        verdicts = Both(CONDITIONAL if stored else OK, OK)
        yield scope.finding("VM204", "", f"minimum {a.minimum} became {b.minimum}", verdicts, verdicts)
    for part, record in ((old, a), (new, b)):
        if part.version not in (None, record.version):
            yield scope.finding("VM209", "", f"the section has version {part.version}, its description "
                                f"{record.version}", Both())


def numbered(scope: Scope, rule: str, message: str, verdicts: Both, version: int) -> Finding:
    """A finding about numbers alone; where they are refused, with such a one."""
    found = scope.finding(rule, "", message, verdicts, verdicts)
    return evolve(found, witness={"version": version}) if verdicts.worst.hard else found
