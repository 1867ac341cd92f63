"""LSI MegaRAID SAS adapters: the 1078 (megasas) and the 2108 (megasas-gen2).

QEMU hw/scsi/megasas.c; checked against QEMU 5.2, 7.2, 10.0, 11.1. Its commands are in the drives' sections, and
start anew.
"""

from vmstate import nested, state, uint32, uint64

from ..pci.device import PciDevice
from ..pci.msix import Msix, MsixOwner

READY, DISABLED = 0xB000_0000, 0xFFFF_FFFF


def model(name: str) -> type[object]:
    """The class of a model. They have the same members, and QEMU gives each a name of its own."""
    @state(name, version=0)
    class Megasas(MsixOwner):
        """The adapter: the state of its firmware, and where the guest's queue is."""

        parent: PciDevice = nested(PciDevice, name="parent_obj")
        msix: Msix = nested(Msix, name="parent_obj")
        fw_state: int = uint32(reset=READY)
        intr_mask: int = uint32(reset=DISABLED)
        doorbell: int = uint32()
        reply_queue_pa: int = uint64()
        consumer_pa: int = uint64()
        producer_pa: int = uint64()

        @property
        def function(self) -> PciDevice:
            """The PCI function, whose capability tells how large the MSI-X table is."""
            return self.parent

    return Megasas


Megasas1 = model("megasas")
Megasas2 = model("megasas-gen2")
