"""A clock line between devices, as those send it that are driven by one.

QEMU hw/core/clock-vmstate.c; checked against QEMU 5.2, 7.2, 10.0. QEMU 5.2 has no multiplier and divider.
"""

from vmstate import pre_load, state, subsection, uint32, uint64


@state("clock", version=0)
class Clock:
    """The period, and by what it goes on to others; 0 where it is not running, or not connected."""

    period: int = uint64(means="2^-32 ns")

    @subsection("clock/muldiv")
    def _is_scaled(self) -> bool:
        return self.multiplier != 1 or self.divider != 1

    multiplier: int = uint32(reset=1)
    divider: int = uint32(reset=1)

    @pre_load
    def _forget(self) -> None:
        self.multiplier = self.divider = 1
