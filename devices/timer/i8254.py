"""The 8254 interval timer.

QEMU hw/timer/i8254_common.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import Register, array, int32, int64, nested, post_load, pre_save, state, uint8, uint16, uint32

MODES = Register({7: ("interrupt on terminal count", "one-shot", "rate generator", "square wave", "software strobe",
                      "hardware strobe", "rate generator", "square wave")})
ACCESS = Register({7: ("", "low byte", "high byte", "low byte, then high", "high byte of both")})


@state("pit channel", version=2)
class PitChannel:
    """A counter with its latches."""

    count: int = int32(reset=0x10000)
    latched_count: int = uint16()
    count_latched: int = uint8()
    status_latched: int = uint8()
    status: int = uint8()
    read_state: int = uint8(means=ACCESS)
    write_state: int = uint8(means=ACCESS)
    write_latch: int = uint8()
    rw_mode: int = uint8(means=ACCESS)
    mode: int = uint8(reset=3, means=MODES)
    bcd: int = uint8()
    gate: int = uint8(reset=1)
    count_load_time: int = int64(means="ns")
    next_transition_time: int = int64(means="ns")


@state("i8254", version=3, minimum=2)
class I8254:
    """Three counters: system tick, memory refresh, speaker. The first one's next transition is sent twice."""

    irq_disabled: int = uint32(name="channels[0].irq_disabled", since=3)
    channels: list[PitChannel] = array(
        nested(PitChannel), 3, since=2, reset=lambda: [PitChannel(), PitChannel(), PitChannel(gate=0)])
    irq_timer: int = int64(name="channels[0].next_transition_time", means="ns")

    @pre_save
    def _repeat(self) -> None:
        self.irq_timer = self.channels[0].next_transition_time

    @post_load
    def _take_the_last(self, version: int) -> None:
        self.channels[0].next_transition_time = self.irq_timer
