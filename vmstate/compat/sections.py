"""VM101 to VM109, VM607: which sections there are, what they are called, who may be sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..nodes import Node, node
from ..shape import Record
from .findings import BREAKS, CONDITIONAL, HARMLESS, NA, OK, UNKNOWN, Both, Finding
from .sides import Part, Side

Findings = Iterator[Finding]


@node
class Met(Node):
    """A part of each side that are one section; one is None where the other has no counterpart."""

    old: Part | None
    new: Part | None

    @property
    def name(self) -> str:
        """What it is called: as the new side says, if it has it."""
        part = self.new or self.old
        return "" if part is None else part.name


def meet(old: Side, new: Side) -> list[Met]:
    """Parts by key; those of another key by what they are called in a stream, as several device types may be."""
    ours = by_key(new)
    met, taken = list[Met](), set[tuple[str, int]]()
    left = list[Part]()
    for key, part in by_key(old).items():
        if (other := ours.get(key)) is not None:
            met.append(Met(part, other))
            taken.add(key)
        else:
            left.append(part)
    rest = [part for key, part in ours.items() if key not in taken]
    named = {part.name: part for part in reversed(new.parts)}
    met += [Met(part, named.get(part.name)) for part in left]
    known = {part.name for part in left}
    return [*met, *(Met(None, part) for part in rest if part.name not in known)]


def by_key(side: Side) -> dict[tuple[str, int], Part]:
    """A side's parts; those of one key are numbered."""
    seen = Counter[str]()
    found = dict[tuple[str, int], Part]()
    for part in side.parts:
        found[part.key, seen[part.key]] = part
        seen[part.key] += 1
    return found


def alone(met: Met) -> Findings:
    """A section that one side has."""
    if met.new is None and met.old is not None:
        if met.old.sendable:
            refused = Both(CONDITIONAL, OK)
            yield finding("VM101", met, "section removed", refused, f"streams holding {met.name} are refused")
    elif met.new is not None and met.new.sendable:
        yield finding("VM102", met, "section added", Both(OK, CONDITIONAL))


def finding(rule: str, met: Met, message: str, verdicts: Both = HARMLESS, reason: str = "") -> Finding:
    """A finding about a whole section; it is the same for all formats."""
    from .catalogue import RULES

    return Finding(rule, met.name, message, verdicts, verdicts, reason, cause=f"{met.name} {rule}",
                   severity=RULES[rule].severity, witness={"section": met.name} if verdicts.worst.hard else None)


def keys(met: Met, old: Part, new: Part) -> Findings:
    """What two parts that are one are called where they come from."""
    if old.key != new.key:
        yield finding("VM104", met, f"{old.key} is called {new.key}")


def findings(met: Met, old: Part, new: Part) -> Findings:
    """Of two parts that are one: names, and whether they can be sent."""
    if old.sendable and not new.sendable:
        yield finding("VM106", met, "it can no longer be sent", Both(BREAKS, NA))
    elif new.sendable and not old.sendable:
        yield finding("VM102", met, "it can be sent now", Both(NA, BREAKS))
    if old.record is not None and new.record is not None:
        yield from traits(met, old, new, old.record, new.record)


def traits(met: Met, old: Part, new: Part, a: Record[Any], b: Record[Any]) -> Findings:
    """What a record is besides its members."""
    if a.name != b.name:
        yield finding("VM103", met, f"the section {a.name} is called {b.name}", Both(BREAKS, BREAKS),
                      f"a reader knows no section {a.name}")
    ours, theirs = a.traits, b.traits
    if ours.priority != theirs.priority or ours.early != theirs.early:
        before, after = (f"{one.priority}{', before guest memory' if one.early else ''}" for one in (ours, theirs))
        yield finding("VM107", met, f"priority {before} became {after}", Both(CONDITIONAL, CONDITIONAL))
    if freed := set(ours.reserved) - set(theirs.reserved):
        yield finding("VM508", met, f"no longer reserved: {', '.join(sorted(freed))}")
    if old.digests and new.digests and old.digests != new.digests:
        changed = sorted(name for name in old.digests.keys() | new.digests.keys()
                         if old.digests.get(name) != new.digests.get(name))
        yield finding("VM607", met, f"hooks changed: {', '.join(changed)}", Both(UNKNOWN, UNKNOWN))


def machines(old: Side, new: Side) -> Findings:
    """Machine types that are not the same; sections that are there twice, on the new side alone."""
    if old.machine and new.machine and old.machine != new.machine:
        yield Finding("VM108", "configuration", f"machine {old.machine} became {new.machine}", Both(BREAKS, BREAKS),
                      Both(BREAKS, BREAKS), "a stream names its machine type, and no other one takes it",
                      severity="error", witness={"machine": old.machine})
    before, after = (Counter((part.key, part.instance) for part in side.parts if part.instance is not None)
                     for side in (old, new))
    for (name, instance), n in after.items():
        if n > 1 and n > before[name, instance]:
            yield Finding("VM109", name, f"{name}, instance {instance}, is there {n} times in {new.name}",
                          Both(BREAKS, BREAKS), Both(BREAKS, BREAKS), severity="error",
                          witness={"section": name, "instance": instance})
