"""The framing of a stream, sans-I/O: fed bytes as they come, it answers with events.

Theory of operation. A stream is a header, perhaps a configuration, records up to a byte 00, perhaps a trailer. No
record tells its length, so each kind is taken by its own rule, and a rule that runs out of bytes starts again from the
record's first byte when at least twice as many are there (linear in total). A RAM section is taken item by item.

| state | takes | next |
|---|---|---|
| header | magic, version | configuration if 07 follows, else records |
| records | 01 02 03 04 and a section's header | ram, or body |
| records | 08, a command | records; those of a package (postcopy) stand in the stream like others |
| records | 00 | trailer |
| ram | items up to EOS | footer |
| body | up to the footer with a record behind it; else as many bytes as `extent` says | footer |
| footer | 7e and the id, if this stream has footers (the first body decides) | records |
| trailer | 06, a length, JSON; or nothing | end |
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from visitors._bytes import Cursor
from visitors.qemufile import Reader as BodyReader
from vmstate import (
    BadMarker,
    Mismatch,
    Truncated,
    Undetermined,
    Unsupported,
    VMStateError,
    record_of,
)
from vmstate.errors import NeedMore
from vmstate.walk import Mode, Walk

from ..ram.items import ItemReader
from .bounds import find_footer, footer_of, is_record
from .configuration import Configuration
from .events import (
    Body,
    Command,
    Configured,
    EndOfStream,
    Event,
    Header,
    Kind,
    Ram,
    Rest,
    SectionBegin,
    SectionEnd,
    Trailer,
)

if TYPE_CHECKING:
    from ..inputs import Searchable

MAGIC, VERSION = b"QEVM", 3
PAGE_SIZE = 4096
PACKAGED, LAST_COMMAND = 7, 11
Extent = Callable[[SectionBegin, memoryview], int | None]
State = Callable[[Cursor], Iterable[Event]]


class StreamReader:
    """Fed with `feed` and `close`, or given all at once with `over`.

    `page_size` is the target's, where it is known (the trailer tells it); the configuration's own word goes before it.
    `extent` tells how long a body is that has no footer.
    """

    def __init__(self, page_size: int | None = None, extent: Extent | None = None) -> None:
        self.page_size, self.extent = page_size, extent
        self.footers: bool | None = None
        self.with_addresses = self.mapped = False
        self.at = 0
        self.done = False
        self._data: Searchable = b""
        self._more: list[bytes] = []
        self._base, self._whole, self._wanted = 0, False, 0
        self._state: State = self._header
        self._within = ""
        self._sections: dict[int, SectionBegin] = {}
        self._ram: ItemReader | None = None
        self._package_end: int | None = None
        self._records: dict[int, State] = {
            Kind.EOF: self._end, Kind.COMMAND: self._command,
            Kind.SECTION_START: partial(self._begin, Kind.SECTION_START),
            Kind.SECTION_FULL: partial(self._begin, Kind.SECTION_FULL),
            Kind.SECTION_PART: partial(self._go_on, Kind.SECTION_PART),
            Kind.SECTION_END: partial(self._go_on, Kind.SECTION_END),
        }

    def over(self, data: Searchable) -> Iterator[Event]:
        """The events of an input that is all there; it is not copied."""
        self._data, self._whole = data, True
        yield from self._events()

    def feed(self, data: bytes) -> Iterator[Event]:
        """The events that these bytes complete."""
        self._more.append(data)
        self._wanted -= len(data)
        if self._wanted <= 0:
            self._join()
            yield from self._events()

    def close(self) -> Iterator[Event]:
        """The events that the end of the input completes. Raises Truncated where it comes too early."""
        self._join()
        self._whole = True
        yield from self._events()

    def _join(self) -> None:
        self._data = b"".join((self._data[self.at - self._base:], *self._more))
        self._base, self._more = self.at, []

    def _events(self) -> Iterator[Event]:
        view = memoryview(self._data)
        while not self.done:
            begin = self.at
            try:
                yield from self._state(Cursor(view[begin - self._base:], self._whole))
            except NeedMore:
                self._wanted = max(1, len(self._data) - (self.at - self._base))
                return
            except VMStateError as error:
                raise error.within(self._within, begin) from error.__cause__

    # -- states: each yields events, and moves on by `_go`

    def _go(self, cursor: Cursor, state: State) -> tuple[int, int]:
        """What the cursor has taken is taken, and the next state is this. Returns where that began and ended."""
        begin, self.at, self._state = self.at, self.at + cursor.at, state
        return begin, self.at

    def _header(self, cursor: Cursor) -> Iterator[Event]:
        magic = cursor.peek(4)
        if magic != MAGIC[:len(magic)] or not magic:
            raise Mismatch("this is no migration stream", expected=repr(MAGIC), actual=repr(magic), offset=0,
                           hint="one begins with QEVM")
        cursor.take(4)
        version = cursor.number(4)
        if version != VERSION:
            raise Unsupported(f"a stream of version {version}", expected=str(VERSION), actual=str(version), offset=4)
        _, end = self._go(cursor, self._configuration)
        yield Header(version, end)

    def _configuration(self, cursor: Cursor) -> Iterator[Event]:
        if cursor.peek(1) != bytes((Kind.CONFIGURATION,)):
            self._state = self._record
            return
        self._within = "configuration"
        cursor.take(1)
        body, configuration = BodyReader(cursor.rest(), cursor.whole), Configuration()
        try:
            Walk(body, Mode.WIRE).run(record_of(Configuration), configuration)
        except VMStateError as error:
            raise error.within("", 1) from error.__cause__
        cursor.take(body.at)
        self.page_size = configuration.page_size or self.page_size
        self.mapped = "mapped-ram" in configuration.capabilities
        self.with_addresses = "x-ignore-shared" in configuration.capabilities
        begin, end = self._go(cursor, self._record)
        yield Configured(configuration, begin, end)

    def _record(self, cursor: Cursor) -> Iterator[Event]:
        self._within = ""
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
        if number in self._sections:
            raise Mismatch(f"section id {number} is in use for {self._sections[number].name}", offset=1)
        section = SectionBegin(kind, number, name, instance, version, self.at, self.at + cursor.at)
        self._sections[number] = section
        yield self._opened(cursor, section)

    def _go_on(self, kind: Kind, cursor: Cursor) -> Iterator[Event]:
        """PART and END: the id that START gave."""
        number = cursor.number(4)
        start = self._sections.get(number)
        if start is None or start.kind is not Kind.SECTION_START:
            raise Mismatch(f"section id {number} was never started", offset=1)
        yield self._opened(cursor, SectionBegin(
            kind, number, start.name, start.instance_id, start.version, self.at, self.at + cursor.at))

    def _opened(self, cursor: Cursor, section: SectionBegin) -> SectionBegin:
        ram = section.kind is not Kind.SECTION_FULL and section.name == "ram"
        self._go(cursor, partial(self._items if ram else self._body, section))
        self._within = section.name
        return section

    def _items(self, section: SectionBegin, cursor: Cursor) -> Iterator[Event]:
        """RAM: item after item; what was taken stays taken."""
        if self._ram is None:
            self._ram = ItemReader(self.page_size or PAGE_SIZE, self.with_addresses, self.mapped)
        base = self.at
        for part in self._ram.items(cursor, base):
            begin, self.at = self.at, base + cursor.at
            yield Ram(section, part, begin, self.at)
        self._state = partial(self._footer, section)

    def _body(self, section: SectionBegin, cursor: Cursor) -> Iterator[Event]:
        cursor.take(self._size(cursor, section))
        begin, end = self._go(cursor, partial(self._footer, section))
        yield Body(section, begin, end)

    def _size(self, cursor: Cursor, section: SectionBegin) -> int:
        """Up to the footer; where there are none, or nobody knows yet, as its description or declaration says."""
        start = self.at - self._base
        if self.footers:
            found = find_footer(self._data, start, section.section_id, self._sections, self._whole)
            if found is not None:
                return found - start
        told = self._told(cursor, section)
        if told is not None and (self.footers is False or self._has_footer(cursor, told, section)):
            return told
        if self.footers is None:
            found = find_footer(self._data, start, section.section_id, self._sections, self._whole)
            if found is not None:
                return found - start
        if told is None or self.footers or not is_record(self._data, start + told, self._sections, self._whole):
            raise Undetermined("nothing tells where this section ends", offset=0, hint="no footer follows it")
        return told

    def _told(self, cursor: Cursor, section: SectionBegin) -> int | None:
        if self.extent is None:
            return None
        if not cursor.whole:
            raise NeedMore
        return self.extent(section, cursor.rest())

    def _has_footer(self, cursor: Cursor, at: int, section: SectionBegin) -> bool:
        return bytes(cursor.data[at:at + 5]) == footer_of(section.section_id)

    def _footer(self, section: SectionBegin, cursor: Cursor) -> Iterator[Event]:
        if self.footers is not False:
            head, footer = cursor.peek(5), footer_of(section.section_id)
            found = head == footer
            if head and not found and footer.startswith(head):
                cursor.take(len(footer))  # the input ends within it
            if not found and self.footers:
                raise BadMarker("the section's footer is missing", expected=f"7e and {section.section_id}",
                                actual=head.hex(" "), offset=0)
            self.footers = found
            cursor.take(5 if found else 0)
        begin, end = self._go(cursor, self._record)
        yield SectionEnd(section, bool(self.footers), begin, end)

    def _command(self, cursor: Cursor) -> Iterator[Event]:
        command, size = cursor.number(2), cursor.number(2)
        if command > LAST_COMMAND:
            raise BadMarker(f"command {command:#x} is unknown", offset=1)
        payload = bytes(cursor.take(size))
        if command == PACKAGED:
            self._open_package(payload, self.at + cursor.at, cursor)
        begin, end = self._go(cursor, self._record)
        yield Command(command, payload, begin, end)

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

    def _end(self, cursor: Cursor) -> Iterator[Event]:
        begin, end = self._go(cursor, self._trailer)
        yield EndOfStream(begin, end)

    def _trailer(self, cursor: Cursor) -> Iterator[Event]:
        if cursor.peek(1) != bytes((Kind.VMDESCRIPTION,)):
            self._state = self._rest
            return
        cursor.take(1)
        size = cursor.number(4)
        if cursor.whole and size > cursor.left:
            raise Truncated(expected=f"{size} bytes of description", actual=str(cursor.left), offset=1)
        text = bytes(cursor.take(size))
        begin, end = self._go(cursor, self._rest)
        yield Trailer(text, begin, end)

    def _rest(self, cursor: Cursor) -> Iterator[Event]:
        """QEMU ignores what comes behind; here it is told."""
        if not cursor.peek(1):
            self.done = True
            return
        cursor.take(cursor.left)
        begin, end = self._go(cursor, self._rest)
        yield Rest(begin, end)
