"""virtio-balloon: memory that the guest gives back.

QEMU hw/virtio/virtio-balloon.c; checked against QEMU 5.2, 7.2, 10.0, 11.1. QEMU 5.2 misspells the name of its
subsection page-poison ("vitio-"), so that no QEMU loads a stream of 5.2 that has it. It is read here.
"""

from enum import IntEnum

from vmstate import Around, again, local, nested, pre_load, state, subsection, uint32, view

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

    poison_section = subsection("virtio-balloon-device/page-poison")
    poison_val: int = uint32(means="what the guest fills free pages with")

    misspells: bool = local(False)  # as QEMU 5.2

    misspelled = view("vitio-balloon-device")

    misspelled_section = subsection("vitio-balloon-device/page-poison")
    _again = again("poison_val", uint32())

    @poison_section.needed
    def _poisons(self, around: Around) -> bool:
        return not self.misspells and bool(around.up(VirtioBalloon).virtio.guest_features & PAGE_POISON)

    @misspelled_section.needed
    def _poisons_misspelled(self, around: Around) -> bool:
        return self.misspells and bool(around.up(VirtioBalloon).virtio.guest_features & PAGE_POISON)

    @misspelled_section.post_load
    def _is_misspelled(self, version: int) -> None:
        self.misspells = True

    @pre_load
    def _forget(self) -> None:
        self.misspells = False


@state("virtio-balloon", info="virtio")
class VirtioBalloon:
    """The device."""

    virtio: Virtio = nested(Virtio)
    balloon: BalloonDevice = nested(BalloonDevice)
    _misspelled = again("balloon", nested(BalloonDevice.misspelled))
    _later = again("virtio", nested(Virtio.later))
