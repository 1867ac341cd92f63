"""By hand: local and I/O APIC, the 8259, the option ROM for the task priority."""

from __future__ import annotations

from struct import Struct
from typing import Any

from devices.intc import apic, i8259, ioapic, kvmvapic

from .plain import Hand, head, new, octet, plain, refuse, unwritable

# -- apic

Apic = plain(apic.Apic)
WHOLE, REGISTERS = Struct(">IBBBIBB8I8I8I6II2IIiIqqq"), Struct(">IBBBIBB96x6II2IIiIqqq")
EIGHT, WAITING = Struct(">8I"), Struct(">ii")
SIPI = head("apic_sipi")
pack_whole, take_registers, take_eight = WHOLE.pack, REGISTERS.unpack_from, EIGHT.unpack_from
pack_waiting, take_waiting = WAITING.pack, WAITING.unpack_from


def save_apic(o: Any) -> bytes:
    if not len(o.isr) == len(o.tmr) == len(o.irr) == 8:
        unwritable("isr, tmr or irr")
    if len(o.lvt) != 6 or len(o.icr) != 2:
        unwritable("lvt or icr")
    data = pack_whole(
        o.apicbase, o.id, o.arb_id, o.tpr, o.spurious_vec, o.log_dest, o.dest_mode, *o.isr, *o.tmr, *o.irr, *o.lvt,
        o.esr, *o.icr, o.divide_conf, o.count_shift, o.initial_count, o.initial_count_load_time, o.next_time,
        o.timer_expiry)
    if o._waiting():
        data += SIPI + pack_waiting(o.sipi_vector, o.wait_for_sipi)
    return data


def load_apic(data: bytes) -> Any:
    o = new(Apic)
    o.sipi_vector = 0
    o.isr, o.tmr, o.irr = list(take_eight(data, 13)), list(take_eight(data, 45)), list(take_eight(data, 77))
    return _load_registers(o, data)


def load_into_apic(o: Any, data: bytes) -> Any:
    o.isr[:], o.tmr[:], o.irr[:] = take_eight(data, 13), take_eight(data, 45), take_eight(data, 77)
    return _load_registers(o, data)


def _load_registers(o: Any, data: bytes) -> Any:
    o.wait_for_sipi = 0
    (o.apicbase, o.id, o.arb_id, o.tpr, o.spurious_vec, o.log_dest, o.dest_mode, a, b, c, d, e, f, o.esr, g, h,
     o.divide_conf, o.count_shift, o.initial_count, o.initial_count_load_time, o.next_time,
     o.timer_expiry) = take_registers(data, 0)
    o.lvt, o.icr = [a, b, c, d, e, f], [g, h]
    if (at := 181) < len(data):
        if not data.startswith(SIPI, at) or len(data) != at + len(SIPI) + 8:
            refuse("no subsection of apic")
        o.sipi_vector, o.wait_for_sipi = take_waiting(data, at + len(SIPI))
    return o


# -- i8259

I8259 = plain(i8259.I8259)
LTIM, OCTETS = head("i8259/ltim"), Struct("16B")
pack_octets = OCTETS.pack


def save_i8259(o: Any) -> bytes:
    data = pack_octets(
        o.last_irr, o.irr, o.imr, o.isr, o.priority_add, o.irq_base, o.read_reg_select, o.poll, o.special_mask,
        o.init_state, o.auto_eoi, o.rotate_on_auto_eoi, o.special_fully_nested_mode, o.init4, o.single_mode, o.elcr)
    if o._all_levels():
        data += LTIM + octet(o.ltim)
    return data


def load_i8259(data: bytes) -> Any:
    o = new(I8259)
    o.ltim = 0
    return load_into_i8259(o, data)


def load_into_i8259(o: Any, data: bytes) -> Any:
    if len(data) != 16:
        if not data.startswith(LTIM, 16) or len(data) != 17 + len(LTIM):
            refuse("no subsection of i8259")
        o.ltim = data[16 + len(LTIM)]
        data = data[:16]
    (o.last_irr, o.irr, o.imr, o.isr, o.priority_add, o.irq_base, o.read_reg_select, o.poll, o.special_mask,
     o.init_state, o.auto_eoi, o.rotate_on_auto_eoi, o.special_fully_nested_mode, o.init4, o.single_mode,
     o.elcr) = data
    return o


# -- ioapic

IoApic = plain(ioapic.IoApic)
TABLE, SELECTED, ENTRIES = Struct(">BB8xI24Q"), Struct(">BB8xI"), Struct(">24Q")
pack_table = TABLE.pack
take_selected = SELECTED.unpack_from
take_entries = ENTRIES.unpack_from


def save_ioapic(o: Any) -> bytes:
    return pack_table(o.id, o.ioregsel, o.irr, *o.ioredtbl)


def load_ioapic(data: bytes) -> Any:
    return load_into_ioapic(new(IoApic), data)


def load_into_ioapic(o: Any, data: bytes) -> Any:
    if len(data) != 206:
        refuse("ioapic has 206 bytes")
    o.id, o.ioregsel, o.irr = take_selected(data, 0)
    o.ioredtbl = list(take_entries(data, 14))
    return o


# -- kvm-tpr-opt

KvmVapic, GuestRom, Handlers = plain(kvmvapic.KvmVapic), plain(kvmvapic.GuestRom), plain(kvmvapic.Handlers)
ROM = Struct(">8x34I")
pack_rom, take_rom = ROM.pack, ROM.unpack_from


def save_kvmvapic(o: Any) -> bytes:
    rom = o.rom_state
    up, mp = rom.up, rom.mp
    if len(up.get_tpr) != 8 or len(mp.get_tpr) != 8:
        unwritable("get_tpr")
    return pack_rom(
        rom.vaddr, rom.fixup_start, rom.fixup_end, rom.vapic_vaddr, rom.vapic_size, rom.vcpu_shift, rom.real_tpr_addr,
        up.set_tpr, up.set_tpr_eax, *up.get_tpr, up.get_tpr_stack,
        mp.set_tpr, mp.set_tpr_eax, *mp.get_tpr, mp.get_tpr_stack,
        o.state, o.real_tpr_addr, o.rom_state_vaddr, o.vapic_paddr, o.rom_state_paddr)


def load_kvmvapic(data: bytes) -> Any:
    o = new(KvmVapic)
    rom = o.rom_state = new(GuestRom)
    rom.up, rom.mp = new(Handlers), new(Handlers)
    return load_into_kvmvapic(o, data)


def load_into_kvmvapic(o: Any, data: bytes) -> Any:
    if len(data) != 144:
        refuse("kvm-tpr-opt has 144 bytes")
    rom = o.rom_state
    up, mp = rom.up, rom.mp
    (rom.vaddr, rom.fixup_start, rom.fixup_end, rom.vapic_vaddr, rom.vapic_size, rom.vcpu_shift, rom.real_tpr_addr,
     up.set_tpr, up.set_tpr_eax, a, b, c, d, e, f, g, h, up.get_tpr_stack,
     mp.set_tpr, mp.set_tpr_eax, r, s, t, u, v, w, x, y, mp.get_tpr_stack,
     o.state, o.real_tpr_addr, o.rom_state_vaddr, o.vapic_paddr, o.rom_state_paddr) = take_rom(data, 0)
    up.get_tpr = [a, b, c, d, e, f, g, h]
    mp.get_tpr = [r, s, t, u, v, w, x, y]
    o._know_standby(1)
    return o


HAND = {
    apic.Apic: Hand(save_apic, load_apic, load_into_apic),
    i8259.I8259: Hand(save_i8259, load_i8259, load_into_i8259),
    ioapic.IoApic: Hand(save_ioapic, load_ioapic, load_into_ioapic),
    kvmvapic.KvmVapic: Hand(save_kvmvapic, load_kvmvapic, load_into_kvmvapic),
}
