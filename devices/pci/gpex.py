"""The generic PCI Express host bridge, as the device 00.0 on its bus: of `virt` machines and microvm.

QEMU hw/pci-host/gpex.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1.
"""

from vmstate import nested, state

from .device import PciDevice


@state("gpex_root", version=1)
class GpexRoot:
    """Nothing but its configuration space."""

    parent: PciDevice = nested(PciDevice, name="parent_obj")
