"""Whether this very stream would load there, before anybody tries: its own values decide what a comparison leaves open.

There is another stream of the destination's build and machine; its `-dump-vmstate`; or declarations. A stream knows
machine, guest memory and which sections there are; a dump which versions are read and what else there might be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from attrs import define, field, frozen

from vmstate import VMStateError
from vmstate.compat.findings import BREAKS, OK, UNKNOWN, Finding, Verdict
from vmstate.compat.sides import Side

from .ram.items import BlockList
from .ram.mapped import MappedBlock
from .replica import Stream
from .sections import Section
from .stream.configuration import Configuration
from .stream.events import Command, Configured, Kind, Ram, Rest, SectionBegin
from .taking import labelled, parts_of, said, taken, worst

SWITCHOVER_START, MOST_LIKE = 0x0B, 3
SENT = frozenset({"counts", "types"})
"""The facts that a stream tells of its sections."""
MISFIT = "the description does not fit: "
"""How a section's finding begins that says so."""
OFTEN_ABSENT = frozenset({"globalstate", "PCIHost", "pcspk", "kvm-tpr-opt", "dirty-bitmap", "acpi_build", "timer"})
"""Sections that are sent only when there is something to say: a stream without them tells nothing."""


@define
class Story:
    """What a stream says: of its machine, its memory, its sections; `error` is where it makes no sense.

    `behind`: bytes behind its end. `target`: QEMU's, as far as the machine type tells it. `kind`, `size`: the file's.
    `live`: sections that come in parts, RAM's above all.
    """

    kind: str = "main stream"
    size: int = 0
    configuration: Configuration | None = None
    blocks: dict[str, int | None] = field(factory=dict[str, int | None])
    commands: list[int] = field(factory=list[int])
    sections: list[Section] = field(factory=list[Section])
    live: list[str] = field(factory=list[str])
    behind: int = 0
    target: str = ""
    error: VMStateError | None = None

    @property
    def unread(self) -> bool:
        """Whether nothing was understood."""
        return self.error is not None and not self.sections and self.configuration is None

    def names(self) -> list[tuple[str, int]]:
        """Names and instances of its sections."""
        return [(one.header.name, one.header.instance_id) for one in self.sections]


def story(stream: Stream) -> Story:
    """A stream, read to its end or to where it makes no sense."""
    found = Story(stream.kind, len(stream.data))
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
                case SectionBegin(kind=Kind.SECTION_START, name=name):
                    found.live.append(name)
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
        return worst(self.findings)


def side_of(name: str, told: Story) -> Side:
    """A stream as a side."""
    return Side(name, parts_of(told.sections), "", SENT)


def foretell(sent: Story, there: Side, like: Story | None = None) -> Forecast:
    """Of a stream, into a side; `like` is the stream that the side was made of."""
    findings = [*damage(sent), *commands(sent, there, like), *taken(sent.sections, there, sent.target)]
    unfilled = list[str]()
    if like is not None:
        if not sent.unread:
            findings += machine(sent, like)
        findings += [*memory(sent, like), *absent(sent, like)]
        known = set(sent.names())
        unfilled = [labelled(*one) for one in dict.fromkeys(like.names()) if one not in known]
    return Forecast(sorted(findings, key=lambda one: -one.positional.backward), unfilled)


# -- the stream as a whole

def damage(sent: Story) -> Iterator[Finding]:
    """Where it makes no sense; and what is behind its end, which QEMU does not look at."""
    if not sent.size:
        yield said("VM903", "", "the stream is empty", reason="QEMU waits for its first byte")
    elif sent.error is not None:
        yield said("VM903", sent.error.place, f"it makes no sense any more: {sent.error.message}",
                   reason=sent.error.hint, value=str(sent.error))
    if sent.behind:
        yield said("VM903", "", f"{sent.behind} bytes are behind the stream", OK, reason="QEMU does not notice them")
    for one in sent.sections:
        if one.decoded is None and (text := next((text for text in one.findings if text.startswith(MISFIT)), "")):
            yield said("VM903", one.label, f"it is not what the stream itself says of it: {text.removeprefix(MISFIT)}")


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
    ours, theirs = set(sent.names()), set(like.names())
    unfilled = defaultdict[str, list[str]](list)
    for name, instance in like.names():
        if (name, instance) not in ours:
            unfilled[name.rpartition("/")[2]].append(labelled(name, instance))
    for name, instance in sent.names():
        if (name, instance) in theirs:
            continue
        near = unfilled.get(name.rpartition("/")[2], [])
        verdict = UNKNOWN if name in OFTEN_ABSENT else BREAKS
        yield said("VM105" if near else "VM101", labelled(name, instance), "the destination has no such section",
                   verdict, reason=f"the same device is {', '.join(near[:MOST_LIKE])} there" if near else "",
                   value=labelled(name, instance), fix="the same device there, in the same place")
