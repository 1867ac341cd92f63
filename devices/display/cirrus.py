"""Cirrus Logic GD5446: a VGA with more registers, which sends its VGA's registers itself.

QEMU hw/display/cirrus_vga.c; checked against QEMU 5.2, 7.2, 10.0. A blit that is going on is not sent.
"""

from vmstate import buffer, int32, nested, state, uint8, uint32

from ..pci.device import PciDevice


def _set(size: int, values: dict[int, int]) -> bytes:
    return bytes(values.get(i, 0) for i in range(size))


@state("cirrus_vga", version=2, minimum=1)
class Cirrus:
    """The registers. As a section of its own: the card on ISA."""

    latch: int = uint32(name="vga.latch")
    sr_index: int = uint8(name="vga.sr_index")
    sr: bytearray = buffer(
        256, name="vga.sr", reset=_set(256, {0x06: 0x0F, 0x0F: 0x98, 0x15: 0x04, 0x17: 0x20, 0x1F: 0x2D}))
    gr_index: int = uint8(name="vga.gr_index")
    cirrus_shadow_gr0: int = uint8()
    cirrus_shadow_gr1: int = uint8()
    gr_rest: bytearray = buffer(
        254, name="vga.gr", reset=_set(254, {0x18 - 2: 0x0F}), means="graphics registers from 2 on")
    ar_index: int = uint8(name="vga.ar_index")
    ar: bytearray = buffer(21, name="vga.ar")
    ar_flip_flop: int = int32(name="vga.ar_flip_flop")
    cr_index: int = uint8(name="vga.cr_index")
    cr: bytearray = buffer(256, name="vga.cr", reset=_set(256, {0x27: 0xB8}))
    msr: int = uint8(name="vga.msr")
    fcr: int = uint8(name="vga.fcr")
    st00: int = uint8(name="vga.st00")
    st01: int = uint8(name="vga.st01")
    dac_state: int = uint8(name="vga.dac_state")
    dac_sub_index: int = uint8(name="vga.dac_sub_index")
    dac_read_index: int = uint8(name="vga.dac_read_index")
    dac_write_index: int = uint8(name="vga.dac_write_index")
    dac_cache: bytearray = buffer(3, name="vga.dac_cache")
    palette: bytearray = buffer(768, name="vga.palette")
    bank_offset: int = int32(name="vga.bank_offset")
    cirrus_hidden_dac_lockindex: int = uint8(reset=5)
    cirrus_hidden_dac_data: int = uint8()
    hw_cursor_x: int = uint32(name="vga.hw_cursor_x")
    hw_cursor_y: int = uint32(name="vga.hw_cursor_y")


@state("cirrus_vga", version=2)
class PciCirrus:
    """The PCI function."""

    parent: PciDevice = nested(PciDevice, name="dev")
    cirrus_vga: Cirrus = nested(Cirrus)
