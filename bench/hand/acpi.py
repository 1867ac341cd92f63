"""By hand: power management of PIIX4 and ICH9, the ICH9's LPC bridge and SMBus."""

from __future__ import annotations

from itertools import repeat
from struct import Struct
from typing import Any

from devices.acpi import hotplug, ich9, piix4_pm
from devices.misc import ich9_smbus, smbus
from devices.pci import ich9_lpc

from .pci import function, new_function
from .plain import NOT_PENDING, Bytes, Hand, head, new, octet, plain, refuse, unwritable

PciStatus, Memory, MemoryStatus, Cpus, CpuStatus = (
    plain(hotplug.PciHotplugStatus), plain(hotplug.MemoryHotplug), plain(hotplug.MemoryStatus),
    plain(hotplug.CpuHotplug), plain(hotplug.CpuStatus))

# -- hotplug: slots of 256 buses, of memory and of processors

BUSES, SELECTOR, COMMAND, SLOT = Struct(">512I"), Struct(">I"), Struct(">IB"), Struct(">??II")
pack_buses, take_buses = BUSES.pack, BUSES.unpack_from
pack_selector, take_selector = SELECTOR.pack, SELECTOR.unpack_from
pack_command, take_command = COMMAND.pack, COMMAND.unpack_from
pack_slot, take_slot = SLOT.pack, SLOT.unpack_from


def save_buses(buses: Any) -> bytes:
    if len(buses) != 256:
        unwritable("pci_status")
    both = [0] * 512
    both[::2] = [bus.up for bus in buses]
    both[1::2] = [bus.down for bus in buses]
    return pack_buses(*both)


def new_buses() -> Any:
    return list(map(new, repeat(PciStatus, 256)))


def reset_buses() -> Any:
    buses = new_buses()
    for bus in buses:
        bus.up = bus.down = 0
    return buses


def load_buses(buses: Any, data: bytes, at: int) -> int:
    both = iter(take_buses(data, at))
    for bus, bus.up, bus.down in zip(buses, both, both, strict=False):
        pass
    return at + 2048


def save_memory(m: Any) -> bytes:
    if len(m.devs) != m.dev_count:
        unwritable("devs")
    return pack_selector(m.selector) + b"".join(
        [pack_slot(s.is_enabled, s.is_inserting, s.ost_event, s.ost_status) for s in m.devs])


def load_memory(m: Any, data: bytes, at: int) -> int:
    (m.selector,) = take_selector(data, at)
    at += 4
    while len(m.devs) < m.dev_count:
        m.devs.append(new(MemoryStatus))
    for s in m.devs:
        s.is_enabled, s.is_inserting, s.ost_event, s.ost_status = take_slot(data, at)
        at += 10
    return at


def save_cpus(c: Any) -> bytes:
    if len(c.devs) != c.dev_count:
        unwritable("devs")
    return pack_command(c.selector, c.command) + b"".join(
        [pack_slot(s.is_inserting, s.is_removing, s.ost_event, s.ost_status) for s in c.devs])


def load_cpus(c: Any, data: bytes, at: int) -> int:
    c.selector, c.command = take_command(data, at)
    at += 5
    while len(c.devs) < c.dev_count:
        c.devs.append(new(CpuStatus))
    for s in c.devs:
        s.is_inserting, s.is_removing, s.ost_event, s.ost_status = take_slot(data, at)
        at += 10
    return at


def new_memory(slots: int) -> Any:
    m = new(Memory)
    m.selector, m.dev_count, m.devs = 0, slots, [new(MemoryStatus) for _ in range(slots)]
    for s in m.devs:
        s.is_enabled, s.is_inserting, s.ost_event, s.ost_status = False, False, 0, 0
    return m


def new_cpus(places: int) -> Any:
    c = new(Cpus)
    c.selector, c.command, c.dev_count, c.devs = 0, 0, places, [new(CpuStatus) for _ in range(places)]
    for s in c.devs:
        s.is_inserting, s.is_removing, s.ost_event, s.ost_status = False, False, 0, 0
    return c


# -- piix4_pm

Piix4Pm, Apm, Events, RootBus, Smbus = (
    plain(piix4_pm.Piix4Pm), plain(piix4_pm.Apm), plain(piix4_pm.GeneralEvents), plain(piix4_pm.RootBusStatus),
    plain(smbus.SmbusController))
REGISTERS, SMBUS, TIMER, TWO = function("HHHBB"), Struct(">6BI32sBB????"), Struct(">QqHH"), Struct(">II")
pack_registers, take_registers = REGISTERS.pack, REGISTERS.take
MEMHP, CPUHP = head("piix4_pm/memhp"), head("piix4_pm/cpuhp")
pack_smbus, take_smbus = SMBUS.pack, SMBUS.unpack_from
pack_timer, take_timer = TIMER.pack, TIMER.unpack_from
pack_two, take_two = TWO.pack, TWO.unpack_from


def save_smbus(s: Any) -> bytes:
    if len(s.data) != 32:
        unwritable("data")
    return pack_smbus(
        s.stat, s.ctl, s.cmd, s.addr, s.data0, s.data1, s.index, bytearray(s.data), s.auxctl, s.blkdata, s.i2c_enable,
        s.op_done, s.in_i2c_block_read, s.start_transaction_on_status_read)


def load_smbus(s: Any, data: bytes, at: int) -> int:
    (s.stat, s.ctl, s.cmd, s.addr, s.data0, s.data1, s.index, block, s.auxctl, s.blkdata, s.i2c_enable,
     s.op_done, s.in_i2c_block_read, s.start_transaction_on_status_read) = take_smbus(data, at)
    s.data = list(block)
    return at + SMBUS.size


def new_smbus() -> Any:
    s = new(Smbus)
    s.stat = s.ctl = s.cmd = s.addr = s.data0 = s.data1 = s.index = s.auxctl = s.blkdata = 0
    s.data, s.op_done = [0] * 32, True
    s.i2c_enable = s.in_i2c_block_read = s.start_transaction_on_status_read = False
    return s


def save_piix4(o: Any) -> bytes:
    p, apm, gpe, timer = o.parent, o.apm, o.gpe, o.pm_timer
    if len(p.config) != p.config_size:
        unwritable("config")
    out: list[Bytes] = [pack_registers[p.config_size](
        p.version_id, p.config, *p.irq_state, o.pm1_sts, o.pm1_en, o.pm1_cnt, apm.apmc, apm.apms)]
    if o._has_smbus():
        out.append(save_smbus(o.smb))
    out.append(pack_timer(NOT_PENDING if timer is None else timer, o.overflow_time, gpe.sts, gpe.en))
    if o._has_root_bus_alone():
        out.append(pack_two(o.root_bus.up, o.root_bus.down))
    if o._has_bridges():
        out += pack_selector(o.hotplug_select), save_buses(o.pci_status)
    if o._has_index():
        out.append(pack_selector(o.acpi_index))
    if o._has_memory_hotplug():
        out += MEMHP, save_memory(o.acpi_memory_hotplug)
    if o._has_modern_cpu_hotplug():
        out += CPUHP, save_cpus(o.cpuhp_state)
    return b"".join(out)


def load_piix4(
    data: bytes, config_size: int = 256, smbus: bool = True, pci_hotplug: int = 2, dev_count: int = 0
) -> Any:
    o = new(Piix4Pm)
    o.parent = new_function(config_size)
    o.smbus, o.pci_hotplug = smbus, piix4_pm.PciHotplug(pci_hotplug)
    o.apm, o.gpe, o.root_bus = new(Apm), new(Events), new(RootBus)
    o.pci_status = new_buses() if pci_hotplug else reset_buses()
    o.smb = new(Smbus) if smbus else new_smbus()
    o.root_bus.up = o.root_bus.down = o.hotplug_select = o.acpi_index = 0
    o.memory_hotplug_enabled = o.cpu_hotplug_legacy = True
    o.acpi_memory_hotplug, o.cpuhp_state = new_memory(dev_count), new_cpus(1)
    return load_into_piix4(o, data)


def load_into_piix4(o: Any, data: bytes) -> Any:
    p, apm, gpe = o.parent, o.apm, o.gpe
    (version, config, a, b, c, d, o.pm1_sts, o.pm1_en, o.pm1_cnt, apm.apmc,
     apm.apms) = take_registers[p.config_size](data, 0)
    if not 0 <= version <= p.version_id or a | b | c | d > 1:
        refuse("version_id or irq_state")
    p.version_id, p.config, p.irq_state = version, bytearray(config), [a, b, c, d]
    at = p.config_size + 28
    if o._has_smbus():
        at = load_smbus(o.smb, data, at)
    timer, o.overflow_time, gpe.sts, gpe.en = take_timer(data, at)
    o.pm_timer = None if timer == NOT_PENDING else timer
    at += 20
    if o._has_root_bus_alone():
        o.root_bus.up, o.root_bus.down = take_two(data, at)
        at += 8
    if o._has_bridges():
        (o.hotplug_select,) = take_selector(data, at)
        at = load_buses(o.pci_status, data, at + 4)
    if o._has_index():
        (o.acpi_index,) = take_selector(data, at)
        at += 4
    while at < len(data):
        if data.startswith(MEMHP, at):
            at = load_memory(o.acpi_memory_hotplug, data, at + len(MEMHP))
        elif data.startswith(CPUHP, at):
            o._go_modern()
            at = load_cpus(o.cpuhp_state, data, at + len(CPUHP))
        else:
            refuse("no subsection of piix4_pm")
    return o


# -- ICH9LPC

Ich9Lpc, Pm, Tco = plain(ich9_lpc.Ich9Lpc), plain(ich9.Ich9Pm), plain(ich9.Tco)
HEAD, WATCHDOG, SMI = function("BBHHHQq16s16sII"), Struct(">HBBHHHHBBBHBQqB"), Struct(">8sBQ")
pack_head, take_head = HEAD.pack, HEAD.take
MEMORY, WATCH = head("ich9_pm/memhp"), head("ich9_pm/tco")
CPUS, HOTPLUG = head("ich9_pm/cpuhp"), head("ich9_pm/pcihp")
RESET, FEATURES = head("ICH9LPC/rst_cnt"), head("ICH9LPC/smi_feat")
pack_watchdog, take_watchdog = WATCHDOG.pack, WATCHDOG.unpack_from
pack_smi, take_smi = SMI.pack, SMI.unpack_from


def save_ich9(o: Any) -> bytes:
    p, apm, pm = o.parent, o.apm, o.pm
    timer = pm.pm_timer
    if len(p.config) != p.config_size or len(pm.gpe_sts) != 16 or len(pm.gpe_en) != 16 or len(o.chip_config) != 16384:
        unwritable("config, gpe or chip_config")
    out: list[Bytes] = [pack_head[p.config_size](
        p.version_id, p.config, *p.irq_state, apm.apmc, apm.apms, pm.pm1_sts, pm.pm1_en, pm.pm1_cnt,
        NOT_PENDING if timer is None else timer, pm.overflow_time, bytearray(pm.gpe_sts), bytearray(pm.gpe_en),
        pm.smi_en, pm.smi_sts)]
    if pm._has_memory_hotplug():
        out += MEMORY, save_memory(pm.acpi_memory_hotplug)
    if pm._has_watchdog():
        t = pm.tco_regs
        timer = t.tco_timer
        out += WATCH, pack_watchdog(
            t.rld, t.din, t.dout, t.sts1, t.sts2, t.cnt1, t.cnt2, t.msg1, t.msg2, t.wdcnt, t.tmr, t.sw_irq_gen,
            NOT_PENDING if timer is None else timer, t.expire_time, t.timeouts_no)
    if pm._has_modern_cpu_hotplug():
        out += CPUS, save_cpus(pm.cpuhp_state)
    if pm._has_pci_hotplug():
        out += (HOTPLUG, pack_selector(pm.hotplug_select), save_buses(pm.pci_status), pack_selector(pm.acpi_index))
    out += bytearray(o.chip_config), pack_selector(o.sci_level)
    if o._reset_chosen():
        out += RESET, octet(o.rst_cnt)
    if o._negotiates():
        out += FEATURES, pack_smi(bytearray(o.smi_guest_features_le), o.smi_features_ok, o.smi_negotiated_features)
    return b"".join(out)


def load_ich9(data: bytes, config_size: int = 256, dev_count: int = 0) -> Any:
    o = new(Ich9Lpc)
    o.parent = new_function(config_size)
    o.apm = new(Apm)
    pm = o.pm = new(Pm)
    pm.memory_hotplug_enabled = pm.tco_enabled = pm.cpu_hotplug_legacy = pm.pci_hotplug_enabled = True
    pm.acpi_memory_hotplug, pm.cpuhp_state, pm.pci_status = new_memory(dev_count), new_cpus(1), None
    pm.hotplug_select = pm.acpi_index = 0
    t = pm.tco_regs = new(Tco)
    t.rld = t.din = t.dout = t.sts1 = t.sts2 = t.cnt1 = t.msg1 = t.msg2 = t.wdcnt = t.timeouts_no = 0
    t.cnt2, t.tmr, t.sw_irq_gen, t.tco_timer, t.expire_time = 8, 4, 3, None, -1
    o.smi_guest_features_le = [0, 0, 0, 0, 0, 0, 0, 0]
    o.rst_cnt = o.smi_features_ok = o.smi_negotiated_features = 0
    load_into_ich9(o, data)
    if pm.pci_status is None:
        pm.pci_status = reset_buses()
    return o


def load_into_ich9(o: Any, data: bytes) -> Any:
    p, apm, pm = o.parent, o.apm, o.pm
    (version, config, a, b, c, d, apm.apmc, apm.apms, pm.pm1_sts, pm.pm1_en, pm.pm1_cnt, timer, pm.overflow_time,
     gpe_sts, gpe_en, pm.smi_en, pm.smi_sts) = take_head[p.config_size](data, 0)
    if not 0 <= version <= p.version_id or a | b | c | d > 1:
        refuse("version_id or irq_state")
    p.version_id, p.config, p.irq_state = version, bytearray(config), [a, b, c, d]
    pm.pm_timer = None if timer == NOT_PENDING else timer
    pm.gpe_sts, pm.gpe_en = list(gpe_sts), list(gpe_en)
    at = p.config_size + 84
    while data[at] == 5 and data.startswith(b"ich9_pm", at + 2):
        at = _load_pm(pm, data, at)
    o.chip_config = list(data[at:at + 16384])
    at += 16388
    (o.sci_level,) = take_selector(data, at - 4)
    while at < len(data):
        if data.startswith(RESET, at):
            at += len(RESET) + 1
            o.rst_cnt = data[at - 1]
        elif data.startswith(FEATURES, at):
            at += len(FEATURES) + 17
            wanted, o.smi_features_ok, o.smi_negotiated_features = take_smi(data, at - 17)
            o.smi_guest_features_le = list(wanted)
        else:
            refuse("no subsection of ICH9LPC")
    return o


def _load_pm(pm: Any, data: bytes, at: int) -> int:
    if data.startswith(MEMORY, at):
        return load_memory(pm.acpi_memory_hotplug, data, at + len(MEMORY))
    if data.startswith(WATCH, at):
        t = pm.tco_regs
        (t.rld, t.din, t.dout, t.sts1, t.sts2, t.cnt1, t.cnt2, t.msg1, t.msg2, t.wdcnt, t.tmr, t.sw_irq_gen, timer,
         t.expire_time, t.timeouts_no) = take_watchdog(data, at + len(WATCH))
        t.tco_timer = None if timer == NOT_PENDING else timer
        return at + len(WATCH) + WATCHDOG.size
    if data.startswith(CPUS, at):
        pm._go_modern()
        return load_cpus(pm.cpuhp_state, data, at + len(CPUS))
    if data.startswith(HOTPLUG, at):
        (pm.hotplug_select,) = take_selector(data, at + len(HOTPLUG))
        if pm.pci_status is None:
            pm.pci_status = new_buses()
        at = load_buses(pm.pci_status, data, at + len(HOTPLUG) + 4)
        (pm.acpi_index,) = take_selector(data, at)
        return at + 4
    return refuse("no subsection of ich9_pm")


# -- ich9_smb

Ich9Smbus = plain(ich9_smbus.Ich9Smbus)
FUNCTION, WITH_SMBUS = function(""), function("?6BI32sBB????")
pack_function, take_function = FUNCTION.pack, FUNCTION.take
pack_with_smbus, take_with_smbus = WITH_SMBUS.pack, WITH_SMBUS.take


def save_ich9_smb(o: Any) -> bytes:
    p = o.parent
    size = p.config_size
    if len(p.config) != size:
        unwritable("config")
    if not o._has_smbus():
        return pack_function[size](p.version_id, p.config, *p.irq_state)
    s = o.smb
    if len(s.data) != 32:
        unwritable("data")
    return pack_with_smbus[size](
        p.version_id, p.config, *p.irq_state, o.irq_enabled, s.stat, s.ctl, s.cmd, s.addr, s.data0, s.data1, s.index,
        bytearray(s.data), s.auxctl, s.blkdata, s.i2c_enable, s.op_done, s.in_i2c_block_read,
        s.start_transaction_on_status_read)


def load_ich9_smb(data: bytes, config_size: int = 256, smbus: bool = True) -> Any:
    o = new(Ich9Smbus)
    o.parent = new_function(config_size)
    o.smbus, o.irq_enabled, o.smb = smbus, False, new(Smbus) if smbus else new_smbus()
    return load_into_ich9_smb(o, data)


def load_into_ich9_smb(o: Any, data: bytes) -> Any:
    p = o.parent
    size = p.config_size
    if o._has_smbus():
        if len(data) != WITH_SMBUS.size[size]:
            refuse("bytes left over")
        s = o.smb
        (version, config, a, b, c, d, o.irq_enabled, s.stat, s.ctl, s.cmd, s.addr, s.data0, s.data1, s.index, block,
         s.auxctl, s.blkdata, s.i2c_enable, s.op_done, s.in_i2c_block_read,
         s.start_transaction_on_status_read) = take_with_smbus[size](data, 0)
        s.data = list(block)
    else:
        if len(data) != FUNCTION.size[size]:
            refuse("bytes left over")
        version, config, a, b, c, d = take_function[size](data, 0)
    if not 0 <= version <= p.version_id or a | b | c | d > 1:
        refuse("version_id or irq_state")
    p.version_id, p.config, p.irq_state = version, bytearray(config), [a, b, c, d]
    return o


HAND = {
    piix4_pm.Piix4Pm: Hand(save_piix4, load_piix4, load_into_piix4),
    ich9_lpc.Ich9Lpc: Hand(save_ich9, load_ich9, load_into_ich9),
    ich9_smbus.Ich9Smbus: Hand(save_ich9_smb, load_ich9_smb, load_into_ich9_smb),
}
