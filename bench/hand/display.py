"""By hand: VGA and Cirrus."""

from __future__ import annotations

from typing import Any

from devices.display import cirrus, vga

from .pci import function, new_function
from .plain import Hand, head, new, plain, refuse, unwritable

# -- vga

PciVga, Vga = plain(vga.PciVga), plain(vga.Vga)
REGISTERS = function("IB8sB16sB21siB256s8B3s768siBH10HIII")
pack_registers, take_registers = REGISTERS.pack, REGISTERS.take
ENDIAN = head("vga.endian")


def save_vga(o: Any) -> bytes:
    p, v = o.parent, o.vga
    if len(p.config) != p.config_size:
        unwritable("config")
    if (len(v.sr), len(v.gr), len(v.ar), len(v.cr), len(v.dac_cache), len(v.palette)) != (8, 16, 21, 256, 3, 768):
        unwritable("a register set")
    data = pack_registers[p.config_size](
        p.version_id, p.config, *p.irq_state,
        v.latch, v.sr_index, v.sr, v.gr_index, v.gr, v.ar_index, v.ar, v.ar_flip_flop, v.cr_index, v.cr, v.msr, v.fcr,
        v.st00, v.st01, v.dac_state, v.dac_sub_index, v.dac_read_index, v.dac_write_index, v.dac_cache, v.palette,
        v.bank_offset, v.is_vbe_vmstate, v.vbe_index, *v.vbe_regs, v.vbe_start_addr, v.vbe_line_offset,
        v.vbe_bank_mask)
    if v._is_order_unusual():
        data += ENDIAN + (b"\1" if v.big_endian_fb else b"\0")
    return data


def load_vga(data: bytes, config_size: int = 256) -> Any:
    o = new(PciVga)
    o.parent = new_function(config_size)
    v = o.vga = new(Vga)
    v.is_vbe_vmstate = 1
    v.default_endian_fb = v.big_endian_fb = False
    return load_into_vga(o, data)


def load_into_vga(o: Any, data: bytes) -> Any:
    p, v = o.parent, o.vga
    (version, config, a, b, c, d,
     v.latch, v.sr_index, sr, v.gr_index, gr, v.ar_index, ar, v.ar_flip_flop, v.cr_index, cr, v.msr, v.fcr,
     v.st00, v.st01, v.dac_state, v.dac_sub_index, v.dac_read_index, v.dac_write_index, dac_cache, palette,
     v.bank_offset, is_vbe, v.vbe_index, *v.vbe_regs, v.vbe_start_addr, v.vbe_line_offset,
     v.vbe_bank_mask) = take_registers[p.config_size](data, 0)
    if not 0 <= version <= p.version_id or a | b | c | d > 1 or is_vbe != v.is_vbe_vmstate:
        refuse("version_id, irq_state or is_vbe_vmstate")
    p.version_id, p.config, p.irq_state = version, bytearray(config), [a, b, c, d]
    v.sr, v.gr, v.ar, v.cr = bytearray(sr), bytearray(gr), bytearray(ar), bytearray(cr)
    v.dac_cache, v.palette = bytearray(dac_cache), bytearray(palette)
    if (at := REGISTERS.size[p.config_size]) < len(data):
        if not data.startswith(ENDIAN, at) or len(data) != at + len(ENDIAN) + 1:
            refuse("no subsection of vga")
        v.big_endian_fb = data[-1] != 0
    return o


# -- cirrus_vga

PciCirrus, Cirrus = plain(cirrus.PciCirrus), plain(cirrus.Cirrus)
CIRRUS = function("IB256sBBB254sB21siB256s8B3s768siBBII")
pack_cirrus, take_cirrus = CIRRUS.pack, CIRRUS.take


def save_cirrus(o: Any) -> bytes:
    p, v = o.parent, o.cirrus_vga
    if len(p.config) != p.config_size:
        unwritable("config")
    if (len(v.sr), len(v.gr_rest), len(v.ar), len(v.cr), len(v.dac_cache), len(v.palette)) != (
            256, 254, 21, 256, 3, 768):
        unwritable("a register set")
    return pack_cirrus[p.config_size](
        p.version_id, p.config, *p.irq_state,
        v.latch, v.sr_index, v.sr, v.gr_index, v.cirrus_shadow_gr0, v.cirrus_shadow_gr1, v.gr_rest, v.ar_index, v.ar,
        v.ar_flip_flop, v.cr_index, v.cr, v.msr, v.fcr, v.st00, v.st01, v.dac_state, v.dac_sub_index,
        v.dac_read_index, v.dac_write_index, v.dac_cache, v.palette, v.bank_offset, v.cirrus_hidden_dac_lockindex,
        v.cirrus_hidden_dac_data, v.hw_cursor_x, v.hw_cursor_y)


def load_cirrus(data: bytes, config_size: int = 256) -> Any:
    o = new(PciCirrus)
    o.parent = new_function(config_size)
    o.cirrus_vga = new(Cirrus)
    return load_into_cirrus(o, data)


def load_into_cirrus(o: Any, data: bytes) -> Any:
    p, v = o.parent, o.cirrus_vga
    if len(data) != CIRRUS.size[p.config_size]:
        refuse("bytes left over")
    (version, config, a, b, c, d,
     v.latch, v.sr_index, sr, v.gr_index, v.cirrus_shadow_gr0, v.cirrus_shadow_gr1, gr_rest, v.ar_index, ar,
     v.ar_flip_flop, v.cr_index, cr, v.msr, v.fcr, v.st00, v.st01, v.dac_state, v.dac_sub_index, v.dac_read_index,
     v.dac_write_index, dac_cache, palette, v.bank_offset, v.cirrus_hidden_dac_lockindex,
     v.cirrus_hidden_dac_data, v.hw_cursor_x, v.hw_cursor_y) = take_cirrus[p.config_size](data, 0)
    if not 0 <= version <= p.version_id or a | b | c | d > 1:
        refuse("version_id or irq_state")
    p.version_id, p.config, p.irq_state = version, bytearray(config), [a, b, c, d]
    v.sr, v.gr_rest, v.ar, v.cr = bytearray(sr), bytearray(gr_rest), bytearray(ar), bytearray(cr)
    v.dac_cache, v.palette = bytearray(dac_cache), bytearray(palette)
    return o


HAND = {
    vga.PciVga: Hand(save_vga, load_vga, load_into_vga),
    cirrus.PciCirrus: Hand(save_cirrus, load_cirrus, load_into_cirrus),
}
