"""virtio-input: keyboard, mouse, tablet or what the host has. Their section is the same.

QEMU hw/input/virtio-input.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import again, local, nested, post_load, state

from .common import Virtio

DRIVER_OK = 0x04


@state("virtio-input", info="virtio")
class VirtioInput:
    """The device."""

    virtio: Virtio = nested(Virtio)
    _later = again("virtio", nested(Virtio.later))

    active: bool = local(False)  # events are taken

    @post_load
    def _activate(self, version: int) -> None:
        self.active = bool(self.virtio.status & DRIVER_OK)
