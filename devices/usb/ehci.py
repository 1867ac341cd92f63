"""EHCI: the USB 2.0 controller, on PCI (ICH9 has two) or on a board.

QEMU hw/usb/hcd-ehci.c, hcd-ehci-pci.c, hcd-ehci-sysbus.c; checked against QEMU 5.2, 7.2, 10.0, and by its description
with 11.1.
"""

from enum import IntEnum, IntFlag

from vmstate import nested, pre_save, state, timer, uint32, uint64

from ..pci.device import PciDevice

MICROFRAME = 125_000
"""ns."""


class Command(IntFlag):
    """The command register, with 2 bits for the frame list's size at 2, 2 for parking at 8, 7 for a threshold at 16."""

    RUN = 1 << 0
    RESET = 1 << 1
    PERIODIC_SCHEDULE = 1 << 4
    ASYNC_SCHEDULE = 1 << 5
    ASYNC_ADVANCE_DOORBELL = 1 << 6
    LIGHT_RESET = 1 << 7
    PARK_MODE = 1 << 11


class Status(IntFlag):
    """The status register; the first six interrupt."""

    INTERRUPT = 1 << 0
    ERROR_INTERRUPT = 1 << 1
    PORT_CHANGED = 1 << 2
    FRAME_LIST_ROLLOVER = 1 << 3
    HOST_SYSTEM_ERROR = 1 << 4
    ASYNC_ADVANCE = 1 << 5
    HALTED = 1 << 12
    RECLAMATION = 1 << 13
    PERIODIC_SCHEDULE = 1 << 14
    ASYNC_SCHEDULE = 1 << 15


class PortStatus(IntFlag):
    """A port's register, with 2 bits for the line's state at 10, 2 for indicators at 14, 4 for tests at 16."""

    CONNECTED = 1 << 0
    CONNECT_CHANGED = 1 << 1
    ENABLED = 1 << 2
    ENABLE_CHANGED = 1 << 3
    OVERCURRENT = 1 << 4
    OVERCURRENT_CHANGED = 1 << 5
    FORCE_RESUME = 1 << 6
    SUSPENDED = 1 << 7
    RESET = 1 << 8
    POWER = 1 << 12
    OWNED_BY_COMPANION = 1 << 13
    WAKE_ON_CONNECT = 1 << 20
    WAKE_ON_DISCONNECT = 1 << 21
    WAKE_ON_OVERCURRENT = 1 << 22


class Schedule(IntEnum):
    """What a schedule is doing."""

    INACTIVE = 1000
    ACTIVE = 1001
    EXECUTING = 1002
    SLEEPING = 1003
    WAIT_LIST_HEAD = 1004
    FETCH_ENTRY = 1005
    FETCH_QUEUE_HEAD = 1006
    FETCH_ITD = 1007
    FETCH_SITD = 1008
    ADVANCE_QUEUE = 1009
    FETCH_TD = 1010
    EXECUTE = 1011
    WRITE_BACK = 1012
    HORIZONTAL_QUEUE_HEAD = 1013


@state("ehci-core", version=2, minimum=1)
class EhciCore:
    """Registers and schedules. The queues themselves are found again in the guest's memory."""

    usbcmd: int = uint32(reset=8 << 16, means=Command)
    usbsts: int = uint32(reset=Status.HALTED, means=Status)
    usbsts_pending: int = uint32(means=Status)
    usbsts_frindex: int = uint32(means="microframe from which on what is pending is told")
    usbintr: int = uint32(means=Status)
    frindex: int = uint32(means="microframes")
    ctrldssegment: int = uint32()
    periodiclistbase: int = uint32()
    asynclistaddr: int = uint32()
    configflag: int = uint32(means="1: ports are this controller's unless they are given away, 0: the companions'")
    port_0: int = uint32(name="portsc[0]", reset=PortStatus.POWER, means=PortStatus)
    port_1: int = uint32(name="portsc[1]", reset=PortStatus.POWER, means=PortStatus)
    port_2: int = uint32(name="portsc[2]", reset=PortStatus.POWER, means=PortStatus)
    port_3: int = uint32(name="portsc[3]", reset=PortStatus.POWER, means=PortStatus)
    port_4: int = uint32(name="portsc[4]", reset=PortStatus.POWER, means=PortStatus)
    port_5: int = uint32(name="portsc[5]", reset=PortStatus.POWER, means=PortStatus)
    frame_timer: int | None = timer()
    last_run_ns: int = uint64(means="ns")
    async_stepdown: int = uint32(means="frames: how much less often the asynchronous schedule is looked at")
    astate: int = uint32(reset=Schedule.INACTIVE, means=Schedule)
    pstate: int = uint32(reset=Schedule.INACTIVE, means=Schedule)
    a_fetch_addr: int = uint32()
    p_fetch_addr: int = uint32()

    @pre_save
    def _round_down(self) -> None:
        """To whole frames, as QEMU up to 2.0 counted them."""
        odd = self.frindex % 8
        self.frindex -= odd
        self.last_run_ns = (self.last_run_ns - odd * MICROFRAME) % (1 << 64)


@state("ehci", version=2, minimum=1)
class Ehci:
    """The PCI function."""

    pcidev: PciDevice = nested(PciDevice)
    ehci: EhciCore = nested(EhciCore, since=2)


@state("ehci-sysbus", version=2, minimum=1)
class EhciSysbus:
    """The controller as a board has it."""

    ehci: EhciCore = nested(EhciCore, since=2)
