"""What is asserted of every stream that was recorded here, and how its parts are looked at."""

from typing import Any

from devices.catalogue import registry
from migration.ram.items import Flag, Item
from migration.replica import Stream, verify
from migration.sections import Section
from migration.stream.events import Ram, SectionBegin


def understood(data: bytes, kind: str = "main stream") -> Stream:
    """The stream, if each byte is accounted for, nothing is left to say, and all of its sections are declared."""
    stream = Stream(data, registry())
    assert stream.kind == kind
    report = verify(stream)
    assert report.ok, f"{report.accounted} of {report.size} bytes: {report.error or report.findings}"
    assert set(report.sections) <= {"declared"}
    return stream


def items(data: bytes, flag: Flag) -> list[Item]:
    """Its items of memory with this flag."""
    parts = [one.part for one in Stream(data, registry()).events() if isinstance(one, Ram)]
    return [one for one in parts if isinstance(one, Item) and one.flag == flag]


def sent(items: list[Item], page_size: int) -> list[int]:
    """The addresses of their pages, of the guest's main memory."""
    return [address for one in items if one.block == "pc.ram" for address, _, _ in one.pages(page_size)]


def records(data: bytes, name: str) -> list[str]:
    """The kinds of the records of a section, in order."""
    begun = [one for one in Stream(data, registry()).events() if isinstance(one, SectionBegin)]
    return [one.kind.name for one in begun if one.name == name]


def states(data: bytes, name: str) -> list[Any]:
    """What a section's records say, in order: the states that they were decoded to."""
    found = [one for one in Stream(data, registry()).events() if isinstance(one, Section) and one.header.name == name]
    return [one.decoded.state for one in found if one.decoded is not None]
