"""The local APIC of an x86 processor.

QEMU hw/intc/apic_common.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import array, int32, int64, pre_load, state, subsection, uint8, uint32

ENABLED_AT_DEFAULT = 0xFEE0_0800  # of the boot processor, bit 8 is set too
MASKED = 1 << 16


@state("apic", version=3)
class Apic:
    """Registers, and the timer in clock units and nanoseconds."""

    apicbase: int = uint32(reset=ENABLED_AT_DEFAULT)
    id: int = uint8()
    arb_id: int = uint8()
    tpr: int = uint8()
    spurious_vec: int = uint32(reset=0xFF)
    log_dest: int = uint8()
    dest_mode: int = uint8(reset=0xF)
    isr: list[int] = array(uint32(), 8)
    tmr: list[int] = array(uint32(), 8)
    irr: list[int] = array(uint32(), 8)
    lvt: list[int] = array(uint32(reset=MASKED), 6)
    esr: int = uint32()
    icr: list[int] = array(uint32(), 2)
    divide_conf: int = uint32()
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
