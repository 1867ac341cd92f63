"""A parallel port on ISA.

QEMU hw/char/parallel.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import int32, state, uint8

BUSY, ACK, ONLINE, ERROR, TIMEOUT = 0x80, 0x40, 0x10, 0x08, 0x01  # of the status register
SELECT, INIT, ALWAYS = 0x08, 0x04, 0xC0  # of the control register


@state("parallel_isa")
class IsaParallel:
    """The registers, and what is pending."""

    dataw: int = uint8(name="state.dataw", reset=0xFF)
    datar: int = uint8(name="state.datar", reset=0xFF)
    status: int = uint8(name="state.status", reset=BUSY | ACK | ONLINE | ERROR | TIMEOUT)
    control: int = uint8(name="state.control", reset=SELECT | INIT | ALWAYS)
    irq_pending: int = int32(name="state.irq_pending")
    epp_timeout: int = int32(name="state.epp_timeout")
