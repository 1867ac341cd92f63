"""`vmstate show`: a stream's state. What was read is shown, also where the stream makes no sense further on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from migration.replica import Stream
from migration.sections import Section
from migration.stream.events import EndOfStream, Event, Kind, Ram, SectionEnd
from vmstate.errors import VMStateError

from . import exits
from .grammar import Options
from .meant import Meant
from .memory import Memory
from .opening import stream_of
from .progress import Tick, progress
from .trouble import TROUBLES, code_of, text_of

Item = Event | Section | Memory


class Printer(Protocol):
    """One form of output."""

    def start(self, stream: Stream) -> None:
        """A stream is there."""

    def item(self, item: Item) -> None:
        """A section, RAM, or what stands between them."""

    def end(self, error: str | None) -> None:
        """That was all; `error`: and why."""


def run(options: Options) -> int:
    """Shows one stream, and returns the exit code."""
    return Showing(options).run()


class Showing:
    """One stream on its way to a printer."""

    def __init__(self, options: Options) -> None:
        self.options, self.meant = options, Meant(options.raw)
        self.printer = printer_of(options, self.meant)
        self.code = exits.FINE
        self.error: str | None = None

    def run(self) -> int:
        """All of it; the exit code."""
        try:
            with stream_of(self.options.stream, self.options, Stream) as stream:
                self.read(stream)
        except TROUBLES as trouble:
            self.fail(text_of(trouble), code_of(trouble))
        self.printer.end(self.error)
        return self.code

    def read(self, stream: Stream) -> None:
        """Item after item; those asked for by name once all are known."""
        self.printer.start(stream)
        if stream.trouble is not None:
            self.find(str(stream.trouble))
        taken = list[Item]()
        give = taken.append if self.options.devices else self.give
        with progress(self.options.stream, len(stream.data), beside_output=True) as tick:
            try:
                for item in items(stream.events(), tick):
                    self.meant.take(item)
                    give(item)
                    del item  # or two sections would be held while the next is read
            except VMStateError as trouble:
                self.fail(text_of(trouble), code_of(trouble))
        if self.options.devices:
            self.choose(taken)

    def choose(self, taken: list[Item]) -> None:
        """Those that are meant."""
        from .selection import NotFound, select

        try:
            for item in select(self.options.devices, taken):
                self.give(item)
        except NotFound as missing:
            self.fail(str(missing), exits.USAGE)

    def give(self, item: Item) -> None:
        """One item to the printer, and what is wrong with it to standard error."""
        self.printer.item(item)
        if isinstance(item, Section):
            for text in item.findings:
                self.find(item.label, text)

    def find(self, *texts: str) -> None:
        """Something is wrong, and the rest can be shown."""
        exits.complain(self.options.stream, *texts)
        self.code = max(self.code, exits.FINDINGS)

    def fail(self, text: str, code: int) -> None:
        """Nothing more can be shown."""
        exits.complain(self.options.stream, text)
        self.error, self.code = text, max(self.code, code)


def printer_of(options: Options, meant: Meant) -> Printer:
    """The form that was asked for."""
    if options.format == "tree":
        from .tree import Tree

        return Tree(options, meant)
    from .documents import Document, Lines

    return Document(meant) if options.format == "json" else Lines(meant)


def items(events: Iterable[Event | Section], tick: Tick) -> Iterator[Item]:
    """The events, those of RAM as one where its section ends. Raises VMStateError, what was read of RAM told before."""
    memory: Memory | None = None
    try:
        for event in events:
            tick(event.end)
            if isinstance(event, Ram):
                memory = memory or Memory()
                memory.take(event)
                continue
            if memory is not None and _is_over(event):
                yield memory
                memory = None
            yield event
            del event  # here, too
        if memory is not None:
            yield memory
    except VMStateError:
        if memory is not None:
            yield memory
        raise


def _is_over(event: Event | Section) -> bool:
    """Whether no more RAM comes: its section has ended, or the stream has (a background snapshot's has no end)."""
    if isinstance(event, SectionEnd):
        return event.section.kind is Kind.SECTION_END and event.section.name == "ram"
    return isinstance(event, EndOfStream)
