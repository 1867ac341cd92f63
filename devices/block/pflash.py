"""Parallel flash with Intel's command set; its contents go as RAM. That with AMD's (`cfi.pflash02`) has no state.

QEMU hw/block/pflash_cfi01.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1. That a block is
kept apart came after 7.2.0, and Debian's 7.2 has it; before, it was written through.
"""

from vmstate import buffer, setting, state, subsection, uint8, uint32, uint64

from ..ends import nearest

READY = 0x80  # of the status register
NO_BLOCK = 0xFFFF_FFFF
BLOCKS = 4096, 2048, 256, 8192, 16384
"""Bytes of a block: of `virt` machines, of one chip of 16 or 32 bits, of one of 8 bits (a pc's), of 4 or 8 chips."""


def _length_says(ahead: memoryview) -> int | None:
    """The block's bytes, before an offset, end the section."""
    return nearest(((size, size + 4) for size in BLOCKS), ahead)


@state("pflash_cfi01", version=1)
class Pflash:
    """Where in a command it is; a block that is being written is kept apart until it is confirmed."""

    wcycle: int = uint8(means="write cycles of the command so far")
    cmd: int = uint8()
    status: int = uint8(reset=READY)
    counter: int = uint64(means="words of a block that are still to come")

    @subsection("pflash_cfi01_blk_write", version=1)
    def _is_writing_block(self) -> bool:
        return self.blk_offset != NO_BLOCK

    writeblock_size: int = setting(*BLOCKS, told=_length_says)
    blk_bytes: bytearray = buffer("writeblock_size")
    blk_offset: int = uint32(reset=NO_BLOCK)
