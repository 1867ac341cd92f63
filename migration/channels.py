"""Files of one connection that consist of packets, each like a section."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from visitors import qemufile
from vmstate import (
    Decoded,
    LimitExceeded,
    Mismatch,
    Record,
    Truncated,
    VMStateError,
    constant,
    decode,
    record_of,
    state,
    uint32,
)
from vmstate.trial import Trial
from vmstate.walk import Mode, Walk

from .inputs import Searchable
from .kinds import CPR, MULTIFD
from .ram import multifd
from .ram.multifd import DeviceState, Initial, Packet
from .sections import Section
from .stream.events import Body, Kind, SectionBegin
from .stream.returnpath import Message


@state("cpr-header")
class CprHeader:
    """What stands before the state of CPR: QCPR, and 1."""

    _magic = constant(uint32(), int.from_bytes(CPR, "big"))
    _version = constant(uint32(), 1)


class Channel:
    """One channel's packets, in order; `at` is how far they have been read."""

    def __init__(self, data: Searchable) -> None:
        self.data, self.at, self.number = data, 0, 0

    def multifd(self) -> Iterator[Section | Body]:
        """The initial packet, then each packet and its data. Raises DecodeError with an offset."""
        yield self.take(record_of(Initial), len(self.data))[0]
        slots = self.slots()
        while self.at < len(self.data):
            state = int.from_bytes(self.data[self.at + 8:self.at + 12], "big") & multifd.DEVICE_STATE
            record: Record[Any] = record_of(DeviceState if state else Packet)
            section, packet = self.take(record, multifd.FIXED + 8 * slots, {} if state else {"slots": slots})
            yield section
            size = packet.next_packet_size if state else self.payload(packet, slots)
            if size:
                yield self.body(section, size)

    def slots(self) -> int:
        """How many slots a header has: as the first packet says, else so that another packet, or the end, follows."""
        told = int.from_bytes(self.data[self.at + 12:self.at + 16], "big")
        if told in multifd.SLOTS:
            return told
        for slots in multifd.SLOTS:
            end = self.at + multifd.FIXED + 8 * slots
            if end == len(self.data) or self.data[end:end + 4] == MULTIFD:
                return slots
        return multifd.SLOTS[0]

    def payload(self, packet: Packet, slots: int) -> int:
        """Bytes of data behind a packet: none without pages, whatever a stale header says."""
        if packet.normal_pages + packet.zero_pages > slots:
            raise LimitExceeded(f"a packet of {packet.normal_pages} and {packet.zero_pages} pages has {slots} slots",
                                offset=self.at, section="multifd-packet")
        plain = packet.normal_pages * (multifd.PACKET_BYTES // slots)
        if packet.normal_pages and packet.method == "none" and packet.next_packet_size != plain:
            raise Mismatch(expected=f"{plain} bytes of pages", actual=str(packet.next_packet_size), offset=self.at,
                           section="multifd-packet")
        return packet.next_packet_size if packet.normal_pages else 0

    def return_path(self) -> Iterator[Section | Body]:
        """Message after message. Raises DecodeError with an offset."""
        while self.at < len(self.data):
            begin = self.at
            section, message = self.take(record_of(Message), len(self.data))
            if message.length != message.payload_size:
                raise Mismatch(f"a message {message.type.name} of {message.length} bytes", offset=begin,
                               expected=f"{message.payload_size} bytes", section="return-path-message")
            yield section

    def cpr(self) -> Iterator[Section]:
        """The header, and the state, which is the rest. Raises DecodeError with an offset."""
        from .cpr import CprState

        yield self.take(record_of(CprHeader), len(self.data))[0]
        begin, body = self.at, self.data[self.at:]
        try:
            decoded = decode(CprState, body, qemufile)
        except VMStateError as error:
            raise error.within(record_of(CprState).name, begin) from error.__cause__
        self.at += len(body)
        yield self.section(decoded, begin)

    def take(
        self, record: Record[Any], most: int, settings: dict[str, Any] | None = None
    ) -> tuple[Section, Any]:
        """One packet, as a section. It takes no more than `most` bytes."""
        trial, state = Trial(settings), record.make()
        reader = qemufile.Reader(memoryview(self.data)[self.at:self.at + most])
        try:
            Walk(reader, Mode.WIRE, trial).run(record, state)
        except VMStateError as error:
            raise error.within(record.name, self.at) from error.__cause__
        begin, self.at = self.at, self.at + reader.at
        return self.section(Decoded(state, record.version, record, dict(trial.chosen)), begin), state

    def section(self, decoded: Decoded[Any], begin: int) -> Section:
        """What has been read from `begin` to here, as a section."""
        record = decoded.record
        header = SectionBegin(Kind.SECTION_FULL, self.number, record.name, 0, record.version, begin, begin)
        self.number += 1
        return Section(header, self.data[begin:self.at], begin, declared=decoded)

    def body(self, section: Section, size: int) -> Body:
        """The data behind a packet, by reference."""
        begin, end = self.at, self.at + size
        if end > len(self.data):
            raise Truncated(expected=f"{size} bytes of pages", actual=str(len(self.data) - begin), offset=begin,
                            section=section.header.name)
        self.at = end
        return Body(section.header, begin, end)
