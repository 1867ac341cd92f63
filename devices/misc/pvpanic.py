"""The device through which a guest tells that it has panicked, as a PCI function. The one of ISA has no state.

QEMU hw/misc/pvpanic-pci.c; checked against QEMU 7.2, 10.0, and by its description with 11.1; QEMU 5.2 has none.
"""

from vmstate import nested, state

from ..pci.device import PciDevice


@state("pvpanic-pci", version=1)
class PvpanicPci:
    """Nothing but its configuration space."""

    dev: PciDevice = nested(PciDevice)
