"""PCI bridges: a bus behind a function.

QEMU hw/pci-bridge/pci_bridge_dev.c, pcie_pci_bridge.c, i82801b11.c; checked against QEMU 5.2, 7.2, 10.0, and by their
descriptions with 11.1.
"""

from vmstate import buffer, nested, post_load, setting, state

from .device import PciDevice, express
from .shpc import SHPC_SIZE, locate_interrupts, registers_at_reset

PRIORITY = 2  # before what is on the bus, and before an IOMMU


@state("pci_bridge", version=0, priority=PRIORITY)
class PciBridge:
    """The conventional bridge; a pxb has one too."""

    def _has_shpc(self) -> bool:
        return self.has_shpc

    parent: PciDevice = nested(PciDevice, name="parent_obj")
    has_shpc: bool = setting(True, False)  # shpc=, off for pc-*-2.9, and in a pxb
    shpc: bytearray = buffer(SHPC_SIZE, type="shpc", reset=registers_at_reset(), when=_has_shpc)

    @post_load
    def _interrupt(self, version: int) -> None:
        if self.has_shpc:
            locate_interrupts(self.shpc)


@state("pcie-pci-bridge", version=0, priority=PRIORITY)
class PciePciBridge:
    """From PCI Express to conventional PCI."""

    parent: PciDevice = nested(PciDevice, name="parent_obj", reset=express)
    shpc: bytearray = buffer(SHPC_SIZE, type="shpc", reset=registers_at_reset())

    @post_load
    def _interrupt(self, version: int) -> None:
        locate_interrupts(self.shpc)


@state("i82801b11_bridge", version=0, priority=PRIORITY)
class I82801b11Bridge:
    """The ICH9's own bridge (DMI to PCI)."""

    parent: PciDevice = nested(PciDevice, name="parent_obj")
