"""Intel's IOMMU (VT-d).

QEMU hw/i386/intel_iommu.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1.
"""

from vmstate import array, boolean, state, uint8, uint16, uint32, uint64, unused

PRIORITY = 1  # before the devices behind it, after the buses
REGISTERS_SIZE = 0x230
VERSION, FAULT_CONTROL, INVALIDATION_CONTROL = 0x00, 0x38, 0xA0
MASKED = 0x80  # the uppermost byte of either control register


def _reset_registers() -> list[int]:
    """What is the same for all: version 1.0, and both interrupts masked. Capabilities are the machine's."""
    registers = [0] * REGISTERS_SIZE
    registers[VERSION] = 0x10
    registers[FAULT_CONTROL + 3] = registers[INVALIDATION_CONTROL + 3] = MASKED
    return registers


@state("iommu-intel", version=1, priority=PRIORITY)
class IntelIommu:
    """Where the guest's tables are, the invalidation queue, and the registers as they are in memory, little-endian."""

    root: int = uint64(means="guest address of the root table")
    intr_root: int = uint64(means="guest address of the interrupt remapping table")
    iq: int = uint64(means="guest address of the invalidation queue")
    intr_size: int = uint32(means="entries")
    iq_head: int = uint16()
    iq_tail: int = uint16()
    iq_size: int = uint16(means="entries")
    next_frcd_reg: int = uint16(means="which fault recording register is next")
    csr: list[int] = array(uint8(), REGISTERS_SIZE, reset=_reset_registers)
    iq_last_desc_type: int = uint8()
    _root_extended = unused(1)
    dmar_enabled: bool = boolean()
    qi_enabled: bool = boolean()
    intr_enabled: bool = boolean()
    intr_eime: bool = boolean(means="interrupts go to x2APICs")
