"""virtio-blk: a disk.

QEMU hw/block/virtio-blk.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import Around, HookRefused, again, chain, nested, post_load, state, uint32

from .common import RING_PACKED, Virtio
from .element import ElementOwner, VirtQueueElement


@state("virtio-blk-request")
class BlkRequest:
    """A request that failed, and that is tried again when the machine goes on."""

    def _has_choice(self, around: Around) -> bool:
        return around.up(VirtioBlk).virtio.queue_count > 1  # all of num-queues= have a size

    queue: int = uint32(when=_has_choice)
    element: VirtQueueElement = nested(VirtQueueElement)


@state("virtio-blk", version=2, info="virtio")
class VirtioBlk(ElementOwner):
    """The device: between what all have, the requests in flight."""

    virtio: Virtio = nested(Virtio)
    requests: list[BlkRequest] = chain(nested(BlkRequest))
    _later = again("virtio", nested(Virtio.later))

    @property
    def offers_packed_rings(self) -> bool:
        """As the common part knows."""
        return bool(self.virtio.offered & RING_PACKED)

    @post_load
    def _take(self, version: int) -> None:
        for request in self.requests:
            if request.queue >= max(1, self.virtio.queue_count):
                raise HookRefused(f"a request of queue {request.queue}, of {self.virtio.queue_count}")
        self.requests.reverse()  # each is put before the last
