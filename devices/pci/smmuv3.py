"""SMMUv3: the I/O memory management unit that the `virt` machine has with iommu=smmuv3.

QEMU hw/arm/smmuv3.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1.
"""

from vmstate import array, nested, state, subsection, uint8, uint32, uint64

LOG2_ENTRIES = 19  # of a queue, as it is at most, in the lowest five bits of its base
SHARED = 0x1000  # the attribute that transactions get at reset, when the unit is off


@state("smmuv3_queue")
class Queue:
    """A queue in guest memory, of commands or events."""

    base: int = uint64(reset=LOG2_ENTRIES)
    prod: int = uint32(means="index with a wrap bit")
    cons: int = uint32(means="index with a wrap bit")
    log2size: int = uint8(means="log2 of its entries")


@state("smmuv3")
class SmmuV3:
    """Registers: how streams are told apart, where their table and the queues are."""

    features: int = uint32(means="bit 1: the stream table has two levels")
    sid_size: int = uint8(means="bits")
    sid_split: int = uint8(means="bits")
    cr: list[int] = array(uint32(), 3)
    cr0ack: int = uint32()
    statusr: int = uint32()
    irq_ctrl: int = uint32()
    gerror: int = uint32()
    gerrorn: int = uint32()
    gerror_irq_cfg0: int = uint64()
    gerror_irq_cfg1: int = uint32()
    gerror_irq_cfg2: int = uint32()
    strtab_base: int = uint64()
    strtab_base_cfg: int = uint32()
    eventq_irq_cfg0: int = uint64()
    eventq_irq_cfg1: int = uint32()
    eventq_irq_cfg2: int = uint32()
    cmdq: Queue = nested(Queue)
    eventq: Queue = nested(Queue)

    # in QEMU 10.0, not in 7.2
    @subsection("smmuv3/gbpa")
    def _bypasses_otherwise(self) -> bool:
        return self.gbpa != SHARED

    gbpa: int = uint32(reset=SHARED, means="what becomes of transactions when the unit is off")
