"""Dirty bitmaps of disks, which come in parts (section `dirty-bitmap`).

QEMU migration/block-dirty-bitmap.c (send_bitmap_*, dirty_bitmap_load); checked against QEMU 7.2, 10.0.
"""

from enum import IntFlag

from vmstate import chain, nested, sized_buffer, state, uint8, uint16, uint32, uint64

LONGER = 0x80
"""In the first byte of flags: another byte follows; in the second: two more. No QEMU has sent either yet."""


class Flag(IntFlag):
    """What a chunk is, and what of it follows. Of START, COMPLETE and BITS the first counts."""

    EOS = 0x01
    ZEROES = 0x02
    BITMAP_NAME = 0x04
    DEVICE_NAME = 0x08
    START = 0x10
    COMPLETE = 0x20
    BITS = 0x40


EOS, ZEROES, BITMAP_NAME, DEVICE_NAME, START, COMPLETE, BITS = (one.value for one in Flag)
"""The same as plain numbers, which are much faster: a stream may have 100,000 chunks."""


class BitmapFlag(IntFlag):
    """How a bitmap is at the destination."""

    ENABLED = 0x01
    PERSISTENT = 0x02
    AUTOLOAD = 0x04  # no longer looked at


@state("dirty-bitmap-chunk")
class BitmapChunk:
    """A bitmap's beginning, a part of it, or its end. Names that are not there are those of the chunk before."""

    @property
    def said(self) -> int:
        """The flags that count: those of their last byte."""
        if not self.flags & LONGER:
            return self.flags
        return self.most_flags & 0xFF if self.more_flags & LONGER else self.more_flags

    @property
    def is_last(self) -> bool:
        """Whether the section's body ends here."""
        return bool(self.said & EOS)

    def _is_longer(self) -> bool:
        return bool(self.flags & LONGER)

    def _is_longest(self) -> bool:
        return bool(self.flags & self.more_flags & LONGER)

    def _names_node(self) -> bool:
        return bool(self.said & DEVICE_NAME)

    def _names_bitmap(self) -> bool:
        return bool(self.said & BITMAP_NAME)

    def _starts(self) -> bool:
        return bool(self.said & START)

    def _has_bits(self) -> bool:
        return self.said & (START | COMPLETE | BITS) == BITS

    def _has_data(self) -> bool:
        return self._has_bits() and not self.said & ZEROES

    flags: int = uint8(reset=EOS, means=Flag)
    more_flags: int = uint8(when=_is_longer, means=Flag)
    most_flags: int = uint16(when=_is_longest, means=Flag)
    node_alias: bytearray = sized_buffer(8, when=_names_node)
    bitmap_alias: bytearray = sized_buffer(8, when=_names_bitmap)
    granularity: int = uint32(when=_starts, means="bytes of the disk for each bit")
    bitmap_flags: int = uint8(when=_starts, maximum=7, means=BitmapFlag)
    start_sector: int = uint64(when=_has_bits, means="units of 512 bytes")
    nr_sectors: int = uint32(when=_has_bits, means="units of 512 bytes")
    data: bytearray = sized_buffer(64, when=_has_data, means="bit 0 of a byte is the first")


@state("dirty-bitmap")
class DirtyBitmaps:
    """One section's chunks: START has a beginning for each bitmap, END what is left of them and their ends."""

    chunks: list[BitmapChunk] = chain(nested(BitmapChunk), until="is_last")
