"""What every device on an SMBus begins with, and the EEPROM that describes a memory module.

QEMU hw/i2c/smbus_slave.c, smbus_eeprom.c; checked against QEMU 5.2, 7.2, 10.0, and by their descriptions with 11.1.
"""

from enum import IntEnum

from vmstate import array, boolean, int32, nested, state, uint8

from .i2c import I2cSlave

LONGEST_DATA, EEPROM_SIZE = 34, 256


class Mode(IntEnum):
    """How far a transfer is."""

    CONFUSED = -1
    IDLE = 0
    WRITES = 1
    READS = 2
    DONE = 3


@state("smbus-device", version=1)
class SmbusDevice:
    """The transfer that is going on."""

    i2c: I2cSlave = nested(I2cSlave)
    mode: int = int32(means=Mode)
    data_len: int = int32(means="bytes")
    data_buf: list[int] = array(uint8(), LONGEST_DATA, means="command, length and data")


@state("smbus-eeprom", version=1)
class SmbusEeprom:
    """Sent as soon as the guest has read or written it, by machine types since 4.0."""

    smbusdev: SmbusDevice = nested(SmbusDevice)
    data: list[int] = array(uint8(), EEPROM_SIZE)
    offset: int = uint8()
    accessed: bool = boolean()
