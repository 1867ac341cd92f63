"""A virtio queue, which a device's section describes up to four times.

QEMU hw/virtio/virtio.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import Around, HookRefused, boolean, post_load, state, uint16, uint32, uint64, view

QUEUES = 1024
NO_VECTOR = 0xFFFF
DESCRIPTOR_SIZE, AVAIL_HEADER, AVAIL_ENTRY = 16, 4, 2


class QueueOwner:
    """What a queue asks of the device around it: what the transport has for each queue."""

    __slots__ = ()

    @property
    def queues_have_vectors(self) -> bool:
        """An interrupt vector: PCI with MSI-X, CCW."""
        raise NotImplementedError

    @property
    def queues_have_alignment(self) -> bool:
        """An alignment of its own: MMIO."""
        raise NotImplementedError


@state("virtqueue")
class VirtQueue:
    """Size, descriptors and position of a queue; `ring`, `size` and `packed` are what subsections say of it."""

    def _has_alignment(self, around: Around) -> bool:
        return around.up(QueueOwner).queues_have_alignment

    def _has_vector(self, around: Around) -> bool:
        return around.up(QueueOwner).queues_have_vectors

    num: int = uint32()
    align: int = uint32(when=_has_alignment, reset=4096)
    desc: int = uint64()
    last_avail_idx: int = uint16()
    vector: int = uint16(when=_has_vector, reset=NO_VECTOR)

    ring = view("virtqueue_state")
    avail: int = uint64(name="vring.avail")
    used: int = uint64(name="vring.used")

    size = view("ringsize_state")
    num_default: int = uint32(name="vring.num_default")

    packed = view("packed_virtqueue_state")
    packed_avail_idx: int = uint16(name="last_avail_idx")
    last_avail_wrap_counter: bool = boolean(reset=True)
    used_idx: int = uint16()
    used_wrap_counter: bool = boolean(reset=True)
    inuse: int = uint32()

    def lay_out(self) -> None:
        """Find the rings of a queue that a legacy driver set up: they follow the descriptors."""
        if self.num and self.desc and self.align:
            self.avail = self.desc + self.num * DESCRIPTOR_SIZE
            end = self.avail + AVAIL_HEADER + self.num * AVAIL_ENTRY
            self.used = -(-end // self.align) * self.align

    @post_load
    def _is_placed(self, version: int) -> None:
        if not self.desc and self.last_avail_idx:
            raise HookRefused(f"a queue that is nowhere has come to index {self.last_avail_idx}")
