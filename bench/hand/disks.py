"""By hand: IDE and AHCI."""

from __future__ import annotations

from struct import Struct
from typing import Any

from devices.block import ahci, ide

from .pci import function, new_function
from .plain import Bytes, Hand, head, name, new, octet, plain, refuse, two_octets, unwritable

IdeDrive, IdeBus, BusMaster = plain(ide.IdeDrive), plain(ide.IdeBus), plain(ide.BusMaster)

# -- a drive

PLAIN, IDENTIFIED = Struct(">iiBBI14B"), Struct(">ii512sBBI14B")
NUMBER, TRANSFER, FLAGS = Struct(">i"), Struct(">iiBii"), Struct(">??")
PIO, TRAY, EVENTS = head("ide_drive/pio_state"), head("ide_drive/tray_state"), head("ide_drive/atapi/gesn_state")
pack_plain, take_plain = PLAIN.pack, PLAIN.unpack_from
pack_identified, take_identified = IDENTIFIED.pack, IDENTIFIED.unpack_from
pack_number, take_number = NUMBER.pack, NUMBER.unpack_from
pack_transfer, take_transfer = TRANSFER.pack, TRANSFER.unpack_from
pack_flags, take_flags = FLAGS.pack, FLAGS.unpack_from


def new_drive() -> Any:
    d = new(IdeDrive)
    d.io_buffer_total_len, d.bus_retries_pio = 131076, False
    d.identify_data, d.io_buffer, d.end_transfer_fn_idx = bytearray(512), [], ide.TransferEnd.NOTHING
    d.req_nb_sectors = d.cur_io_buffer_offset = d.cur_io_buffer_len = 0
    d.elementary_transfer_size = d.packet_transfer_size = 0
    d.tray_open = d.tray_locked = d.new_media = d.eject_request = False
    return d


def save_drive(d: Any, out: list[Bytes]) -> None:
    if d._is_identified():
        if len(d.identify_data) != 512:
            unwritable("identify_data")
        out.append(pack_identified(
            d.mult_sectors, d.identify_set, d.identify_data, d.feature, d.error, d.nsector, d.sector, d.lcyl, d.hcyl,
            d.hob_feature, d.hob_sector, d.hob_nsector, d.hob_lcyl, d.hob_hcyl, d.select, d.status, d.lba48,
            d.sense_key, d.asc, d.cdrom_changed))
    else:
        out.append(pack_plain(
            d.mult_sectors, d.identify_set, d.feature, d.error, d.nsector, d.sector, d.lcyl, d.hcyl, d.hob_feature,
            d.hob_sector, d.hob_nsector, d.hob_lcyl, d.hob_hcyl, d.select, d.status, d.lba48, d.sense_key, d.asc,
            d.cdrom_changed))
    if d._is_transferring():
        d._fill_buffer()
        out += (PIO, pack_number(d.req_nb_sectors), bytearray(d.io_buffer), pack_transfer(
            d.cur_io_buffer_offset, d.cur_io_buffer_len, d.end_transfer_fn_idx, d.elementary_transfer_size,
            d.packet_transfer_size))
    if d._is_tray_used():
        out += TRAY, pack_flags(d.tray_open, d.tray_locked)
    if d._has_events():
        out += EVENTS, pack_flags(d.new_media, d.eject_request)


def load_drive(d: Any, data: bytes, at: int, end: int) -> int:
    (identified,) = take_number(data, at + 4)
    if identified:
        (d.mult_sectors, d.identify_set, identity, d.feature, d.error, d.nsector, d.sector, d.lcyl, d.hcyl,
         d.hob_feature, d.hob_sector, d.hob_nsector, d.hob_lcyl, d.hob_hcyl, d.select, d.status, d.lba48, d.sense_key,
         d.asc, d.cdrom_changed) = take_identified(data, at)
        d.identify_data = bytearray(identity)
        at += 540
    else:
        (d.mult_sectors, d.identify_set, d.feature, d.error, d.nsector, d.sector, d.lcyl, d.hcyl, d.hob_feature,
         d.hob_sector, d.hob_nsector, d.hob_lcyl, d.hob_hcyl, d.select, d.status, d.lba48, d.sense_key, d.asc,
         d.cdrom_changed) = take_plain(data, at)
        at += 28
    while at < end and data[at] == 5:
        if data.startswith(PIO, at):
            at = _load_transfer(d, data, at + len(PIO))
        elif data.startswith(TRAY, at):
            at += len(TRAY) + 2
            d.tray_open, d.tray_locked = take_flags(data, at - 2)
        elif data.startswith(EVENTS, at):
            at += len(EVENTS) + 2
            d.new_media, d.eject_request = take_flags(data, at - 2)
        elif data.startswith(b"ide_drive", at + 2):
            refuse("no subsection of ide_drive")
        else:
            break
    return at


def _load_transfer(d: Any, data: bytes, at: int) -> int:
    size = d.io_buffer_total_len
    (d.req_nb_sectors,) = take_number(data, at)
    d.io_buffer = list(data[at + 4:at + 4 + size])
    (d.cur_io_buffer_offset, d.cur_io_buffer_len, d.end_transfer_fn_idx, d.elementary_transfer_size,
     d.packet_transfer_size) = take_transfer(data, at + 4 + size)
    d._know_end(1)
    return at + 4 + size + TRANSFER.size


# -- a bus, a bus master

FAILED = Struct(">IiqIB")
ERROR, MOVING, STATUS = name("ide_bus/error"), head("ide bmdma_current"), head("ide bmdma/status")
MASTER, CURRENT = Struct(">BBIqIB"), Struct(">IIII")
pack_failed, take_failed = FAILED.pack, FAILED.unpack_from
pack_master, take_master = MASTER.pack, MASTER.unpack_from
pack_current, take_current = CURRENT.pack, CURRENT.unpack_from


def new_bus() -> Any:
    b = new(IdeBus)
    b.error_status = b.retry_sector_num = b.retry_nsector = b.retry_unit = 0
    return b


def save_bus(b: Any, out: list[Bytes]) -> None:
    out.append(two_octets(b.cmd, b.unit))
    if b._has_failed():
        out += ERROR, pack_failed(2, b.error_status, b.retry_sector_num, b.retry_nsector, b.retry_unit)


def load_bus(b: Any, data: bytes, at: int) -> int:
    b.cmd, b.unit = data[at], data[at + 1]
    at += 2
    if data[at] == 5:
        if data.startswith(ERROR, at):
            at += len(ERROR)
            version = data[at + 3]
            if version == 2:
                _, b.error_status, b.retry_sector_num, b.retry_nsector, b.retry_unit = take_failed(data, at)
                return at + 21
            if version == 1:
                (b.error_status,) = take_number(data, at + 4)
                return at + 8
            refuse("ide_bus/error")
        if data.startswith(b"ide_bus", at + 2):
            refuse("no subsection of ide_bus")
    return at


def new_master() -> Any:
    m = new(BusMaster)
    m.cur_addr = m.cur_prd_last = m.cur_prd_addr = m.cur_prd_len = m.status = 0
    return m


def save_master(m: Any, out: list[Bytes]) -> None:
    out.append(pack_master(
        m.cmd, m.migration_compat_status, m.addr, m.migration_retry_sector_num, m.migration_retry_nsector,
        m.migration_retry_unit))
    if m._is_moving():
        out += MOVING, pack_current(m.cur_addr, m.cur_prd_last, m.cur_prd_addr, m.cur_prd_len)
    if m._is_status_abused():
        out += STATUS, octet(m.status)


def load_master(m: Any, data: bytes, at: int) -> int:
    (m.cmd, m.migration_compat_status, m.addr, m.migration_retry_sector_num, m.migration_retry_nsector,
     m.migration_retry_unit) = take_master(data, at)
    at += 19
    while data[at] == 5:
        if data.startswith(MOVING, at):
            at += len(MOVING) + 16
            m.cur_addr, m.cur_prd_last, m.cur_prd_addr, m.cur_prd_len = take_current(data, at - 16)
        elif data.startswith(STATUS, at):
            at += len(STATUS) + 1
            m.status = data[at - 1]
        elif data.startswith(b"ide bmdma", at + 2):
            refuse("no subsection of ide bmdma")
        else:
            break
    return at


# -- ide

PciIde = plain(ide.PciIde)
FUNCTION = function("")
pack_function, take_function = FUNCTION.pack, FUNCTION.take


def save_ide(o: Any) -> bytes:
    o._copy_from_buses()
    p = o.parent
    if len(p.config) != p.config_size:
        unwritable("config")
    out: list[Bytes] = [pack_function[p.config_size](p.version_id, p.config, *p.irq_state)]
    for master in o.bmdma:
        save_master(master, out)
    for bus in o.buses:
        save_bus(bus, out)
    for drive in o.primary:
        save_drive(drive, out)
    for drive in o.secondary:
        save_drive(drive, out)
    return b"".join(out)


def load_ide(data: bytes, config_size: int = 256) -> Any:
    o = new(PciIde)
    o.parent = new_function(config_size)
    o.bmdma, o.buses = [new_master(), new_master()], [new_bus(), new_bus()]
    o.primary, o.secondary = [new_drive(), new_drive()], [new_drive(), new_drive()]
    return load_into_ide(o, data)


def load_into_ide(o: Any, data: bytes) -> Any:
    p, end = o.parent, len(data)
    version, config, a, b, c, d = take_function[p.config_size](data, 0)
    if not 0 <= version <= p.version_id or a | b | c | d > 1:
        refuse("version_id or irq_state")
    p.version_id, p.config, p.irq_state = version, bytearray(config), [a, b, c, d]
    at = p.config_size + 20
    for master in o.bmdma:
        at = load_master(master, data, at)
    for bus in o.buses:
        at = load_bus(bus, data, at)
    for drive in o.primary:
        at = load_drive(drive, data, at, end)
    for drive in o.secondary:
        at = load_drive(drive, data, at, end)
    if at != end:
        refuse("bytes left over")
    o._copy_to_buses(3)
    return o


# -- ich9_ahci

Ich9Ahci, Ahci, Port, Transfer = (
    plain(ahci.Ich9Ahci), plain(ahci.Ahci), plain(ahci.AhciPort), plain(ahci.NcqTransfer))
PORT, QUEUED, CONTROL = Struct(">16I?i?"), Struct(">IQBBB??"), Struct(">6II")
pack_port, take_port = PORT.pack, PORT.unpack_from
pack_control, take_control = CONTROL.pack, CONTROL.unpack_from


def save_ahci(o: Any) -> bytes:
    p, a = o.parent, o.ahci
    if len(p.config) != p.config_size or len(a.dev) != a.ports:
        unwritable("config or dev")
    out: list[Bytes] = [pack_function[p.config_size](p.version_id, p.config, *p.irq_state)]
    for n in a.dev:
        save_port(n, out)
    out.append(pack_control(a.cap, a.ghc, a.irqstatus, a.impl, a.version, a.idp_index, a.ports))
    return b"".join(out)


def save_port(n: Any, out: list[Bytes]) -> None:
    if len(n.ncq_tfs) != 32:
        unwritable("ncq_tfs")
    n._tell_drive()
    save_bus(n.port, out)
    save_drive(n.drive, out)
    out.append(pack_port(
        n.port_state, n.finished, n.lst_addr, n.lst_addr_hi, n.fis_addr, n.fis_addr_hi, n.irq_stat, n.irq_mask, n.cmd,
        n.tfdata, n.sig, n.scr_stat, n.scr_ctl, n.scr_err, n.scr_act, n.cmd_issue, n.done_first_drq, n.busy_slot,
        n.init_d2h_sent))
    pack = QUEUED.pack
    out += [pack(t.sector_count, t.lba, t.tag, t.cmd, t.slot, t.used, t.halt) for t in n.ncq_tfs]


def load_ahci(data: bytes, config_size: int = 256, ports: int = 6) -> Any:
    o = new(Ich9Ahci)
    o.parent = new_function(config_size)
    a = o.ahci = new(Ahci)
    a.ports, a.dev = ports, []
    for _ in range(ports):
        n = new(Port)
        n.port, n.drive, n.ncq_tfs = new_bus(), new_drive(), [new(Transfer) for _ in range(32)]
        a.dev.append(n)
    return load_into_ahci(o, data)


def load_into_ahci(o: Any, data: bytes) -> Any:
    p, h, end = o.parent, o.ahci, len(data)
    version, config, a, b, c, d = take_function[p.config_size](data, 0)
    if not 0 <= version <= p.version_id or a | b | c | d > 1:
        refuse("version_id or irq_state")
    p.version_id, p.config, p.irq_state = version, bytearray(config), [a, b, c, d]
    at = p.config_size + 20
    for n in h.dev:
        at = load_port(n, data, at, end)
    h.cap, h.ghc, h.irqstatus, h.impl, h.version, h.idp_index, ports = take_control(data, at)
    if ports != h.ports or at + 28 != end:
        refuse("ports, or bytes left over")
    h._restart(1)
    return o


def load_port(n: Any, data: bytes, at: int, end: int) -> int:
    at = load_drive(n.drive, data, load_bus(n.port, data, at), end)
    (n.port_state, n.finished, n.lst_addr, n.lst_addr_hi, n.fis_addr, n.fis_addr_hi, n.irq_stat, n.irq_mask, n.cmd,
     n.tfdata, n.sig, n.scr_stat, n.scr_ctl, n.scr_err, n.scr_act, n.cmd_issue, n.done_first_drq, n.busy_slot,
     n.init_d2h_sent) = take_port(data, at)
    at += PORT.size
    for t, (t.sector_count, t.lba, t.tag, t.cmd, t.slot, t.used, t.halt) in zip(
            n.ncq_tfs, QUEUED.iter_unpack(data[at:at + 544]), strict=True):
        pass
    return at + 544


HAND = {
    ide.PciIde: Hand(save_ide, load_ide, load_into_ide),
    ahci.Ich9Ahci: Hand(save_ahci, load_ahci, load_into_ahci),
}
