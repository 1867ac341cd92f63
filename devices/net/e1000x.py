"""What Intel's gigabit cards have in common: register addresses, what their EEPROMs say.

QEMU hw/net/e1000x_common.c, e1000_regs.h, e1000x_regs.h, include/hw/net/mii.h; checked against QEMU 5.2, 7.2, 10.0.
"""

from collections.abc import Mapping, Sequence

from vmstate import Packed

REGISTERS = 0x8000
"""Registers of 32 bits; a register's index is its address / 4."""
RECEIVE_ADDRESSES, MULTICAST_TABLE, VLAN_TABLE = 0x5400, 0x5200, 0x5600
RECEIVE_ADDRESS_HIGH = RECEIVE_ADDRESSES + 4
VALID_ADDRESS = 1 << 31
EEPROM_WORDS, EEPROM_SUM = 64, 0xBABA


def registers(values: Mapping[int, int]) -> Packed:
    """All registers, 0 but for those given by address. The card's own network address is valid (and 0)."""
    made = Packed("I", [0]) * REGISTERS
    made[RECEIVE_ADDRESS_HIGH // 4] = VALID_ADDRESS
    for address, value in values.items():
        made[address // 4] = value
    return made


def eeprom(template: Sequence[int], device_id: int) -> list[int]:
    """The words of an EEPROM: the device is named twice, the last word makes the sum right."""
    words = list(template)
    words[11] = words[13] = device_id
    words[-1] = (EEPROM_SUM - sum(words[:-1])) & 0xFFFF
    return words
