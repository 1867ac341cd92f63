"""What a stream holds, by place: its sections in their order, and the configuration as if it were one."""

from __future__ import annotations

from typing import NamedTuple

from vmstate import Decoded, record_of

from .inputs import Searchable
from .paths import Found, find
from .places import Named, NotFound, named, parted, the_one
from .sections import Section
from .stream.configuration import Configuration
from .stream.events import Configured, Event, Kind, SectionBegin

RAM, CONFIGURATION = "ram", "configuration"


class Value(NamedTuple):
    """A value of a stream: its section, and where it is there."""

    section: Section
    found: Found


class Contents:
    """Told of the events of a stream, in their order. `memory`: whether guest memory was among them."""

    def __init__(self, data: Searchable) -> None:
        self.data, self.sections, self.memory = data, list[Section](), False

    def take(self, event: Event | Section) -> None:
        """One event more."""
        if isinstance(event, Section):
            self.sections.append(event)
        elif isinstance(event, Configured):
            self.sections.append(configuration(event, self.data))
        elif isinstance(event, SectionBegin) and event.name == RAM and event.kind is not Kind.SECTION_FULL:
            self.memory = True

    def named(self) -> list[Named[Section]]:
        """All sections, each with its number among those of its name and instance."""
        return list(named((one.header.name, one.header.instance_id, one) for one in self.sections))

    def section(self, text: str) -> Section:
        """The section that is meant. Raises NotFound."""
        if text == RAM and self.memory and not any(one.header.name == RAM for one in self.sections):
            raise NotFound("ram is guest memory, in which nothing has a name: it is neither shown nor set by place")
        return the_one(text, self.named()).item

    def value(self, place: str) -> Value:
        """The value at a place; without a path a whole section. Raises NotFound."""
        text, path = parted(place)
        section = self.section(text)
        if path and section.decoded is None:
            raise NotFound(f"{section.label} is opaque: nothing here knows what its {len(section.body)} bytes mean")
        try:
            return Value(section, find(section.trace, path))
        except NotFound as missing:
            raise NotFound(f"{section.label}: {missing}") from None


def configuration(event: Configured, data: Searchable) -> Section:
    """The configuration as a section: the byte that begins it is its header."""
    record, body = record_of(Configuration), event.begin + 1
    header = SectionBegin(Kind.CONFIGURATION, 0, CONFIGURATION, 0, record.version, event.begin, body)
    read = Decoded(event.configuration, record.version, record)
    return Section(header, data[body:event.end], body, declared=read)


def untold(_done: int) -> None:
    """Nobody wants to know how far a reading has come."""
