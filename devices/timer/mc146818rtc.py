"""MC146818 real-time clock.

QEMU hw/rtc/mc146818rtc.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import buffer, int64, post_load, state, subsection, timer, uint8, uint16, uint32, uint64, unused

A, B, PERIODIC = 10, 11, 0x40
AS_CREATED = bytes(10) + b"\x26\x02\x00\x80"


@state("mc146818rtc", version=3, minimum=1)
class Rtc:
    """The clock, its CMOS memory and its timers."""

    cmos_data: bytearray = buffer(128, reset=AS_CREATED)
    cmos_index: int = uint8()
    _tm = unused(7 * 4)
    periodic_timer: int | None = timer()
    next_periodic_time: int = int64(means="ns")
    _second_timers = unused(3 * 8)
    irq_coalesced: int = uint32(since=2)
    period: int = uint32(since=2, means="ticks of 32768 Hz")
    base_rtc: int = uint64(since=3, means="s since 1970")
    last_update: int = uint64(since=3, means="ns")
    offset: int = int64(since=3, means="ns")
    update_timer: int | None = timer(since=3)
    next_alarm_time: int = uint64(since=3, means="ns")

    @subsection("mc146818rtc/irq_reinject_on_ack_count", version=1)
    def _reinjecting(self) -> bool:
        return self.irq_reinject_on_ack_count != 0

    irq_reinject_on_ack_count: int = uint16()

    @post_load
    def _derive(self, version: int) -> None:
        """The period follows from registers A and B. Before version 3, the clock starts anew at the CMOS time."""
        if version < 3:
            self.offset = 0
        rate = self.cmos_data[A] & 0x0F if self.cmos_data[B] & PERIODIC else 0
        self.period = 0 if rate == 0 else 1 << ((rate + 7 if rate <= 2 else rate) - 1)
