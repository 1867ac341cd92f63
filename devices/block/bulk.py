"""Whole disks, which come in parts (section `block`, up to QEMU 9.0).

QEMU migration/block.c (blk_send, block_save_*, block_load); checked against QEMU 7.2.
"""

from enum import IntFlag

from vmstate import buffer, chain, check, nested, sized_buffer, state, uint64

SECTOR_BITS = 9
BLOCK = 1 << 20
"""Bytes of a block, at a disk's end too."""


class Flag(IntFlag):
    """What a chunk is, in the bits below a sector's number."""

    DEVICE_BLOCK = 0x01
    EOS = 0x02
    PROGRESS = 0x04
    ZERO_BLOCK = 0x08


@state("block-chunk")
class DiskChunk:
    """A block of a disk, how far the sender has come, or the end."""

    @property
    def flags(self) -> int:
        """What it is."""
        return self.head & (1 << SECTOR_BITS) - 1

    @property
    def sector(self) -> int:
        """Where the block begins; of progress, per cent."""
        return self.head >> SECTOR_BITS

    @property
    def is_last(self) -> bool:
        """Whether the section's body ends here."""
        return bool(self.flags & Flag.EOS) or not self.flags & (Flag.DEVICE_BLOCK | Flag.PROGRESS)

    @property
    def size(self) -> int:
        """Bytes of the block; none where all are zero."""
        return BLOCK if self.flags & (Flag.DEVICE_BLOCK | Flag.ZERO_BLOCK) == Flag.DEVICE_BLOCK else 0

    def _is_block(self) -> bool:
        return bool(self.flags & Flag.DEVICE_BLOCK)

    head: int = uint64(
        reset=Flag.EOS, means="sector, or per cent, and 9 bits: 1 a block, 2 the end, 4 progress, 8 all zeros")
    device_name: bytearray = sized_buffer(8, when=_is_block)
    data: bytearray = buffer("size", when=_is_block)

    @check("a chunk is a block, progress or the end")
    def _is_known(self) -> bool:
        return bool(self.flags & (Flag.DEVICE_BLOCK | Flag.EOS | Flag.PROGRESS))


@state("block")
class Disks:
    """One section's chunks."""

    chunks: list[DiskChunk] = chain(nested(DiskChunk), until="is_last")
