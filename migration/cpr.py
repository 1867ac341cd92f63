"""What a QEMU hands to its successor on the same host: file descriptors, and which VFIO devices they are for.

The state behind the magic and version of a file that begins with QCPR. QEMU migration/cpr.c, hw/vfio/cpr-iommufd.c,
iommufd-stubs.c of 10.0 to 10.2.
"""

from __future__ import annotations

from vmstate import buffer, chain, descriptor, int32, local, nested, setting, state, subsection, uint32


@state("cpr fd")
class CprFd:
    """A descriptor by what it is for."""

    namelen: int = uint32(means="bytes of the name, with its 00")
    name: bytearray = buffer("namelen")
    id: int = int32()
    fd: int | None = descriptor()


@state("cpr vfio device")
class CprVfioDevice:
    """What IOMMUFD knows a device by."""

    namelen: int = uint32(means="bytes of the name, with its 00")
    name: bytearray = buffer("namelen")
    devid: int = int32()
    ioas_id: int = uint32()
    hwpt_id: int = uint32()


@state("CprState")
class CprState:
    """The descriptors, and since QEMU 10.1 the VFIO devices."""

    fds: list[CprFd] = chain(nested(CprFd), since=1)

    with_vfio: bool = local(False)  # not in QEMU 10.0

    @subsection("CprState/vfio devices")
    def _has_vfio(self) -> bool:
        return self.with_vfio

    def _lists_devices(self) -> bool:
        return self.devices_listed

    devices_listed: bool = setting(True, False)  # a QEMU built without IOMMUFD sends an empty subsection
    vfio_devices: list[CprVfioDevice] = chain(nested(CprVfioDevice), when=_lists_devices)
