"""virtio in memory: what the transport sends before the device, and in `virtio/extra_state`.

QEMU hw/virtio/virtio-mmio.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import Around, Told, array, boolean, local, nested, state, subsection, uint16, uint32, view

from .meaning import of_words
from .queue import QUEUES


@state("virtio_mmio/queue_state")
class MmioQueue:
    """A queue as a modern driver is setting it up: addresses in halves, the lower first."""

    num: int = uint16()
    enabled: bool = boolean()
    desc: list[int] = array(uint32(), 2)
    avail: list[int] = array(uint32(), 2)
    used: list[int] = array(uint32(), 2)


@state("virtio-mmio")
class VirtioMmio:
    """The selectors, and the page size of a legacy driver."""

    def _features(self, around: Around) -> list[Told]:
        return of_words(around, self.guest_features)

    legacy: bool = local(True)  # force-legacy=

    host_features_sel: int = uint32()
    guest_features_sel: int = uint32()
    guest_page_shift: int = uint32()

    extra = view("virtio_mmio")

    _state = subsection("virtio_mmio/state")
    guest_features: list[int] = array(uint32(), 2, means=_features)
    queues: list[MmioQueue] = array(nested(MmioQueue), QUEUES, name="vqs")
