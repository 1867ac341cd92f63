"""Memory that machines share, as a PCI function.

QEMU hw/misc/ivshmem.c (5.2, 7.2), ivshmem-pci.c (10.0); checked against QEMU 5.2, 7.2, 10.0, and by its description
with 11.1. It goes along with a machine that owns the memory (master=on), and is not sent by others.
"""

from vmstate import HookRefused, local, nested, pre_load, state, uint32

from ..pci.device import PciDevice
from ..pci.msix import Msix, MsixOwner


@state("ivshmem-plain", version=0)
class IvshmemPlain:
    """Without interrupts."""

    master: bool = local(True)  # master=

    parent: PciDevice = nested(PciDevice, name="parent_obj")
    intrstatus: int = uint32()
    intrmask: int = uint32()

    @pre_load
    def _refuse_guest(self) -> None:
        _refuse_unless(self.master)


@state("ivshmem-doorbell", version=0)
class IvshmemDoorbell(MsixOwner):
    """With interrupts from the other machines, a vector each."""

    master: bool = local(True)  # master=

    parent: PciDevice = nested(PciDevice, name="parent_obj")
    msix: Msix = nested(Msix, name="parent_obj")
    intrstatus: int = uint32()
    intrmask: int = uint32()

    @property
    def function(self) -> PciDevice:
        """The PCI function."""
        return self.parent

    @pre_load
    def _refuse_guest(self) -> None:
        _refuse_unless(self.master)


def _refuse_unless(master: bool) -> None:
    if not master:
        raise HookRefused("the memory is another machine's: master=on where it goes along")
