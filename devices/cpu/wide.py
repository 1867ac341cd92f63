"""QEMU's target-long: as wide as the processor's registers, 32 or 64 bits.

QEMU include/exec/target_long.h, include/migration/cpu.h; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import Around


class Wide:
    """A processor whose target-longs are of 32 or 64 bits."""

    __slots__ = ()
    long_bits: int


def long(self: object, around: Around) -> int:
    """Bits of a target-long, wherever it stands."""
    return (self if isinstance(self, Wide) else around.up(Wide)).long_bits
