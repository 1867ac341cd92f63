"""What a stream consists of, in the order of its bytes. Offsets are those of the whole input."""

from __future__ import annotations

from enum import IntEnum

from vmstate.nodes import Node, node

from ..ram.items import Part
from .configuration import Configuration


class Kind(IntEnum):
    """The first byte of a record (QEMU: migration/savevm.h)."""

    EOF = 0x00
    SECTION_START = 0x01
    SECTION_PART = 0x02
    SECTION_END = 0x03
    SECTION_FULL = 0x04
    SUBSECTION = 0x05
    VMDESCRIPTION = 0x06
    CONFIGURATION = 0x07
    COMMAND = 0x08
    SECTION_FOOTER = 0x7E


@node
class Hole(Node):
    """Bytes before the header: a file may have the stream at any offset."""

    begin: int
    end: int


@node
class Header(Node):
    """Magic and version: 8 bytes."""

    version: int
    end: int


@node
class Configured(Node):
    """The configuration record: `begin` is its first byte, 07."""

    configuration: Configuration
    begin: int
    end: int


@node
class SectionBegin(Node):
    """The header of a section. PART and END have neither name nor version of their own: it is what START told."""

    kind: Kind
    section_id: int
    name: str
    instance_id: int
    version: int
    begin: int
    end: int


@node
class Body(Node):
    """The bytes of a section that is not RAM. `resynced`: it ends where something looks like the next record."""

    section: SectionBegin
    begin: int
    end: int
    resynced: bool = False


@node
class Ram(Node):
    """One item of a RAM section."""

    section: SectionBegin
    part: Part
    begin: int
    end: int

    def __init__(self, section: SectionBegin, part: Part, begin: int, end: int) -> None:
        put = object.__setattr__  # by itself, as its item
        put(self, "section", section)
        put(self, "part", part)
        put(self, "begin", begin)
        put(self, "end", end)


@node
class SectionEnd(Node):
    """A section is over; `footer`: 7e and its id stood there."""

    section: SectionBegin
    footer: bool
    begin: int
    end: int


@node
class Command(Node):
    """A command between sections."""

    command: int
    payload: bytes
    begin: int
    end: int


@node
class EndOfStream(Node):
    """The byte 00 that ends the records."""

    begin: int
    end: int


@node
class Trailer(Node):
    """QEMU's description of the stream: `text` is JSON."""

    text: bytes
    begin: int
    end: int


@node
class Rest(Node):
    """Bytes behind the stream, which QEMU ignores."""

    begin: int
    end: int


Event = Hole | Header | Configured | SectionBegin | Body | Ram | SectionEnd | Command | EndOfStream | Trailer | Rest
