"""The local APIC of an x86 processor.

QEMU hw/intc/apic_common.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from collections.abc import Sequence

from vmstate import Register, Told, array, int32, int64, pre_load, state, subsection, uint8, uint32

ENABLED_AT_DEFAULT = 0xFEE0_0800  # of the boot processor, bit 8 is set too
MASKED = 1 << 16

# Intel SDM volume 3, chapter 11
DELIVERY = ("", "lowest priority", "SMI", "", "NMI", "INIT", "start-up", "ExtINT")
BASE = Register({1 << 8: "boot processor", 1 << 10: "x2APIC", 1 << 11: "enabled", 0xFFFFF << 12: ""})
SPURIOUS = Register({0xFF: "vector", 1 << 8: "enabled", 1 << 9: "no focus checking", 1 << 12: "EOI not broadcast"})
ENTRY = Register({
    0xFF: "vector", 7 << 8: DELIVERY, 1 << 12: "pending", 1 << 13: "active low", 1 << 14: "remote IRR",
    1 << 15: "level", MASKED: "masked", 3 << 17: ("", "periodic", "TSC deadline")})
ENTRIES = "timer", "thermal", "performance", "LINT0", "LINT1", "error"
ERRORS = Register({1 << 0: "send checksum", 1 << 1: "receive checksum", 1 << 2: "send accept", 1 << 3: "receive accept",
                   1 << 4: "redirectable", 1 << 5: "send vector", 1 << 6: "receive vector", 1 << 7: "register"})
COMMAND = Register({
    0xFF: "vector", 7 << 8: DELIVERY, 1 << 11: "logical", 1 << 12: "pending", 1 << 14: "",
    1 << 15: "level", 3 << 18: ("", "to self", "to all", "to all others"), 0xFF << 56: "to"})
DIVIDERS = Register({0xB: ("by 2", "by 4", "by 8", "by 16", "", "", "", "", "by 32", "by 64", "by 128", "by 1")})
MODEL = Register({0xF: ("cluster", *14 * ("",), "flat")})


def vectors(words: Sequence[int]) -> list[Told]:
    """The bits that are set, of eight words, as interrupt vectors."""
    return [f"{32 * i + bit:#04x}" for i, word in enumerate(words) if word for bit in range(32) if word >> bit & 1]


@state("apic", version=3)
class Apic:
    """Registers, and the timer in clock units and nanoseconds."""

    def _in_service(self) -> list[Told]: return vectors(self.isr)
    def _by_level(self) -> list[Told]: return vectors(self.tmr)
    def _requested(self) -> list[Told]: return vectors(self.irr)
    def _local(self) -> dict[str, Told]: return {name: ENTRY.told(self.lvt[i]) for i, name in enumerate(ENTRIES)}
    def _command(self) -> list[Told]: return COMMAND.told(self.icr[1] << 32 | self.icr[0]) if any(self.icr) else []

    apicbase: int = uint32(reset=ENABLED_AT_DEFAULT, means=BASE)
    id: int = uint8()
    arb_id: int = uint8()
    tpr: int = uint8()
    spurious_vec: int = uint32(reset=0xFF, means=SPURIOUS)
    log_dest: int = uint8()
    dest_mode: int = uint8(reset=0xF, means=MODEL)
    isr: list[int] = array(uint32(), 8, means=_in_service)
    tmr: list[int] = array(uint32(), 8, means=_by_level)
    irr: list[int] = array(uint32(), 8, means=_requested)
    lvt: list[int] = array(uint32(reset=MASKED), 6, means=_local)
    esr: int = uint32(means=ERRORS)
    icr: list[int] = array(uint32(), 2, means=_command)
    divide_conf: int = uint32(means=DIVIDERS)
    count_shift: int = int32()
    initial_count: int = uint32()
    initial_count_load_time: int = int64(means="ns")
    next_time: int = int64(means="ns")
    timer_expiry: int = int64(reset=-1, means="ns; -1 when not pending")

    @subsection("apic_sipi", version=1)
    def _waiting(self) -> bool:
        return self.wait_for_sipi != 0

    sipi_vector: int = int32()
    wait_for_sipi: int = int32()

    @pre_load
    def _forget(self) -> None:
        """What a stream without the subsection means, whichever processor this is."""
        self.wait_for_sipi = 0
