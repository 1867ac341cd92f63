"""QXL: a paravirtual display for SPICE, with a VGA (qxl-vga) or without.

QEMU hw/display/qxl.c; checked against QEMU 5.2, 7.2; QEMU 10.0 has it too, and its description is the same.
"""

from enum import IntEnum

from vmstate import array, enum, equal, int32, nested, state, subsection, uint32, uint64

from ..pci.device import PciDevice
from .vga import Vga

VERSION, SLOTS, SURFACES = 21, 8, 1024


class Mode(IntEnum):
    """Who draws."""

    UNDEFINED = 0
    VGA = 1
    COMPAT = 2
    NATIVE = 3


@state("qxl-memslot", version=VERSION)
class MemorySlot:
    """Memory of the guest that commands may point into."""

    mem_start: int = uint64(name="slot.mem_start")
    mem_end: int = uint64(name="slot.mem_end")
    active: int = uint32()


@state("qxl-surface", version=VERSION)
class Surface:
    """The picture that is shown."""

    width: int = uint32()
    height: int = uint32()
    stride: int = int32(means="bytes of a row, negative if the lowest comes first")
    format: int = uint32()
    position: int = uint32()
    mouse_mode: int = uint32()
    flags: int = uint32()
    type: int = uint32()
    mem: int = uint64(means="guest address, with its slot")


@state("qxl", version=VERSION)
class Qxl:
    """The function. Surfaces and cursor are sent by where the commands are that made them."""

    pci: PciDevice = nested(PciDevice)
    vga: Vga = nested(Vga)
    rom_mode: int = uint32(name="shadow_rom.mode")
    num_free_res: int = uint32()
    last_release_offset: int = uint32(means="bytes into video RAM; 0 none")
    mode: Mode = enum(Mode, uint32())
    unique: int = uint32(name="ssd.unique")
    num_memslots: int = equal(int32(reset=SLOTS))
    guest_slots: list[MemorySlot] = array(nested(MemorySlot), SLOTS)
    primary: Surface = nested(Surface, name="guest_primary.surface")
    num_surfaces: int = equal(int32(reset=SURFACES), name="ssd.num_surfaces")
    surfaces: list[int] = array(uint64(), "num_surfaces", name="guest_surfaces.cmds", reset=[0] * SURFACES)
    guest_cursor: int = uint64()

    @subsection("qxl/monitors-config")
    def _has_monitors(self) -> bool:
        return self.guest_monitors_config != 0

    guest_monitors_config: int = uint64(means="guest address, with its slot")
