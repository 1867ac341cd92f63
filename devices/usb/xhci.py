"""xHCI: the USB 3.0 controller, on PCI (qemu-xhci, nec-usb-xhci) or on a board (a microvm).

QEMU hw/usb/hcd-xhci.c, hcd-xhci-pci.c, hcd-xhci-sysbus.c; checked against QEMU 5.2, 7.2, 10.0, and by its description
with 11.1. QEMU's description has a queue of events besides, for rings that are full: it is never sent.
"""

from collections.abc import Iterator
from enum import IntFlag
from itertools import takewhile

from vmstate import Around, array, boolean, int64, nested, setting, state, timer, uint32, uint64

from ..pci.device import CONVENTIONAL_SIZE, MSIX, PciDevice, capabilities, express
from ..pci.msix import Msix, MsixOwner

PORTS, MOST_PORTS = 8, 30
SLOTS = 64
VECTORS = 16, 8, 4, 2, 1
PORT_SIZE, SLOT_SIZE, VECTOR_SIZE, REST_SIZE, VERSION_SIZE = 4, 2, 47, 57, 4
FLAGS, CYCLE, RING = (28, 29, 46), 29, slice(30, 38)
"""Where an interrupter has its booleans, of these the cycle state of its ring, and where the ring is."""
MSI = 0x05


class Command(IntFlag):
    """The command register."""

    RUN = 1 << 0
    RESET = 1 << 1
    INTERRUPTS = 1 << 2
    HOST_SYSTEM_ERRORS = 1 << 3
    LIGHT_RESET = 1 << 7
    SAVE = 1 << 8
    RESTORE = 1 << 9
    WRAP_EVENTS = 1 << 10
    U3_STOPS_COUNTING = 1 << 11


class Status(IntFlag):
    """The status register."""

    HALTED = 1 << 0
    HOST_SYSTEM_ERROR = 1 << 2
    EVENT = 1 << 3
    PORT_CHANGED = 1 << 4
    SAVING = 1 << 8
    RESTORING = 1 << 9
    SAVE_OR_RESTORE_ERROR = 1 << 10
    NOT_READY = 1 << 11
    HOST_CONTROLLER_ERROR = 1 << 12


class PortStatus(IntFlag):
    """A port's register, with 4 bits for the link's state at 5, 4 for the speed at 10, 2 for indicators at 14."""

    CONNECTED = 1 << 0
    ENABLED = 1 << 1
    OVERCURRENT = 1 << 3
    RESET = 1 << 4
    POWER = 1 << 9
    WRITE_LINK_STATE = 1 << 16
    CONNECT_CHANGED = 1 << 17
    ENABLE_CHANGED = 1 << 18
    WARM_RESET_CHANGED = 1 << 19
    OVERCURRENT_CHANGED = 1 << 20
    RESET_CHANGED = 1 << 21
    LINK_CHANGED = 1 << 22
    CONFIG_ERROR = 1 << 23
    COLD_ATTACH = 1 << 24
    WAKE_ON_CONNECT = 1 << 25
    WAKE_ON_DISCONNECT = 1 << 26
    WAKE_ON_OVERCURRENT = 1 << 27
    NOT_REMOVABLE = 1 << 30
    WARM_RESET = 1 << 31


EMPTY = PortStatus.POWER | PortStatus.CONNECT_CHANGED | 5 << 5
"""There is power and no device; its link waits for one."""


@state("xhci-port", version=1)
class XhciPort:
    """A port of the root hub."""

    portsc: int = uint32(reset=EMPTY, means=PortStatus)


@state("xhci-slot", version=1)
class XhciSlot:
    """A slot; its endpoints are found again in the guest's memory."""

    enabled: bool = boolean()
    addressed: bool = boolean()


@state("xhci-intr", version=1)
class XhciInterrupter:
    """An interrupter and its ring of events."""

    iman: int = uint32(means="bit 0: an interrupt is pending, bit 1: it is enabled")
    imod: int = uint32(means="250 ns")
    erstsz: int = uint32()
    erstba_low: int = uint32()
    erstba_high: int = uint32()
    erdp_low: int = uint32()
    erdp_high: int = uint32()
    msix_used: bool = boolean()
    er_pcs: bool = boolean(reset=True)
    er_start: int = uint64()
    er_size: int = uint32()
    er_ep_idx: int = uint32()
    er_full_unused: bool = boolean()


@state("xhci-ring", version=1)
class XhciRing:
    """A ring that the guest fills: where the controller is in it."""

    dequeue: int = uint64()
    ccs: bool = boolean()


class XhciOwner:
    """What the controller asks of the device around it."""

    __slots__ = ()

    @property
    def interrupters(self) -> int:
        """How many there are: 1, 2, 4, 8 or 16."""
        raise NotImplementedError


def _slots_that_fit(ahead: memoryview) -> Iterator[int]:
    """How many slots there may be at this place, if all that follows is of this controller."""
    for vectors in VECTORS:
        slots, odd = divmod(len(ahead) - REST_SIZE - VECTOR_SIZE * vectors, SLOT_SIZE)
        begin = slots * SLOT_SIZE
        if odd or not 0 < slots <= SLOTS:
            continue
        interrupters = (ahead[at : at + VECTOR_SIZE] for at in range(begin, len(ahead) - REST_SIZE, VECTOR_SIZE))
        if _are_slots(ahead[:begin]) and all(map(_is_interrupter, interrupters)):
            yield slots


def _are_slots(them: memoryview) -> bool:
    """Which is addressed is enabled."""
    return all(addressed <= enabled <= 1 for enabled, addressed in zip(them[::2], them[1::2], strict=True))


def _is_interrupter(one: memoryview) -> bool:
    """Three are booleans; the ring's cycle state is 1 until the guest has set up a ring."""
    return all(one[at] <= 1 for at in FLAGS) and (one[CYCLE] == 1 or any(one[RING]))


def _slots_say(ahead: memoryview) -> int | None:
    """How many, if that is the only number that fits."""
    found = set(_slots_that_fit(ahead))
    return found.pop() if len(found) == 1 else None


def _power_says(ahead: memoryview) -> int:
    """Ports have power, unless the guest has taken it away, and slots are bytes of 0 and 1."""
    ports = (int.from_bytes(ahead[at : at + PORT_SIZE], "big") for at in range(0, MOST_PORTS * PORT_SIZE, PORT_SIZE))
    least = len(list(takewhile(lambda port: port & PortStatus.POWER, ports)))
    fitting = (n for n in range(max(1, least), MOST_PORTS + 1) if any(_slots_that_fit(ahead[n * PORT_SIZE :])))
    return next(fitting, least or PORTS)


def _capability_says(ahead: memoryview) -> int | None:
    """There is an interrupt of its own, by MSI-X or MSI, for each; the configuration space follows a version."""
    config = ahead[VERSION_SIZE : VERSION_SIZE + CONVENTIONAL_SIZE]
    for one, at in capabilities(config):
        if one in (MSI, MSIX):
            control = int.from_bytes(config[at + 2 : at + 4], "little")
            vectors = control % 2048 + 1 if one == MSIX else 1 << (control >> 1 & 7)
            return vectors if vectors in VECTORS else None
    return None


@state("xhci-core", version=1)
class XhciCore:
    """Ports, slots, interrupters, and the registers. How many there are of each, nothing but the length tells."""

    def _interrupters(self, around: Around) -> int:
        return around.up(XhciOwner).interrupters

    numports: int = setting(PORTS, *(n for n in range(1, MOST_PORTS + 1) if n != PORTS), told=_power_says)
    ports: list[XhciPort] = array(nested(XhciPort), "numports")
    numslots: int = setting(*range(SLOTS, 0, -1), told=_slots_say)
    slots: list[XhciSlot] = array(nested(XhciSlot), "numslots")
    intr: list[XhciInterrupter] = array(
        nested(XhciInterrupter), _interrupters, reset=lambda: [XhciInterrupter() for _ in range(VECTORS[0])])
    usbcmd: int = uint32(means=Command)
    usbsts: int = uint32(reset=Status.HALTED, means=Status)
    dnctrl: int = uint32()
    crcr_low: int = uint32()
    crcr_high: int = uint32()
    dcbaap_low: int = uint32()
    dcbaap_high: int = uint32()
    config: int = uint32()
    mfindex_start: int = int64(means="ns")
    mfwrap_timer: int | None = timer()
    cmd_ring: XhciRing = nested(XhciRing)


@state("xhci", version=1)
class Xhci(XhciOwner, MsixOwner):
    """The PCI function."""

    numintrs: int = setting(*VECTORS, told=_capability_says)  # 16, whatever intrs= says: QEMU pays no heed to it
    parent: PciDevice = nested(PciDevice, reset=express, name="parent_obj")
    msix: Msix = nested(Msix, name="parent_obj")
    xhci: XhciCore = nested(XhciCore, since=1)

    @property
    def function(self) -> PciDevice:
        """The PCI function, whose capability tells how large the MSI-X table is."""
        return self.parent

    @property
    def interrupters(self) -> int:
        """As many as intrs= says."""
        return self.numintrs


@state("xhci-sysbus", version=1)
class XhciSysbus(XhciOwner):
    """The controller as a board has it."""

    numintrs: int = setting(*VECTORS)
    xhci: XhciCore = nested(XhciCore, since=1)

    @property
    def interrupters(self) -> int:
        """As many as intrs= says."""
        return self.numintrs
