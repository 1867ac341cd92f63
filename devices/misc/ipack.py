"""IndustryPack: a PCI carrier of four modules (TPCI200), and a module of eight serial lines (IP-Octal 232).

QEMU hw/ipack/ipack.c, tpci200.c, hw/char/ipoctal232.c; checked against QEMU 5.2, 7.2, 10.0, and by their descriptions
with 11.1.
"""

from enum import IntFlag

from vmstate import array, boolean, int32, nested, state, uint8, uint16

from ..pci.device import PciDevice

MODULES, SPACES = 4, 3
CHANNELS, BLOCKS, RECEIVED = 8, 4, 3


class LineStatus(IntFlag):
    """Bits of a line's status register."""

    RECEIVED = 0x01
    FULL = 0x02
    TRANSMITTER_READY = 0x04
    TRANSMITTER_EMPTY = 0x08
    OVERRUN = 0x10
    PARITY = 0x20
    FRAMING = 0x40
    BREAK = 0x80


@state("ipack_device", version=1)
class IpackDevice:
    """Where on the carrier the module is."""

    slot: int = int32(reset=-1)


@state("tpci200", version=1)
class Tpci200:
    """The carrier. Its other registers never change."""

    dev: PciDevice = nested(PciDevice)
    big_endian: list[bool] = array(boolean(), SPACES, means="byte order of the first three local spaces")
    ctrl: list[int] = array(uint8(), MODULES)
    status: int = uint16(means="two bits of interrupts for each module; from bit 8 on errors, from 12 on timeouts")
    int_set: int = uint8(means="interrupts that are raised, two bits for each module")


@state("scc2698_channel", version=1)
class Channel:
    """A line."""

    rx_enabled: bool = boolean()
    mr: list[int] = array(uint8(), 2)
    mr_idx: int = uint8()
    sr: int = uint8(means=LineStatus)
    rhr: list[int] = array(uint8(), RECEIVED, means="received bytes, a ring")
    rhr_idx: int = uint8()
    rx_pending: int = uint8()


@state("scc2698_block", version=1)
class Block:
    """The interrupts of two lines."""

    imr: int = uint8()
    isr: int = uint8()


@state("ipoctal232", version=1)
class IpOctal232:
    """The module."""

    parent: IpackDevice = nested(IpackDevice, name="parent_obj", since=1)
    ch: list[Channel] = array(nested(Channel), CHANNELS, since=1, reset=lambda: [Channel() for _ in range(CHANNELS)])
    blk: list[Block] = array(nested(Block), BLOCKS, since=1, reset=lambda: [Block() for _ in range(BLOCKS)])
    irq_vector: int = uint8()
