"""Arrays of pointers that QEMU up to 9.x describes by their first slot alone, where that one is null.

Its trailer says "n bytes", and nothing of the slots that are not null (`s390_css`: 272 bytes described, 1,039 there).
How long these are follows from the whole body: all alike, they fill what is left.
"""

from __future__ import annotations

from collections.abc import Callable

from ..kept import Bag
from ..shape import Asked, Blob, Member, Nullable, Setting

NULL = 0x30
MOST_SLOTS = 4096


def sized(key: str, slots: int, behind: int) -> tuple[Member, Nullable]:
    """A setting, the size of what is not null, and the shape of one slot. `behind`: the bytes that follow the array."""
    name = f"{key} size"

    def size(bag: Bag) -> int:
        return max(1, int(getattr(bag, name)))

    return Member(name, name, Setting((), told(slots, behind)), name), Nullable(Blob(Asked(size, False)), bytearray)


def told(slots: int, behind: int) -> Callable[[memoryview], int | None]:
    """How long each slot is that is not null, as the rest of the body tells; None where it does not."""
    def size(ahead: memoryview) -> int | None:
        left = len(ahead) - behind
        sizes = ((left - slots + there, there) for there in range(1, min(slots, MOST_SLOTS) + 1))
        whole = (total // there for total, there in sizes if total > 0 and total % there == 0)
        return next((one for one in whole if _fills(ahead, slots, one, left)), None)
    return size


def _fills(ahead: memoryview, slots: int, size: int, left: int) -> bool:
    """Whether so many slots, each null or of this size, take exactly what is left."""
    at = 0
    for _ in range(slots):
        if at >= left:
            return False
        at += 1 if ahead[at] == NULL else size
    return at == left
