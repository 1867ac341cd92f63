"""The trailer of a stream that is written: what QEMU would say of its sections, as they are now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from visitors import qemufile, vmdesc
from visitors.vmdesc import NEWEST, STYLES, Style
from vmstate import Decoded, Record, VMStateError, record_of
from vmstate.describe.vmdesc import Description, Object
from vmstate.format import decode
from vmstate.walk import Mode, Walk

from .sections import Section
from .stream import trailer
from .stream.configuration import Configuration
from .stream.events import Configured, Event, Kind


class TrailerWriter:
    """Told of the events of a stream, in their order; `text` is the JSON then.

    A section is described as the stream's own trailer describes it, where it has one that still fits; else by its
    declaration, as QEMU of this style would.
    """

    def __init__(self, style: Style = NEWEST, page_size: int | None = None) -> None:
        self.style, self.page_size = style, page_size
        self.configuration: Object | None = None
        self.devices: list[Object] = []

    @classmethod
    def like(cls, description: Description) -> TrailerWriter:
        """One that writes as this trailer is written."""
        return cls(style_of(description), description.page_size)

    def add(self, event: Event | Section) -> None:
        """Takes note of what is described: the configuration (since QEMU 8.2), sections that are sent whole."""
        if isinstance(event, Configured) and self.style.configuration:
            record = record_of(Configuration)
            self.configuration = describe(record, event.configuration, record.version, self.style)
        elif isinstance(event, Section) and event.header.kind is Kind.SECTION_FULL:
            self.section(event)

    def section(self, section: Section) -> None:
        """A section that is sent whole; an opaque one is not described."""
        if (source := _source(section)) is not None:
            named = [("name", section.header.name), ("instance_id", section.header.instance_id)]
            self.devices.append(
                Object([*named, *describe(source.record, source.state, source.version, self.style)]))

    def text(self) -> bytes:
        """The trailer's JSON, without its header."""
        configuration = [] if self.configuration is None else [("configuration", self.configuration)]
        pairs = Object([*configuration, ("page_size", self.page_size), ("devices", self.devices)])
        return trailer.encode(pairs, self.style.spaced)


def _source(section: Section) -> Decoded[Any] | None:
    """The decoding by which a section is described, as it is written now."""
    if section.embedded is not None and (section.decoded is section.embedded or section.written == section.body):
        return section.embedded
    if section.described is not None:
        try:
            record: Record[Any] = section.described.record
            return decode(record, section.written, qemufile, version=record.version)
        except VMStateError:
            pass  # it is no longer what the trailer had described
    return section.decoded


def style_name(style: Style) -> str:
    """The first release that writes so."""
    return next(name for name, one in STYLES.items() if one == style)


def describe(record: Record[Any], state: Any, version: int, style: Style = NEWEST) -> Object:
    """What QEMU's trailer says of a state, as it would be written again: the keys from vmsd_name (or size) on."""
    writer = vmdesc.Writer(qemufile.writer(), record, version, style)
    Walk(writer, Mode.WIRE).run(record, state, version)
    return writer.result()


def style_of(description: Description) -> Style:
    """How the writer of this trailer writes them, as far as it shows."""
    if description.spaced:
        return STYLES["2.3"]
    if not description.configuration:
        return STYLES["6.0"]
    fields = (one for device in description.devices for one in _field_lists(device.pairs))
    return next(filter(None, map(_numbering, fields)), NEWEST)


def _numbering(fields: list[dict[str, Any]]) -> Style | None:
    """Whether the last element of an array, as it is listed one by one, has a number."""
    names = [one.get("name") for one in fields]
    for i, one in enumerate(fields[1:], 1):
        if "index" in fields[i - 1] and names[i - 1] == names[i] not in names[i + 1:i + 2]:
            return STYLES["8.2" if "index" in one else "10.0"]
    return None


def _field_lists(value: Any) -> Iterator[list[dict[str, Any]]]:
    """Every list of fields in a description."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Object):
            waiting += [inner for _, inner in one]
        elif isinstance(one, list):
            objects = [inner for inner in cast("list[object]", one) if isinstance(inner, Object)]
            waiting += objects
            yield [dict(inner) for inner in objects]
