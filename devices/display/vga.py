"""VGA with Bochs' extensions: on PCI, on ISA, and inside other displays (virtio-vga, qxl, vmware).

QEMU hw/display/vga.c, vga-pci.c, vga-isa.c, vga-mmio.c; checked against QEMU 5.2, 7.2, 10.0, and by its description
with 11.1.
"""

from vmstate import array, boolean, buffer, equal, int32, local, nested, state, subsection, uint8, uint16, uint32

from ..pci.device import PciDevice

VBE_REGISTERS, VBE_ID = 10, 0xB0C5
DEFAULT_MEGABYTES = 16


@state("vga", version=2)
class Vga:
    """The registers; the picture itself is in RAM. As a section of its own: a VGA on ISA (up to QEMU 10), or MMIO."""

    latch: int = uint32()
    sr_index: int = uint8()
    sr: bytearray = buffer(8)
    gr_index: int = uint8()
    gr: bytearray = buffer(16)
    ar_index: int = uint8()
    ar: bytearray = buffer(21)
    ar_flip_flop: int = int32()
    cr_index: int = uint8()
    cr: bytearray = buffer(256)
    msr: int = uint8()
    fcr: int = uint8()
    st00: int = uint8()
    st01: int = uint8()
    dac_state: int = uint8()
    dac_sub_index: int = uint8()
    dac_read_index: int = uint8()
    dac_write_index: int = uint8()
    dac_cache: bytearray = buffer(3)
    palette: bytearray = buffer(768)
    bank_offset: int = int32()
    is_vbe_vmstate: int = equal(uint8(reset=1))
    vbe_index: int = uint16()
    vbe_regs: list[int] = array(uint16(), VBE_REGISTERS, reset=[VBE_ID] + [0] * (VBE_REGISTERS - 1))
    vbe_start_addr: int = uint32()
    vbe_line_offset: int = uint32()
    vbe_bank_mask: int = uint32(reset=DEFAULT_MEGABYTES * 16 - 1, means="banks of 64 KiB in video RAM, less one")

    default_endian_fb: bool = local(False)  # whether the target is big-endian

    endian_section = subsection("vga.endian")
    big_endian_fb: bool = boolean()

    @endian_section.needed
    def _is_order_unusual(self) -> bool:
        return self.big_endian_fb != self.default_endian_fb

    @endian_section.post_load
    def _was_order_unusual(self, version: int) -> None:
        self.default_endian_fb = not self.big_endian_fb


@state("vga", version=2)
class PciVga:
    """The PCI function: VGA, secondary-vga."""

    parent: PciDevice = nested(PciDevice, name="dev")
    vga: Vga = nested(Vga)


@state("vga-isa", version=1, minimum=0)
class IsaVga:
    """On ISA since QEMU 11; before, the registers alone were its section."""

    state: Vga = nested(Vga)
