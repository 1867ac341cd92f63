"""The reading behind `vmstate show`: what was read is shown, also where the stream makes no sense further on."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Protocol

from devices.catalogue import registry
from migration.inputs import Searchable, opened
from migration.replica import Stream
from migration.sections import Section
from migration.stream.events import EndOfStream, Event, Kind, Ram, SectionEnd
from vmstate.errors import VMStateError

from . import exits
from .memory import Memory
from .progress import Tick, progress
from .selection import NotFound, select
from .trouble import Trouble, code_of, text_of

Item = Event | Section | Memory


class Printer(Protocol):
    """One form of output."""

    def start(self, stream: Stream) -> None:
        """A stream is there."""

    def item(self, item: Item) -> None:
        """A section, RAM, or what stands between them."""

    def end(self, error: str | None) -> None:
        """That was all; `error`: and why."""


def show(options: Namespace) -> int:
    """Shows one stream, and returns the exit code."""
    printer = printer_of(options)
    codes = [exits.FINE]
    error: str | None = None
    try:
        with opened(options.stream) as data:
            error = _show(options, data, printer, codes)
    except (VMStateError, OSError) as trouble:
        error = _told(options.stream, trouble, codes)
    printer.end(error)
    return max(codes)


def printer_of(options: Namespace) -> Printer:
    """The form that was asked for."""
    if options.format == "tree":
        from .tree import Tree

        return Tree(options)
    from .documents import Document, Lines

    return Document() if options.format == "json" else Lines()


def _show(options: Namespace, data: Searchable, printer: Printer, codes: list[int]) -> str | None:
    stream = open_stream(data, options)
    printer.start(stream)
    taken = list[Item]()
    give: Callable[[Item], None] = taken.append
    if not options.devices:
        give = partial(_give, options, printer, codes)
    error: str | None = None
    with progress(options.stream, len(data), beside_output=True) as tick:
        try:
            for item in items(stream.events(), tick):
                give(item)
        except VMStateError as trouble:
            error = _told(options.stream, trouble, codes)
    if options.devices:
        try:
            for item in select(options.devices, taken):
                _give(options, printer, codes, item)
        except NotFound as missing:
            exits.complain(options.stream, error := str(missing))
            codes.append(exits.USAGE)
    return error


def _give(options: Namespace, printer: Printer, codes: list[int], item: Item) -> None:
    printer.item(item)
    if isinstance(item, Section):
        for text in item.findings:
            exits.complain(options.stream, item.label, text)
            codes.append(exits.FINDINGS)


def _told(file: str, trouble: Trouble, codes: list[int]) -> str:
    codes.append(code_of(trouble))
    exits.complain(file, text := text_of(trouble))
    return text


def open_stream(data: Searchable, options: Namespace) -> Stream:
    """A stream, understood as the options say."""
    return Stream(data, registry(), choice=options.source, target=options.target, settings=dict(options.settings))


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
    except VMStateError:
        if memory is not None:
            yield memory
        raise


def _is_over(event: Event | Section) -> bool:
    """Whether no more RAM comes: its section has ended, or the stream has (a background snapshot's has no end)."""
    if isinstance(event, SectionEnd):
        return event.section.kind is Kind.SECTION_END and event.section.name == "ram"
    return isinstance(event, EndOfStream)
