"""MC146818 real-time clock.

QEMU hw/rtc/mc146818rtc.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import (
    Register,
    Told,
    buffer,
    int64,
    post_load,
    state,
    subsection,
    timer,
    uint8,
    uint16,
    uint32,
    uint64,
    unused,
)

A, B, PERIODIC = 10, 11, 0x40
AS_CREATED = bytes(10) + b"\x26\x02\x00\x80"

CENTURY, BINARY, WHOLE_DAY, PM = 0x32, 0x04, 0x02, 0x80

# Motorola MC146818
REGISTER_A = Register({0x0F: "rate", 0x70: ("", "", "32768 Hz", "", "", "", "divider reset", "divider reset"),
                       0x80: "updating"})
REGISTER_B = Register({0x01: "daylight saving", WHOLE_DAY: ("12 hours", "24 hours"), BINARY: ("BCD", "binary"),
                       0x08: "square wave", 0x10: "update interrupt", 0x20: "alarm interrupt",
                       PERIODIC: "periodic interrupt", 0x80: "set"})
REGISTER_C = Register({0x10: "updated", 0x20: "alarm", 0x40: "periodic", 0x80: "interrupt", 0x0F: ""})
REGISTER_D = Register({0x80: ("invalid", "valid"), 0x7F: ""})


@state("mc146818rtc", version=3, minimum=1)
class Rtc:
    """The clock, its CMOS memory and its timers."""

    def _registers(self) -> dict[str, Told]:
        """The clock's date and time in the form in which they are held, and its registers."""
        data = self.cmos_data
        half = "" if data[B] & WHOLE_DAY else " pm" if data[4] & PM else " am"
        held = data[CENTURY], data[9], data[8], data[7], data[4] & ~PM if half else data[4], data[2], data[0]
        form = "02d" if data[B] & BINARY else "02x"
        century, year, month, day, hour, minute, second = (format(one, form) for one in held)
        return {"time": f"{century}{year}-{month}-{day} {hour}:{minute}:{second}{half}",
                "A": REGISTER_A.told(data[A]), "B": REGISTER_B.told(data[B]), "C": REGISTER_C.told(data[12]),
                "D": REGISTER_D.told(data[13])}

    cmos_data: bytearray = buffer(128, reset=AS_CREATED, means=_registers)
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
