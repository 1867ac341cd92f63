"""The high precision event timer.

QEMU hw/timer/hpet.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import Register, array, equal, local, nested, state, subsection, timer, uint8, uint64

ENABLED = 1 << 0
PERIODIC, WIDE = 1 << 4, 1 << 5
FEWEST = 3
# IA-PC HPET 1.0a
GENERAL = Register({ENABLED: "enabled", 1 << 1: "legacy routes"})
RAISED = Register({1 << i: f"timer {i}" for i in range(32)})
COMPARATOR = Register({
    1 << 1: "level", 1 << 2: "interrupts", 1 << 3: "periodic", PERIODIC: "can be periodic", WIDE: "can have 64 bits",
    1 << 6: "value may be set", 1 << 8: "32 bits", 0x1F << 9: "route", 1 << 14: "MSI", 1 << 15: "can send MSI",
    0xFFFF_FFFF << 32: ""})


@state("hpet_timer", version=1)
class HpetTimer:
    """A comparator. What it can do besides is the machine's: bit 15 of `config` for MSI, bits 32 to 63 its routes."""

    tn: int = uint8()
    config: int = uint64(reset=PERIODIC | WIDE, means=COMPARATOR)
    cmp: int = uint64(reset=0xFFFF_FFFF_FFFF_FFFF)
    fsb: int = uint64()
    period: int = uint64()
    wrap_flag: int = uint8()
    qemu_timer: int | None = timer()


@state("hpet", version=2, minimum=1)
class Hpet:
    """The main counter and 3 to 32 comparators.

    QEMU 7.2 takes the number of comparators from the stream, 10.0 refuses another than its own. Version 1, which QEMU
    11.1 reads no more, has 3.
    """

    config: int = uint64(means=GENERAL)
    isr: int = uint64(means=RAISED)
    hpet_counter: int = uint64(means="units of 10 ns")
    num_timers: int = equal(
        uint8(reset=FEWEST), hint="both ends need the same hpet.timers=", name="num_timers_save", was="num_timers",
        type="uint8", since=2)
    timers: list[HpetTimer] = array(
        nested(HpetTimer), "num_timers", name="timer",
        reset=lambda: [HpetTimer(tn=i) for i in range(FEWEST)])

    @subsection("hpet/rtc_irq_level", version=1)
    def _rtc_raised(self) -> bool:
        return self.rtc_irq_level != 0

    rtc_irq_level: int = uint8()

    hpet_offset_saved: bool = local(True, before={"2.12": False})  # hpet-offset-saved=

    @subsection("hpet/offset", version=1)
    def _runs(self) -> bool:
        return bool(self.config & ENABLED) and self.hpet_offset_saved

    hpet_offset: int = uint64(means="ns")
