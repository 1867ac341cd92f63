"""The 440FX host bridge of a pc, as the device 00.0 on its bus.

QEMU hw/pci-host/i440fx.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import nested, state, unused

from .device import PciDevice


@state("I440FX", version=3)
class I440fx:
    """Nothing but its configuration space, in which memory is shadowed and SMRAM opened."""

    parent: PciDevice = nested(PciDevice, name="parent_obj")
    _smm_enabled = unused(1)
