"""A stream as a tree that a person reads, section by section as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migration.sections import Section
from migration.stream.events import Body, Command, Configured, Header, Rest, SectionBegin, Trailer
from migration.stream.reader import HEADER_SIZE
from vmstate.shape import Blob
from vmstate.trace import Seen

from .colour import paint
from .commands import name_of
from .grammar import Options
from .layout import Layout
from .meant import Meant
from .memory import Memory, pages
from .output import emit, width
from .printable import printable, uuid_of
from .rows import Row, Rows

if TYPE_CHECKING:
    from migration.replica import Stream

    from .show import Item


class Tree:
    """Prints each item when it is given."""

    def __init__(self, options: Options, meant: Meant) -> None:
        self.options, self.meant = options, meant
        self.paint = paint(options.color)
        self.layout = Layout(
            self.paint, width(), offsets=options.offsets, bytes_beside=options.hex, folded=not options.all)
        self.first = True

    def start(self, stream: Stream) -> None:
        """One line about the file."""
        if not self.options.devices:
            file = "standard input" if self.options.stream == "-" else printable(self.options.stream)
            self.put([f"{self.paint('title', file)}  {self.paint('dim', f'{len(stream.data):,} bytes')}"])

    def item(self, item: Item) -> None:
        """A section with all that is in it; one line for what stands between."""
        match item:
            case Header(end=end) if end > HEADER_SIZE and not self.options.devices:
                self.between("hole", 0, f"{end - HEADER_SIZE:,} bytes")
            case Section():
                self.section(item)
            case Memory(section=SectionBegin() as header):
                told = f"{item.size:,} bytes of {item.parts} records", pages(item.total)
                self.head(header, item.begin, told, "declared")
                self.plain(item.rows())
            case Configured() if not self.options.devices:
                self.configuration(item)
            case Command(command=number, payload=payload, begin=begin):
                self.between(f"command {name_of(number)}", begin, payload.hex(" "))
            case Body(begin=begin, end=end) if not self.options.devices:
                self.between("data", begin, f"{end - begin:,} bytes")
            case Trailer(text=text, begin=begin):
                self.between("description", begin, f"{len(text):,} bytes of JSON")
            case Rest(begin=begin, end=end):
                self.between("behind the stream", begin, f"{end - begin:,} bytes")
            case _:
                return

    def end(self, error: str | None) -> None:
        """Nothing more: an error is told on standard error."""

    def section(self, section: Section) -> None:
        """One device."""
        body = section.body
        settings = [f"{printable(path)}={getattr(value, 'name', value)}" for path, value in
                    (section.decoded.settings if section.decoded is not None else {}).items()]
        self.head(section.header, section.begin, (f"{len(body):,} bytes",), section.source)
        if settings:
            self.note(", ".join(settings))
        if section.why is not None:
            self.note(str(section.why))
        for text in section.notes:
            self.note(text)
        rows = Rows(body, folded=not self.options.all, room=self.layout.width - 30,
                    offsets=self.options.offsets, bytes_beside=self.options.hex, told=self.meant.seen(section),
                    raw=self.meant.raw)
        self.tree(rows.members(values(section)), section.begin, body)

    def configuration(self, event: Configured) -> None:
        """What both ends agree on."""
        told = event.configuration
        rows = [Row("machine", printable(told.machine))]
        if told.page_size is not None:
            rows.append(Row("page size", f"{told.page_size:,} bytes"))
        if told.capabilities:
            rows.append(Row("capabilities", printable(", ".join(told.capabilities))))
        if any(told.uuid):
            rows.append(Row("uuid", uuid_of(bytes(told.uuid))))
        self.between("configuration", event.begin, f"{event.end - event.begin:,} bytes", "name")
        self.plain(tuple(rows))

    # -- lines

    def head(self, header: SectionBegin, begin: int, told: tuple[str, ...], source: str) -> None:
        """A section's first line."""
        facts = (f"instance {header.instance_id}", f"version {header.version}", f"id {header.section_id}",
                 f"at {begin:#x}", *told)
        name = self.paint("name", printable(header.name))
        self.put([f"{name}  {self.paint('dim', ', '.join(facts))}  {self.paint(source, source)}"])

    def between(self, what: str, begin: int, text: str, style: str = "dim") -> None:
        """One line about what is no section."""
        told = f"at {begin:#x}" + (f", {text}" if text else "")
        self.put([f"{self.paint(style, what)}  {self.paint('dim', told)}"])

    def note(self, text: str) -> None:
        """A remark below a section's first line."""
        self.put([f"   {self.paint('dim', printable(text))}"], apart=False)

    def tree(self, rows: tuple[Row, ...], begin: int, body: bytes) -> None:
        """What is below a section's first line."""
        self.layout.begin, self.layout.body = begin, body
        self.put(list(self.layout.lines(rows)), apart=False)

    def plain(self, rows: tuple[Row, ...]) -> None:
        """Rows that have no bytes of their own."""
        self.put(list(Layout(self.paint, self.layout.width).lines(rows)), apart=False)

    def put(self, lines: list[str], *, apart: bool = True) -> None:
        """Lines; `apart`: with an empty one before them."""
        if lines:
            emit("\n".join(["", *lines] if apart and not self.first else lines))
            self.first = False


def values(section: Section) -> list[Seen]:
    """What is in a section; of an opaque one its bytes."""
    body = section.body
    if section.source == "opaque":
        return [Seen("bytes", Blob(len(body)), body, 0, len(body))] if body else []
    return section.trace.inside or []
