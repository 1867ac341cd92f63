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
        yield scope.finding("VM201", "", f"version {a.version} became {b.version}", refused, refused)
        if not any(one.rule.startswith("VM3") for one in layout):
            yield scope.finding("VM208", "", "the version was raised, and nothing is sent otherwise", refused, refused)
    if b.version < a.version:
        refused = Both(BREAKS, OK if a.minimum <= b.version else BREAKS)
        yield scope.finding("VM202", "", f"version {a.version} became {b.version}", refused, refused)
    if b.minimum > b.version:
        refused = Both(BREAKS, OK)
        yield scope.finding("VM205", "", f"minimum {b.minimum} is above version {b.version}", refused, refused)
    elif b.minimum > a.minimum:
        refused = Both(BREAKS if b.minimum > a.version or stored else OK, OK)
        found = scope.finding("VM203", "", f"minimum {a.minimum} became {b.minimum}", refused, refused)
        yield evolve(found, severity="error" if refused.worst.hard else "note")
    if b.minimum < a.minimum:
        verdicts = Both(CONDITIONAL if stored else OK, OK)
        yield scope.finding("VM204", "", f"minimum {a.minimum} became {b.minimum}", verdicts, verdicts)
    for part, record in ((old, a), (new, b)):
        if part.version not in (None, record.version):
            yield scope.finding("VM209", "", f"the section has version {part.version}, its description "
                                f"{record.version}", Both())
