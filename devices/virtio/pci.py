"""virtio over PCI: what the transport sends before the device, and in `virtio/extra_state`.

QEMU hw/virtio/virtio-pci.c, hw/pci/msix.c; checked against QEMU 5.2, 7.2, 10.0; features beyond 64 bits: later.
"""

from vmstate import (
    Around,
    Told,
    again,
    array,
    boolean,
    buffer,
    local,
    nested,
    post_load,
    state,
    subsection,
    uint16,
    uint32,
    unused,
    view,
)

from ..pci.device import PciDevice, capabilities
from .meaning import of_words
from .queue import NO_VECTOR, QUEUES

ID, VENDOR, VECTOR_SIZE = 4, 0x09, 16
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
    modern: bool = local(False)  # disable-modern=off, which shows in configuration space

    @post_load
    def _find_registers(self, version: int) -> None:
        """Those of virtio 1 are found by vendor capabilities, which a legacy function does not have."""
        if any(self.pci.config[:ID]):
            self.modern = any(one == VENDOR for one, _ in capabilities(self.pci.config))

    extra = view("virtio_pci")

    @subsection("virtio_pci/modern_state")
    def _is_modern(self) -> bool:
        return self.modern

    def _features(self, around: Around) -> list[Told]:
        return of_words(around, self.guest_features)

    dfselect: int = uint32(means="which word of the device's features is shown")
    gfselect: int = uint32(means="which word of the driver's features is written")
    guest_features: list[int] = array(uint32(), 2, reset=[0] * FEATURE_WORDS, means=_features)
    queues: list[ModernQueue] = array(nested(ModernQueue), QUEUES, name="vqs")

    @subsection("virtio_pci/modern_state/features128")
    def _has_further_features(self) -> bool:
        return any(self.guest_features[2:])

    _further_features = again("guest_features", array(uint32(), 2, start=2))
