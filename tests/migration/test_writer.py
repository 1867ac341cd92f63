"""The writer is the inverse of the reader, event by event."""

import pytest

from devices.catalogue import registry
from migration.ram.items import BlockList, Flag, Item
from migration.replica import Stream
from migration.stream import writer
from migration.stream.configuration import Configuration
from migration.stream.events import (
    Body,
    Command,
    Configured,
    EndOfStream,
    Event,
    Header,
    Kind,
    Ram,
    Rest,
    SectionBegin,
    SectionEnd,
    Trailer,
)
from migration.stream.reader import StreamReader
from tests.migration.made import EOF, HEADER, command, configuration, full, named, part, whole
from tests.migration.recorded import NAMES, stream
from vmstate.kept import keep

EOS = (Flag.EOS).to_bytes(8, "big")
LIST = (0x2000 | Flag.MEM_SIZE).to_bytes(8, "big") + b"\x02pc" + (0x2000).to_bytes(8, "big")
PAGE = bytes(range(256)) * 16
BITS = b"\x05\x1econfiguration/target-page-bits\0\0\0\x01\0\0\0\x0c"
CAPABILITIES = b"\x05\x1aconfiguration/capabilities\0\0\0\x01\0\0\0\x02\x0fx-ignore-shared\x03new"
UUID = b"\x05\x12configuration/uuid\0\0\0\x01" + bytes(range(16))


def written(data: bytes, reader: StreamReader, page_size: int = 4096) -> bytes:
    """Every event of the stream, again."""
    out: list[bytes] = []
    for event in reader.over(data):
        out.append(writer.encode(event, belonging(event, data), page_size, reader.with_addresses))
        assert sum(map(len, out)) == event.end
    return b"".join(out)


def belonging(event: Event, data: bytes) -> bytes:
    """The bytes that an event only refers to."""
    if isinstance(event, Ram):
        return data[event.part.begin:event.part.end] if not isinstance(event.part, BlockList) else b""
    if isinstance(event, Body | Rest):
        return data[event.begin:event.end]
    return event.text if isinstance(event, Trailer) else b""


@pytest.mark.parametrize("name", NAMES)
def test_recorded_streams(name: str) -> None:
    data = stream(name) + b"something behind"
    stream_ = Stream(stream(name), registry())
    if name == "opt-suppress-vmdesc-72":  # nothing but the end of the input tells where its records end
        data = stream(name)
    page_size = stream_.description.page_size or 4096 if stream_.description is not None else 4096
    assert written(data, stream_.reader, page_size) == data


MADE: list[tuple[str, bytes]] = [
    ("bare", HEADER + EOF),
    ("configured", HEADER + configuration(b"pc-i440fx-7.2") + EOF),
    ("page bits", HEADER + configuration(b"virt-10.0", BITS) + EOF),
    ("capabilities", HEADER + configuration(b"pc", CAPABILITIES) + EOF),
    ("uuid", HEADER + configuration(b"pc", UUID) + EOF),
    ("all three", HEADER + configuration(b"virt", BITS + CAPABILITIES + UUID) + EOF),
    ("in another order", HEADER + configuration(b"virt", UUID + BITS) + EOF),
    ("a nameless machine", HEADER + configuration(b"") + EOF),
    ("a machine in no alphabet", HEADER + configuration(b"\xff\xfe\x00") + EOF),
    ("commands", HEADER + command(1, b"") + command(2, b"\0\0\0\x01") + command(6, b"\0\x02pc\0" + bytes(32)) + EOF),
    ("sections", HEADER + full(0, "timer", b"123") + full(0xFFFFFFFF, "x" * 255, b"", instance=0x80000001) + EOF),
    ("a section in no alphabet", HEADER + full(3, "xx", b"").replace(b"xx", b"\xc3\x28") + EOF),
    ("live", HEADER + named(1, 5, "block", b"one") + part(2, 5, b"two") + part(3, 5, b"") + full(6, "cpu", b"x") + EOF),
    ("RAM", HEADER + named(1, 2, "ram", LIST + EOS, version=4) + part(
        2, 2, (0x1000 | Flag.PAGE).to_bytes(8, "big") + b"\x02pc" + PAGE + (Flag.ZERO | 0x20).to_bytes(8, "big") + b"\0"
        + EOS) + part(3, 2, EOS) + EOF),
    ("no footers", HEADER + named(1, 2, "ram", LIST + EOS, footer=False) + part(3, 2, EOS, footer=False) + EOF),
    ("described", HEADER + EOF + b"\x06\0\0\0\x02{}"),
    ("described, and more", HEADER + EOF + b"\x06\0\0\0\x02{}" + b"more"),
    ("more", HEADER + EOF + b"more"),
]


@pytest.mark.parametrize("data", [data for _, data in MADE], ids=[name for name, _ in MADE])
def test_streams_made_by_hand(data: bytes) -> None:
    assert written(data, StreamReader()) == data


BEGIN = SectionBegin(Kind.SECTION_START, 2, "ram", 0, 4, 0, 0)
EVENTS: list[tuple[Event, bytes, bytes]] = [
    (Header(3, 8), b"", HEADER),
    (BEGIN, b"", b"\x01\0\0\0\x02\x03ram\0\0\0\0\0\0\0\x04"),
    (SectionBegin(Kind.SECTION_FULL, 9, "a", 5, 6, 0, 0), b"", b"\x04\0\0\0\x09\x01a\0\0\0\x05\0\0\0\x06"),
    (SectionBegin(Kind.SECTION_PART, 2, "ram", 0, 4, 0, 0), b"", b"\x02\0\0\0\x02"),
    (SectionBegin(Kind.SECTION_END, 2, "ram", 0, 4, 0, 0), b"", b"\x03\0\0\0\x02"),
    (Body(BEGIN, 0, 4), b"body", b"body"),
    (Ram(BEGIN, BlockList(0, ()), 0, 8), b"", b"\0\0\0\0\0\0\0\x04"),
    (Ram(BEGIN, Item(Flag.EOS, 0, "", False, 8, 8), 0, 8), b"", EOS),
    (Ram(BEGIN, Item(Flag.ZERO, 0x2000, "pc", True, 0, 1), 0, 8), b"\0", b"\0\0\0\0\0\0\x20\x02\x02pc\0"),
    (Ram(BEGIN, Item(Flag.ZERO, 0x2000, "pc", False, 0, 1), 0, 8), b"\0", b"\0\0\0\0\0\0\x20\x22\0"),
    (SectionEnd(BEGIN, True, 0, 5), b"", b"\x7e\0\0\0\x02"),
    (SectionEnd(BEGIN, False, 0, 0), b"", b""),
    (Command(2, b"\0\0\0\x01", 0, 0), b"", b"\x08\0\x02\0\x04\0\0\0\x01"),
    (EndOfStream(0, 1), b"", b"\0"),
    (Trailer(b"{}", 0, 0), b"{}", b"\x06\0\0\0\x02{}"),
    (Rest(0, 4), b"rest", b"rest"),
]


@pytest.mark.parametrize(("event", "data", "raw"), EVENTS, ids=[type(one[0]).__name__ for one in EVENTS])
def test_events_made_by_hand(event: Event, data: bytes, raw: bytes) -> None:
    assert writer.encode(event, data) == raw


def test_a_configuration_made_by_hand() -> None:
    """One that was never read says what it has to; one that was, what it said."""
    made = Configuration(length=4, name=bytearray(b"none"), page_bits=12)
    raw = writer.encode(Configured(made, 0, 0))
    assert raw == configuration(b"none", BITS)
    (read,) = [event.configuration for event in whole(HEADER + raw + EOF) if isinstance(event, Configured)]
    assert (read.machine, read.page_size) == ("none", 4096)
    read.uuid = list(range(16))
    assert writer.encode(Configured(read, 0, 0)) == raw
    keep(read).subsections = None
    assert writer.encode(Configured(read, 0, 0)) == configuration(b"none", BITS + UUID)
