"""The I/O APIC.

QEMU hw/intc/ioapic_common.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import Register, array, state, uint8, uint32, uint64, unused

PINS = 24
MASKED = 1 << 16
ACTIVE = Register({1 << pin: f"pin {pin}" for pin in range(PINS)})
# Intel 82093AA, redirection table
ENTRY = Register({
    0xFF: "vector", 7 << 8: ("", "lowest priority", "SMI", "", "NMI", "INIT", "", "ExtINT"), 1 << 11: "logical",
    1 << 12: "pending", 1 << 13: "active low", 1 << 14: "remote IRR", 1 << 15: "level", MASKED: "masked",
    0xFF << 56: "to"})


@state("ioapic", version=3, minimum=1)
class IoApic:
    """The redirection table, and the inputs that are active."""

    id: int = uint8()
    ioregsel: int = uint8()
    _of_qemu_kvm = unused(8, since=2)
    irr: int = uint32(since=2, means=ACTIVE)
    ioredtbl: list[int] = array(uint64(reset=MASKED), PINS, means=ENTRY)
