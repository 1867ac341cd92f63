"""Goldfish real-time clock, of Android's emulator and of RISC-V's and m68k's `virt`.

QEMU hw/rtc/goldfish_rtc.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1. Version 3 came
after 7.2.0, and Debian's 7.2 has it.
"""

from vmstate import local, post_load, state, uint32, uint64

WORD = (1 << 64) - 1


@state("goldfish_rtc", version=3, minimum=0)
class GoldfishRtc:
    """The offset of its time to the host's, and an alarm."""

    tick_offset_vmstate: int = uint64(means="ns; up to version 2 the offset to the clock of the machine")
    alarm_next: int = uint64(means="ns")
    alarm_running: int = uint32()
    irq_pending: int = uint32()
    irq_enabled: int = uint32()
    time_high: int = uint32(means="upper half of the time, when the lower one was read last")
    tick_offset: int = uint64(since=3, means="ns")

    # the destination's clocks when it loads, in ns: that of the host, and that of the machine; 0: not known
    rtc_clock: int = local(0)
    vm_clock: int = local(0)

    @post_load
    def _set_alarm(self, version: int) -> None:
        """An alarm whose time is over strikes; so does one that was never set. Without a clock none does."""
        if version < 3:
            self.tick_offset = self.tick_offset_vmstate - (self.rtc_clock - self.vm_clock) & WORD
        if self.rtc_clock:
            over = self.alarm_next <= self.tick_offset + self.rtc_clock & WORD
            self.alarm_running = int(not over)
            self.irq_pending |= over
