"""The I/O APIC.

QEMU hw/intc/ioapic_common.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import array, state, uint8, uint32, uint64, unused

PINS = 24
MASKED = 1 << 16


@state("ioapic", version=3, minimum=1)
class IoApic:
    """The redirection table, and the inputs that are active."""

    id: int = uint8()
    ioregsel: int = uint8()
    _of_qemu_kvm = unused(8, since=2)
    irr: int = uint32(since=2)
    ioredtbl: list[int] = array(uint64(reset=MASKED), PINS)
