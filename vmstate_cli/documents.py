"""A stream as JSON: one document, or a line for the stream and one for each section."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from migration.sections import Section
from migration.stream.events import Configured, SectionBegin

from .memory import Memory
from .output import emit
from .state import members
from .tree import uuid_of, values

if TYPE_CHECKING:
    from migration.replica import Stream

    from .show import Item

Json = dict[str, Any]


class Document:
    """Gathers a stream, and prints it at its end: an error is in it too."""

    stream: Stream | None = None

    def __init__(self) -> None:
        self.head: Json = {"machine": None, "page_size": None, "configuration": None}
        self.sections: list[Json] = []

    def start(self, stream: Stream) -> None:
        """What will be known of the whole."""
        self.stream = stream

    def item(self, item: Item) -> None:
        """A section is kept; what stands between has no place here."""
        if isinstance(item, Configured):
            self.head.update(configured(item))
        elif isinstance(item, Section):
            self.section(device(item))
        elif isinstance(item, Memory) and item.section is not None:
            self.section(memory(item, item.section))

    def section(self, entry: Json) -> None:
        """One section more."""
        self.sections.append(entry)

    def end(self, error: str | None) -> None:
        """The document."""
        emit(json.dumps({**self.known(), "sections": self.sections, "error": error}, indent=2, default=str))

    def known(self) -> Json:
        """What is known of the whole by now."""
        return {**self.head, "page_size": None if self.stream is None else self.stream.reader.page_size}


class Lines(Document):
    """Prints a line for the stream when its first section comes, one for each section, and one for an error."""

    printed = False

    def section(self, entry: Json) -> None:
        self.begin()
        emit(json.dumps(entry, default=str))

    def end(self, error: str | None) -> None:
        self.begin()
        if error is not None:
            emit(json.dumps({"error": error}))

    def begin(self) -> None:
        """The stream's own line, once."""
        if not self.printed:
            self.printed = True
            emit(json.dumps(self.known()))


def configured(event: Configured) -> Json:
    """The configuration, and what follows from it."""
    told = event.configuration
    return {"machine": told.machine, "configuration": {
        "name": told.machine, "page_bits": told.page_bits or None, "capabilities": told.capabilities,
        "uuid": uuid_of(bytes(told.uuid)) if any(told.uuid) else None}}

def device(section: Section) -> Json:
    """One section; `offset` and `size` are its body's."""
    decoded = section.decoded
    return {
        **_head(section.header), "offset": section.begin, "size": len(section.body), "source": section.source,
        "settings": dict(decoded.settings) if decoded is not None else {}, "state": members(values(section)),
        "findings": section.findings, "notes": section.notes,
        "why": None if section.why is None else str(section.why),
    }


def memory(ram: Memory, header: SectionBegin) -> Json:
    """RAM: `offset` and `size` are those of the body that starts it, the state tells of all."""
    return {**_head(header), "offset": ram.begin, "size": ram.end - ram.begin, "source": "declared", "settings": {},
            "state": ram.state(), "findings": [], "notes": [], "why": None}


def _head(header: SectionBegin) -> Json:
    return {"id": header.section_id, "name": header.name, "instance_id": header.instance_id, "version": header.version}
