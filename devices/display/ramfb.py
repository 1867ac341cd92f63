"""A frame buffer in the guest's memory that firmware sets up through fw_cfg: as a device of its own, or of a VFIO one.

QEMU hw/display/ramfb.c, ramfb-standalone.c; checked against QEMU 10.0, 11.1. Machine types up to 8.1 do not send it.
"""

from vmstate import buffer, nested, state

CONFIGURATION = 28


@state("ramfb")
class Ramfb:
    """A frame buffer in the guest's memory."""

    cfg: bytearray = buffer(CONFIGURATION, means="address, fourcc, flags, width, height, stride")


@state("ramfb-dev")
class RamfbDevice:
    """The device."""

    state: Ramfb = nested(Ramfb)
