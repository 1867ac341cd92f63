"""Interrupt translation service of a GICv3: MSIs become interrupts by tables in guest memory.

QEMU hw/intc/arm_gicv3_its_common.c, arm_gicv3_its.c; checked against QEMU 7.2, 10.0, and by its description with 11.1.
QEMU 5.2 has one with KVM alone.
"""

from vmstate import array, state, uint32, uint64

TABLES = 8
QUIESCENT = 1 << 31


@state("arm_gicv3_its", version=0)
class GicV3Its:
    """Registers: where the command queue and the tables are."""

    ctlr: int = uint32(reset=QUIESCENT)
    iidr: int = uint32(means="implementer; with KVM alone, else 0")
    cbaser: int = uint64(means="command queue")
    cwriter: int = uint64(means="offset in the command queue")
    creadr: int = uint64(means="offset in the command queue")
    baser: list[int] = array(uint64(), TABLES)
