"""Storage for the guest's error records (ACPI Error Record Serialization Table).

QEMU hw/acpi/erst.c; checked against QEMU 7.2, 10.0, and by its description with 11.1; QEMU 5.2 has none.
"""

from enum import IntEnum

from vmstate import state, uint8, uint32, uint64

FIRST_RECORD = 1


class Operation(IntEnum):
    """What the guest has begun."""

    WRITE = 0x0
    READ = 0x1
    CLEAR = 0x2
    DUMMY_WRITE = 0xB


class Status(IntEnum):
    """How the last operation went."""

    SUCCESS = 0
    NOT_ENOUGH_SPACE = 1
    NOT_AVAILABLE = 2
    FAILED = 3
    STORE_EMPTY = 4
    NOT_FOUND = 5


@state("acpi-erst", version=1)
class AcpiErst:
    """The registers. The records are in memory of their own; the function's configuration space is not sent."""

    operation: int = uint8(means=Operation)
    busy_status: int = uint8()
    command_status: int = uint8(means=Status)
    record_offset: int = uint32(means="where in the exchange buffer the record begins")
    reg_action: int = uint64()
    reg_value: int = uint64()
    record_identifier: int = uint64()
    next_record_index: int = uint32(reset=FIRST_RECORD)
