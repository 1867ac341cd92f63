"""A stream as a document: its events as items, in their order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import xxhash

from visitors._folding import Rows
from vmstate import record_of
from vmstate.describe.vmdesc import Described
from vmstate.errors import EncodeError
from vmstate.walk import Mode, Walk

from ..describing import TrailerWriter, describe, style_name
from ..inputs import Searchable
from ..ram.items import BlockList
from ..replica import Stream
from ..sections import Section
from ..stream import trailer
from ..stream.configuration import Configuration
from ..stream.events import (
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
from ..stream.reader import PAGE_SIZE
from .envelopes import DIGEST, Form, Item, digest
from .memory import listed

VERSION = 1
WRITER = "vmstate-visitors"
MOST_DATA, MOST_PARTS = 1 << 20, 4096
"""Of guest memory in one item."""


class Sealer:
    """Items, each with its number's digest, handed on as they are complete."""

    def __init__(self, out: Callable[[bytes], object], form: Form, folded: bool) -> None:
        self.out, self.form, self.number = out, form, 0
        self.rows = Rows() if folded else None

    def put(self, item: Item) -> None:
        """One item: with its names, or (compact) the rows that are new and its values."""
        document: Any = item
        if self.rows is not None and self.number:
            known = len(self.rows.rows)
            folded = self.rows.fold(item)
            document = [[list(row) for row in self.rows.rows[known:]], folded]
        body = self.form.dumps(document)
        self.out(self.form.seal(body, digest(body, self.number)))
        self.number += 1


class DocumentWriter:
    """Told of a stream's events, in their order.

    `size` and `whole` are of the stream's own bytes: should its values not give those back, whoever reads the document
    is told.
    """

    def __init__(self, stream: Stream, out: Callable[[bytes], object], form: Form, folded: bool = False) -> None:
        self.stream, self.form, self.sealer = stream, form, Sealer(out, form, folded)
        self.describing = TrailerWriter.like(stream.description) if stream.description is not None else None
        self.size, self.whole = 0, xxhash.xxh3_128()
        self.parts, self.data, self.held = list[Any](), list[bytes](), 0
        self.begun: SectionBegin | None = None
        self.section: Item | None = None
        self.sealer.put({"item": "document", "format": VERSION, "writer": WRITER, "digest": DIGEST,
                         "profile": "compact" if folded else "named", "kind": stream.kind})

    def add(self, event: Event | Section) -> None:
        """One event more."""
        self.whole.update(self._bytes(self.size, event.end))
        self.size = event.end
        if not isinstance(event, Ram):
            self.flush()
        ITEMS[type(event)](self, event)

    def end(self) -> None:
        """The last item: without it a document is not whole."""
        self.flush()
        self.sealer.put({"item": "end", "size": self.size, "digest:b": self.whole.digest()})

    def flush(self) -> None:
        """Guest memory that has gathered becomes an item."""
        if self.parts:
            self.sealer.put({
                "item": "pages", "page_size": self.stream.reader.page_size or PAGE_SIZE, "parts": self.parts,
                "data:b": b"".join(self.data)})
            self.parts, self.data, self.held = [], [], 0

    # -- events

    def hole(self, event: Hole) -> None:
        data = self._bytes(event.begin, event.end)
        self.sealer.put({"item": "hole", "size": len(data), "data:b": data if any(data) else b""})

    def header(self, event: Header) -> None:
        self.sealer.put({"item": "stream", "version": event.version})

    def configured(self, event: Configured) -> None:
        if self.describing is not None:
            self.describing.add(event)
        record = record_of(Configuration)
        self.sealer.put({"item": "configuration",
                         "state:{}": self._state(record, event.configuration, record.version)})

    def begin(self, event: SectionBegin) -> None:
        self.begun = event
        if event.name == "ram" and event.kind is not Kind.SECTION_FULL:
            self.section = None
            self.sealer.put({"item": "ram", **_header(event)})

    def body(self, event: Section) -> None:
        """A section's values; of one that nobody understands its bytes."""
        told: Item = {"item": "section", **_header(event.header)}
        told |= self._values(event)
        if (described := self._described(event)) is not None:
            told["described"] = trailer.encode(described.pairs, False).decode()
        if self.begun is None:
            self.sealer.put(told)
        self.section = told

    def over(self, event: SectionEnd) -> None:
        self.sealer.put({**(self.section or {"item": "section end"}), "footer": event.footer})
        self.begun = self.section = None

    def memory(self, event: Ram) -> None:
        part = event.part
        raw = b"" if isinstance(part, BlockList) else self._bytes(part.begin, part.end)
        told, data = listed(part, raw)
        self.parts.append(told)
        self.data.append(data)
        self.held += len(data)
        if self.held >= MOST_DATA or len(self.parts) >= MOST_PARTS:
            self.flush()

    def command(self, event: Command) -> None:
        self.sealer.put({"item": "command", "command": event.command, "payload:b": event.payload})

    def records_end(self, _: EndOfStream) -> None:
        self.sealer.put({"item": "end of records"})

    def trailer(self, event: Trailer) -> None:
        """How QEMU's description is written again; its text, where that is not what it would be."""
        told: Item = {"item": "trailer"}
        if (describing := self.describing) is not None and describing.text() == event.text:
            told |= {"style": style_name(describing.style), "page_size": describing.page_size}
        else:
            told["text:b"] = event.text
        self.sealer.put(told)

    def data_behind(self, event: Body | Rest) -> None:
        """What stands behind a packet, or behind the stream."""
        for begin in range(event.begin, event.end, MOST_DATA):
            self.sealer.put({"item": "data", "data:b": self._bytes(begin, min(event.end, begin + MOST_DATA))})

    # -- parts of items

    def _bytes(self, begin: int, end: int) -> bytes:
        data: Searchable = self.stream.data
        return data[begin:end]

    def _state(self, record: Any, state: Any, version: int) -> Item:
        writer = self.form.writer()
        Walk(writer, Mode.WIRE).run(record, state, version)
        return writer.document()

    def _values(self, section: Section) -> Item:
        """A section's state; its bytes, where nobody understands it, or names are there twice that a map has once."""
        if (decoded := section.decoded) is None:
            return {"body:b": section.body}
        try:
            state = self._state(decoded.record, decoded.state, decoded.version)
        except EncodeError:
            return {"body:b": section.body}
        kind = {"as": decoded.record.kind.__name__} if section.source == "declared" else {}
        return {**kind, "state:{}": state}

    def _described(self, section: Section) -> Described | None:
        """A section's description, where its declaration alone would not give that."""
        if (describing := self.describing) is None:
            return None
        decoded, described = section.decoded, section.described
        if described is not None and section.source == "declared" and decoded is not None:
            ours = describe(decoded.record, decoded.state, decoded.version, describing.style)
            described = None if ours == described.pairs[2:] else described
        if section.header.kind is Kind.SECTION_FULL:
            describing.section(Section(section.header, section.body, section.begin, declared=decoded,
                                       described=described))
        return described


def _header(section: SectionBegin) -> Item:
    return {"record": int(section.kind), "id": section.section_id, "name": section.name,
            "instance": section.instance_id, "version": section.version}


ITEMS: dict[type, Callable[[DocumentWriter, Any], None]] = {
    Hole: DocumentWriter.hole, Header: DocumentWriter.header, Configured: DocumentWriter.configured,
    SectionBegin: DocumentWriter.begin, Section: DocumentWriter.body, SectionEnd: DocumentWriter.over,
    Ram: DocumentWriter.memory, Command: DocumentWriter.command, EndOfStream: DocumentWriter.records_end,
    Trailer: DocumentWriter.trailer, Body: DocumentWriter.data_behind, Rest: DocumentWriter.data_behind,
}
