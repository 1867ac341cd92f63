"""A destination's own words, with what the stream and the destination have where they point to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from attrs import field, frozen

from vmstate.compat.explaining import ELSEWHERE, Explanation, explain
from vmstate.compat.findings import Finding
from vmstate.compat.naming import number as number_of
from vmstate.compat.sides import Side
from vmstate.trace import Seen

from .foretelling import Forecast, Story, foretell
from .sections import Section

MOST_NEAR, MOST_VALUES = 3, 8
CONFIG, CONFIG_SPACE, SUBSECTION = "config", 256, 5
ELEMENT = re.compile(r"\[\d+\]$")


@frozen
class Value:
    """A member, and the bytes that hold it, from the stream's begin on. `seen` is what is there; None for one byte of
    it, and for a subsection's header.
    """

    path: str
    begin: int
    end: int
    data: bytes
    seen: Seen | None = None


@frozen
class Place:
    """A section that is spoken of, with the members that are."""

    section: Section
    values: list[Value]


@frozen
class Parting:
    """A finding about the section that is spoken of; `offset` is where the stream and its reader part."""

    finding: Finding
    offset: int | None


@frozen
class Pointed:
    """One explanation with its places. `absent`: the stream has no such section; `block`: the block of memory that is
    spoken of, as long as the stream says; `near`: of a section that is missing, what the destination's build knows.
    """

    explanation: Explanation
    places: list[Place] = field(factory=list[Place])
    partings: list[Parting] = field(factory=list[Parting])
    near: list[str] = field(factory=list[str])
    block: int | None = None
    absent: bool = False


@frozen
class Told:
    """All that a text says, and what becomes of the load as far as stream and destination are known."""

    pointed: list[Pointed]
    forecast: Forecast | None = None

    @property
    def known(self) -> bool:
        """Whether anything of it is."""
        return self.pointed[0].explanation.row not in ("", "none")


def point(text: str, sent: Story | None = None, there: Side | None = None, like: Story | None = None) -> Told:
    """What a text says, of this stream, and of this destination (`like`: if that is a stream)."""
    forecast = foretell(sent, there, like) if sent is not None and there is not None else None
    names = [] if like is None else [name for name, _ in like.names()]
    build = there if like is None else None
    return Told([Pointed(one, near=near(one, build)) if sent is None else Pointed(
        one, places(one, sent), partings(one, sent, there, forecast), near(one, build),
        sent.blocks.get(one.facts.get("block", "")), lacks(sent, one))
        for one in explain(text, names)], forecast)


# -- where

def places(one: Explanation, sent: Story) -> list[Place]:
    """The sections that it speaks of."""
    return [Place(section, list(values(one, section))) for section in meant(one, sent)]


def meant(one: Explanation, sent: Story) -> list[Section]:
    """By name, else by number, else by the record's name."""
    facts = one.facts
    found = [section for section in sent.sections if section.header.name == one.section
             and one.instance in (None, section.header.instance_id)]
    number = next((number_of(facts[key]) for key in ("id", "number", "expected") if key in facts), None)
    return found or [section for section in sent.sections if not one.section and (
        section.header.section_id == number or section.header.name.rpartition("/")[2] == owner(one))]


def lacks(sent: Story, one: Explanation) -> bool:
    """Whether a section is named that the stream has not."""
    return bool(one.section) and one.section not in sent.live and not meant(one, sent)


def owner(one: Explanation) -> str:
    """The record that is spoken of, or the device whose subsection it is."""
    return one.facts.get("record", "").partition("/")[0] or "no section"


def values(one: Explanation, section: Section) -> Iterator[Value]:
    """The members that it speaks of; a byte of configuration space; where a subsection begins."""
    def value(path: str, begin: int, end: int, seen: Seen | None = None) -> Value:
        return Value(path, section.begin + begin, section.begin + end, section.body[begin:end], seen)

    name = one.facts.get("subsection", one.facts.get("record", ""))
    if "/" in name and (at := section.body.find(bytes((SUBSECTION, len(name))) + name.encode())) >= 0:
        yield value(f"[{name}]", at, at + len(name) + 6)
    wanted = CONFIG if one.offset is not None else one.member
    found = [(path, seen) for path, seen in nodes(section.trace) if wanted and tail(path, wanted)]
    for path, seen in found[:MOST_VALUES]:
        if one.offset is None:
            yield value(path, seen.begin, seen.end, seen)
        elif max(CONFIG_SPACE, one.offset + 1) <= seen.end - seen.begin:
            yield value(f"{path}[{one.offset:#x}]", seen.begin + one.offset, seen.begin + one.offset + 1)


def nodes(seen: Seen, *above: str) -> Iterator[tuple[str, Seen]]:
    """Everything in a section with its path, in QEMU's names where they are known."""
    for one in seen.inside or ():
        name = one.member.name if one.member is not None and one.member.name else str(one.key)
        path = (*above, name)
        yield ".".join(path), one
        yield from nodes(one, *path)


def tail(path: str, wanted: str) -> bool:
    """Whether a path ends so, elements aside."""
    path, wanted = ELEMENT.sub("", path), ELEMENT.sub("", wanted)
    return path == wanted or path.endswith("." + wanted)


# -- there

def near(one: Explanation, build: Side | None) -> list[str]:
    """Of a section that is missing: the types of devices that the destination's build has under this name, or alike."""
    if build is None or one.row not in ELSEWHERE:
        return []
    device = one.section.rpartition("/")[2]
    known = list(dict.fromkeys(part.name for part in build.parts))
    return [device] if device in known else get_close_matches(device, known, MOST_NEAR)


def partings(one: Explanation, sent: Story, there: Side | None, forecast: Forecast | None) -> list[Parting]:
    """What was foretold of the sections that it speaks of."""
    if forecast is None or there is None:
        return []
    found = list[Parting]()
    for section in meant(one, sent):
        for finding in forecast.findings:
            label, _, path = finding.path.partition("::")
            if label == section.label:
                found.append(Parting(finding, parted(section, path, there)))
    return found


def parted(section: Section, path: str, there: Side) -> int | None:
    """The first byte of a member; of one that was not sent, the end of what the reader has before it."""
    if not path:
        return None
    ends = dict[str, int]()
    for name, seen in nodes(section.trace):
        if tail(name, path) or name == path:
            return section.begin + seen.begin
        if "." not in name:
            ends[ELEMENT.sub("", name)] = section.begin + seen.end
    for part in there.parts:
        if part.name in (section.header.name, section.header.name.rpartition("/")[2]) and part.record is not None:
            before = [member.name or member.key for member in part.record.members]
            known = before[:before.index(path)] if path in before else []
            return next((ends[name] for name in reversed(known) if name in ends), None)
    return None
