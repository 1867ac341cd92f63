"""The pc's speaker.

QEMU hw/audio/pcspk.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import state, uint8


@state("pcspk", version=1)
class PcSpeaker:
    """The two bits of port 0x61 that it has. Machine types up to pc-*-2.7 do not send it."""

    data_on: int = uint8()
    dummy_refresh_clock: int = uint8()
