"""UHCI: the USB 1.1 controller of PIIX3 and PIIX4, of ICH9 (there are six, companions of EHCI), of VT82C686B.

QEMU hw/usb/hcd-uhci.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1.
"""

from enum import IntFlag

from vmstate import array, equal, int64, nested, state, timer, uint8, uint16, uint32

from ..pci.device import PciDevice

PORTS = 2


class Command(IntFlag):
    """The command register."""

    RUN = 0x01
    HOST_RESET = 0x02
    GLOBAL_RESET = 0x04
    GLOBAL_SUSPEND = 0x08
    GLOBAL_RESUME = 0x10
    SOFTWARE_DEBUG = 0x20
    CONFIGURED = 0x40
    PACKETS_OF_64 = 0x80


class Status(IntFlag):
    """The status register."""

    INTERRUPT = 0x01
    ERROR = 0x02
    RESUME_DETECTED = 0x04
    HOST_SYSTEM_ERROR = 0x08
    PROCESS_ERROR = 0x10
    HALTED = 0x20


class InterruptEnable(IntFlag):
    """Which of them interrupt."""

    TIMEOUT_OR_CRC = 0x01
    RESUME = 0x02
    ON_COMPLETE = 0x04
    SHORT_PACKET = 0x08


class PortControl(IntFlag):
    """A port's register."""

    CONNECTED = 0x0001
    CONNECT_CHANGED = 0x0002
    ENABLED = 0x0004
    ENABLE_CHANGED = 0x0008
    RESUME_DETECTED = 0x0040
    ALWAYS_SET = 0x0080
    LOW_SPEED = 0x0100
    RESET = 0x0200
    SUSPENDED = 0x1000


@state("uhci port")
class UhciPort:
    """A port of the root hub."""

    ctrl: int = uint16(reset=PortControl.ALWAYS_SET, means=PortControl)


@state("uhci", version=3, minimum=1)
class Uhci:
    """The PCI function. What it is busy with it finds again in the guest's memory."""

    dev: PciDevice = nested(PciDevice)
    num_ports: int = equal(uint8(reset=PORTS), name="num_ports_vmstate", hint="a controller has two ports")
    ports: list[UhciPort] = array(nested(UhciPort), PORTS, since=1)
    cmd: int = uint16(means=Command)
    status: int = uint16(reset=Status.HALTED, means=Status)
    intr: int = uint16(means=InterruptEnable)
    frnum: int = uint16(means="ms")
    fl_base_addr: int = uint32()
    sof_timing: int = uint8(reset=64)
    status2: int = uint8(means="bit 0: a transfer that asks for an interrupt is done; bit 1: it was short")
    frame_timer: int | None = timer()
    expire_time: int = int64(since=2, means="ns")  # where it does not come, the next frame is 1 ms after the load
    pending_int_mask: int = uint32(since=3, means="bits of `status2` that are told at the end of the frame")
