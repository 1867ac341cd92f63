"""A document as the stream that it was made of: each item verified, then its bytes as QEMU writes them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import xxhash

from visitors import qemufile
from visitors._folding import Rows
from visitors._tree import what
from visitors._typed import Reader, Writer
from visitors.vmdesc import STYLES
from vmstate import Decoded, Record, Registry, UnknownMember, VMStateError, record_of
from vmstate.describe import vmdesc
from vmstate.errors import DecodeError, Finding, LimitExceeded, Mismatch, Truncated, Unsupported
from vmstate.format import decode, fits, misfit
from vmstate.kept import Foreign
from vmstate.nodes import Node, node
from vmstate.walk import Mode, Walk

from ..describing import TrailerWriter
from ..inputs import Searchable, Window
from ..ram.multifd import DeviceState, Initial, Packet
from ..sections import Section
from ..stream import writer
from ..stream.configuration import Configuration
from ..stream.events import Command, Configured, EndOfStream, Header, Kind, Ram, SectionBegin, SectionEnd, Trailer
from ..stream.returnpath import Message
from . import format_of
from .envelopes import DIGEST, FORMS, Form, Item, digest
from .memory import part_of
from .writing import MOST_DATA, VERSION


class DamagedError(DecodeError):
    """An item is not what its digest says."""


class Dropping(qemufile.Writer):
    """A writer of QEMU's bytes that leaves out what they have no place for, and says so."""

    def __init__(self, dropped: list[str]) -> None:
        super().__init__()
        self.dropped = dropped

    def foreign(self, record: Record[Any], known: tuple[Foreign, ...], /) -> tuple[Foreign, ...]:
        self.dropped += [f"{record.name}: {one.name}" for one in known]
        return known


@node
class Named(Node):
    """A format whose data are typed trees already."""

    reader: Callable[[Any], Reader]
    writer: Callable[[], Writer[bytes]]


class Document:
    """One document: `items` verifies and yields them, `stream` makes QEMU's bytes of them.

    `edited`: digests are not looked at, because a person has changed it. `drop_unknown`: what QEMU's stream has no
    place for is left out, and listed in `dropped`. `report` tells what was taken though it was not as declared.
    """

    def __init__(
        self, data: Searchable, registry: Registry, *, edited: bool = False, drop_unknown: bool = False,
    ) -> None:
        if not (form := format_of(data)):
            raise Mismatch("this is no document", actual=repr(bytes(data[:4])), offset=0)
        self.data, self.form, self.registry = data, FORMS[form], registry
        self.edited, self.drop_unknown = edited, drop_unknown
        self.dropped, self.report = list[str](), list[Finding]()
        self.target = ""
        self.begin = self.at = 0
        self.kind = form
        self.begun: SectionBegin | None = None
        self.sections: list[Section] = []
        self.with_addresses = False
        self.configured: Configured | None = None

    # -- items

    def items(self) -> Iterator[Item]:
        """Each item, verified. Raises DecodeError with the section's name, or with the offset."""
        rows, number, folded = Rows(), 0, False
        window = Window(self.data)
        while self.at < len(self.data):
            window.move(self.at)
            self.begin = begin = self.at
            body, told, self.at = self.form.unseal(self.data, begin)
            if digest(body, number) != told and not self.edited:
                raise DamagedError("the item is not what its digest says", offset=begin,
                                   section=self._label(body, rows, folded),
                                   hint="--edited takes a document that was changed by hand")
            try:
                item = self._item(body, rows, folded)
            except VMStateError as error:
                raise error.within("", begin) from None
            if number == 0:
                folded = self._opened(item)
            yield item
            number += 1
            if item["item"] == "end":
                break
        else:
            raise Truncated("the document ends before its last item", offset=len(self.data))
        if self.at < len(self.data):
            raise DecodeError(f"{len(self.data) - self.at} bytes behind the document", offset=self.at)

    def _item(self, body: bytes, rows: Rows, folded: bool) -> Item:
        document = self.form.loads(body)
        if folded:
            both = cast("Sequence[Any]", document) if isinstance(document, list) else ()
            if len(both) != 2:
                raise Mismatch(expected="rows and values", actual="something else")
            rows.add(both[0])
            document = rows.unfold(both[1])
        if not isinstance(document, dict) or not isinstance(cast("Item", document).get("item"), str):
            raise Mismatch(expected="an item: a map with its kind", actual=what(cast("object", document)))
        return cast("Item", document)

    def _label(self, body: bytes, rows: Rows, folded: bool) -> str:
        """The name of a damaged item, as far as it can be read."""
        try:
            item = self._item(body, rows, folded)
        except VMStateError:
            return ""
        return str(item.get("name", item["item"]))

    def _opened(self, item: Item) -> bool:
        """The first item. Returns whether the others are folded."""
        version, told, profile = (item.get(name) for name in ("format", "digest", "profile"))
        if item["item"] != "document" or version != VERSION or told != DIGEST or profile not in PROFILES:
            raise Unsupported("a document of another kind", expected=f"format {VERSION} with {DIGEST}",
                              actual=f"{item['item']} {version} with {told}, {profile}", offset=0)
        self.kind = f"{self.form.name}, {profile}"
        return bool(profile == "compact")

    # -- back into a stream

    def stream(self) -> Iterator[bytes]:
        """QEMU's bytes, part by part. Raises DecodeError; the last part is followed by a check of the whole."""
        whole, size = xxhash.xxh3_128(), 0
        for item in self.items():
            with self.taking(item):
                for data in self._parts(item):
                    whole.update(data)
                    size += len(data)
                    yield data
                if item["item"] == "end":
                    self._ends(item, whole.digest(), size)

    @contextmanager
    def taking(self, item: Item) -> Generator[None]:
        """Whatever is wrong with an item becomes an error with its name and offset."""
        name = str(item.get("name", item["item"]))
        try:
            yield
        except VMStateError as error:
            raise error.within(name, self.begin) from None
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
            wrong = Mismatch(f"an item {item['item']!r} that makes no sense: {error!r}")
            raise wrong.within(name, self.begin) from None

    def _parts(self, item: Item) -> Iterator[bytes]:
        """An item's bytes; in several parts where few bytes of a document stand for many."""
        if (make := PARTS.get(item["item"])) is None:
            raise UnknownMember(f"an item {item['item']!r}", hint="a later version wrote it")
        made = make(self, item)
        yield from (made,) if isinstance(made, bytes) else made

    def _ends(self, item: Item, told: bytes, size: int) -> None:
        changed = self.edited or self.dropped
        if not changed and (item["size"], self._raw(item, "digest")) != (size, told):
            raise DamagedError("the stream is not the one that was written", expected=f"{item['size']} bytes",
                               actual=str(size))

    def _raw(self, item: Item, name: str) -> bytes:
        data = self.form.neutral({f"{name}:b": item[f"{name}:b"]})[f"{name}:b"]
        if not isinstance(data, bytes):
            raise Mismatch(expected="bytes", actual=type(data).__name__)
        return data

    def nothing(self, _: Item) -> bytes:
        """What only the document has."""
        return b""

    def hole(self, item: Item) -> Iterator[bytes]:
        data, size = self._raw(item, "data"), item["size"]
        if not 0 <= size <= MOST_HOLE:
            raise LimitExceeded(f"{size} bytes before the header")
        if data:
            yield data
            return
        for begin in range(0, size, MOST_DATA):
            yield bytes(min(size - begin, MOST_DATA))

    def header(self, item: Item) -> bytes:
        return writer.encode(Header(item["version"], 0))

    def configuration(self, item: Item) -> bytes:
        decoded = self._decoded([record_of(Configuration)], item["state:{}"], None, "configuration")
        configuration: Configuration = decoded.state
        self.target = self.registry.target(configuration.machine)
        self.with_addresses = "x-ignore-shared" in configuration.capabilities
        self.configured = Configured(configuration, 0, 0)
        return writer.encode(self.configured)

    def ram(self, item: Item) -> bytes:
        self.begun = _begin(item)
        return writer.section(self.begun)

    def pages(self, item: Item) -> Iterator[bytes]:
        data, at = memoryview(self._raw(item, "data")), 0
        for told in item["parts"]:
            part, raw, taken = part_of(told, data[at:])
            yield writer.encode(Ram(self._begun(), part, 0, 0), raw, item["page_size"], self.with_addresses)
            at += taken
        if at != len(data):
            raise Mismatch(f"{len(data) - at} bytes of guest memory that no part has")

    def section(self, item: Item) -> bytes:
        """Header, body, footer. Without a footer's word it stands alone: a packet of a channel."""
        begin = _begin(item)
        described = self._described(item)
        if "body:b" in item:
            decoded, body = None, self._raw(item, "body")
        else:
            decoded, body = self._body(self._sent(item))
        if begin.kind is Kind.SECTION_FULL and "footer" in item:
            self.sections.append(Section(begin, body, 0, declared=decoded, described=described))
        if "footer" not in item:
            return body
        return b"".join((writer.section(begin), body, _end(begin, item)))

    def section_end(self, item: Item) -> bytes:
        return _end(self._begun(), item)

    def command(self, item: Item) -> bytes:
        return writer.encode(Command(item["command"], self._raw(item, "payload"), 0, 0))

    def records_end(self, _: Item) -> bytes:
        return writer.encode(EndOfStream(0, 0))

    def trailer(self, item: Item) -> bytes:
        if "text:b" in item:
            return writer.encode(Trailer(b"", 0, 0), self._raw(item, "text"))
        describing = TrailerWriter(STYLES[item["style"]], item["page_size"])
        if self.configured is not None:
            describing.add(self.configured)
        for section in self.sections:
            describing.section(section)
        return writer.encode(Trailer(b"", 0, 0), describing.text())

    def data_behind(self, item: Item) -> bytes:
        return self._raw(item, "data")

    # -- parts of sections

    def _begun(self) -> SectionBegin:
        if self.begun is None:
            raise Mismatch("guest memory outside its section")
        return self.begun

    def _described(self, item: Item) -> vmdesc.Described | None:
        """What QEMU's description has of this section, if it came along."""
        if (text := item.get("described")) is None:
            return None
        listed = f'{{"devices": [{text}]}}'
        (described,) = vmdesc.parse(listed.encode()).devices
        return described

    def _candidates(
        self, item: Item, begin: SectionBegin, described: vmdesc.Described | None
    ) -> list[Record[Any]]:
        """The records that the state may be of: the declared one that it was of, else what is described."""
        if (kind := item.get("as")) is not None:
            known = [*self.registry.for_section(begin.name, self.target), *RECORDS.get(begin.name, ())]
            same = [one for one in known if one.kind.__name__ == kind]
            if not (same or known):
                raise UnknownMember(f"no declaration of {begin.name}", hint="it was declared where it was written")
            return same or known
        if described is None:
            raise Mismatch("neither a declaration nor a description goes with it")
        return [described.record]

    def _decoded(self, records: list[Record[Any]], state: Any, version: int | None, section: str) -> Decoded[Any]:
        """The state, by the one record that takes it."""
        form = Named(self.form.reader, self.form.writer)
        trials = [one for record in records
                  for one in fits(record, state, form, version=record.version if version is None else version)]
        found = [one for one in trials if isinstance(one, Decoded)]
        if len(found) != 1:
            raise misfit(found, [one for one in trials if not isinstance(one, Decoded)])
        self.report += [one.but(path="::".join(filter(None, (section, one.path)))) for one in found[0].report]
        return found[0]

    def _body(self, decoded: Decoded[Any]) -> tuple[Decoded[Any], bytes]:
        """QEMU's bytes of a state; and the state, without what they have no place for."""
        before = len(self.dropped)
        form = Dropping(self.dropped) if self.drop_unknown else qemufile.writer()
        Walk(form, Mode.WIRE).run(decoded.record, decoded.state, decoded.version)
        body = form.result()
        if len(self.dropped) > before:
            decoded = decode(decoded.record, body, qemufile, version=decoded.version, settings=decoded.settings)
        return decoded, body

    def restated(self, item: Item, form: Form) -> Item:
        """An item's state as another format builds it, which may number what it knows; nothing, where nobody knows."""
        told = len(self.report)
        try:
            if item["item"] == "configuration":
                decoded = self._decoded([record_of(Configuration)], item["state:{}"], None, "configuration")
            elif "state:{}" in item:
                decoded = self._sent(item)
            else:
                return {}
            writer = form.writer()
            Walk(writer, Mode.WIRE).run(decoded.record, decoded.state, decoded.version)
            return {"state:{}": writer.document()}
        except VMStateError:
            return {}
        finally:
            del self.report[told:]  # all goes along

    def _sent(self, item: Item) -> Decoded[Any]:
        """The state of a section."""
        begin = _begin(item)
        candidates = self._candidates(item, begin, self._described(item))
        return self._decoded(candidates, item["state:{}"], begin.version, begin.name)


def _end(begin: SectionBegin, item: Item) -> bytes:
    if not isinstance(item["footer"], bool):
        raise Mismatch(expected="whether there is a footer", actual=type(item["footer"]).__name__)
    return writer.encode(SectionEnd(begin, item["footer"], 0, 0))


def _begin(item: Item) -> SectionBegin:
    return SectionBegin(Kind(item["record"]), item["id"], item["name"], item["instance"], item["version"], 0, 0)


MOST_HOLE = 1 << 30
PROFILES = ("named", "compact")
RECORDS = {record.name: (record,) for record in map(record_of, (Initial, Packet, DeviceState, Message))}
"""What a channel's packets are."""
PARTS: dict[str, Callable[[Document, Item], bytes | Iterator[bytes]]] = {
    "document": Document.nothing, "hole": Document.hole, "stream": Document.header,
    "configuration": Document.configuration, "ram": Document.ram, "pages": Document.pages,
    "section": Document.section, "section end": Document.section_end, "command": Document.command,
    "end of records": Document.records_end, "trailer": Document.trailer, "data": Document.data_behind,
    "end": Document.nothing,
}
