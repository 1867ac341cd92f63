"""A stream read and written again: every byte accounted for, every value decoded and encoded, then compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from vmstate import Registry, VMStateError
from vmstate.describe import vmdesc

from .descriptions import Lent
from .inputs import Searchable, Window
from .kinds import FileKind, kind_of
from .ram.items import BlockList
from .sections import Choice, Section, SectionReader
from .stream import pages, trailer
from .stream.events import Body, Configured, Event, Header, Hole, Ram, Rest, Trailer
from .stream.reader import PAGE_SIZE, Beginning, StreamReader

if TYPE_CHECKING:
    from .describing import TrailerWriter

BEGINNINGS: dict[FileKind, Beginning] = {
    "main stream": "stream", "recovery": "recovery", "preempt channel": "channel"}
"""Files that do not consist of packets."""


class Stream:
    """One input: its trailer, found first, and then its events with the sections understood.

    `kind` is what file this is, as its first bytes tell. `lent`: another stream's description, for what nothing in
    this one describes. `offset`: where the header is, if something else than zeros stands before it. `document`: the
    form and profile of the document that it was in.
    """

    document = ""

    def __init__(
        self, data: Searchable, registry: Registry, *, choice: Choice = "auto", target: str = "",
        settings: dict[str, object] | None = None, lent: Lent | None = None, offset: int | None = None,
    ) -> None:
        self.data, self.kind = data, kind_of(data) if offset is None else "main stream"
        self.description: vmdesc.Description | None = None
        self.trouble: VMStateError | None = None
        if (extent := trailer.find(data)) is not None:
            try:
                self.description = vmdesc.parse(data[extent[0]:extent[1]], len(data))
            except VMStateError as error:
                self.trouble = error.within("description", extent[0])
        self.sections = SectionReader(
            registry, self.description, target=target, settings=settings, choice=choice, lent=lent)
        page_size, usual = (one.page_size if one is not None and one.page_size in pages.SIZES else None
                            for one in (self.description, lent))
        self.reader = StreamReader(
            page_size, self.sections.extents, usual=usual, offset=offset,
            beginning=BEGINNINGS.get(self.kind, "stream"))

    def events(self) -> Iterator[Event | Section]:
        """All events in order; a section's body as a Section. Raises VMStateError where the stream makes no sense.

        A multifd channel's packets and a return path's messages are sections too, with their data as a Body behind.
        """
        if self.kind in BEGINNINGS:
            yield from self._main()
            return
        from .channels import Channel  # of which few files consist

        channel = Channel(self.data)
        match self.kind:
            case "multifd channel":
                yield from channel.multifd()
            case "return path":
                yield from channel.return_path()
            case _:
                yield from channel.cpr()

    def _main(self) -> Iterator[Event | Section]:
        window = Window(self.data)
        for event in self.reader.over(self.data):
            window.move(event.end if isinstance(event, Header) else event.begin)
            if isinstance(event, Configured) and not self.sections.target:
                self.sections.target = self.sections.registry.target(event.configuration.machine)
            if isinstance(event, Body):
                yield self.sections.read(event.section, self.data[event.begin:event.end], event.begin, event.resynced)
            else:
                yield event


class Report:
    """What `verify` found: bytes accounted for, whether a rewrite is identical, sections by source, and their notes."""

    def __init__(self, size: int, identical: bool = True) -> None:
        self.size, self.accounted, self.identical = size, 0, identical
        self.sections, self.notes = Counter[str](), Counter[str]()
        self.findings: list[str] = []
        self.error: VMStateError | None = None

    @property
    def ok(self) -> bool:
        """Nothing is left to say."""
        return self.error is None and self.identical and self.accounted == self.size and not self.findings


def verify(stream: Stream) -> Report:
    """Reads a stream to its end, writes each part again from what was decoded, and compares."""
    from .describing import TrailerWriter  # here alone: to show a stream takes less

    stream.sections.comparing = True
    report = Report(len(stream.data))
    if stream.trouble is not None:
        report.findings.append(str(stream.trouble))
    describing = TrailerWriter.like(stream.description) if stream.description is not None else None
    try:
        for event in stream.events():
            if describing is not None:
                describing.add(event)
            again = written(event, stream, describing)
            if isinstance(event, Section):
                report.sections[event.source] += 1
                report.findings += [f"{event.label}: {text}" for text in event.findings]
                report.notes.update(event.notes)
            if isinstance(event, Rest):
                report.findings.append(f"{event.end - event.begin} bytes behind the stream")
                continue
            begin = report.accounted
            report.accounted = event.end
            if again != stream.data[begin:event.end]:
                report.identical = False
                report.findings.append(f"{_label(event)} @ {begin:#x}: written again it differs")
    except VMStateError as error:
        report.error = error
        report.identical = False
    return report


def written(event: Event | Section, stream: Stream, describing: TrailerWriter | None) -> bytes:
    """An event's bytes, from its values."""
    from .stream import writer

    if isinstance(event, Section):
        return event.written
    data = b""
    if isinstance(event, Ram) and not isinstance(event.part, BlockList):
        data = stream.data[event.part.begin:event.part.end]
    elif isinstance(event, Hole | Body):
        data = stream.data[event.begin:event.end]
    elif isinstance(event, Trailer):
        data = event.text if describing is None else describing.text()
    return writer.encode(event, data, stream.reader.page_size or PAGE_SIZE, stream.reader.with_addresses)


def _label(event: Event | Section) -> str:
    return event.label if isinstance(event, Section) else type(event).__name__.lower()
