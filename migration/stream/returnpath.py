"""What a destination answers on the return path (QEMU migration/migration.c, 2.5 to 11.1)."""

from __future__ import annotations

from enum import IntEnum

from vmstate import buffer, constant, enum, sized_buffer, state, uint16, uint32, uint64


class Type(IntEnum):
    """What a message says."""

    SHUT = 1
    PONG = 2
    REQ_PAGES_ID = 3
    REQ_PAGES = 4
    RECV_BITMAP = 5
    RESUME_ACK = 6
    SWITCHOVER_ACK = 7


WITH_VALUE = Type.SHUT, Type.PONG, Type.RESUME_ACK
REQUESTS = Type.REQ_PAGES_ID, Type.REQ_PAGES
NAMING = Type.REQ_PAGES_ID, Type.RECV_BITMAP
BITMAP_END = 0x0123_4567_89AB_CDEF


@state("return-path-message")
class Message:
    """One message. A bitmap stands behind the payload that `length` counts."""

    def _has_value(self) -> bool:
        return self.type in WITH_VALUE

    def _asks(self) -> bool:
        return self.type in REQUESTS

    def _names_block(self) -> bool:
        return self.type in NAMING

    def _has_bitmap(self) -> bool:
        return self.type == Type.RECV_BITMAP

    type: Type = enum(Type, uint16(reset=Type.SHUT))
    length: int = uint16(name="len", means="bytes")
    value: int = uint32(when=_has_value)
    start: int = uint64(when=_asks, means="offset in the block")
    size: int = uint32(when=_asks, means="bytes")
    block: bytearray = sized_buffer(8, when=_names_block)
    bitmap_size: int = uint64(when=_has_bitmap, means="bytes")
    bitmap: bytearray = buffer("bitmap_size", when=_has_bitmap)
    _end = constant(uint64(), BITMAP_END, when=_has_bitmap)

    @property
    def payload_size(self) -> int:
        """What `length` has to be."""
        return (4 * self._has_value() + 12 * self._asks()
                + (1 + len(self.block)) * self._names_block())
