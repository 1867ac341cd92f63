"""VM401 to VM410: records that are sent only when they say something new."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import evolve

from ..shape import Record, Subsection
from . import fields
from .findings import BREAKS, CONDITIONAL, HARMLESS, LOSSY, OK, Both, Finding, Verdict
from .pairing import by_name, carried
from .scope import Scope, scope_of

Findings = Iterator[Finding]


def findings(scope: Scope) -> Findings:
    """Of a record, and of those nested in it."""
    before, after = by_name(scope.old.subsections), by_name(scope.new.subsections)
    gone = [sub for key, sub in before.items() if key not in after]
    come = [sub for key, sub in after.items() if key not in before]
    for old, new in renamed(gone, come):
        gone.remove(old)
        come.remove(new)
        yield from called(scope, old, new)
        yield from both(scope, old, new)
    for sub in gone:
        yield of(scope, "VM402", sub, "subsection removed", Both(sent(sub), OK), Both(sent(sub, named=True), OK))
    for sub in come:
        yield from added(scope, sub)
    common = [key for key in before if key in after]
    for key in common:
        yield from both(scope, before[key], after[key])
    if common != [key for key in after if key in before]:
        names = ", ".join(name for name, _ in common)
        yield scope.finding("VM410", "", f"subsections are in another order: {names}", Both())
    for name, number in after:
        if number == 1 and (name, 1) not in before:
            yield of(scope, "VM316", after[name, number], f"a subsection {name} is there already, and a reader takes "
                     "either for the first", Both(), Both(CONDITIONAL, CONDITIONAL))
    for inner in fields.nests(scope):
        yield from findings(inner)


def of(
    scope: Scope, rule: str, sub: Subsection, message: str, positional: Both = HARMLESS, named: Both = HARMLESS
) -> Finding:
    """A finding about a subsection; of one that is refused, its name."""
    found = scope.finding(rule, "", message, positional, named)
    refused = max(found.positional.worst, found.named.worst).hard
    return evolve(found, path=place(scope, sub), cause=place(scope, sub),
                  witness={"subsection": sub.name} if refused else None)


def place(scope: Scope, sub: Subsection) -> str:
    """A subsection's path."""
    return f"{scope.place}{'.' if '::' in scope.place else '::'}{sub.name}"


def sent(sub: Subsection, named: bool = False) -> Verdict:
    """What it is to a reader that does not know it."""
    if named and sub.skippable:
        return OK
    return BREAKS if sub.needed is None else CONDITIONAL


def added(scope: Scope, sub: Subsection) -> Findings:
    yield of(scope, "VM401", sub, "subsection added", Both(OK, sent(sub)), Both(OK, sent(sub, named=True)))
    if sub.needed is None:
        yield of(scope, "VM405", sub, "it is always sent", Both(OK, BREAKS), Both(OK, sent(sub, named=True)))
    if prefix := unprefixed(scope.new, sub):
        yield of(scope, "VM406", sub, prefix, Both(OK, CONDITIONAL))


def unprefixed(record: Record[Any], sub: Subsection) -> str:
    """What is wrong with its name; empty if nothing is."""
    return "" if sub.name.startswith(record.name) else f"its name does not begin with {record.name}"


def renamed(gone: list[Subsection], come: list[Subsection]) -> list[tuple[Subsection, Subsection]]:
    """Those that hold the same under another name."""
    found = list[tuple[Subsection, Subsection]]()
    for old in gone:
        alike = [new for new in come if alike_inside(old, new) and new not in [two for _, two in found]]
        found += [(old, alike[0])] if alike else []
    return found


def alike_inside(old: Subsection, new: Subsection) -> bool:
    keys = [[member.key for member in carried(sub.record)] for sub in (old, new)]
    return keys[0] == keys[1] or tail(old) == tail(new)


def tail(sub: Subsection) -> str:
    return sub.name.rpartition("/")[2]


def called(scope: Scope, old: Subsection, new: Subsection) -> Findings:
    """A subsection under another name: neither side finds it."""
    yield of(scope, "VM409", new, f"it was called {old.name}", Both(sent(old), sent(new)),
             Both(sent(old, named=True), sent(new, named=True)))
    if (why := unprefixed(scope.new, new)) and not unprefixed(scope.old, old):
        yield of(scope, "VM406", new, why, Both(CONDITIONAL, CONDITIONAL))


def both(scope: Scope, old: Subsection, new: Subsection) -> Findings:
    """One that both sides have."""
    yield from needed(scope, old, new)
    yield from versions(scope, old, new)
    always = old.needed is None and new.needed is None
    inner = scope_of(place(scope, new), old.record, new.record, most=scope.most if always else CONDITIONAL,
                     meanings=scope.meanings)
    found = [*fields.findings(inner), *findings(inner)]
    yield from found
    worst = max(found, key=lambda one: one.positional.worst, default=None)
    if worst is not None and worst.positional.worst > OK:
        inside = of(scope, "VM408", new, f"changed inside: {worst.message}", worst.positional, worst.named)
        yield evolve(inside, cause=worst.cause, layout=worst.layout, witness=worst.witness)
    if old.skippable != new.skippable:
        rule, now = ("VM503", "may be skipped") if new.skippable else ("VM504", "must be understood")
        yield of(scope, rule, new, f"{new.name} {now} now")


def needed(scope: Scope, old: Subsection, new: Subsection) -> Findings:
    """When it is sent. Both sides know it, so that it is read whenever it comes."""
    ours, theirs = (None if sub.needed is None else str(sub.needed) for sub in (old, new))
    if ours == theirs:
        return
    if theirs is None:
        yield of(scope, "VM405", new, "it is always sent now")
        yield of(scope, "VM403", new, f"it was sent if {ours}")
    elif ours is None:
        yield of(scope, "VM404", new, f"it is sent if {theirs}, it was always", Both(OK, LOSSY), Both(OK, LOSSY))
    else:
        yield of(scope, "VM403", new, f"it is sent if {theirs}, it was if {ours}")


def versions(scope: Scope, old: Subsection, new: Subsection) -> Findings:
    """Versions of subsections do travel."""
    a, b = old.record, new.record
    if (a.version, a.minimum) == (b.version, b.minimum):
        return
    verdicts = Both(OK if b.minimum <= a.version <= b.version else sent(old),
                    OK if a.minimum <= b.version <= a.version else sent(new))
    yield of(scope, "VM407", new, f"version {b.version}, minimum {b.minimum}; it was {a.version}, {a.minimum}",
             verdicts, verdicts)
    if b.minimum > a.minimum:
        refused = Both(sent(old) if b.minimum > a.version else OK, OK)
        yield of(scope, "VM203", new, f"minimum {a.minimum} became {b.minimum}", refused, refused)
