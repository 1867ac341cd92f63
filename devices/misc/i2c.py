"""I2C: a bus, and what every device on one begins with.

QEMU hw/i2c/core.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import state, uint8

NOBODY = 0xFF


@state("i2c_bus")
class I2cBus:
    """Whom the bus is talking to."""

    saved_address: int = uint8(reset=NOBODY, means="0 broadcast, 0xff nobody")


@state("I2CSlave")
class I2cSlave:
    """The address that a device answers to."""

    address: int = uint8()
