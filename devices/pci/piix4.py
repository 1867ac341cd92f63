"""The PIIX4 south bridge: PCI to ISA on a Malta, and on a pc that asks for it (x-south-bridge=piix4-isa).

QEMU hw/isa/piix4.c (5.2, 7.2), piix.c (10.0); checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1.
"""

from vmstate import nested, post_load, state, uint8

from .device import PciDevice


@state("PIIX4", version=3, minimum=2)
class Piix4:
    """The router of PCI interrupts (in its configuration space) and the reset control register. 5.2 has version 2."""

    parent: PciDevice = nested(PciDevice, name="dev")
    rcr: int = uint8(since=3)

    @post_load
    def _derive(self, version: int) -> None:
        if version == 2:
            self.rcr = 0
