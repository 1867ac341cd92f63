"""Intel 82574 gigabit ethernet: the e1000e of a q35.

QEMU hw/net/e1000e.c, e1000e_core.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1. Up to 7.2 a
flag of a pending interrupt followed each throttling timer, where newer ones have unused bytes.
"""

from vmstate import (
    HookRefused,
    Packed,
    array,
    boolean,
    int8,
    int64,
    local,
    nested,
    post_load,
    setting,
    state,
    timer,
    uint8,
    uint16,
    uint32,
    unused,
)

from ..pci.device import PciDevice
from ..pci.msix import Msix, MsixOwner
from . import e1000e_registers as known
from . import e1000x

BUFFERS, ADDRESS_BYTES, QUEUES = 4, 6, 2
INTEL = 0x8086
VLAN = 0x8100
EXPANSION, NEGOTIATES = 6, 0x01  # a register of the transceiver that the guest cannot write, and a bit of it


def _transceiver_says(ahead: memoryview) -> bool | None:
    """Up to 7.2 it did not say that it negotiates."""
    end = 2 * EXPANSION + 2
    return not ahead[end - 1] & NEGOTIATES if len(ahead) >= end else None


@state("e1000e-intr-timer", version=1)
class IntervalTimer:
    """A timer that holds interrupts back."""

    timer: int | None = timer()
    running: bool = boolean()


@state("e1000e-tx", version=1)
class TransmitQueue:
    """What is to be done for the packet that a queue is sending."""

    sum_needed: int = uint8()
    ipcss: int = uint8(name="props.ipcss")
    ipcso: int = uint8(name="props.ipcso")
    ipcse: int = uint16(name="props.ipcse")
    tucss: int = uint8(name="props.tucss")
    tucso: int = uint8(name="props.tucso")
    tucse: int = uint16(name="props.tucse")
    hdr_len: int = uint8(name="props.hdr_len")
    mss: int = uint16(name="props.mss")
    paylen: int = uint32(name="props.paylen")
    ip: int = int8(name="props.ip")
    tcp: int = int8(name="props.tcp")
    tse: bool = boolean(name="props.tse")
    cptse: bool = boolean()
    skip_cp: bool = boolean(means="the rest of a packet is left out: what came before it is not sent")


@state("e1000e", version=1)
class E1000e(MsixOwner):
    """The card: EEPROM, transceiver, registers, and the timers that hold interrupts back."""

    def _has_adjustment(self) -> bool:
        return self.sends_adjustment

    def _has_pending(self) -> bool:
        return self.sends_pending

    def _has_no_pending(self) -> bool:
        return not self.sends_pending

    parent: PciDevice = nested(PciDevice, name="parent_obj")
    msix: Msix = nested(Msix, name="parent_obj")
    ioaddr: int = uint32()
    # Sizes of receive buffers and descriptors: QEMU 10.0 works them out again from the registers when it has loaded.
    rxbuf_min_shift: int = uint32(name="core.rxbuf_min_shift", reset=5)
    rx_desc_len: int = uint8(name="core.rx_desc_len")
    rxbuf_sizes: list[int] = array(uint32(), BUFFERS, name="core.rxbuf_sizes")
    rx_desc_buf_size: int = uint32(name="core.rx_desc_buf_size")
    eeprom: list[int] = array(
        uint16(), e1000x.EEPROM_WORDS, name="core.eeprom",
        reset=lambda: e1000x.eeprom(known.EEPROM, known.DEVICE_ID))
    sends_pending: bool = setting(False, True, told=_transceiver_says)  # up to 7.2
    phy: Packed = array(
        uint16(), known.PAGES * known.PAGE_SIZE, packed=True, name="core.phy", reset=known.TRANSCEIVER)
    mac: Packed = array(
        uint32(), e1000x.REGISTERS, packed=True, name="core.mac", reset=lambda: e1000x.registers(known.REGISTERS))
    permanent_mac: list[int] = array(uint8(), ADDRESS_BYTES, name="core.permanent_mac")
    delayed_causes: int = uint32(name="core.delayed_causes")
    subsys: int = uint16()
    subsys_ven: int = uint16(reset=INTEL)
    rdtr: IntervalTimer = nested(IntervalTimer, name="core.rdtr")
    radv: IntervalTimer = nested(IntervalTimer, name="core.radv")
    raid: IntervalTimer = nested(IntervalTimer, name="core.raid")
    tadv: IntervalTimer = nested(IntervalTimer, name="core.tadv")
    tidv: IntervalTimer = nested(IntervalTimer, name="core.tidv")
    itr: IntervalTimer = nested(IntervalTimer, name="core.itr")
    itr_intr_pending: bool = boolean(name="core.itr_intr_pending", when=_has_pending)
    _itr_pending = unused(1, when=_has_no_pending)
    eitr: list[IntervalTimer] = array(nested(IntervalTimer), known.VECTORS, name="core.eitr")
    eitr_intr_pending: list[bool] = array(
        boolean(), known.VECTORS, name="core.eitr_intr_pending", when=_has_pending)
    _eitr_pending = unused(known.VECTORS, when=_has_no_pending)
    itr_guest_value: int = uint32(name="core.itr_guest_value")
    eitr_guest_value: list[int] = array(uint32(), known.VECTORS, name="core.eitr_guest_value")
    vet: int = uint16(name="core.vet", reset=VLAN)
    tx: list[TransmitQueue] = array(nested(TransmitQueue), QUEUES, name="core.tx")

    sends_adjustment: bool = setting(True, False)  # migrate-timadj=, off up to machine types 7.2
    timadj: int = int64(name="core.timadj", when=_has_adjustment)

    subsys_used: int = local(0)  # subsys=
    subsys_ven_used: int = local(INTEL)  # subsys_ven=

    @property
    def function(self) -> PciDevice:
        """The PCI function, whose capability tells how large the MSI-X table is."""
        return self.parent

    @post_load
    def _settle(self, version: int) -> None:
        if (self.subsys, self.subsys_ven) != (self.subsys_used, self.subsys_ven_used):
            raise HookRefused(f"subsystem {self.subsys_ven:04x}:{self.subsys:04x}, "
                              f"where {self.subsys_ven_used:04x}:{self.subsys_used:04x} is configured")
