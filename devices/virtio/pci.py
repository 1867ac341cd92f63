"""virtio over PCI: what the transport sends before the device, and in `virtio/extra_state`.

QEMU hw/virtio/virtio-pci.c, hw/pci/msix.c; checked against QEMU 5.2, 7.2, 10.0; features beyond 64 bits: later.
"""

from vmstate import again, array, boolean, buffer, local, nested, state, subsection, uint16, uint32, unused, view

from ..pci.device import PciDevice
from .queue import NO_VECTOR, QUEUES

VECTOR_SIZE = 16
FEATURE_WORDS = 4


@state("virtio_pci/modern_queue_state")
class ModernQueue:
    """A queue as a modern driver is setting it up: addresses in halves, the lower first."""

    num: int = uint16()
    _enabled_high = unused(1)
    enabled: bool = boolean()
    desc: list[int] = array(uint32(), 2)
    avail: list[int] = array(uint32(), 2)
    used: list[int] = array(uint32(), 2)


@state("virtio-pci")
class VirtioPci:
    """The PCI function, its MSI-X table, the vector of configuration changes."""

    def _has_msix(self) -> bool:
        return self.pci.msix_vectors > 0

    pci: PciDevice = nested(PciDevice)
    msix_table: bytearray = buffer("table_size", when=_has_msix)
    msix_pending: bytearray = buffer("pending_size", when=_has_msix)
    config_vector: int = uint16(reset=NO_VECTOR, when=_has_msix)

    @property
    def table_size(self) -> int:
        """Bytes of the MSI-X table."""
        return VECTOR_SIZE * self.pci.msix_vectors

    @property
    def pending_size(self) -> int:
        """Bytes of the MSI-X pending bits."""
        return (self.pci.msix_vectors + 7) // 8

    migrate_extra: bool = local(True)  # migrate-extra=, off for machine types up to 2.4
    modern: bool = local(True)  # disable-modern=off

    extra = view("virtio_pci")

    @subsection("virtio_pci/modern_state")
    def _is_modern(self) -> bool:
        return self.modern

    dfselect: int = uint32(means="which word of the device's features is shown")
    gfselect: int = uint32(means="which word of the driver's features is written")
    guest_features: list[int] = array(uint32(), 2, reset=[0] * FEATURE_WORDS)
    queues: list[ModernQueue] = array(nested(ModernQueue), QUEUES, name="vqs")

    @subsection("virtio_pci/modern_state/features128")
    def _has_further_features(self) -> bool:
        return any(self.guest_features[2:])

    _further_features = again("guest_features", array(uint32(), 2, start=2))
