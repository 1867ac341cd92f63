"""The clocks that all devices and processors go by.

QEMU softmmu/cpu-timers.c (5.2, 7.2), system/cpu-timers.c (10.0); checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import HookRefused, int16, int64, setting, state, subsection, timer, unused

from ..ahead import sent

MOST_SHIFT = 10  # of an instruction's 2**shift ns


@state("timer", version=2, minimum=1)
class Timers:
    """How far the guest's clocks are from the host's; with -icount, the clock of executed instructions."""

    cpu_ticks_offset: int = int64(means="ticks")
    _ticks_per_second = unused(8)
    cpu_clock_offset: int = int64(since=2, means="ns")

    icount_enabled: bool = setting(False, told=sent("timer/icount"))  # -icount
    icount_adapts: bool = setting(False, told=sent("timer/icount/shift"))  # shift=auto
    has_warp_timer: bool = setting(False, told=sent("timer/icount/warp_timer"))  # sleep=on

    @subsection("timer/icount", version=1)
    def _counting(self) -> bool:
        return self.icount_enabled

    qemu_icount_bias: int = int64(means="ns")
    qemu_icount: int = int64(means="instructions")

    @subsection("timer/icount/warp_timer", version=1)
    def _warping(self) -> bool:
        return self.icount_enabled and self.has_warp_timer

    vm_clock_warp_start: int = int64(reset=-1, means="ns; -1 when not warping")
    icount_warp_timer: int | None = timer()

    @subsection("timer/icount/timers", version=1)
    def _adjusting(self) -> bool:
        return self._adapts()

    icount_rt_timer: int | None = timer()
    icount_vm_timer: int | None = timer()

    # version 1, with a shift alone, is that of QEMU 5.2
    _shift = subsection("timer/icount/shift", version=2, minimum=1)

    @_shift.needed
    def _adapting(self) -> bool:
        return self._adapts()

    icount_time_shift: int = int16()
    last_delta: int = int64(since=2, means="ns")

    @property
    def now(self) -> int | None:
        """The guest's clock in ns, by which devices' timers go; None where no byte tells how long an instruction is."""
        if not self.icount_enabled:
            return self.cpu_clock_offset
        if not self.icount_adapts or not 0 <= self.icount_time_shift <= MOST_SHIFT:
            return None
        return self.qemu_icount_bias + (self.qemu_icount << self.icount_time_shift)

    def _adapts(self) -> bool:
        return self.icount_enabled and self.icount_adapts

    @_shift.post_load
    def _refuse_without_delta(self, version: int) -> None:
        if version < 2:
            raise HookRefused("timer/icount/shift of version 1, which QEMU loads no more")
