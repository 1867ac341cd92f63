"""The hotplug controller of a PCI bridge (Standard Hot-Plug Controller): its registers, which QEMU sends as they are.

QEMU hw/pci/shpc.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from collections.abc import Iterator

SLOTS = 31
FIRST_SLOT, SLOT_SIZE = 0x24, 4
SHPC_SIZE = FIRST_SLOT + SLOTS * SLOT_SIZE

# registers, little-endian
SLOTS_33, NUMBER_OF_SLOTS, FIRST_DEVICE, PHYSICAL_SLOT, INTERFACE = 0x04, 0x0C, 0x0D, 0x0E, 0x13
INTERRUPT_LOCATOR, SYSTEM_ERRORS = 0x18, 0x20
EVENTS, MASKS = 2, 3  # of a slot

COUNTS_UP, HAS_LATCH, HAS_BUTTON = 0x2000, 0x4000, 0x8000
COMMAND_MASKED, ALL_MASKED, COMMAND_DONE = 0x4, 0xF, 0x10000
EMPTY_SLOT, ALL_EVENTS_MASKED = 0x0D3F, 0x7F  # disabled, no card, latch open, both lamps off


def registers_at_reset() -> bytes:
    """All slots are there, for 33 MHz, and empty."""
    registers = bytearray(SHPC_SIZE)
    registers[SLOTS_33] = registers[NUMBER_OF_SLOTS] = SLOTS
    registers[FIRST_DEVICE] = registers[INTERFACE] = 1
    registers[PHYSICAL_SLOT:PHYSICAL_SLOT + 2] = (1 | COUNTS_UP | HAS_LATCH | HAS_BUTTON).to_bytes(2, "little")
    registers[SYSTEM_ERRORS] = ALL_MASKED
    for slot in _slots():
        registers[slot:slot + 2] = EMPTY_SLOT.to_bytes(2, "little")
        registers[slot + MASKS] = ALL_EVENTS_MASKED
    return bytes(registers)


def locate_interrupts(registers: bytearray) -> None:
    """Sets the bits of what interrupts: bit 0 a command that is done, the others a slot each."""
    errors = int.from_bytes(registers[SYSTEM_ERRORS:SYSTEM_ERRORS + 4], "little")
    found = int(bool(errors & COMMAND_DONE) and not errors & COMMAND_MASKED)
    for number, slot in enumerate(_slots(), 1):
        if registers[slot + EVENTS] & ~registers[slot + MASKS]:
            found |= 1 << number
    registers[INTERRUPT_LOCATOR:INTERRUPT_LOCATOR + 4] = found.to_bytes(4, "little")


def _slots() -> Iterator[int]:
    return iter(range(FIRST_SLOT, SHPC_SIZE, SLOT_SIZE))
