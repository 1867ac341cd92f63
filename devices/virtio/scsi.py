"""virtio-scsi: a SCSI host adapter. Requests in flight go with the drives.

QEMU hw/scsi/virtio-scsi.c, vhost-scsi.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import again, nested, state

from .common import Virtio


@state("virtio-scsi", info="virtio")
class VirtioScsi:
    """The device, by QEMU itself or by a vhost-user back end."""

    virtio: Virtio = nested(Virtio)
    _later = again("virtio", nested(Virtio.later))


@state("virtio-vhost_scsi", info="virtio")
class VhostScsi:
    """The device, by the host's kernel."""

    virtio: Virtio = nested(Virtio)
    _later = again("virtio", nested(Virtio.later))
