"""Whether a destination takes the sections of a stream, each by itself.

Its side may be a stream's, which lists what it has sent itself; a dump's, which describes types of devices; or
declarations, with which the one that read the section is compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from attrs import evolve

from vmstate import Record, VersionRefused, VMStateError
from vmstate.compat import comparing
from vmstate.compat.catalogue import RULES, Severity
from vmstate.compat.findings import BREAKS, CONDITIONAL, OK, UNKNOWN, Both, Finding, Verdict
from vmstate.compat.loading import loads, untold, versions
from vmstate.compat.sections import Met
from vmstate.compat.sides import Part, Side, part_of
from vmstate.describe.vmdesc import Described, Object, parse
from vmstate.shape import Subsection

from .describing import describe
from .sections import Section
from .stream.trailer import encode

DECLARED = frozenset({"conditions", "types"})
"""Facts that declarations tell, and neither a dump nor a stream tells both."""
OURS = Side("devices", ())


def said(
    rule: str, path: str, message: str, verdict: Verdict = BREAKS, *, reason: str = "", value: str = "", fix: str = "",
) -> Finding:
    """A finding that names the refused header, name or value."""
    return Finding(rule, path, message, Both(verdict, OK), reason=reason, fix=fix or RULES[rule].fix, cause=path,
                   severity=severity_of(verdict), witness={"value": value} if value else None)


def severity_of(verdict: Verdict) -> Severity:
    """How severe what becomes of this very load is."""
    return "error" if verdict.hard else "note" if verdict > OK else "info"


def labelled(name: str, instance: int) -> str:
    """A section as it is named."""
    return f"{name}@{instance}" if instance else name


def worst(findings: Iterable[Finding]) -> Verdict:
    """The worst of all."""
    return max((one.positional.backward for one in findings), default=OK)


def parts_of(told: Iterable[Section]) -> tuple[Part, ...]:
    """A stream's sections as parts of a side: the destination has what it sent itself."""
    return tuple(Part(one.header.name, sent.record.but(version=one.header.version, name=one.header.name), digests={},
                      instance=one.header.instance_id) for one in told if (sent := as_sent(one)) is not None)


def as_sent(section: Section) -> Described | None:
    """What was sent, as the stream describes it; where that makes no sense, or is missing, made of what was decoded."""
    if section.described is not None and makes_sense(section.described):
        return section.described
    decoded: Any = section.decoded
    if decoded is None:
        return None
    named = [("name", section.header.name), ("instance_id", section.header.instance_id)]
    pairs = Object([*named, *describe(decoded.record, decoded.state, decoded.version)])
    return parse(encode(Object([("devices", [pairs])]), spaced=False)).devices[0]


def makes_sense(described: Described) -> bool:
    """Whether there is a record of it."""
    try:
        return bool(described.record.name)
    except VMStateError:
        return False


def taken(sent: Iterable[Section], there: Side, target: str = "") -> Iterator[Finding]:
    """What is in the way of each section; at the end, of which ones nobody can tell, and why."""
    return tried(sent, target) if there.own else met(sent, there)


# -- the declarations that the stream was read with

def tried(sent: Iterable[Section], target: str) -> Iterator[Finding]:
    """Each section by these: they have tried."""
    dark = list[str]()
    for one in sent:
        if one.source == "declared":
            continue
        if isinstance(one.why, VersionRefused) and target:
            newer = one.header.version > int((one.why.expected or "0").rpartition(" ")[2])
            yield said("VM201" if newer else "VM203", one.label, one.why.message, value=str(one.header.version))
        elif one.why is not None and target:
            yield said("VM301", one.label, f"the declaration does not take it: {one.why}")
        else:
            dark.append(one.label)
    if dark:
        yield undeclared(dark)


def undeclared(labels: Iterable[str]) -> Finding:
    """Sections that no declaration here has read."""
    return said("VM901", "", f"nobody declares {', '.join(dict.fromkeys(labels))}", UNKNOWN)


# -- other sides

def met(sent: Iterable[Section], there: Side) -> Iterator[Finding]:
    """Each section, into the part that takes it best: several types of device may bear one name."""
    by_name = defaultdict[str, list[Part]](list)
    for part in there.parts:
        by_name[part.name].append(part)
    told, dark = set[tuple[str, str, str]](), dict[str, str]()
    opaque = list[str]()
    for one in sent:
        parts = candidates(one, by_name)
        if as_sent(one) is None:
            opaque.append(one.label)
            continue
        dark |= {labelled(one.header.name, 0): name for name in unseen(one, there, parts)}
        for finding in best(one, there, parts):
            if (key := (finding.rule, finding.path, finding.message)) not in told:
                told.add(key)
                yield finding
    if opaque:
        yield said("VM901", "", f"what is in {', '.join(dict.fromkeys(opaque))} nobody can tell", UNKNOWN,
                   reason="neither the stream describes it nor a declaration here")
    if dark and there.knows >= DECLARED:
        yield undeclared(dark)
    elif dark:
        some = ", ".join(f"{section}::{member}" if member else section for section, member in dark.items())
        yield said("VM901", "", f"what the destination makes of {some} nobody can tell", UNKNOWN,
                   reason="a dump describes device types alone, and of them neither what their code refuses nor "
                   "bytes of a member's own format nor lengths that vary")


def unseen(section: Section, there: Side, parts: list[Part]) -> Iterator[str]:
    """Members of a section of which the side tells nothing; "" for all of it."""
    if there.knows >= DECLARED:
        if not parts or section.source != "declared":
            yield ""
    elif "types" not in there.knows and (sent := as_sent(section)) is not None:
        if not parts:
            yield ""
        for part in parts[:1]:
            if part.record is not None:
                yield from untold(sent.record, part.record)


def candidates(section: Section, by_name: dict[str, list[Part]]) -> list[Part]:
    """Parts of this name: of the whole, or of its tail."""
    header = section.header
    same = by_name.get(header.name, [])
    same = [one for one in same if one.instance == header.instance_id] or same
    return same or [one for one in by_name.get(header.name.rpartition("/")[2], []) if one.instance is None]


def best(section: Section, there: Side, parts: list[Part]) -> list[Finding]:
    """What the part that fits best has against it."""
    judge = declared if there.knows >= DECLARED else described
    attempts = [judge(section, there, part) for part in parts]
    found = min(attempts, key=worst, default=list[Finding]())
    if worst(found) > OK and len({worst(one) for one in attempts}) > 1:
        return [said(one.rule, one.path, one.message, one.positional.backward.at_most(CONDITIONAL)) for one in found]
    return found


def described(section: Section, there: Side, part: Part) -> list[Finding]:
    """By what a stream's description would say of it, member by member."""
    if (sent := as_sent(section)) is None:
        return []
    return loads(section.label, sent.record, section.header.version, part, there.knows)


def declared(section: Section, there: Side, part: Part) -> list[Finding]:
    """By the declaration that has read it, at its version; what says of subsections that are not sent is left out."""
    decoded: Any = section.decoded if section.source == "declared" else None
    if decoded is None:
        return []
    label, version = section.label, section.header.version
    try:
        if part.record is not None and (refused := list(versions(label, version, part.record, there.knows))):
            return refused
        ours: Record[Any] = decoded.record.but(version=version)
        found = list(comparing.section(Met(part_of(part.key, ours), part), OURS, there))
    except VMStateError as error:
        return [said("VM901", label, f"what the reader has makes no sense: {error}", UNKNOWN)]
    absent = {sub.name for sub in ours.subsections} - {sub.name for sub in subsections(section)}
    return [evolve(one, path=f"{label}{one.path.removeprefix(ours.name)}", positional=Both(verdict, OK), named=Both(),
                   severity=severity_of(verdict))
            for one in found if (verdict := one.positional.backward) > OK
            and not any(name in one.path or name in one.message for name in absent)]


def subsections(section: Section) -> tuple[Subsection, ...]:
    """Those that are really there."""
    sent = as_sent(section)
    return () if sent is None else sent.record.subsections
