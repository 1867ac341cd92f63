"""NE2000 ethernet, on ISA and PCI.

QEMU hw/net/ne2000.c, ne2000-isa.c, ne2000-pci.c; checked against QEMU 5.2, 7.2, 10.0, 11.1. Both cards and their
common part have one name.
"""

from enum import IntFlag

from vmstate import buffer, nested, state, uint8, uint16, uint32, unused

from ..pci.device import PciDevice

MEMORY = 48 << 10
PROM = bytes(28) + b"WWWW"
"""What the memory begins with: the network address, here 0, and two letters, each byte twice."""


class Interrupt(IntFlag):
    """The causes of an interrupt."""

    RX = 0x01
    TX = 0x02
    RX_ERR = 0x04
    TX_ERR = 0x08
    OVER = 0x10
    COUNTERS = 0x20
    RDC = 0x40
    RESET = 0x80


@state("ne2000", version=2, minimum=0)
class Ne2000:
    """The chip, a DP8390, and the card's memory."""

    rxcr: int = uint8(means="receive configuration")
    cmd: int = uint8()
    start: int = uint32()
    stop: int = uint32()
    boundary: int = uint8()
    tsr: int = uint8(means="transmit status")
    tpsr: int = uint8(means="the page where what is sent begins")
    tcnt: int = uint16()
    rcnt: int = uint16()
    rsar: int = uint32()
    rsr: int = uint8(means="receive status")
    isr: int = uint8(reset=Interrupt.RESET, means=Interrupt)
    dcfg: int = uint8()
    imr: int = uint8(means=Interrupt)
    phys: bytearray = buffer(6, means="network address, as the guest set it")
    curpag: int = uint8()
    mult: bytearray = buffer(8, means="hash of the multicast addresses")
    _irq = unused(4)
    mem: bytearray = buffer(MEMORY, reset=PROM)


@state("ne2000", version=3)
class PciNe2000:
    """The card on PCI."""

    dev: PciDevice = nested(PciDevice)
    ne2000: Ne2000 = nested(Ne2000)


@state("ne2000", version=2, minimum=0)
class IsaNe2000:
    """The card on ISA."""

    ne2000: Ne2000 = nested(Ne2000)
