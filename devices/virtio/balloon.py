"""virtio-balloon: memory that the guest gives back.

QEMU hw/virtio/virtio-balloon.c; checked against QEMU 5.2, 7.2, 10.0. QEMU 5.2 misspells the name of its subsection
page-poison ("vitio-"), so that no QEMU loads a stream of 5.2 that has it.
"""

from enum import IntEnum

from vmstate import Around, again, nested, state, subsection, uint32

from .common import Virtio

FREE_PAGE_HINT, PAGE_POISON = 1 << 3, 1 << 4
FIRST_COMMAND = 0x8000_0000


class Hinting(IntEnum):
    """How far the guest is with naming its free pages."""

    STOP = 0
    REQUESTED = 1
    START = 2
    DONE = 3


@state("virtio-balloon-device")
class BalloonDevice:
    """Sizes in pages of 4 KiB; and free pages named in time not to be migrated."""

    num_pages: int = uint32(means="pages wanted")
    actual: int = uint32(means="pages in the balloon")

    @subsection("virtio-balloon-device/free-page-report")
    def _hints(self, around: Around) -> bool:
        return bool(around.up(VirtioBalloon).virtio.guest_features & FREE_PAGE_HINT)

    free_page_hint_cmd_id: int = uint32(reset=FIRST_COMMAND)
    free_page_hint_status: int = uint32(means=Hinting)

    @subsection("virtio-balloon-device/page-poison")
    def _poisons(self, around: Around) -> bool:
        return bool(around.up(VirtioBalloon).virtio.guest_features & PAGE_POISON)

    poison_val: int = uint32(means="what the guest fills free pages with")


@state("virtio-balloon", info="virtio")
class VirtioBalloon:
    """The device."""

    virtio: Virtio = nested(Virtio)
    balloon: BalloonDevice = nested(BalloonDevice)
    _later = again("virtio", nested(Virtio.later))
