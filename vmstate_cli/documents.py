"""A stream as JSON: one document, or a line for the stream and one for each section.

What values mean stands beside their numbers: `meaning` has it by the paths of `vmstate get` (see the guide).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migration.sections import Section
from migration.stream.events import Configured, SectionBegin

from .meant import Meant
from .memory import Memory
from .output import emit
from .pretty import STEP, plain, pretty
from .printable import uuid_of
from .state import members

if TYPE_CHECKING:
    from migration.replica import Stream

    from .show import Item

Json = dict[str, Any]


class Document:
    """Prints a stream section by section, as soon as what stands before them is known; an error is in it too."""

    stream: Stream | None = None
    printed = False

    def __init__(self, meant: Meant) -> None:
        self.meant = meant
        self.head: Json = {"machine": None, "page_size": None, "configuration": None}
        self.held: list[str] = []

    def start(self, stream: Stream) -> None:
        """What will be known of the whole."""
        self.stream = stream

    def item(self, item: Item) -> None:
        """A section is kept; what stands between has no place here."""
        if isinstance(item, Configured):
            self.head.update(configured(item))
        elif isinstance(item, Section):
            self.section(device(item, self.meant))
        elif isinstance(item, Memory) and item.section is not None:
            self.section(memory(item, item.section))

    def section(self, entry: Json) -> None:
        """One section more; the last is held back, for a comma may follow it."""
        self.held.append(pretty(entry, 2 * STEP))
        if self.known()["page_size"] is not None:
            self.put(self.held[:-1])
            del self.held[:-1]

    def end(self, error: str | None) -> None:
        """What is left of the document."""
        self.put(self.held[:-1])
        for text in self.held[-1:]:
            emit(f"{2 * STEP}{text}")
        emit(f'{STEP}],\n{STEP}"error": {pretty(error)}\n}}')

    def put(self, sections: list[str]) -> None:
        """Sections that are not the last."""
        self.begin()
        for text in sections:
            emit(f"{2 * STEP}{text},")

    def begin(self) -> None:
        """What stands before the sections, once."""
        if not self.printed:
            self.printed = True
            self.print_head()

    def print_head(self) -> None:
        """What stands before the sections."""
        emit("\n".join(("{", *(f'{STEP}"{key}": {pretty(value, STEP)},' for key, value in self.known().items()),
                        f'{STEP}"sections": [')))

    def known(self) -> Json:
        """What is known of the whole by now."""
        return {**self.head, "page_size": None if self.stream is None else self.stream.reader.page_size}


class Lines(Document):
    """Prints a line for the stream when its first section comes, one for each section, and one for an error."""

    def section(self, entry: Json) -> None:
        self.begin()
        emit(plain(entry))

    def end(self, error: str | None) -> None:
        self.begin()
        if error is not None:
            emit(plain({"error": error}))

    def print_head(self) -> None:
        """The stream's own line."""
        emit(plain(self.known()))


def configured(event: Configured) -> Json:
    """The configuration, and what follows from it."""
    told = event.configuration
    return {"machine": told.machine, "configuration": {
        "name": told.machine, "page_bits": told.page_bits or None, "capabilities": told.capabilities,
        "uuid": uuid_of(bytes(told.uuid)) if any(told.uuid) else None}}


def device(section: Section, meant: Meant) -> Json:
    """One section; `offset` and `size` are its body's. `meaning` is there where there is something to say."""
    decoded, meaning = section.decoded, meant.named(section)
    return {
        **_head(section.header), "offset": section.begin, "size": len(section.body), "source": section.source,
        "settings": dict(decoded.settings) if decoded is not None else {}, "state": state(section),
        **({"meaning": meaning} if meaning else {}), "findings": section.findings, "notes": section.notes,
        "why": None if section.why is None else str(section.why),
    }


def state(section: Section) -> Json:
    """What is in a section; of an opaque one its bytes."""
    if (decoded := section.decoded) is None:
        return {"bytes": section.body.hex()} if section.body else {}
    return members(decoded.record, decoded.state, decoded.version)


def memory(ram: Memory, header: SectionBegin) -> Json:
    """RAM: `offset` and `size` are those of the body that starts it, the state tells of all."""
    return {**_head(header), "offset": ram.begin, "size": ram.end - ram.begin, "source": "declared", "settings": {},
            "state": ram.state(), "findings": [], "notes": [], "why": None}


def _head(header: SectionBegin) -> Json:
    return {"id": header.section_id, "name": header.name, "instance_id": header.instance_id, "version": header.version}
