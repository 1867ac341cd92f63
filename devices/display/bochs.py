"""Bochs display: the extensions of a Bochs VGA, without the VGA.

QEMU hw/display/bochs-display.c; checked against QEMU 5.2, 7.2, 10.0, 11.1.
"""

from vmstate import array, boolean, nested, state, uint16

from ..pci.device import PciDevice

REGISTERS = 10


@state("bochs-display", version=0)
class BochsDisplay:
    """The function."""

    pci: PciDevice = nested(PciDevice)
    vbe_regs: list[int] = array(
        uint16(), REGISTERS,
        means="id, width, height, depth, enable, bank, virtual width and height, x and y of what is shown")
    big_endian_fb: bool = boolean()
