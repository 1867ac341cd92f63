"""virtio devices with no part of their own between what every virtio device has.

QEMU hw/9pfs/virtio-9p-device.c, hw/virtio/virtio-crypto.c, vhost-vsock.c, hw/block/vhost-user-blk.c; checked against
QEMU 5.2, 7.2, 10.0; virtio-rtc against 11.1.
"""

from vmstate import again, buffer, local, nested, pre_load, state, subsection, uint16, uint64

from .common import Virtio


@state("virtio-9p", info="virtio")
class Virtio9p:
    """A directory of the host. QEMU saves it only while the guest has not mounted it."""

    virtio: Virtio = nested(Virtio)
    _later = again("virtio", nested(Virtio.later))


@state("virtio-rtc", info="virtio")
class VirtioRtc:
    """The host's clocks. It came with QEMU 11."""

    virtio: Virtio = nested(Virtio)
    _later = again("virtio", nested(Virtio.later))


@state("virtio-crypto", unmigratable="its sessions are not sent", info="virtio")
class VirtioCrypto:
    """An accelerator for ciphers."""

    virtio: Virtio = nested(Virtio)
    _later = again("virtio", nested(Virtio.later))


@state("virtio-vhost_vsock", version=0, info="virtio")
class VhostVsock:
    """Sockets between guest and host, by the host's kernel."""

    virtio: Virtio = nested(Virtio)
    _later = again("virtio", nested(Virtio.later))


@state("vhost-inflight-region", version=0)
class InflightRegion:
    """Memory in which a back end notes the requests that it has not answered."""

    size: int = uint64()
    queue_size: int = uint16()

    _buffer = subsection("vhost-inflight-region/buffer", version=0)
    addr: bytearray = buffer("size")


@state("vhost-user-blk", info="virtio")
class VhostUserBlk:
    """A disk by a vhost-user back end. The subsection came with 11.1, whose description alone says what is in it."""

    virtio: Virtio = nested(Virtio)
    _later = again("virtio", nested(Virtio.later))

    inflight_migration: bool = local(False)

    inflight_section = subsection("vhost-user-blk/inflight", version=1, minimum=0)
    inflight: InflightRegion = nested(InflightRegion)

    @inflight_section.needed
    def _sends_inflight(self) -> bool:
        return self.inflight_migration

    @inflight_section.post_load
    def _note_inflight(self, version: int) -> None:
        self.inflight_migration = True

    @pre_load
    def _forget(self) -> None:
        self.inflight_migration = False
