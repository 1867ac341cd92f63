"""NCR 53C9x SCSI adapters (ESP): the Am53C974 on PCI, which the DC-390 has too, and those of boards.

QEMU hw/scsi/esp.c, esp-pci.c; checked against QEMU 5.2, 7.2, 10.0, 11.1. Since 6.0 the device says the version of
the chip's record itself: 6 in 7.2, 7 in 10.0, 8 in 11.1. QEMU 10.0 and 11.1 do not look at it for `drq_state`, and so
read none of version 6.
"""

from vmstate import (
    Around,
    HookRefused,
    array,
    boolean,
    buffer,
    int32,
    nested,
    post_load,
    setting,
    state,
    subsection,
    uint8,
    uint32,
)

from ..ahead import sent
from ..char.fifo8 import Fifo8
from ..pci.device import PciDevice

REGISTERS, CONFIGURED = 16, bytes(8) + b"\x07"
FIFO, COMMANDS, DMA_REGISTERS = 16, 32, 8
COUNTER = 0, 1, 14
"""The registers that hold what is left to be transferred, the lowest byte first."""
NEWEST = 8


@state("esp", version=4)
class OldEsp:
    """The chip up to QEMU 5.2."""

    rregs: bytearray = buffer(REGISTERS)
    wregs: bytearray = buffer(REGISTERS)
    ti_size: int = int32()
    ti_rptr: int = uint32()
    ti_wptr: int = uint32()
    ti_buf: bytearray = buffer(FIFO)
    status: int = uint32()
    deferred_status: int = uint32()
    deferred_complete: bool = boolean()
    dma: int = uint32()
    cmdbuf: bytearray = buffer(COMMANDS // 2)
    cmdbuf_rest: bytearray = buffer(COMMANDS // 2, name="cmdbuf")
    cmdlen: int = uint32()
    do_cmd: int = uint32()
    dma_left: int = uint32()
    has_pseudo_dma: bool = setting(False, told=sent("esp/pdma"))

    @subsection("esp/pdma", version=1)
    def _has_pseudo_dma(self) -> bool:
        return self.has_pseudo_dma

    pdma_buf: bytearray = buffer(COMMANDS)
    pdma_origin: int = int32()
    pdma_len: int = uint32()
    pdma_start: int = uint32()
    pdma_cur: int = uint32()


class EspOwner:
    """What the chip's record asks of the device around it."""

    __slots__ = ()

    @property
    def chip_version(self) -> int:
        """The version of the chip's record."""
        raise NotImplementedError


@state("esp", version=NEWEST, minimum=5)
class Esp:
    """The chip: registers as read and as written, its queue, and the command that the guest is telling."""

    def _is_before_7(self, around: Around) -> bool:
        return around.up(EspOwner).chip_version < 7

    def _is_6(self, around: Around) -> bool:
        return around.up(EspOwner).chip_version >= 6

    def _is_7(self, around: Around) -> bool:
        return around.up(EspOwner).chip_version >= 7

    def _is_8(self, around: Around) -> bool:
        return around.up(EspOwner).chip_version >= 8

    rregs: bytearray = buffer(REGISTERS, reset=CONFIGURED)
    wregs: bytearray = buffer(REGISTERS)
    ti_size: int = int32()
    status: int = uint32()
    dma: int = uint32()
    do_cmd: int = uint32()
    data_ready: bool = boolean(was="data_in_ready")
    cmdfifo_cdb_offset: int = uint8()
    fifo: Fifo8 = nested(Fifo8, reset=lambda: Fifo8(capacity=FIFO))
    cmdfifo: Fifo8 = nested(Fifo8, reset=lambda: Fifo8(capacity=COMMANDS))
    ti_cmd: int = uint8(name="mig_ti_cmd", was="ti_cmd", when=_is_before_7)
    lun: int = uint8(when=_is_6)
    drq_state: bool = boolean(when=_is_7)
    asc_mode: int = uint8(when=_is_8)
    has_pseudo_dma: bool = setting(False, told=sent("esp/pdma"))  # the guest moves the data; up to 8.2

    @subsection("esp/pdma", version=0)
    def _has_pseudo_dma(self) -> bool:
        return self.has_pseudo_dma

    pdma_cb: int = uint8()

    def take(self, old: OldEsp) -> None:
        """Its values, where a QEMU up to 5.2 sent them. Raises HookRefused where they make no sense."""
        waiting = (old.ti_wptr - old.ti_rptr) & 0xFFFF_FFFF
        if waiting > FIFO or old.cmdlen > COMMANDS:
            raise HookRefused(f"{waiting} bytes of data, {old.cmdlen} of a command: {FIFO} and {COMMANDS} fit")
        self.rregs, self.wregs = bytearray(old.rregs), bytearray(old.wregs)
        self.ti_size, self.status, self.dma, self.do_cmd = old.ti_size, old.status, old.dma, old.do_cmd
        for i, register in enumerate(COUNTER):
            self.rregs[register] = old.dma_left >> 8 * i & 0xFF
        _fill(self.fifo, old.ti_buf[:waiting])
        _fill(self.cmdfifo, (old.cmdbuf + old.cmdbuf_rest)[: old.cmdlen])


def _fill(fifo: Fifo8, data: bytes | bytearray) -> None:
    fifo.head, fifo.num = 0, len(data)
    fifo.data[: len(data)] = data


@state("pciespscsi", version=2, minimum=1)
class PciEsp(EspOwner):
    """The adapter on PCI, with a DMA engine."""

    def _is_old(self, around: Around) -> bool:
        return around.version < 2

    parent: PciDevice = nested(PciDevice, name="parent_obj")
    dma_regs: list[int] = array(uint32(order="little"), DMA_REGISTERS, means="as the host has them")
    mig_version_id: int = uint8(reset=NEWEST, name="esp.mig_version_id", since=2)
    old: OldEsp = nested(OldEsp, name="esp", when=_is_old)
    esp: Esp = nested(Esp, since=2)

    @property
    def chip_version(self) -> int:
        """As it was sent."""
        return self.mig_version_id

    @post_load
    def _take_old(self, version: int) -> None:
        if version < 2:
            self.esp.take(self.old)


@state("sysbusespscsi", version=2, minimum=1)
class SysbusEsp(EspOwner):
    """The adapter as a board has it."""

    def _is_old(self, around: Around) -> bool:
        return around.version < 2

    mig_version_id: int = uint8(reset=NEWEST, name="esp.mig_version_id", since=2)
    old: OldEsp = nested(OldEsp, name="esp", when=_is_old)
    esp: Esp = nested(Esp, since=2)

    @property
    def chip_version(self) -> int:
        """As it was sent."""
        return self.mig_version_id

    @post_load
    def _take_old(self, version: int) -> None:
        if version < 2:
            self.esp.take(self.old)
