"""What every virtio device has: transport and queues before the device's own part, `Virtio.later` after it.

QEMU hw/virtio/virtio.c; checked against QEMU 5.2, 7.2, 10.0; `virtio/128bit_features` came later.

A transport is a member gated by the setting `transport`, with an extra record gated likewise, and says what each queue
has. PCI and MMIO are here. CCW joins so: a member `ccw` (record s390_virtio_ccw_dev, its vector among its members), the
value CCW (told by a first byte 0xfe, the virtual channel subsystem), vectors for all queues, no extra state.
"""

from enum import IntEnum

from vmstate import (
    HookRefused,
    again,
    array,
    boolean,
    enum,
    local,
    nested,
    post_load,
    pre_load,
    pre_save,
    setting,
    sized_buffer,
    state,
    subsection,
    uint8,
    uint16,
    uint32,
    uint64,
    view,
)

from .mmio import VirtioMmio
from .pci import VirtioPci
from .queue import NO_VECTOR, QUEUES, QueueOwner, VirtQueue

VERSION_1, RING_PACKED = 1 << 32, 1 << 34
LOW = 0xFFFF_FFFF


class Endian(IntEnum):
    """The byte order of a device's registers and rings."""

    UNKNOWN = 0
    LITTLE = 1
    BIG = 2


class Transport(IntEnum):
    """How the guest reaches the device."""

    PCI = 1
    MMIO = 2


def _first_word_says(ahead: memoryview) -> Transport | None:
    """A PCI function begins with its version, 2; MMIO with a selector, 0 or 1."""
    return {0: Transport.MMIO, 1: Transport.MMIO, 2: Transport.PCI}.get(int.from_bytes(ahead[:4], "big"))


@state("virtio-common")
class Virtio(QueueOwner):
    """Before the device's own part: the transport and the queues. After it: `later`."""

    def _over_pci(self) -> bool:
        return self.transport == Transport.PCI

    def _over_mmio(self) -> bool:
        return self.transport == Transport.MMIO

    transport: Transport = setting(Transport.PCI, Transport.MMIO, told=_first_word_says)
    pci: VirtioPci = nested(VirtioPci, when=_over_pci)
    mmio: VirtioMmio = nested(VirtioMmio, when=_over_mmio)
    status: int = uint8()
    isr: int = uint8()
    queue_sel: int = uint16(maximum=QUEUES - 1)
    features_low: int = uint32(means="the lower half of guest_features")
    config: bytearray = sized_buffer(32)
    queue_count: int = uint32(maximum=QUEUES, means="queues before the first of size 0")
    queues: list[VirtQueue] = array(nested(VirtQueue), "queue_count")

    @property
    def queues_have_vectors(self) -> bool:
        """Over PCI, with MSI-X."""
        return self.transport == Transport.PCI and self.pci.pci.msix_vectors > 0

    @property
    def queues_have_alignment(self) -> bool:
        """Over MMIO."""
        return self.transport == Transport.MMIO

    host_features: int = local(0)  # what the device offers: up to 128 bits
    default_endian: Endian = local(Endian.LITTLE)  # of the target

    later = view("virtio")

    @subsection("virtio/device_endian")
    def _is_endian_unusual(self) -> bool:
        return self.endian != (Endian.LITTLE if self.guest_features & VERSION_1 else self.default_endian)

    endian: Endian = enum(Endian, uint8(reset=Endian.LITTLE), name="device_endian")

    @subsection("virtio/128bit_features")
    def _has_highest_features(self) -> bool:
        return self.host_features >> 64 != 0

    guest_features_high: int = uint64(name="guest_features_ex[1]")

    @subsection("virtio/64bit_features")
    def _has_high_features(self) -> bool:
        return self.host_features >> 32 != 0

    guest_features: int = uint64()

    rings_section = subsection("virtio/virtqueues")
    _rings = again("queues", array(nested(VirtQueue.ring), QUEUES), name="vq")

    @rings_section.needed
    def _is_version_1(self) -> bool:
        return bool(self.host_features & VERSION_1)

    sizes_section = subsection("virtio/ringsize")
    _sizes = again("queues", array(nested(VirtQueue.size), QUEUES), name="vq")

    @sizes_section.needed
    def _is_resized(self) -> bool:
        return any(queue.num != queue.num_default for queue in self.queues)

    @subsection("virtio/broken")
    def _is_broken(self) -> bool:
        return self.broken

    broken: bool = boolean()

    @subsection("virtio/extra_state")
    def _has_extra_state(self) -> bool:
        return self.pci.migrate_extra if self.transport == Transport.PCI else not self.mmio.legacy

    _pci_extra = again("pci", nested(VirtioPci.extra), name="extra_state", when=_over_pci)
    _mmio_extra = again("mmio", nested(VirtioMmio.extra), name="extra_state", when=_over_mmio)

    @subsection("virtio/started")
    def _has_started(self) -> bool:
        return self.started

    started: bool = boolean()

    packed_section = subsection("virtio/packed_virtqueues")
    _packed = again("queues", array(nested(VirtQueue.packed), QUEUES), name="vq")

    @packed_section.needed
    def _offers_packed(self) -> bool:
        return bool(self.host_features & RING_PACKED)

    @subsection("virtio/disabled")
    def _is_disabled(self) -> bool:
        return self.disabled

    disabled: bool = boolean()

    @pre_save
    def _count(self) -> None:
        self.features_low = self.guest_features & LOW
        sizes = [queue.num for queue in self.queues]
        self.queue_count = sizes.index(0) if 0 in sizes else len(sizes)

    @rings_section.pre_save
    @sizes_section.pre_save
    @packed_section.pre_save
    def _have_all_queues(self) -> None:
        self.queues.extend(VirtQueue() for _ in range(QUEUES - len(self.queues)))

    @pre_load
    def _forget(self) -> None:
        self.endian = Endian.UNKNOWN
        self.guest_features = self.guest_features_high = 0

    @post_load
    def _vectors_exist(self, version: int) -> None:
        if self.queues_have_vectors:
            known = {NO_VECTOR, *range(self.pci.pci.msix_vectors)}
            used = {self.pci.config_vector, *(queue.vector for queue in self.queues[: self.queue_count])}
            if not used <= known:
                raise HookRefused(f"the device has no vector {min(used - known)}")

    @later.post_load
    def _settle(self, version: int) -> None:
        """What absent subsections mean; and where a legacy driver's rings are."""
        if self.endian == Endian.UNKNOWN:
            self.endian = self.default_endian
        self.guest_features = self.guest_features or self.features_low
        wanted = self.guest_features_high << 64 | self.guest_features
        if self.host_features and wanted & ~self.host_features:
            raise HookRefused(f"the device does not offer features {wanted & ~self.host_features:#x}")
        for queue in self.queues:
            queue.num_default = queue.num_default or queue.num
            if not self.guest_features & VERSION_1:
                queue.lay_out()
