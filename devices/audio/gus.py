"""Gravis UltraSound.

QEMU hw/audio/gus.c; checked against QEMU 5.2, 7.2, 10.0, 11.1.
"""

from vmstate import buffer, int32, int64, state

MEMORY, REGISTERS = 1 << 20, 32 + 4096


@state("gus", version=2)
class Gus:
    """The card: its memory, behind which are its registers; and the samples that are being mixed."""

    pos: int = int32(means="where in the mixed samples")
    left: int = int32(means="samples to be played")
    shift: int = int32(reset=2, means="2**shift bytes are a sample")
    irqs: int = int32(means="interrupts that wait")
    samples: int = int32(means="samples that the host takes at once")
    last_ticks: int = int64(means="ns")
    himem: bytearray = buffer(MEMORY + REGISTERS)
