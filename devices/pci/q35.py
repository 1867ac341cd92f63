"""The host bridge of a q35, as the device 00.0 on its bus.

QEMU hw/pci-host/q35.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1.
"""

from vmstate import nested, state, unused

from .device import PciDevice


@state("mch", version=1)
class Mch:
    """Nothing but its configuration space: where PCI Express is configured, memory shadowed, SMRAM opened."""

    parent: PciDevice = nested(PciDevice, name="parent_obj")
    _smm_enabled = unused(1)
