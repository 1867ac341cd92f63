"""The 8257 DMA controller; a pc has two.

QEMU hw/dma/i8257.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import array, int32, nested, state, uint8, uint16


@state("dma_regs", version=1)
class DmaChannel:
    """A channel: address and count, as they stand and as they were programmed."""

    now: list[int] = array(int32(), 2)
    base: list[int] = array(uint16(), 2)
    mode: int = uint8()
    page: int = uint8()
    pageh: int = uint8()
    dack: int = uint8()
    eop: int = uint8()


@state("dma", version=1)
class Dma:
    """Four channels. Of the second controller, which moves words, `dshift` is 1."""

    command: int = uint8()
    mask: int = uint8(reset=0xFF)
    flip_flop: int = uint8()
    dshift: int = int32()
    regs: list[DmaChannel] = array(nested(DmaChannel), 4, since=1)
