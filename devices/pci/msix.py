"""The MSI-X table and pending bits, as a record of most devices that have MSI-X.

QEMU hw/pci/msix.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import Around, buffer, state

from .device import PciDevice

ENTRY_SIZE = 16


class MsixOwner:
    """What the record asks of the device around it: the function whose capability tells how many vectors there are."""

    __slots__ = ()

    @property
    def function(self) -> PciDevice:
        """The PCI function."""
        raise NotImplementedError


@state("msix", version=0)
class Msix:
    """The table, 16 bytes a vector, and behind it the pending bits; nothing where there is no MSI-X."""

    def _size(self, around: Around) -> int:
        vectors = around.up(MsixOwner).function.msix_vectors
        return ENTRY_SIZE * vectors + (vectors + 7) // 8

    msix: bytearray = buffer(_size, type="msix state")
