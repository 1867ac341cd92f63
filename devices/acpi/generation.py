"""What tells a guest that it was copied or moved: the generation ID, and the page of the VM clock.

QEMU hw/acpi/vmgenid.c; checked against QEMU 5.2, 7.2, 10.0. hw/acpi/vmclock.c: 10.0, and by its description with 11.1.
"""

from vmstate import array, state, uint8, uint64

NOWHERE = 0xFFFF_FFFF_FFFF_FFFF


@state("vmgenid", version=1)
class VmGenId:
    """Where the guest's firmware has put the ID. The ID itself is the host's, and not sent."""

    vmgenid_addr_le: list[int] = array(uint8(), 8, means="guest address, the lowest byte first")


@state("vmclock", version=1)
class VmClock:
    """Where the page is."""

    physaddr: int = uint64(reset=NOWHERE, means="guest address")
