"""By hand: virtio-net, e1000, user networking."""

from __future__ import annotations

from struct import Struct
from typing import Any

from devices.net import e1000, slirp, virtio_net

from .pci import function, new_function
from .plain import Hand, head, held, name, new, packed, plain, refuse, unwritable
from .virtio import load_later, load_virtio, new_virtio, save_later, save_virtio

# -- virtio-net

VirtioNet, NetDevice, BackendChunk = (
    plain(virtio_net.VirtioNet), plain(virtio_net.NetDevice), plain(virtio_net.BackendChunk))
CARD, FILTER = Struct(">6sIIHBBI"), Struct(">512sI7B")
PAIRS, OFFLOADS, NUMBER = Struct(">HH"), Struct(">Q"), Struct(">I")
STEERING, RSS, BACKEND = Struct(">I???IIHH40s"), name("virtio-net-device/rss"), head("virtio-net-device/backend", 0)
OLD_STEERING = Struct(">I???IHH40s")
OWN = b"virtio-net-device"
pack_card, take_card = CARD.pack, CARD.unpack_from
pack_filter, take_filter = FILTER.pack, FILTER.unpack_from
pack_pairs, take_pairs = PAIRS.pack, PAIRS.unpack_from
pack_offloads, take_offloads = OFFLOADS.pack, OFFLOADS.unpack_from
pack_number, take_number = NUMBER.pack, NUMBER.unpack_from
pack_steering, take_steering = STEERING.pack, STEERING.unpack_from
take_old_steering = OLD_STEERING.unpack_from


def save_net(o: Any) -> bytes:
    v, n = o.virtio, o.net
    out = save_virtio(v)
    if len(n.mac) != 6 or len(n.vlans) != 512 or len(n.macs) < n.in_use or any(len(mac) != 6 for mac in n.macs):
        unwritable("mac, vlans or macs")
    out.append(pack_card(n.mac, n.tx_waiting, n.mergeable_rx_bufs, n.status, n.promisc, n.allmulti, n.in_use))
    out += n.macs[:n.in_use]
    out.append(pack_filter(
        n.vlans, n.has_vnet_hdr, n.multi_overflow, n.uni_overflow, n.alluni, n.nomulti, n.nouni, n.nobcast, n.has_ufo))
    if n._has_pairs():
        further = max(0, n._further_pairs())
        out += pack_pairs(n.max_queue_pairs, n.curr_queue_pairs), Struct(f">{further}I").pack(*n.tx_waiting_further)
    if v.features_low & 4:
        out.append(pack_offloads(n.curr_guest_offloads))
    if n._steers():
        entries = n.rss_indirections_len
        out += (RSS, pack_steering(
            2, n.rss_enabled, n.rss_redirect, n.rss_populate_hash, n.rss_hash_types, n.rss_supported_types, entries,
            n.rss_default_queue, n.rss_key), Struct(f">{entries}H").pack(*n.rss_indirections))
    if n._has_backend_state():
        out.append(BACKEND)
        for chunk in n.backend:
            out += pack_number(chunk.size), chunk.data
        out.append(pack_number(0))
    save_later(v, out)
    return b"".join(out)


def load_net(data: bytes, transport: int = 1, config_size: int = 256, max_queue_pairs: int = 1) -> Any:
    o = new(VirtioNet)
    o.virtio = new_virtio(transport, config_size)
    n = o.net = new(NetDevice)
    n.max_queue_pairs, n.curr_queue_pairs, n.tx_waiting_further = max_queue_pairs, 1, []
    n.rss_enabled = n.rss_redirect = n.rss_populate_hash = n.backend_migrates = False
    n.rss_hash_types = n.rss_supported_types = n.rss_indirections_len = n.rss_default_queue = 0
    n.curr_guest_offloads = 0
    n.rss_key, n.rss_indirections, n.backend = bytearray(40), [], []
    return load_into_net(o, data)


def load_into_net(o: Any, data: bytes) -> Any:
    v, n = o.virtio, o.net
    at = load_virtio(v, data)
    n._forget()
    mac, n.tx_waiting, n.mergeable_rx_bufs, n.status, n.promisc, n.allmulti, count = take_card(data, at)
    at += CARD.size
    if at + 6 * count > len(data):
        refuse("in_use")
    n.mac, n.in_use = bytearray(mac), count
    n.macs = [bytearray(data[i:i + 6]) for i in range(at, at + 6 * count, 6)]
    at += 6 * count
    (vlans, n.has_vnet_hdr, n.multi_overflow, n.uni_overflow, n.alluni, n.nomulti, n.nouni, n.nobcast,
     n.has_ufo) = take_filter(data, at)
    n.vlans = bytearray(vlans)
    at += FILTER.size
    if n._has_pairs():
        pairs, n.curr_queue_pairs = take_pairs(data, at)
        if pairs != n.max_queue_pairs or n.curr_queue_pairs > pairs:
            refuse("max_queue_pairs")
        further = max(0, n._further_pairs())
        n.tx_waiting_further = list(Struct(f">{further}I").unpack_from(data, at + 4))
        at += 4 + 4 * further
    if v.features_low & 4:
        (n.curr_guest_offloads,) = take_offloads(data, at)
        at += 8
    while data.startswith(OWN, at + 2) and data[at] == 5:
        at = _load_card(n, data, at)
    n._settle(11)
    load_later(v, data, at)
    o._take_all_offloads(11)
    return o


def _load_card(n: Any, data: bytes, at: int) -> int:
    if data.startswith(BACKEND, at):
        return _load_backend(n, data, at + len(BACKEND))
    if not data.startswith(RSS, at):
        refuse("no subsection of virtio-net-device")
    at += len(RSS)
    version = data[at + 3]
    if version == 2:
        (_, n.rss_enabled, n.rss_redirect, n.rss_populate_hash, n.rss_hash_types, n.rss_supported_types, entries,
         n.rss_default_queue, key) = take_steering(data, at)
        at += STEERING.size
    elif version == 1:
        (_, n.rss_enabled, n.rss_redirect, n.rss_populate_hash, n.rss_hash_types, entries, n.rss_default_queue,
         key) = take_old_steering(data, at)
        at += OLD_STEERING.size
    else:
        refuse("virtio-net-device/rss")
    n.rss_key, n.rss_indirections_len = bytearray(key), entries
    n.rss_indirections = list(Struct(f">{entries}H").unpack_from(data, at))
    n._is_table_sensible(version)
    return at + 2 * entries


def _load_backend(n: Any, data: bytes, at: int) -> int:
    n.backend = []
    while size := take_number(data, at)[0]:
        chunk = new(BackendChunk)
        if at + 4 + size > len(data):
            refuse("a chunk's size")
        chunk.size, chunk.data = size, bytearray(data[at + 4:at + 4 + size])
        n.backend.append(chunk)
        at += 4 + size
    n._note_backend(0)
    return at + 4


# -- e1000: a third of it is one buffer, two thirds are one array

E1000 = plain(e1000.E1000)
BEFORE, WORDS, SHORTS = function("4xIIIHHHIBBHBBHIBHHHBbb256s"), Struct(">64H"), Struct(">32H")
pack_before, take_before = BEFORE.pack, BEFORE.take
REGISTERS, ADDRESSES = Struct(">37I"), Struct(">32I")
LATE, SEGMENTATION = Struct(">IIII?"), Struct(">BBHBBHIBHbb")
MITIGATION, FULL, TSO = head("e1000/mit_state"), head("e1000/full_mac_state"), head("e1000/tx_tso_state")
pack_words, take_words = WORDS.pack, WORDS.unpack_from
pack_shorts, take_shorts = SHORTS.pack, SHORTS.unpack_from
pack_registers, take_registers = REGISTERS.pack, REGISTERS.unpack_from
pack_late, take_late = LATE.pack, LATE.unpack_from
pack_segmentation, take_segmentation = SEGMENTATION.pack, SEGMENTATION.unpack_from


def save_e1000(o: Any) -> bytes:
    p = o.parent
    if (len(p.config), len(o.tx_header), len(o.tx_data)) != (p.config_size, 256, 65536):
        unwritable("config, tx_header or tx_data")
    if len(o.mta) != 128 or len(o.vfta) != 128:
        unwritable("mta or vfta")
    out = [
        pack_before[p.config_size](
            p.version_id, p.config, *p.irq_state, o.rxbuf_size, o.rxbuf_min_shift, o.eecd_val_in, o.eecd_bitnum_in,
            o.eecd_bitnum_out, o.eecd_reading, o.eecd_old, o.ipcss, o.ipcso, o.ipcse, o.tucss, o.tucso, o.tucse,
            o.paylen, o.hdr_len, o.mss, o.tx_size, o.tso_frames, o.sum_needed, o.ip, o.tcp, o.tx_header),
        o.tx_data, pack_words(*o.eeprom_data), pack_shorts(*o.phy_reg),
        pack_registers(
            o.ctrl, o.eecd, o.eerd, o.gprc, o.gptc, o.icr, o.ics, o.imc, o.ims, o.ledctl, o.manc, o.mdic, o.mpc,
            o.pba, o.rctl, o.rdbah, o.rdbal, o.rdh, o.rdlen, o.rdt, o.status, o.swsm, o.tctl, o.tdbah, o.tdbal, o.tdh,
            o.tdlen, o.tdt, o.torh, o.torl, o.toth, o.totl, o.tpr, o.tpt, o.txdctl, o.wufc, o.vet),
        packed("I", o.ra), packed("I", o.mta), packed("I", o.vfta)]
    if o._mitigates_interrupts():
        out += MITIGATION, pack_late(o.rdtr, o.radv, o.tadv, o.itr, o.mit_irq_level)
    if o._has_all_registers():
        o._take_in()
        if len(o.mac_reg) != 32768:
            unwritable("mac_reg")
        out += FULL, packed("I", o.mac_reg)
    if o._has_segmentation():
        out += TSO, pack_segmentation(
            o.tso_ipcss, o.tso_ipcso, o.tso_ipcse, o.tso_tucss, o.tso_tucso, o.tso_tucse, o.tso_paylen, o.tso_hdr_len,
            o.tso_mss, o.tso_ip, o.tso_tcp)
    return b"".join(out)


def load_e1000(data: bytes, config_size: int = 256) -> Any:
    o = new(E1000)
    o.parent = new_function(config_size)
    o.mitigates = o.sends_all_registers = o.sends_segmentation = True
    o.rdtr = o.radv = o.tadv = o.itr = 0
    o.mit_irq_level = False
    o.mac_reg = e1000._registers()
    o.tso_ipcss = o.tso_ipcso = o.tso_ipcse = o.tso_tucss = o.tso_tucso = o.tso_tucse = o.tso_paylen = 0
    o.tso_hdr_len = o.tso_mss = o.tso_ip = o.tso_tcp = 0
    return load_into_e1000(o, data)


def load_into_e1000(o: Any, data: bytes) -> Any:
    o._forget()
    p = o.parent
    (version, config, a, b, c, d, o.rxbuf_size, o.rxbuf_min_shift, o.eecd_val_in, o.eecd_bitnum_in,
     o.eecd_bitnum_out, o.eecd_reading, o.eecd_old, o.ipcss, o.ipcso, o.ipcse, o.tucss, o.tucso, o.tucse,
     o.paylen, o.hdr_len, o.mss, o.tx_size, o.tso_frames, o.sum_needed, o.ip, o.tcp,
     header) = take_before[p.config_size](data, 0)
    if not 0 <= version <= p.version_id or a | b | c | d > 1:
        refuse("version_id or irq_state")
    p.version_id, p.config, p.irq_state = version, bytearray(config), [a, b, c, d]
    at = BEFORE.size[p.config_size]
    o.tx_header, o.tx_data = bytearray(header), bytearray(memoryview(data)[at:at + 65536])
    at += 65536
    o.eeprom_data, o.phy_reg = list(take_words(data, at)), list(take_shorts(data, at + 128))
    (o.ctrl, o.eecd, o.eerd, o.gprc, o.gptc, o.icr, o.ics, o.imc, o.ims, o.ledctl, o.manc, o.mdic, o.mpc, o.pba,
     o.rctl, o.rdbah, o.rdbal, o.rdh, o.rdlen, o.rdt, o.status, o.swsm, o.tctl, o.tdbah, o.tdbal, o.tdh, o.tdlen,
     o.tdt, o.torh, o.torl, o.toth, o.totl, o.tpr, o.tpt, o.txdctl, o.wufc,
     o.vet) = take_registers(data, at + 192)
    at += 192 + 148
    o.ra = held("I", data[at:at + 128])
    o.mta, o.vfta = held("I", data[at + 128:at + 640]), held("I", data[at + 640:at + 1152])
    at += 1152
    while at < len(data):
        at = _load_card_more(o, data, at)
    o._settle(2)
    return o


def _load_card_more(o: Any, data: bytes, at: int) -> int:
    if data.startswith(FULL, at):
        begin = at + len(FULL)
        at = begin + 131072
        o.mac_reg = held("I", data[begin:at])
        o._set_apart(1)
    elif data.startswith(MITIGATION, at):
        at += len(MITIGATION) + 17
        o.rdtr, o.radv, o.tadv, o.itr, o.mit_irq_level = take_late(data, at - 17)
    elif data.startswith(TSO, at):
        at += len(TSO) + SEGMENTATION.size
        (o.tso_ipcss, o.tso_ipcso, o.tso_ipcse, o.tso_tucss, o.tso_tucso, o.tso_tucse, o.tso_paylen, o.tso_hdr_len,
         o.tso_mss, o.tso_ip, o.tso_tcp) = take_segmentation(data, at - SEGMENTATION.size)
        o._note_segmentation(1)
    else:
        refuse("no subsection of e1000")
    return at


# -- slirp: no sockets unless there are forwards

Slirp, Lease, Socket, Address, SocketBuffer, Tcp = (
    plain(slirp.Slirp), plain(slirp.Lease), plain(slirp.Socket), plain(slirp.Address), plain(slirp.SocketBuffer),
    plain(slirp.Tcp))
ID, LEASE, IPV4, RING, KIND = Struct(">H"), Struct(">H6s"), Struct(">IH"), Struct(">IIII"), Struct(">BBBi")
TCP = Struct(">h4hhhhHBH15IhhIhhHIBBhBBBBIII")
pack_id, take_id = ID.pack, ID.unpack_from
pack_lease = LEASE.pack
pack_ipv4, take_ipv4 = IPV4.pack, IPV4.unpack_from
pack_ring, take_ring = RING.pack, RING.unpack_from
pack_kind, take_kind = KIND.pack, KIND.unpack_from
pack_tcp, take_tcp = TCP.pack, TCP.unpack_from


def save_slirp(o: Any) -> bytes:
    if len(o.leases) != 16:
        unwritable("leases")
    out: list[bytes] = []
    for socket in o.sockets:
        out.append(b"\x2a")
        _save_socket(socket, out)
    out += b"\0", pack_id(o.ip_id)
    out += [pack_lease(lease.allocated, lease.macaddr) for lease in o.leases]
    return b"".join(out)


def _save_socket(s: Any, out: list[bytes]) -> None:
    out.append(pack_number(s.urgc))
    for address in (s.fhost, s.lhost):
        out.append(pack_id(address.family))
        if address._is_ipv4():
            out.append(pack_ipv4(address.address, address.port))
    out.append(pack_kind(s.iptos, s.emu, s.type, s.state))
    for ring in (s.rcv, s.snd):
        if len(ring.data) != ring.datalen:
            unwritable("data")
        out += pack_ring(ring.cc, ring.datalen, ring.woff, ring.roff), ring.data
    t = s.tcp
    out.append(pack_tcp(
        t.state, *t.timers, t.rxtshift, t.rxtcur, t.dupacks, t.maxseg, t.force, t.flags, t.snd_una, t.snd_nxt,
        t.snd_up, t.snd_wl1, t.snd_wl2, t.iss, t.snd_wnd, t.rcv_wnd, t.rcv_nxt, t.rcv_up, t.irs, t.rcv_adv, t.snd_max,
        t.snd_cwnd, t.snd_ssthresh, t.idle, t.rtt, t.rtseq, t.srtt, t.rttvar, t.rttmin, t.max_sndwnd, t.oobflags,
        t.iobc, t.softerror, t.snd_scale, t.rcv_scale, t.request_r_scale, t.requested_s_scale, t.ts_recent,
        t.ts_recent_age, t.last_ack_sent))


def load_slirp(data: bytes) -> Any:
    o = new(Slirp)
    o.leases = [new(Lease) for _ in range(16)]
    return load_into_slirp(o, data)


def load_into_slirp(o: Any, data: bytes) -> Any:
    at, o.sockets = 1, []
    while data[at - 1] == 42:
        at = _load_socket(o, data, at) + 1
    if data[at - 1] != 0 or len(data) != at + 130:
        refuse("sockets, or bytes left over")
    (o.ip_id,) = take_id(data, at)
    for lease, (lease.allocated, address) in zip(o.leases, LEASE.iter_unpack(data[at + 2:]), strict=True):
        lease.macaddr = bytearray(address)
    return o


def _load_socket(o: Any, data: bytes, at: int) -> int:
    s = new(Socket)
    o.sockets.append(s)
    s.faddr = s.laddr = s.fport = s.lport = 0
    s.fhost, s.lhost, s.rcv, s.snd, t = new(Address), new(Address), new(SocketBuffer), new(SocketBuffer), new(Tcp)
    (s.urgc,), s.tcp = take_number(data, at), t
    at += 4
    for address in (s.fhost, s.lhost):
        (address.family,), address.address, address.port = take_id(data, at), 0, 0
        at += 2
        if address._is_ipv4():
            address.address, address.port = take_ipv4(data, at)
            at += 6
        address._know_family(4)
    s.iptos, s.emu, s.type, s.state = take_kind(data, at)
    at += 7
    for ring in (s.rcv, s.snd):
        ring.cc, ring.datalen, ring.woff, ring.roff = take_ring(data, at)
        at += 16 + ring.datalen
        if at > len(data):
            refuse("datalen")
        ring.data = bytearray(data[at - ring.datalen:at])
        ring._is_inside(0)
    (t.state, a, b, c, d, t.rxtshift, t.rxtcur, t.dupacks, t.maxseg, t.force, t.flags, t.snd_una, t.snd_nxt, t.snd_up,
     t.snd_wl1, t.snd_wl2, t.iss, t.snd_wnd, t.rcv_wnd, t.rcv_nxt, t.rcv_up, t.irs, t.rcv_adv, t.snd_max, t.snd_cwnd,
     t.snd_ssthresh, t.idle, t.rtt, t.rtseq, t.srtt, t.rttvar, t.rttmin, t.max_sndwnd, t.oobflags, t.iobc,
     t.softerror, t.snd_scale, t.rcv_scale, t.request_r_scale, t.requested_s_scale, t.ts_recent, t.ts_recent_age,
     t.last_ack_sent) = take_tcp(data, at)
    t.timers = [a, b, c, d]
    return at + TCP.size


HAND = {
    virtio_net.VirtioNet: Hand(save_net, load_net, load_into_net),
    e1000.E1000: Hand(save_e1000, load_e1000, load_into_e1000),
    slirp.Slirp: Hand(save_slirp, load_slirp, load_into_slirp),
}
