"""LSI 53C895A and 53C810 SCSI adapters.

QEMU hw/scsi/lsi53c895a.c; checked against QEMU 5.2, 7.2, 10.0, 11.1. Drives behind it have no unfinished commands when
they are saved: QEMU 7.2 and 10.0 end there with an assertion.
"""

from enum import IntEnum

from vmstate import HookRefused, array, buffer, int32, nested, post_load, state, uint8, uint32

from ..pci.device import PciDevice

MESSAGE, SCRATCH, SCRIPTS = 8, 18, 8192


class MessageAction(IntEnum):
    """What comes after a message to the drive."""

    COMMAND = 0
    DISCONNECT = 1
    DATA_OUT = 2
    DATA_IN = 3


class Wait(IntEnum):
    """What its program waits for."""

    NOTHING = 0
    RESELECT = 1
    DMA_SCRIPTS = 2
    DMA_IN_PROGRESS = 3
    INSTRUCTION_LIMIT = 4  # since 9.0: it goes on when loaded


@state("lsiscsi", version=1, minimum=0)
class LsiScsi:
    """The adapter: its registers, and the memory for its programs."""

    parent: PciDevice = nested(PciDevice, name="parent_obj")
    carry: int = int32()
    status: int = int32()
    msg_action: int = int32(means=MessageAction)
    msg_len: int = int32()
    msg: bytearray = buffer(MESSAGE)
    waiting: int = int32(means=Wait)
    dsa: int = uint32()
    temp: int = uint32()
    dnad: int = uint32()
    dbc: int = uint32()
    istat0: int = uint8()
    istat1: int = uint8()
    dcmd: int = uint8(reset=0x40)
    dstat: int = uint8()
    dien: int = uint8()
    sist0: int = uint8()
    sist1: int = uint8()
    sien0: int = uint8()
    sien1: int = uint8()
    mbox0: int = uint8()
    mbox1: int = uint8()
    dfifo: int = uint8()
    ctest2: int = uint8(reset=0x01)
    ctest3: int = uint8()
    ctest4: int = uint8()
    ctest5: int = uint8()
    ccntl0: int = uint8()
    ccntl1: int = uint8()
    dsp: int = uint32(means="where in its program it is")
    dsps: int = uint32()
    dmode: int = uint8()
    dcntl: int = uint8()
    scntl0: int = uint8(reset=0xC0)
    scntl1: int = uint8()
    scntl2: int = uint8()
    scntl3: int = uint8()
    sstat0: int = uint8()
    sstat1: int = uint8()
    scid: int = uint8(reset=7)
    sxfer: int = uint8()
    socl: int = uint8()
    sdid: int = uint8()
    ssid: int = uint8()
    sfbr: int = uint8()
    stest1: int = uint8()
    stest2: int = uint8()
    stest3: int = uint8()
    sidl: int = uint8()
    stime0: int = uint8()
    respid0: int = uint8(reset=0x80)
    respid1: int = uint8()
    sbcl: int = uint8(since=1)
    mmrs: int = uint32()
    mmws: int = uint32()
    sfs: int = uint32()
    drs: int = uint32()
    sbms: int = uint32()
    dbms: int = uint32()
    dnad64: int = uint32()
    pmjad1: int = uint32()
    pmjad2: int = uint32()
    rbc: int = uint32()
    ua: int = uint32()
    ia: int = uint32()
    sbc: int = uint32()
    csbc: int = uint32()
    scratch: list[int] = array(uint32(order="little"), SCRATCH, means="SCRATCHA to SCRATCHR, as the host has them")
    sbr: int = uint8()
    script_ram: bytearray = buffer(SCRIPTS)

    @post_load
    def _is_possible(self, version: int) -> None:
        if not 0 <= self.msg_len <= MESSAGE:
            raise HookRefused(f"a message of {self.msg_len} bytes, of {MESSAGE}")
