"""Port 0x92: fast reset and the A20 gate.

QEMU hw/i386/port92.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import state, uint8


@state("port92", version=1)
class Port92:
    """One register: bit 0 resets, bit 1 opens the gate."""

    outport: int = uint8()
