"""OHCI: the USB 1.1 controller that is not Intel's, on PCI.

QEMU hw/usb/hcd-ohci.c, hcd-ohci-pci.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1.
On a board, where it is `sysbus-ohci`, it has no section.
"""

from enum import IntFlag

from vmstate import (
    array,
    boolean,
    buffer,
    int32,
    int64,
    nested,
    state,
    subsection,
    timer,
    uint8,
    uint16,
    uint32,
)

from ..pci.device import PciDevice

MOST_PORTS, USUAL_PORTS = 15, 3
NO_POWER_SWITCHING = 1 << 9
BUFFER = 8192


class Control(IntFlag):
    """The control register, with 2 bits for a ratio at 0, and 2 at 6: 0 reset, 1 resume, 2 operational, 3 suspended."""

    PERIODIC_LIST = 1 << 2
    ISOCHRONOUS = 1 << 3
    CONTROL_LIST = 1 << 4
    BULK_LIST = 1 << 5
    INTERRUPT_ROUTING = 1 << 8
    REMOTE_WAKEUP_CONNECTED = 1 << 9
    REMOTE_WAKEUP = 1 << 10


class Status(IntFlag):
    """The command status register."""

    RESET = 1 << 0
    CONTROL_LIST_FILLED = 1 << 1
    BULK_LIST_FILLED = 1 << 2
    OWNERSHIP_CHANGE = 1 << 3


class Interrupt(IntFlag):
    """What interrupts."""

    SCHEDULING_OVERRUN = 1 << 0
    DONE_HEAD = 1 << 1
    START_OF_FRAME = 1 << 2
    RESUME = 1 << 3
    UNRECOVERABLE_ERROR = 1 << 4
    FRAME_NUMBER_OVERFLOW = 1 << 5
    ROOT_HUB_CHANGED = 1 << 6
    OWNERSHIP_CHANGED = 1 << 30
    MASTER_ENABLE = 1 << 31


class PortStatus(IntFlag):
    """A port's register."""

    CONNECTED = 1 << 0
    ENABLED = 1 << 1
    SUSPENDED = 1 << 2
    OVERCURRENT = 1 << 3
    RESET = 1 << 4
    POWER = 1 << 8
    LOW_SPEED = 1 << 9
    CONNECT_CHANGED = 1 << 16
    ENABLE_CHANGED = 1 << 17
    SUSPEND_CHANGED = 1 << 18
    OVERCURRENT_CHANGED = 1 << 19
    RESET_CHANGED = 1 << 20


@state("ohci-core/port")
class OhciPort:
    """A port of the root hub."""

    ctrl: int = uint32(means=PortStatus)


@state("ohci-core")
class OhciCore:
    """Registers, all the ports that there may be, and the packet in flight."""

    sof_time: int = int64(means="ns")
    ctl: int = uint32(means=Control)
    status: int = uint32(means=Status)
    intr_status: int = uint32(means=Interrupt)
    intr: int = uint32(reset=Interrupt.MASTER_ENABLE, means=Interrupt)
    hcca: int = uint32()
    ctrl_head: int = uint32()
    ctrl_cur: int = uint32()
    bulk_head: int = uint32()
    bulk_cur: int = uint32()
    per_cur: int = uint32()
    done: int = uint32()
    done_count: int = int32(reset=7, means="frames until the done list is handed over, 7 never")
    fsmps: int = uint16(reset=0x2778, means="bits")
    fit: int = uint8()
    fi: int = uint16(reset=0x2EDF, means="bit times in a frame, less 1")
    frt: int = uint8()
    frame_number: int = uint16(means="ms")
    padding: int = uint16()
    pstart: int = uint32()
    lst: int = uint32(reset=0x628)
    rhdesc_a: int = uint32(reset=NO_POWER_SWITCHING | USUAL_PORTS)
    rhdesc_b: int = uint32()
    rhstatus: int = uint32()
    rhport: list[OhciPort] = array(nested(OhciPort), MOST_PORTS)
    hstatus: int = uint32()
    hmask: int = uint32()
    hreset: int = uint32()
    htest: int = uint32()
    old_ctl: int = uint32(means=Control)
    usb_buf: bytearray = buffer(BUFFER)
    async_td: int = uint32(means="address of the descriptor whose packet is in flight, 0 none")
    async_complete: bool = boolean()

    @subsection("ohci-core/eof-timer")
    def _runs(self) -> bool:
        return self.eof_timer is not None

    eof_timer: int | None = timer()


@state("ohci")
class Ohci:
    """The PCI function."""

    parent: PciDevice = nested(PciDevice, name="parent_obj")
    core: OhciCore = nested(OhciCore, name="state")
