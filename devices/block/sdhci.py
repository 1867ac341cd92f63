"""The SD host controller, on its own bus or as a PCI function, whose configuration space is not sent.

QEMU hw/sd/sdhci.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1.
"""

from enum import IntEnum, IntFlag

from vmstate import array, boolean, buffer, setting, state, subsection, timer, uint8, uint16, uint32, uint64

EMPTY = 0x01FA_0000


class Stopped(IntEnum):
    """Whether it has stopped between two blocks."""

    NOT = 0
    READING = 1
    WRITING = 2


class Present(IntFlag):
    """Bits of the present state."""

    COMMAND_INHIBITED = 0x0000_0001
    DATA_INHIBITED = 0x0000_0002
    DATA_LINE_ACTIVE = 0x0000_0004
    WRITES = 0x0000_0100
    READS = 0x0000_0200
    SPACE = 0x0000_0400
    DATA = 0x0000_0800
    CARD_INSERTED = 0x0001_0000
    CARD_STABLE = 0x0002_0000
    CARD_DETECTED = 0x0004_0000
    WRITABLE = 0x0008_0000
    DATA_LINES = 0x00F0_0000
    COMMAND_LINE = 0x0100_0000


@state("sdhci", version=1)
class Sdhci:
    """The registers, by the names that QEMU has for them, and the block that goes by."""

    sdmasysad: int = uint32(means="guest address")
    blksize: int = uint16()
    blkcnt: int = uint16()
    argument: int = uint32()
    trnmod: int = uint16()
    cmdreg: int = uint16()
    rspreg: list[int] = array(uint32(), 4)
    prnsts: int = uint32(reset=EMPTY, means=Present)
    hostctl1: int = uint8()
    pwrcon: int = uint8()
    blkgap: int = uint8()
    wakcon: int = uint8()
    clkcon: int = uint16()
    timeoutcon: int = uint8()
    admaerr: int = uint8()
    norintsts: int = uint16()
    errintsts: int = uint16()
    norintstsen: int = uint16()
    errintstsen: int = uint16()
    norintsigen: int = uint16()
    errintsigen: int = uint16()
    acmd12errsts: int = uint16()
    data_count: int = uint16(means="bytes of the block that have gone by")
    admasysaddr: int = uint64(means="guest address")
    stopped_state: int = uint8(means=Stopped)
    block_size: int = setting(512, 1024, 2048)  # the largest that capareg= allows
    fifo_buffer: bytearray = buffer("block_size", since=1)
    insert_timer: int | None = timer()
    transfer_timer: int | None = timer()

    @subsection("sdhci/pending-insert", version=1)
    def _tells_of_card_late(self) -> bool:
        return self.pending_insert_state

    pending_insert_state: bool = boolean()
