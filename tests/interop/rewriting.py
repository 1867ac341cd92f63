"""A stream read and written again, with changes on the way: to the state of a section, to a header, to memory."""

from collections.abc import Callable, Iterator
from typing import Any

import vmstate
from devices.catalogue import registry
from migration import replica
from migration.ram.items import Flag, Item
from migration.replica import Stream
from migration.sections import Section
from migration.stream import writer
from migration.stream.events import Event, Ram, SectionBegin
from visitors import qemufile
from vmstate.kept import keep

Change = Callable[[Any], None]
"""What is done to a section's state."""


def sections(data: bytes) -> dict[str, Section]:
    """The sections of a stream by their labels."""
    return {one.label: one for one in Stream(data, registry()).events() if isinstance(one, Section)}


def rewritten(
    data: bytes, changes: dict[str, Change] | None = None, *, versions: dict[str, int] | None = None,
    memory: dict[int, bytes] | None = None, bodies: dict[str, bytes] | None = None,
    without: tuple[type[Event], ...] = (),
) -> bytes:
    """The stream again, each part from its values.

    `changes` and whole `bodies` are by the section's label, `versions` by its name; `memory` is what guest memory holds
    instead, within one page that is not all zeros. Events `without` which it goes are left out.
    """
    stream, out = Stream(data, registry()), list[bytes]()
    pending = {**(changes or {}), **(versions or {}), **(memory or {}), **(bodies or {})}
    for event in stream.events():
        if isinstance(event, Section):
            if event.label in (bodies or {}):
                out.append(pending.pop(event.label))
            elif event.label in (changes or {}):
                out.append(_changed(event, pending.pop(event.label)))
            else:
                out.append(event.written)
        elif isinstance(event, SectionBegin) and event.name in (versions or {}):
            out.append(writer.section(_numbered(event, pending.pop(event.name))))
        elif not isinstance(event, without):
            out.append(written(event, stream, pending))
    assert not pending, f"the stream has no {', '.join(map(str, pending))}"
    return b"".join(out)


def _changed(section: Section, change: Change) -> bytes:
    assert section.decoded is not None, f"{section.label} is opaque"
    change(section.decoded.state)
    return vmstate.encode(section.decoded, qemufile)


def _numbered(begin: SectionBegin, version: int) -> SectionBegin:
    return SectionBegin(
        begin.kind, begin.section_id, begin.name, begin.instance_id, version, begin.begin, begin.end)


def written(event: Event, stream: Stream, pending: dict[Any, Any]) -> bytes:
    """The bytes of what is no section's body, with what lies in its pages put in."""
    data = bytearray(replica.written(event, stream, None))
    if isinstance(event, Ram) and isinstance(event.part, Item):
        for address, begin, end in _places(event.part, stream):
            for place in [one for one in pending if isinstance(one, int) and address <= one < address + end - begin]:
                new, at = pending.pop(place), begin - event.begin + place - address
                data[at:at + len(new)] = new
    return bytes(data)


def _places(item: Item, stream: Stream) -> Iterator[tuple[int, int, int]]:
    """Address, begin and end of each whole page of main memory."""
    if item.flag == Flag.PAGE and item.block == "pc.ram":
        yield from item.pages(stream.reader.page_size or 4096)


def with_subsection(state: Any, name: str, version: int = 1) -> None:
    """Has a state that was read send one more of its subsections."""
    sent = keep(state).subsections
    assert sent is not None
    sent.append((name, version))
