"""Intel 82576 gigabit ethernet. Its virtual functions (igbvf) have no state of their own.

QEMU hw/net/igb.c, igb_core.c; since 8.0; checked against QEMU 10.0, 11.1.
"""

from vmstate import array, boolean, int64, nested, state, timer, uint8, uint16, uint32

from ..pci.device import PciDevice, express
from ..pci.msix import Msix, MsixOwner
from . import e1000x

QUEUES, CONTEXTS, VECTORS, VIRTUAL_FUNCTIONS = 16, 2, 25, 8
ADDRESS_BYTES, TRANSCEIVER_REGISTERS, EEPROM_WORDS, DEVICE_ID = 6, 32, 1024, 0x10C9

REGISTERS = {
    0x0000: 0x0010_0209, 0x0008: 0x8000_0400, 0x0010: 0x1110, 0x0038: 0x8100_8100, 0x0400: 0xA404_00F8,
    0x0404: 0x0001_0840, 0x0410: 0x0060_1008, 0x0C84: 0xFF, 0x0C8C: 0xFF, 0x0C90: 0xFF, 0x0E00: 0x0706_8302,
    0x1010: 0x8000_0000, 0x2404: 0x40, 0x3404: 0x28, 0x3590: 0x44, 0x5000: 0x0300, 0x5004: 0x2600,
    0x5AF0: 0x8000_0000, 0x5B00: 0x0685_0200,
    **{0x0C40 + 4 * i: 0x40 for i in range(VIRTUAL_FUNCTIONS)},
    **{0x5AD0 + 4 * i: 0x8000_2600 for i in range(VIRTUAL_FUNCTIONS)},
    **{0xC028 + 0x40 * i: 0x0001_0000 for i in range(QUEUES)},
    **{0xE014 + 0x40 * i: 0x2A00 for i in range(QUEUES)},
    0xC028: 0x0201_0000, 0xE028: 0x0200_0000,
}
TRANSCEIVER = {
    0: 0x1140, 1: 0x794D, 2: 0x02A8, 3: 0x0391, 4: 0x0DE1, 5: 0x07E0, 6: 0x0005, 7: 0x2001, 9: 0x0F00, 10: 0x3C00,
    15: 0x3000, 16: 0x0120, 17: 0xC000, 25: 0x008D,
}
EEPROM = (
    0, 0, 0, 0x0D34, 0xFFFF, 0x2010, 0xFFFF, 0xFFFF, 0x1040, 0xFFFF, 0x002B, 0, 0x8086, 0, 0, 0x70C3,
    0x0004, 0x10C9, 0x5C00, 0, 0x2880, 0x0014, 0x4A40, 0x0060, 0x6CFB, 0xC7B0, 0x0ABE, 0x0403, 0x0783, 0x10A6, 0x0001,
    0x0602, 0x0004, 0x0020, 0, 0x004A, 0x2080, 0x00F5, 0x10CA, 0, 0, 0, 0x4784, 0x4602, 0, 0, 0x1000, 0xFFFF,
    0x0100, 0x4000, 0x131F, 0x4013, 0x0100, 0x4000, *[0xFFFF] * 7, 0x00E0, 0xFFFF, 0,
)
SIDEBAND = 0x0003  # the word behind the sum


def _eeprom() -> list[int]:
    words = [*e1000x.eeprom(EEPROM, DEVICE_ID), SIDEBAND]
    return words + [0] * (EEPROM_WORDS - len(words))


@state("igb-intr-timer", version=1)
class IntervalTimer:
    """A timer that holds a vector's interrupts back."""

    timer: int | None = timer()
    running: bool = boolean()


@state("igb-tx-ctx", version=1)
class TransmitContext:
    """What a context descriptor said: what is to be done for the packets behind it."""

    vlan_macip_lens: int = uint32()
    seqnum_seed: int = uint32()
    type_tucmd_mlhl: int = uint32()
    mss_l4len_idx: int = uint32()


@state("igb-tx", version=2)
class TransmitQueue:
    """A queue's contexts, and the first descriptor of the packet that it is sending."""

    ctx: list[TransmitContext] = array(nested(TransmitContext), CONTEXTS)
    first_cmd_type_len: int = uint32()
    first_olinfo_status: int = uint32()
    first: bool = boolean(reset=True, means="the next descriptor is a packet's first")
    skip_cp: bool = boolean(means="the rest of a packet is left out: what came before it is not sent")


@state("igb", version=1)
class Igb(MsixOwner):
    """The card: EEPROM, transceiver, registers, and the timers that hold interrupts back."""

    parent: PciDevice = nested(PciDevice, name="parent_obj", reset=express)
    msix: Msix = nested(Msix, name="parent_obj")
    ioaddr: int = uint32()
    rx_desc_len: int = uint8(name="core.rx_desc_len")
    eeprom: list[int] = array(uint16(), EEPROM_WORDS, name="core.eeprom", reset=_eeprom)
    phy: list[int] = array(
        uint16(), TRANSCEIVER_REGISTERS, name="core.phy",
        reset=[TRANSCEIVER.get(i, 0) for i in range(TRANSCEIVER_REGISTERS)])
    mac: list[int] = array(
        uint32(), e1000x.REGISTERS, name="core.mac", reset=lambda: e1000x.registers(REGISTERS))
    permanent_mac: list[int] = array(uint8(), ADDRESS_BYTES, name="core.permanent_mac")
    eitr: list[IntervalTimer] = array(nested(IntervalTimer), VECTORS, name="core.eitr")
    eitr_guest_value: list[int] = array(uint32(), VECTORS, name="core.eitr_guest_value")
    tx: list[TransmitQueue] = array(nested(TransmitQueue), QUEUES, name="core.tx")
    timadj: int = int64(name="core.timadj", means="ns")

    @property
    def function(self) -> PciDevice:
        """The PCI function, whose capability tells how large the MSI-X table is."""
        return self.parent
