"""Whether this very stream would load there, before anybody tries: its own values decide what a comparison leaves open.

There is another stream of the destination's build and machine; its `-dump-vmstate`; or declarations. A stream knows
machine, guest memory and which sections there are; a dump which versions are read and what else there might be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from attrs import define, field, frozen

from vmstate import VersionRefused, VMStateError
from vmstate.compat.catalogue import RULES, Severity
from vmstate.compat.findings import BREAKS, CONDITIONAL, OK, UNKNOWN, Both, Finding, Verdict
from vmstate.compat.loading import loads, untold
from vmstate.compat.sides import Part, Side
from vmstate.describe.vmdesc import Described, Object, parse

from .describing import describe
from .ram.items import BlockList
from .ram.mapped import MappedBlock
from .replica import Stream
from .sections import Section
from .stream.configuration import Configuration
from .stream.events import Command, Configured, Kind, Ram, Rest
from .stream.trailer import encode

SWITCHOVER_START, MOST_LIKE = 0x0B, 3
OFTEN_ABSENT = frozenset({"globalstate", "PCIHost", "pcspk", "kvm-tpr-opt", "dirty-bitmap", "acpi_build", "timer"})
"""Sections that are sent only when there is something to say: a stream without them tells nothing."""


@define
class Story:
    """What a stream says: of its machine, its memory, its sections; `error` is where it makes no sense.

    `behind`: bytes behind its end. `target`: QEMU's, as far as the machine type tells it.
    """

    configuration: Configuration | None = None
    blocks: dict[str, int | None] = field(factory=dict[str, int | None])
    commands: list[int] = field(factory=list[int])
    sections: list[Section] = field(factory=list[Section])
    behind: int = 0
    target: str = ""
    error: VMStateError | None = None

    def names(self) -> list[tuple[str, int]]:
        """Names and instances of its sections."""
        return [(one.header.name, one.header.instance_id) for one in self.sections]


def story(stream: Stream) -> Story:
    """A stream, read to its end or to where it makes no sense."""
    found = Story()
    try:
        for event in stream.events():
            match event:
                case Configured(configuration=configuration):
                    found.configuration = configuration
                case Section() if event.header.kind is Kind.SECTION_FULL:
                    found.sections.append(event)
                case Ram(part=BlockList(blocks=blocks)):
                    found.blocks |= {one.name: one.used_length for one in blocks}
                case Ram(part=MappedBlock(name=name, used_length=length)):
                    found.blocks[name] = length
                case Command(command=number):
                    found.commands.append(number)
                case Rest(begin=begin, end=end):
                    found.behind = end - begin
                case _:
                    continue
    except VMStateError as error:
        found.error = error
    found.target = stream.sections.target
    return found


@frozen
class Forecast:
    """What is in the way, and which sections of the destination nothing would fill."""

    findings: list[Finding]
    unfilled: list[str]

    @property
    def verdict(self) -> Verdict:
        """The worst of all."""
        return max((one.positional.backward for one in self.findings), default=OK)


def foretell(sent: Story, there: Side, like: Story | None = None) -> Forecast:
    """Of a stream, into a side; `like` is the stream that the side was made of."""
    findings = [*damage(sent), *commands(sent, there, like), *(declared(sent) if there.own else sections(sent, there))]
    unfilled = list[str]()
    if like is not None:
        findings += [*machine(sent, like), *memory(sent, like), *absent(sent, like)]
        known = set(sent.names())
        unfilled = [labelled(*one) for one in dict.fromkeys(like.names()) if one not in known]
    return Forecast(sorted(findings, key=lambda one: -one.positional.backward), unfilled)


def said(
    rule: str, path: str, message: str, verdict: Verdict = BREAKS, *, reason: str = "", value: str = ""
) -> Finding:
    """A finding that names the refused header, name or value."""
    severity: Severity = "error" if verdict.hard else "note" if verdict > OK else "info"
    return Finding(rule, path, message, Both(verdict, OK), reason=reason, fix=RULES[rule].fix, cause=path,
                   severity=severity, witness={"value": value} if value else None)


def labelled(name: str, instance: int) -> str:
    """A section as it is named."""
    return f"{name}@{instance}" if instance else name


# -- the stream as a whole

def damage(sent: Story) -> Iterator[Finding]:
    """Where it makes no sense; and what is behind its end, which QEMU does not look at."""
    if sent.error is not None:
        yield said("VM903", sent.error.place, f"the stream is damaged: {sent.error.message}", value=str(sent.error))
    if sent.behind:
        yield said("VM903", "", f"{sent.behind} bytes are behind the stream", OK, reason="QEMU does not notice them")
    for one in sent.sections:
        for text in one.findings:
            if one.decoded is None:
                yield said("VM903", one.label, f"it is not what its own description says: {text}")


def commands(sent: Story, there: Side, like: Story | None) -> Iterator[Finding]:
    """Commands that the destination may not know."""
    if SWITCHOVER_START not in sent.commands or (like is not None and SWITCHOVER_START in like.commands):
        return
    old = like is None and "counts" not in there.knows and "conditions" in there.knows
    if old or like is not None:
        yield said("VM903", "", "command 0x0b, SWITCHOVER_START, came with QEMU 10.0", BREAKS if old else UNKNOWN,
                   reason="a dump without element counts is of QEMU 7.2 or older" if old else
                   "the other stream has none: of an older machine type, or an older QEMU", value="0x0b")


def machine(sent: Story, like: Story) -> Iterator[Finding]:
    """Machine type, capabilities, page size, uuid."""
    ours, theirs = sent.configuration, like.configuration
    if ours is None or theirs is None:
        if ours is not theirs:
            yield said("VM108", "configuration", "one of both has no configuration section", UNKNOWN)
        return
    for what, a, b in (("machine", ours.machine, theirs.machine),
                       ("capabilities", ", ".join(ours.capabilities), ", ".join(theirs.capabilities)),
                       ("page_bits", ours.page_bits, theirs.page_bits)):
        if a != b and (what != "page_bits" or (a and b)):
            yield said("VM108", f"configuration::{what}", f"{what} received is {a or 'none'}, the local one is "
                       f"{b or 'none'}", value=str(a))
    if any(ours.uuid) and any(theirs.uuid) and ours.uuid != theirs.uuid:
        yield said("VM108", "configuration::uuid", "the uuid is another", value=bytes(ours.uuid).hex())


def memory(sent: Story, like: Story) -> Iterator[Finding]:
    """Blocks of guest memory: each must be there, and as long."""
    for name, length in sent.blocks.items():
        if name not in like.blocks:
            yield said("VM108", f"ram::{name}", f"unknown block {name} of guest memory", value=name)
        elif length is not None and like.blocks[name] not in (None, length):
            yield said("VM108", f"ram::{name}", f"size mismatch: {length:#x} != {like.blocks[name]:#x}",
                       value=f"{length:#x}")


def absent(sent: Story, like: Story) -> Iterator[Finding]:
    """Sections that the destination's own stream has not."""
    theirs = set(like.names())
    devices = defaultdict[str, list[str]](list)
    for name, instance in like.names():
        devices[name.rpartition("/")[2]].append(labelled(name, instance))
    for name, instance in sent.names():
        if (name, instance) in theirs:
            continue
        near = [one for one in devices.get(name.rpartition("/")[2], []) if one != labelled(name, instance)]
        verdict = UNKNOWN if name in OFTEN_ABSENT else BREAKS
        yield said("VM105" if near else "VM101", labelled(name, instance), "the destination has no such section",
                   verdict, reason=f"the same device is {', '.join(near[:MOST_LIKE])} there" if near else "",
                   value=labelled(name, instance))


# -- its sections

def declared(sent: Story) -> Iterator[Finding]:
    """Each section by the declarations that the stream was read with: they have tried."""
    dark = list[str]()
    for one in sent.sections:
        if one.source == "declared":
            continue
        if isinstance(one.why, VersionRefused) and sent.target:
            newer = one.header.version > int((one.why.expected or "0").rpartition(" ")[2])
            yield said("VM201" if newer else "VM203", one.label, one.why.message, value=str(one.header.version))
        elif one.why is not None and sent.target:
            yield said("VM301", one.label, f"the declaration does not take it: {one.why}")
        else:
            dark.append(one.label)
    if dark:
        yield said("VM901", "", f"nobody declares {', '.join(dict.fromkeys(dark))}", UNKNOWN)


def side_of(name: str, told: Story) -> Side:
    """A stream's sections as a side: the destination has what it sent itself."""
    parts = list[Part]()
    for one in told.sections:
        if (sent := as_sent(one)) is not None:
            parts.append(Part(one.header.name, sent.record.but(version=one.header.version, name=one.header.name),
                              digests={}, instance=one.header.instance_id))
    return Side(name, tuple(parts), "", frozenset({"counts", "types"}))


def sections(sent: Story, there: Side) -> Iterator[Finding]:
    """Each section, into the part that takes it best: several types of device may bear one name."""
    by_name = defaultdict[str, list[Part]](list)
    for part in there.parts:
        by_name[part.name].append(part)
    told, dark = set[tuple[str, str, str]](), dict[str, str]()
    for one in sent.sections:
        parts = candidates(one, by_name)
        dark |= {labelled(one.header.name, 0): name for name in unseen(one, there, parts)}
        for finding in best(one, there, parts):
            if (key := (finding.rule, finding.path, finding.message)) not in told:
                told.add(key)
                yield finding
    if dark:
        some = ", ".join(f"{section}::{member}" if member else section for section, member in dark.items())
        yield said("VM901", "", f"what the destination makes of {some} nobody can tell", UNKNOWN,
                   reason="a dump describes device types alone, and of them neither what their code refuses nor "
                   "bytes of a member's own format nor lengths that vary")


def unseen(section: Section, there: Side, parts: list[Part]) -> Iterator[str]:
    """Members of a section that a dump does not describe."""
    if "types" in there.knows or (sent := as_sent(section)) is None:
        return
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
    if not parts or (sent := as_sent(section)) is None:
        return []
    tried = list[tuple[Verdict, list[Finding]]]()
    for part in parts:
        found = loads(section.label, sent.record, section.header.version, part, there.knows)
        tried.append((max((one.positional.backward for one in found), default=OK), found))
    worst, found = min(tried, key=lambda one: one[0])
    if worst > OK and len(parts) > 1 and len({one[0] for one in tried}) > 1:
        return [said(one.rule, one.path, one.message, one.positional.backward.at_most(CONDITIONAL)) for one in found]
    return found


def as_sent(section: Section) -> Described | None:
    """What was sent, as a trailer would describe it: the stream's own, else made of what was decoded."""
    if section.described is not None:
        return section.described
    decoded: Any = section.decoded
    if decoded is None:
        return None
    named = [("name", section.header.name), ("instance_id", section.header.instance_id)]
    pairs = Object([*named, *describe(decoded.record, decoded.state, decoded.version)])
    return parse(encode(Object([("devices", [pairs])]), spaced=False)).devices[0]
