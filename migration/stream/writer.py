"""Events back into bytes, each by its own rule."""

from __future__ import annotations

from visitors import qemufile
from vmstate import record_of
from vmstate.format import write
from vmstate.walk import Mode

from ..ram.items import encode as encode_item
from . import trailer
from .bounds import footer_of
from .configuration import Configuration
from .events import (
    Body,
    Command,
    Configured,
    EndOfStream,
    Event,
    Header,
    Hole,
    Kind,
    Ram,
    Rest,
    SectionBegin,
    SectionEnd,
    Trailer,
)
from .reader import MAGIC, PAGE_SIZE


def encode(event: Event, data: bytes = b"", page_size: int = PAGE_SIZE, with_addresses: bool = False) -> bytes:
    """One event's bytes.

    `data` is what an event only refers to: a section's body, an item's page, what comes behind the stream; for a
    trailer its text. `with_addresses`: the block list tells guest addresses (x-ignore-shared).
    """
    match event:
        case Header(version=version):
            return MAGIC + version.to_bytes(4, "big")
        case Configured(configuration=configuration):
            body = write(record_of(Configuration), configuration, qemufile.writer(), None, Mode.WIRE)
            return bytes((Kind.CONFIGURATION,)) + body
        case SectionBegin():
            return section(event)
        case Ram(part=part):
            return encode_item(part, data, page_size, with_addresses)
        case SectionEnd(section=ended, footer=footer):
            return footer_of(ended.section_id) if footer else b""
        case Command(command=command, payload=payload):
            head = bytes((Kind.COMMAND,)) + command.to_bytes(2, "big") + len(payload).to_bytes(2, "big")
            return head + payload
        case EndOfStream():
            return bytes((Kind.EOF,))
        case Trailer():
            return trailer.record(data)
        case Hole() | Body() | Rest():
            return data


def section(begin: SectionBegin) -> bytes:
    """A section's header."""
    head = bytes((begin.kind,)) + begin.section_id.to_bytes(4, "big")
    if begin.kind in (Kind.SECTION_PART, Kind.SECTION_END):
        return head
    name = begin.name.encode("utf-8", "surrogateescape")
    numbers = begin.instance_id.to_bytes(4, "big") + begin.version.to_bytes(4, "big")
    return head + bytes((len(name),)) + name + numbers
