"""What every virtio device has: transport and queues before the device's own part, `Virtio.later` after it.

QEMU hw/virtio/virtio.c; checked against QEMU 5.2, 7.2, 10.0; `virtio/128bit_features` came later.

A transport is a member gated by the setting `transport`, with an extra record gated likewise, and says what each queue
has. PCI and MMIO are here. CCW joins so: a member `ccw` (record s390_virtio_ccw_dev, its vector among its members), the
value CCW (told by a first byte 0xfe, the virtual channel subsystem), vectors for all queues, no extra state.
"""

from enum import IntEnum

from vmstate import (
    Around,
    HookRefused,
    Told,
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

from .meaning import ISR, STATUS, features, kind_of
from .mmio import VirtioMmio
from .pci import VirtioPci
from .queue import NO_VECTOR, QUEUES, QueueOwner, VirtQueue

VERSION_1, RING_PACKED, RING_RESET, HIGHEST = 1 << 32, 1 << 34, 1 << 40, 1 << 64
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

    def _lower_features(self, around: Around) -> list[Told]:
        return features(kind_of(around), self.features_low)

    def _features(self, around: Around) -> list[Told]:
        return features(kind_of(around), self.guest_features)

    def _highest_features(self, around: Around) -> list[Told]:
        return features(kind_of(around), self.guest_features_high << 64)

    transport: Transport = setting(Transport.PCI, Transport.MMIO, told=_first_word_says)
    pci: VirtioPci = nested(VirtioPci, when=_over_pci)
    mmio: VirtioMmio = nested(VirtioMmio, when=_over_mmio)
    status: int = uint8(means=STATUS)
    isr: int = uint8(means=ISR)
    queue_sel: int = uint16(maximum=QUEUES - 1)
    features_low: int = uint32(means=("the lower half of guest_features", _lower_features))
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

    host_features: int = local(0)  # what the device offers, up to 128 bits; 0: as much as `offered` can tell
    shown_features: int = local(RING_RESET)  # of those that the driver does not use; not in QEMU 5.2
    default_endian: Endian = local(Endian.LITTLE)  # of the target

    @property
    def offered(self) -> int:
        """Features of the device: as it is configured, else what transport, driver and subsections tell of them."""
        if self.host_features:
            return self.host_features
        return self.used | self.shown_features | (VERSION_1 if self.is_modern else 0)

    @property
    def used(self) -> int:
        """Features that the driver uses."""
        return self.guest_features_high << 64 | self.guest_features

    @property
    def is_modern(self) -> bool:
        """Whether the transport is that of virtio 1: VERSION_1 is offered then, and only then."""
        return self.pci.modern if self._over_pci() else not self.mmio.legacy

    later = view("virtio")

    @subsection("virtio/device_endian")
    def _is_endian_unusual(self) -> bool:
        return self.endian != (Endian.LITTLE if self.guest_features & VERSION_1 else self.default_endian)

    endian: Endian = enum(Endian, uint8(reset=Endian.LITTLE), name="device_endian")

    highest_section = subsection("virtio/128bit_features")
    guest_features_high: int = uint64(name="guest_features_ex[1]", means=_highest_features)

    @highest_section.needed
    def _has_highest_features(self) -> bool:
        return self.offered >= HIGHEST

    @highest_section.post_load
    def _note_highest(self, version: int) -> None:
        self.shown_features |= HIGHEST  # or one above

    high_section = subsection("virtio/64bit_features")
    guest_features: int = uint64(means=_features)

    @high_section.needed
    def _has_high_features(self) -> bool:
        return self.offered > LOW

    @high_section.post_load
    def _note_high(self, version: int) -> None:
        self.shown_features |= 0 if self.is_modern else RING_RESET  # queue_reset=, the one that a legacy device has

    rings_section = subsection("virtio/virtqueues")
    _rings = again("queues", array(nested(VirtQueue.ring), QUEUES), name="vq")

    @rings_section.needed
    def _is_version_1(self) -> bool:
        return bool(self.offered & VERSION_1)

    sizes_section = subsection("virtio/ringsize")
    _sizes = again("queues", array(nested(VirtQueue.size), QUEUES), name="vq")

    @sizes_section.needed
    def _is_resized(self) -> bool:
        return any(queue.num != queue.num_default for queue in self.queues)

    @subsection("virtio/broken")
    def _is_broken(self) -> bool:
        return self.broken

    broken: bool = boolean()

    extra_section = subsection("virtio/extra_state")
    _pci_extra = again("pci", nested(VirtioPci.extra), name="extra_state", when=_over_pci)
    _mmio_extra = again("mmio", nested(VirtioMmio.extra), name="extra_state", when=_over_mmio)

    @extra_section.needed
    def _has_extra_state(self) -> bool:
        return self.pci.migrate_extra if self._over_pci() else not self.mmio.legacy

    @extra_section.post_load
    def _note_extra_state(self, version: int) -> None:
        self.pci.migrate_extra, self.mmio.legacy = True, False

    @subsection("virtio/started")
    def _has_started(self) -> bool:
        return self.started

    started: bool = boolean()

    packed_section = subsection("virtio/packed_virtqueues")
    _packed = again("queues", array(nested(VirtQueue.packed), QUEUES), name="vq")

    @packed_section.needed
    def _offers_packed(self) -> bool:
        return bool(self.offered & RING_PACKED)

    @packed_section.post_load
    def _note_packed(self, version: int) -> None:
        self.shown_features |= RING_PACKED
        for queue in self.queues:
            queue.last_avail_idx = queue.packed_avail_idx

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

    @packed_section.pre_save
    def _have_one_position(self) -> None:
        for queue in self.queues:
            queue.packed_avail_idx = queue.last_avail_idx

    @pre_load
    def _forget(self) -> None:
        self.endian = Endian.UNKNOWN
        self.guest_features_high = self.shown_features = 0
        self.pci.migrate_extra, self.mmio.legacy = False, True

    @post_load
    def _begin_features(self, version: int) -> None:
        """The device's own part looks at them; a subsection says the rest."""
        self.guest_features = self.features_low

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
        elif not self.guest_features & VERSION_1:
            self.default_endian = Endian.LITTLE if self.endian == Endian.BIG else Endian.BIG
        if self.used & ~self.offered:
            raise HookRefused(f"the device does not offer features {self.used & ~self.offered:#x}")
        for queue in self.queues:
            queue.num_default = queue.num_default or queue.num
            if not self.guest_features & VERSION_1:
                queue.lay_out()
