"""virtio-rng: a source of random numbers, with nothing of its own to send.

QEMU hw/virtio/virtio-rng.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import again, nested, state

from .common import Virtio


@state("virtio-rng", info="virtio")
class VirtioRng:
    """The device."""

    virtio: Virtio = nested(Virtio)
    _later = again("virtio", nested(Virtio.later))
