"""The framing of a stream, sans-I/O: fed bytes as they come, it answers with events.

Theory of operation. A stream is a header, perhaps a configuration, records up to a byte 00, perhaps a trailer. No
record tells its length, so each kind is taken by its own rule.

| state | takes | next |
|---|---|---|
| hole | zeros before the header, or as many bytes as one says: a file may have it anywhere | header |
| header | magic, version | configuration if 07 follows, else records |
| records | 01 02 03 04 and a section's header | ram, or body |
| records | 08, a command | records; those of a package (postcopy) stand in the stream like others |
| records | 00 | trailer |
| ram | items up to EOS | footer |
| body | as many bytes as `Ends` says | footer |
| footer | 7e and the id, if this stream has footers (the first body decides) | records |
| trailer | 06, a length, JSON; or nothing | end |
| channel | items up to EOS or the end: pages that a destination asked for (postcopy-preempt) | end |

A postcopy that goes on after its connection was lost begins with records: its blocks are those of which it asks what
was received, and its section was begun on the connection that was lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Literal

from visitors._bytes import Cursor
from visitors.qemufile import Reader as BodyReader
from vmstate import BadMarker, Mismatch, Truncated, Unsupported, VMStateError, record_of
from vmstate.errors import NeedMore
from vmstate.walk import Mode, Walk

from ..ram.items import Block, Flag, Item, ItemReader
from ..ram.mapped import MappedBlock
from . import pages
from .bounds import LONGEST_HEAD, footer_of, is_record
from .configuration import Configuration
from .ends import Ends, Extents, Place
from .events import (
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
from .machine import Machine, State

MAGIC, VERSION, HEADER_SIZE = b"QEVM", 3, 8
PAGE_SIZE = pages.USUAL
ADVISE, PACKAGED, ENABLE_COLO, RECV_BITMAP, LAST_COMMAND = 3, 7, 8, 10, 11
RAM, RAM_VERSION = "ram", 4
AT_ONCE = 1 << 20
ZEROS = re.compile(rb"\0{1,%d}" % AT_ONCE)

Beginning = Literal["stream", "recovery", "channel"]


class StreamReader(Machine):
    """The reader of a stream, of the recovery of one, or of a channel of pages.

    `page_size` is the target's, where it is known (the trailer tells it); the configuration's own word goes before it,
    and where nobody tells, the size is found by trying (`tried`): `usual` is then taken if several fit. `extents` tells
    how long a body may be. `offset`: where the header is, if not behind zeros alone.
    """

    def __init__(
        self, page_size: int | None = None, extents: Extents | None = None, *, usual: int | None = None,
        offset: int | None = None, beginning: Beginning = "stream",
    ) -> None:
        firsts: dict[Beginning, State] = {"stream": self._hole, "recovery": self._record, "channel": self._channel}
        super().__init__(firsts[beginning])
        self.usual, self.offset = usual, offset
        self.beginning: Beginning = beginning
        self.ram = ItemReader(page_size or 0, unlisted=beginning == "channel")
        self.ends, self.tried = Ends(extents), False
        self._package_end: int | None = None
        self._colo = False
        self._records: dict[int, State] = {
            Kind.EOF: self._end, Kind.COMMAND: self._command,
            Kind.SECTION_START: partial(self._begin, Kind.SECTION_START),
            Kind.SECTION_FULL: partial(self._begin, Kind.SECTION_FULL),
            Kind.SECTION_PART: partial(self._go_on, Kind.SECTION_PART),
            Kind.SECTION_END: partial(self._go_on, Kind.SECTION_END),
        }

    @property
    def footers(self) -> bool | None:
        """Whether the stream has footers; None until it shows."""
        return self.ends.footers

    @property
    def page_size(self) -> int | None:
        """Bytes of a target's page; None until it is known."""
        return self.ram.page_size or None

    @property
    def with_addresses(self) -> bool:
        """Whether the block list tells guest addresses (x-ignore-shared)."""
        return self.ram.with_addresses

    # -- states: each yields events, and moves on by `go`

    def _hole(self, cursor: Cursor) -> Iterator[Event]:
        if self.offset is None:
            cursor.peek(1)
            zeros = ZEROS.match(*self.here)
            size = 0 if zeros is None else zeros.end() - zeros.start()
        else:
            size = min(self.offset - self.at, AT_ONCE)
        if not size:
            self.state = self._header
            return
        cursor.take(size)
        begin, end = self.go(cursor, self._hole)
        yield Hole(begin, end)

    def _header(self, cursor: Cursor) -> Iterator[Event]:
        magic = cursor.peek(4)
        if magic != MAGIC[:len(magic)] or not magic:
            raise Mismatch("this is no migration stream", expected=repr(MAGIC), actual=repr(magic), offset=0,
                           hint="one begins with QEVM, behind zeros at most; its offset can be given")
        cursor.take(4)
        version = cursor.number(4)
        if version != VERSION:
            raise Unsupported(f"a stream of version {version}", expected=str(VERSION), actual=str(version), offset=4)
        _, end = self.go(cursor, self._configuration)
        yield Header(version, end)

    def _configuration(self, cursor: Cursor) -> Iterator[Event]:
        if cursor.peek(1) != bytes((Kind.CONFIGURATION,)):
            self.state = self._record
            return
        self.within = "configuration"
        cursor.take(1)
        body, configuration = BodyReader(cursor.rest(), cursor.whole), Configuration()
        try:
            Walk(body, Mode.WIRE).run(record_of(Configuration), configuration)
        except VMStateError as error:
            raise error.within("", 1) from error.__cause__
        cursor.take(body.at)
        ram, told = self.ram, configuration.capabilities
        ram.page_size = configuration.page_size or ram.page_size or pages.of_machine(configuration.machine) or 0
        ram.mapped, ram.with_addresses = "mapped-ram" in told, "x-ignore-shared" in told
        begin, end = self.go(cursor, self._record)
        yield Configured(configuration, begin, end)

    def _record(self, cursor: Cursor) -> Iterator[Event]:
        self.within = ""
        self._leave_package()
        kind = cursor.take(1)[0]
        take = self._records.get(kind)
        if take is None:
            raise BadMarker(f"{kind:#04x} begins no record", offset=0,
                            hint="the section before it may have ended elsewhere")
        yield from take(cursor)

    def _begin(self, kind: Kind, cursor: Cursor) -> Iterator[Event]:
        """START and FULL: id, name, instance, version."""
        number = cursor.number(4)
        name = bytes(cursor.take(cursor.take(1)[0])).decode("utf-8", "surrogateescape")
        instance, version = cursor.number(4), cursor.number(4)
        sections = self.ends.sections
        if number in sections:
            raise Mismatch(f"section id {number} is in use for {sections[number].name}", offset=1)
        section = sections[number] = SectionBegin(kind, number, name, instance, version, self.at, self.at + cursor.at)
        yield self._opened(cursor, section)

    def _go_on(self, kind: Kind, cursor: Cursor) -> Iterator[Event]:
        """PART and END: the id that START gave."""
        number = cursor.number(4)
        sections = self.ends.sections
        if self.beginning == "recovery" and not sections:
            sections[number] = self._pages(Kind.SECTION_START, number)
        start = sections.get(number)
        if start is None or start.kind is not Kind.SECTION_START:
            raise Mismatch(f"section id {number} was never started", offset=1)
        yield self._opened(cursor, SectionBegin(
            kind, number, start.name, start.instance_id, start.version, self.at, self.at + cursor.at))

    def _pages(self, kind: Kind, number: int) -> SectionBegin:
        """A section of RAM that was begun elsewhere."""
        return SectionBegin(kind, number, RAM, 0, RAM_VERSION, self.at, self.at)

    def _opened(self, cursor: Cursor, section: SectionBegin) -> SectionBegin:
        ram = section.kind is not Kind.SECTION_FULL and section.name == RAM
        self.go(cursor, partial(self._items if ram else self._body, section))
        self.within = section.name
        return section

    # -- RAM

    def _items(self, section: SectionBegin, cursor: Cursor) -> Iterator[Event]:
        """Item after item; what was taken stays taken."""
        base = self.at
        self._settle_page_size(section, cursor)
        for part in self.ram.items(cursor, base):
            begin, self.at = self.at, base + cursor.at
            if isinstance(part, MappedBlock) and part.page_size in pages.SIZES:
                self.ram.page_size = part.page_size
            yield Ram(section, part, begin, self.at)
        self.state = partial(self._footer, section)

    def _channel(self, cursor: Cursor) -> Iterator[Event]:
        """Items alone, up to EOS or to the end."""
        section, base = self._pages(Kind.SECTION_PART, 0), self.at
        self.within = RAM
        self._settle_page_size(section, cursor)
        while cursor.peek(1):
            part = self.ram.next(cursor, base)
            begin, self.at = self.at, base + cursor.at
            yield Ram(section, part, begin, self.at)
            if isinstance(part, Item) and part.flag is Flag.EOS:
                self.state = self._rest
                return
        self.done = True

    def _settle_page_size(self, section: SectionBegin, cursor: Cursor) -> None:
        """Where nobody has told it: the size with which RAM can be read. In a file with mapped RAM each block tells."""
        if self.ram.page_size:
            return
        if self.ram.mapped:
            self.ram.page_size = PAGE_SIZE
            return
        self.ram.page_size = pages.fitting(partial(self._fits, section, cursor.whole), self.usual)
        self.tried = True

    def _fits(self, section: SectionBegin, whole: bool, size: int) -> bool:
        """Whether what follows can be read with pages of this size: until enough with data have gone by, else up to the
        first device. If none at all went by, it is the usual size that fits."""
        trial = StreamReader(extents=self.ends.extents, beginning=self.beginning)
        trial.ram, shown = self.ram.with_pages(size), 0
        trial.ends.sections.update(self.ends.sections)
        state = trial._channel if self.beginning == "channel" else partial(trial._items, section)
        try:
            for event in trial.beside(self, state):
                if isinstance(event, Ram) and isinstance(event.part, Item) and event.part.flag is Flag.PAGE:
                    shown += event.part.count
                if shown > pages.ENOUGH or (isinstance(event, SectionBegin) and event.kind is Kind.SECTION_FULL):
                    break
            else:
                if not whole and not trial.done:
                    raise NeedMore
        except VMStateError:
            return False
        return trial.ram.block != "" or size == (self.usual or PAGE_SIZE)

    # -- other sections

    def _body(self, section: SectionBegin, cursor: Cursor) -> Iterator[Event]:
        size, resynced = self.ends.find(section, Place(*self.here, cursor.rest(), cursor.whole))
        cursor.take(size)
        begin, end = self.go(cursor, partial(self._footer, section))
        yield Body(section, begin, end, resynced)

    def _footer(self, section: SectionBegin, cursor: Cursor) -> Iterator[Event]:
        footers = self.ends.footers
        if footers is not False:
            head, footer = cursor.peek(5), footer_of(section.section_id)
            found = head == footer
            if not found and footer.startswith(head) and (head or footers):
                cursor.take(len(footer))  # the input ends within it
            if not found and (footers or (head and not self._goes_on(cursor))):
                raise BadMarker("the section's footer is missing", expected=f"7e and {section.section_id}",
                                actual=head.hex(" "), offset=0)
            self.ends.footers = found
            cursor.take(5 if found else 0)
        begin, end = self.go(cursor, self._record)
        yield SectionEnd(section, bool(self.ends.footers), begin, end)

    def _goes_on(self, cursor: Cursor) -> bool:
        """Whether a record may begin here, or the input ends before one can tell."""
        return cursor.left < LONGEST_HEAD or is_record(*self.here, self.ends.sections, cursor.whole)

    # -- commands

    def _command(self, cursor: Cursor) -> Iterator[Event]:
        command, size = cursor.number(2), cursor.number(2)
        if command > LAST_COMMAND:
            raise BadMarker(f"command {command:#x} is unknown", offset=1)
        payload = bytes(cursor.take(size))
        if command == PACKAGED:
            self._open_package(payload, self.at + cursor.at, cursor)
        self._learn(command, payload)
        begin, end = self.go(cursor, self._record)
        yield Command(command, payload, begin, end)

    def _learn(self, command: int, payload: bytes) -> None:
        """What a command tells of the stream itself."""
        if command == ADVISE and len(payload) == 16:
            self.ram.host_pages, size = int.from_bytes(payload[:8], "big"), int.from_bytes(payload[8:], "big")
            self.ram.page_size = self.ram.page_size or (size if size in pages.SIZES else 0)
        elif command == RECV_BITMAP and payload and payload[0] == len(payload) - 1:
            name = payload[1:].decode("utf-8", "surrogateescape")
            self.ram.blocks.setdefault(name, Block(name, None))
        elif command == ENABLE_COLO:
            self._colo = True

    def _open_package(self, payload: bytes, begin: int, cursor: Cursor) -> None:
        """The records up to its end are those of the package: the same stream goes on inside."""
        if len(payload) != 4 or self._package_end is not None:
            raise Mismatch("a package of sections has 4 bytes for its length, and none inside it", offset=1)
        self._package_end = begin + int.from_bytes(payload, "big")
        if cursor.whole and self._package_end > begin + cursor.left:
            size = self._package_end - begin
            raise Truncated(expected=f"a package of {size} bytes", actual=str(cursor.left), offset=5)

    def _leave_package(self) -> None:
        """At a record's beginning: the package ends here, or goes on; it does not end within a record."""
        if self._package_end is not None and self.at >= self._package_end:
            if self.at > self._package_end:
                raise Mismatch("a record goes beyond the end of its package", offset=0,
                               expected=f"{self._package_end:#x}", actual=f"{self.at:#x}")
            self._package_end = None

    # -- the end

    def _end(self, cursor: Cursor) -> Iterator[Event]:
        begin, end = self.go(cursor, self._trailer)
        yield EndOfStream(begin, end)

    def _trailer(self, cursor: Cursor) -> Iterator[Event]:
        if cursor.peek(1) != bytes((Kind.VMDESCRIPTION,)):
            self.state = self._rest
            return
        cursor.take(1)
        size = cursor.number(4)
        if cursor.whole and size > cursor.left:
            raise Truncated(expected=f"{size} bytes of description", actual=str(cursor.left), offset=1)
        text = bytes(cursor.take(size))
        begin, end = self.go(cursor, self._rest)
        yield Trailer(text, begin, end)

    def _rest(self, cursor: Cursor) -> Iterator[Event]:
        """QEMU ignores what comes behind; here it is told."""
        if not cursor.peek(1):
            self.done = True
            return
        if self._colo:
            raise Unsupported("a COLO stream goes on here, with messages and checkpoints", offset=0,
                              hint="its first state, up to here, is an ordinary stream")
        cursor.take(cursor.left)
        begin, end = self.go(cursor, self._rest)
        yield Rest(begin, end)
