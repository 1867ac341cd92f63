"""By hand: DMA, fw_cfg, the run state, and registers of a byte or two."""

from __future__ import annotations

from struct import Struct
from typing import Any

from devices.acpi import build
from devices.misc import dma, fw_cfg, globalstate, i2c, pcspk, port92

from .plain import Hand, head, new, octet, plain, refuse, two_octets, unwritable

# -- dma

Dma, Channel = plain(dma.Dma), plain(dma.DmaChannel)
CHANNELS = Struct(">BBBi" + 4 * "iiHHBBBBB")
pack_channels, take_channels = CHANNELS.pack, CHANNELS.unpack_from


def save_dma(o: Any) -> bytes:
    a, b, c, d = o.regs
    a0, a1 = a.now
    a2, a3 = a.base
    b0, b1 = b.now
    b2, b3 = b.base
    c0, c1 = c.now
    c2, c3 = c.base
    d0, d1 = d.now
    d2, d3 = d.base
    return pack_channels(
        o.command, o.mask, o.flip_flop, o.dshift,
        a0, a1, a2, a3, a.mode, a.page, a.pageh, a.dack, a.eop,
        b0, b1, b2, b3, b.mode, b.page, b.pageh, b.dack, b.eop,
        c0, c1, c2, c3, c.mode, c.page, c.pageh, c.dack, c.eop,
        d0, d1, d2, d3, d.mode, d.page, d.pageh, d.dack, d.eop)


def load_dma(data: bytes) -> Any:
    o = new(Dma)
    o.regs = [new(Channel), new(Channel), new(Channel), new(Channel)]
    return load_into_dma(o, data)


def load_into_dma(o: Any, data: bytes) -> Any:
    if len(data) != 75:
        refuse("dma has 75 bytes")
    a, b, c, d = o.regs
    (o.command, o.mask, o.flip_flop, o.dshift,
     a0, a1, a2, a3, a.mode, a.page, a.pageh, a.dack, a.eop,
     b0, b1, b2, b3, b.mode, b.page, b.pageh, b.dack, b.eop,
     c0, c1, c2, c3, c.mode, c.page, c.pageh, c.dack, c.eop,
     d0, d1, d2, d3, d.mode, d.page, d.pageh, d.dack, d.eop) = take_channels(data, 0)
    a.now, a.base, b.now, b.base = [a0, a1], [a2, a3], [b0, b1], [b2, b3]
    c.now, c.base, d.now, d.base = [c0, c1], [c2, c3], [d0, d1], [d2, d3]
    return o


# -- fw_cfg

FwCfg = plain(fw_cfg.FwCfg)
SELECTED, ADDRESS, SIZES = Struct(">HI"), Struct(">Q"), Struct(">QQQ")
DMA, TABLES = head("fw_cfg/dma", 0), head("fw_cfg/acpi_mr")
pack_selected, take_selected = SELECTED.pack, SELECTED.unpack_from
pack_address, take_address = ADDRESS.pack, ADDRESS.unpack_from
pack_sizes, take_sizes = SIZES.pack, SIZES.unpack_from


def save_fw_cfg(o: Any) -> bytes:
    data = pack_selected(o.cur_entry, o.cur_offset)
    if o._has_dma():
        data += DMA + pack_address(o.dma_addr)
    if o._tables_are_odd():
        data += TABLES + pack_sizes(o.table_mr_size, o.linker_mr_size, o.rsdp_mr_size)
    return data


def load_fw_cfg(data: bytes) -> Any:
    o = new(FwCfg)
    o.dma_enabled = o.acpi_mr_restore = True
    o.host_page_size = 4096
    o.dma_addr = o.table_mr_size = o.linker_mr_size = o.rsdp_mr_size = 0
    return load_into_fw_cfg(o, data)


def load_into_fw_cfg(o: Any, data: bytes) -> Any:
    o.cur_entry, o.cur_offset = take_selected(data, 0)
    at = 6
    while at < len(data):
        if data.startswith(DMA, at):
            at += len(DMA) + 8
            (o.dma_addr,) = take_address(data, at - 8)
        elif data.startswith(TABLES, at):
            at += len(TABLES) + 24
            o.table_mr_size, o.linker_mr_size, o.rsdp_mr_size = take_sizes(data, at - 24)
            o._know_pages(1)
        else:
            refuse("no subsection of fw_cfg")
    return o


# -- globalstate

GlobalState = plain(globalstate.GlobalState)
WHOLE, SHORT = Struct(">I100s"), Struct(">I32sBB66s")
pack_whole, take_whole = WHOLE.pack, WHOLE.unpack_from
pack_short, take_short = SHORT.pack, SHORT.unpack_from


def save_globalstate(o: Any) -> bytes:
    o._measure()
    if len(o.runstate) != o.name_size:
        unwritable("runstate")
    if not o._has_flags():
        return pack_whole(o.size, o.runstate)
    if len(o.rest) != 66:
        unwritable("rest")
    return pack_short(o.size, o.runstate, o.has_vm_was_suspended, o.vm_was_suspended, o.rest)


def load_globalstate(data: bytes, name_size: int = 32) -> Any:
    o = new(GlobalState)
    o.name_size = name_size
    o.has_vm_was_suspended = o.vm_was_suspended = 0
    o.rest = bytearray(66)
    return load_into_globalstate(o, data)


def load_into_globalstate(o: Any, data: bytes) -> Any:
    if len(data) != 104:
        refuse("globalstate has 104 bytes")
    if o._has_flags():
        o.size, name, o.has_vm_was_suspended, o.vm_was_suspended, rest = take_short(data, 0)
        o.rest = bytearray(rest)
    else:
        o.size, name = take_whole(data, 0)
    o.runstate = bytearray(name)
    o._know(1)
    return o


# -- of a byte or two

Port92, PcSpeaker, I2cBus, AcpiBuild = (
    plain(port92.Port92), plain(pcspk.PcSpeaker), plain(i2c.I2cBus), plain(build.AcpiBuild))


def save_port92(o: Any) -> bytes:
    return octet(o.outport)


def load_port92(data: bytes) -> Any:
    o = new(Port92)
    (o.outport,) = data
    return o


def load_into_port92(o: Any, data: bytes) -> Any:
    (o.outport,) = data
    return o


def save_pcspk(o: Any) -> bytes:
    return two_octets(o.data_on, o.dummy_refresh_clock)


def load_pcspk(data: bytes) -> Any:
    o = new(PcSpeaker)
    o.data_on, o.dummy_refresh_clock = data
    return o


def load_into_pcspk(o: Any, data: bytes) -> Any:
    o.data_on, o.dummy_refresh_clock = data
    return o


def save_i2c(o: Any) -> bytes:
    return octet(o.saved_address)


def load_i2c(data: bytes) -> Any:
    o = new(I2cBus)
    (o.saved_address,) = data
    return o


def load_into_i2c(o: Any, data: bytes) -> Any:
    (o.saved_address,) = data
    return o


def save_acpi_build(o: Any) -> bytes:
    return octet(o.patched)


def load_acpi_build(data: bytes) -> Any:
    o = new(AcpiBuild)
    (o.patched,) = data
    return o


def load_into_acpi_build(o: Any, data: bytes) -> Any:
    (o.patched,) = data
    return o


HAND = {
    dma.Dma: Hand(save_dma, load_dma, load_into_dma),
    fw_cfg.FwCfg: Hand(save_fw_cfg, load_fw_cfg, load_into_fw_cfg),
    globalstate.GlobalState: Hand(save_globalstate, load_globalstate, load_into_globalstate),
    port92.Port92: Hand(save_port92, load_port92, load_into_port92),
    pcspk.PcSpeaker: Hand(save_pcspk, load_pcspk, load_into_pcspk),
    i2c.I2cBus: Hand(save_i2c, load_i2c, load_into_i2c),
    build.AcpiBuild: Hand(save_acpi_build, load_acpi_build, load_into_acpi_build),
}
