"""RISC-V's machine timer, of an ACLINT or a CLINT. The interrupts between processors beside it have no state.

QEMU hw/intc/riscv_aclint.c; checked against QEMU 7.2, 10.0, and by its description with 11.1. QEMU 5.2 does not send
it, and each QEMU reads its own version alone.
"""

from vmstate import array, setting, state, timer, uint64

from ..ends import nearest

MOST_HARTS = 512


def _length_says(ahead: memoryview) -> int | None:
    """A comparator and a timer for each hart behind the offset."""
    return nearest(((harts, 8 + 16 * harts) for harts in range(1, min(MOST_HARTS, len(ahead) // 16) + 1)), ahead)


def _first_length_says(ahead: memoryview) -> int | None:
    """A comparator for each hart."""
    return nearest(((harts, 8 * harts) for harts in range(1, min(MOST_HARTS, len(ahead) // 8) + 1)), ahead)


@state("riscv_mtimer", version=3)
class Mtimer:
    """A comparator and its timer for each hart."""

    num_harts: int = setting(1, *range(2, MOST_HARTS + 1), told=_length_says)
    time_delta: int = uint64(means="ticks from the machine's clock to mtime")
    timecmp: list[int] = array(uint64(), "num_harts", means="ticks")
    timers: list[int | None] = array(timer(), "num_harts")


@state("riscv_mtimer", version=1)
class MtimerV1:
    """A comparator for each hart, in QEMU 7.2 and 10.0: when it strikes, the destination is not told."""

    num_harts: int = setting(1, *range(2, MOST_HARTS + 1), told=_first_length_says)
    timecmp: list[int] = array(uint64(), "num_harts", means="ticks")
