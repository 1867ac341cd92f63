"""VMware SVGA II. The registers of its VGA are a section of their own, `vga`.

QEMU hw/display/vmware_vga.c; checked against QEMU 5.2, 7.2, 10.0, 11.1.
"""

from vmstate import array, equal, int32, nested, state, uint32, unused

from ..pci.device import PciDevice

SCRATCH, DEPTH = 0x8000, 32
ID_2 = 0x90000002


@state("vmware_vga_internal", version=0)
class VmwareChip:
    """The registers of the accelerator."""

    new_depth: int = equal(int32(reset=DEPTH))
    enable: int = int32()
    config: int = int32(means="whether the ring of commands is set up")
    cursor_id: int = int32(name="cursor.id")
    cursor_x: int = int32(name="cursor.x")
    cursor_y: int = int32(name="cursor.y")
    cursor_on: int = int32(name="cursor.on")
    index: int = int32(means="the register that is read and written next")
    scratch: list[int] = array(uint32(), SCRATCH)
    new_width: int = int32(reset=-1)
    new_height: int = int32(reset=-1)
    guest: int = uint32(means="what the guest says it is")
    svgaid: int = uint32(reset=ID_2)
    syncing: int = int32()
    _fb_size = unused(4)


@state("vmware_vga", version=0)
class VmwareVga:
    """The function."""

    parent: PciDevice = nested(PciDevice, name="parent_obj")
    chip: VmwareChip = nested(VmwareChip)
