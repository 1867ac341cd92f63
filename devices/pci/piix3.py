"""The PIIX3 south bridge of a pc: PCI to ISA.

QEMU hw/isa/piix3.c (5.2, 7.2), hw/isa/piix.c (10.0); checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import array, int32, nested, state, subsection, uint8

from .device import PciDevice

PIRQS = 4


@state("PIIX3", version=3, minimum=2)
class Piix3:
    """The router of PCI interrupts (in its configuration space) and the reset control register."""

    parent: PciDevice = nested(PciDevice, name="dev")
    pci_irq_levels: list[int] = array(int32(), PIRQS, name="pci_irq_levels_vmstate", since=3)

    @subsection("PIIX3/rcr", version=1)
    def _reset_chosen(self) -> bool:
        return self.rcr != 0

    rcr: int = uint8()
