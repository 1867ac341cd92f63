"""Where the guest's kernel says how a dump of it is to be read.

QEMU hw/misc/vmcoreinfo.c, include/standard-headers/linux/qemu_fw_cfg.h; checked against QEMU 5.2, 7.2, 10.0.
"""

from enum import IntEnum

from vmstate import boolean, state, uint16, uint32, uint64


class Format(IntEnum):
    """Of what stands there."""

    NONE = 0
    ELF = 1


@state("vmcoreinfo", version=1)
class VmCoreInfo:
    """Where the note is. The guest writes the numbers little-endian, so that a big-endian host sends them turned."""

    has_vmcoreinfo: bool = boolean()
    host_format: int = uint16(name="vmcoreinfo.host_format", reset=Format.ELF, means="what the host takes")
    guest_format: int = uint16(name="vmcoreinfo.guest_format", means=Format)
    size: int = uint32(name="vmcoreinfo.size", means="bytes")
    paddr: int = uint64(name="vmcoreinfo.paddr", means="guest address")
