"""`vmstate info`: what a stream is, on one screen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from migration.replica import Stream
from migration.sections import Section
from migration.stream.configuration import Configuration
from migration.stream.events import Command, Configured, Header, Rest, SectionEnd, Trailer
from migration.stream.reader import HEADER_SIZE
from vmstate.errors import VMStateError

from . import exits
from .colour import Paint, paint
from .commands import name_of
from .generation import Generation
from .grammar import Options
from .memory import Memory, pages
from .opening import stream_of
from .output import emit
from .printable import printable, uuid_of
from .progress import progress
from .show import Item, items
from .trouble import TROUBLES, code_of, text_of

MOST_NAME = 24
SOURCES = ("declared", "embedded", "opaque")
Facts = Iterator[tuple[str, str, str]]
"""Name, text and note of each line."""


class Summary:
    """What is told of a stream."""

    def __init__(self, file: str) -> None:
        self.file, self.kind, self.out_of = file, "", ""
        self.size = self.offset = self.rest = 0
        self.configuration: Configuration | None = None
        self.page_size: int | None = None
        self.tried, self.generation = False, Generation()
        self.memory: Memory | None = None
        self.sections = {source: list[str]() for source in SOURCES}
        self.findings: list[tuple[str, str]] = []
        self.notes: dict[str, list[str]] = {}
        self.commands: list[str] = []
        self.footers: bool | None = None
        self.description: int | None = None
        self.error: str | None = None

    def take(self, item: Item) -> None:
        """One item more."""
        self.generation.take(item)
        match item:
            case Header(end=end):
                self.offset = end - HEADER_SIZE
            case Configured(configuration=configuration):
                self.configuration = configuration
            case Section():
                self.sections[item.source].append(item.label)
                self.findings += [(item.label, text) for text in item.findings]
                for text in item.notes:
                    self.notes.setdefault(text, []).append(item.label)
            case Memory():
                self.memory = item
            case SectionEnd(footer=footer):
                self.footers = footer
            case Command(command=number):
                self.commands.append(name_of(number))
            case Trailer(text=text):
                self.description = len(text)
            case Rest(begin=begin, end=end):
                self.rest = end - begin
            case _:
                return

    def document(self) -> dict[str, Any]:
        """As JSON has it."""
        told = self.configuration
        return {
            "file": self.file, "kind": self.kind, "document": self.out_of or None, "size": self.size,
            "offset": self.offset,
            "machine": told.machine if told is not None else None, "qemu": self.generation.document(),
            "page_size": self.page_size,
            "capabilities": told.capabilities if told is not None else [],
            "uuid": uuid_of(bytes(told.uuid)) if told is not None and any(told.uuid) else None,
            "ram": self.memory.state() if self.memory is not None else None, "sections": self.sections,
            "notes": self.notes, "commands": self.commands, "footers": self.footers, "description": self.description,
            "behind": self.rest, "error": self.error,
        }


def run(options: Options) -> int:
    """Tells of one stream, and returns the exit code."""
    summary, code = Summary(options.stream), exits.FINE
    try:
        with stream_of(options.stream, options, Stream) as stream:
            code = _read(summary, stream)
    except TROUBLES as trouble:
        summary.error, code = text_of(trouble), code_of(trouble)
    if options.format == "json":
        emit(json.dumps(summary.document(), indent=2))
    elif summary.size:
        emit("\n".join(screen(summary, paint(options.color))))
    for label, text in summary.findings:
        exits.complain(options.stream, label, text)
    if summary.error is not None:
        exits.complain(options.stream, summary.error)
    return max(code, exits.FINDINGS if summary.findings else exits.FINE)


def _read(summary: Summary, stream: Stream) -> int:
    summary.size, summary.kind, summary.out_of = len(stream.data), stream.kind, stream.document
    if stream.trouble is not None:
        summary.findings.append(("description", str(stream.trouble)))
    with progress(summary.file, summary.size) as tick:
        try:
            for item in items(stream.events(), tick):
                summary.take(item)
        except VMStateError as trouble:
            summary.error = text_of(trouble)
            return code_of(trouble)
        finally:
            summary.page_size, summary.tried = stream.reader.page_size, stream.reader.tried
    return exits.FINE


def screen(summary: Summary, painted: Paint) -> Iterator[str]:
    """The lines, names to the left."""
    told = list(facts(summary))
    column = min(max(len(name) for name, _, _ in told), MOST_NAME)
    for name, text, note in told:
        yield f"{painted('title', f'{name:{column}}')}  {text}" + (f"  {painted('dim', note)}" if note else "")


def facts(summary: Summary) -> Facts:
    """All that is told of this kind of file."""
    yield "file", "standard input" if summary.file == "-" else printable(summary.file), f"{summary.size:,} bytes"
    yield "kind", summary.kind, f"in a document: {summary.out_of}" if summary.out_of else ""
    for told in TOLD.get(summary.kind, (_packets,)):
        yield from told(summary)
    if summary.rest:
        yield "behind", f"{summary.rest:,} bytes", "QEMU ignores them"


def _packets(summary: Summary) -> Facts:
    yield "packets", f"{sum(map(len, summary.sections.values())):,}", ""


def _machine(summary: Summary) -> Facts:
    told = summary.configuration
    if summary.offset:
        yield "offset", f"{summary.offset:,} bytes", "before the header"
    yield "machine", printable(told.machine) if told is not None else "unknown", (
        "" if told is not None else "the stream has no configuration section")
    yield "QEMU", str(summary.generation), "; ".join(summary.generation.evidence)


def _pages(summary: Summary) -> Facts:
    yield "page size", f"{summary.page_size:,} bytes" if summary.page_size else "unknown", (
        "found by trying" if summary.tried else "")


def _agreed(summary: Summary) -> Facts:
    told = summary.configuration
    yield "capabilities", printable(", ".join(told.capabilities) if told is not None else "") or "none", (
        "those that both ends must agree on")
    if told is not None and any(told.uuid):
        yield "uuid", uuid_of(bytes(told.uuid)), ""


def _commands(summary: Summary) -> Facts:
    if summary.commands:
        yield "commands", ", ".join(dict.fromkeys(summary.commands)), ""


def _sections(summary: Summary) -> Facts:
    counts = {source: len(names) for source, names in summary.sections.items()}
    yield "sections", f"{sum(counts.values())}", ", ".join(f"{n} {source}" for source, n in counts.items() if n)
    for source in SOURCES[1:]:
        if names := summary.sections[source]:
            yield f"  {source}", printable(", ".join(names)), ""
    for text, names in summary.notes.items():
        yield "  note", printable(text), printable(", ".join(names))


def _footers(summary: Summary) -> Facts:
    yield "footers", {None: "unknown", True: "yes", False: "no"}[summary.footers], ""


def _description(summary: Summary) -> Facts:
    yield "description", "none" if summary.description is None else f"{summary.description:,} bytes of JSON", ""


def _memory(summary: Summary) -> Facts:
    memory = summary.memory
    if memory is None:
        yield "RAM", "none", ""
        return
    sizes = [one.used_length for one in memory.blocks.values() if one.used_length is not None]
    blocks = f"{len(memory.blocks)} blocks"
    yield "RAM", f"{sum(sizes):,} bytes in {blocks}" if sizes else blocks, (
        f"{memory.size:,} bytes sent: {pages(memory.total)}")
    for row in memory.rows():
        yield f"  {row.label}", row.text, row.note


TOLD: dict[str, tuple[Callable[[Summary], Facts], ...]] = {
    "main stream": (_machine, _pages, _agreed, _commands, _memory, _sections, _footers, _description),
    "recovery": (_pages, _commands, _memory, _footers),
    "preempt channel": (_pages, _memory),
}
"""What is told of a file that does not consist of packets."""
