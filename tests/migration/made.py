"""Small streams made by hand, and what the reader says of a stream whatever pieces it comes in."""

from collections.abc import Iterable, Iterator

from migration.ram.items import Item
from migration.replica import Stream
from migration.stream.events import Command, Configured, Event, Hole, Kind, Ram, Rest, SectionEnd, Trailer
from migration.stream.reader import MAGIC, PACKAGED, StreamReader
from vmstate import Registry

HEADER = MAGIC + b"\x00\x00\x00\x03"
EOF = b"\x00"


def named(kind: int, section_id: int, name: str, body: bytes, *, instance: int = 0, version: int = 1,
          footer: bool = True) -> bytes:
    """A START or FULL section."""
    number = section_id.to_bytes(4, "big")
    head = bytes((kind,)) + number + bytes((len(name),)) + name.encode()
    head += instance.to_bytes(4, "big") + version.to_bytes(4, "big")
    return head + body + (b"\x7e" + number if footer else b"")


def full(section_id: int, name: str, body: bytes, *, instance: int = 0, version: int = 1, footer: bool = True) -> bytes:
    """A FULL section."""
    return named(Kind.SECTION_FULL, section_id, name, body, instance=instance, version=version, footer=footer)


def part(kind: int, section_id: int, body: bytes, *, footer: bool = True) -> bytes:
    """A PART or END."""
    number = section_id.to_bytes(4, "big")
    return bytes((kind,)) + number + body + (b"\x7e" + number if footer else b"")


def command(number: int, payload: bytes) -> bytes:
    """A command."""
    return b"\x08" + number.to_bytes(2, "big") + len(payload).to_bytes(2, "big") + payload


def configuration(name: bytes, rest: bytes = b"") -> bytes:
    """A configuration record with its subsections."""
    return b"\x07" + len(name).to_bytes(4, "big") + name + rest


def without(data: bytes, *kinds: type[Event]) -> bytes:
    """A stream as it would be without its configuration, its footers (SectionEnd) or its trailer."""
    out, package, at, end = list[bytes](), -1, 0, -1
    for event in Stream(data, Registry()).reader.over(data):
        begin, at = at, event.end
        if package >= 0 and begin == end:
            size = sum(map(len, out[package + 1:]))
            out[package], package = out[package][:-4] + size.to_bytes(4, "big"), -1
        if isinstance(event, kinds):
            continue
        out.append(data[begin:at])
        if isinstance(event, Command) and event.command == PACKAGED:
            package, end = len(out) - 1, at + int.from_bytes(event.payload, "big")
    return b"".join(out)


BARE = Configured, SectionEnd, Trailer
"""What QEMU up to 2.2 did not send."""


def whole(data: bytes) -> list[Event]:
    """The events of an input that is all there."""
    return list(StreamReader().over(data))


def fed(pieces: Iterable[bytes], reader: StreamReader | None = None) -> list[Event]:
    """The events of an input that comes in pieces."""
    reader = StreamReader() if reader is None else reader
    found = [event for piece in pieces for event in reader.feed(piece)]
    return [*found, *reader.close()]


def cut(data: bytes, sizes: Iterator[int]) -> Iterator[bytes]:
    """The data in pieces of these sizes."""
    at = 0
    while at < len(data):
        size = next(sizes)
        yield data[at:at + size]
        at += size


def plain(events: Iterable[Event], page_size: int) -> list[object]:
    """The same for the same stream whatever the pieces were: each page by itself, what is behind the stream joined."""
    found: list[object] = []
    for event in events:
        if isinstance(event, Ram) and isinstance(event.part, Item) and event.part.begin < event.part.end:
            run, begin = event.part, event.begin
            found.append((event.section, run.flag, run.block, run.named))
            for address, at, end in run.pages(page_size):
                found.append((run.flag, run.block, address, begin, at, end))
                begin = end
        elif isinstance(event, Hole | Rest) and found and isinstance(last := found[-1], Hole | Rest):
            assert last.end == event.begin
            found[-1] = type(event)(last.begin, event.end)
        else:
            found.append(event)
    return _joined(found)


def _joined(found: list[object]) -> list[object]:
    """Without the marks between two runs of which the second goes on where the first ended."""
    return [one for i, one in enumerate(found) if not (
        isinstance(one, tuple) and len(one) == 4 and not one[3] and i and isinstance(found[i - 1], tuple))]
