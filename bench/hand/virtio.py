"""By hand: what every virtio device has, its transports and queues."""

from __future__ import annotations

from struct import Struct
from typing import Any

from devices.virtio import common, mmio, pci, queue

from .pci import function, new_function
from .plain import head, new, octet, plain, refuse, unwritable

Virtio, VirtioPci, VirtioMmio, ModernQueue, MmioQueue, VirtQueue = (
    plain(common.Virtio), plain(pci.VirtioPci), plain(mmio.VirtioMmio), plain(pci.ModernQueue),
    plain(mmio.MmioQueue), plain(queue.VirtQueue))
PCI, MMIO, QUEUES = common.Transport.PCI, common.Transport.MMIO, 1024
ENDIANS = {int(one): one for one in common.Endian}

# -- queues: what is sent of one depends on the transport

RINGS, SIZES, PACKED = Struct(">2048Q"), Struct(">1024I"), Struct(">H?H?I")
OVER_PCI, OVER_PCI_WITH_VECTORS, OVER_MMIO = Struct(">IQH"), Struct(">IQHH"), Struct(">IIQH")
pack_rings, take_rings = RINGS.pack, RINGS.unpack_from
pack_sizes, take_sizes = SIZES.pack, SIZES.unpack_from
pack_packed = PACKED.pack
pack_over_pci, take_over_pci = OVER_PCI.pack, OVER_PCI.unpack_from
pack_over_pci_with_vectors, take_over_pci_with_vectors = OVER_PCI_WITH_VECTORS.pack, OVER_PCI_WITH_VECTORS.unpack_from
pack_over_mmio, take_over_mmio = OVER_MMIO.pack, OVER_MMIO.unpack_from


def new_queue() -> Any:
    q = new(VirtQueue)
    q.align, q.vector = 4096, 0xFFFF
    q.num = q.desc = q.last_avail_idx = q.avail = q.used = q.num_default = 0
    q.packed_avail_idx = q.used_idx = q.inuse = 0
    q.last_avail_wrap_counter = q.used_wrap_counter = True
    return q


def _fill(queues: list[Any], count: int) -> None:
    queues += [new_queue() for _ in range(count - len(queues))]


def save_queues(v: Any, out: list[bytes], vectors: int) -> None:
    queues = v.queues[:v.queue_count]
    if v.transport is MMIO:
        out += [pack_over_mmio(q.num, q.align, q.desc, q.last_avail_idx) for q in queues]
    elif vectors:
        out += [pack_over_pci_with_vectors(q.num, q.desc, q.last_avail_idx, q.vector) for q in queues]
    else:
        out += [pack_over_pci(q.num, q.desc, q.last_avail_idx) for q in queues]


def load_queues(v: Any, data: bytes, at: int, vectors: int) -> int:
    if v.transport is MMIO:
        for q in v.queues[:v.queue_count]:
            q.num, q.align, q.desc, q.last_avail_idx = take_over_mmio(data, at)
            q._is_placed(1)
            at += 18
    elif vectors:
        for q in v.queues[:v.queue_count]:
            q.num, q.desc, q.last_avail_idx, q.vector = take_over_pci_with_vectors(data, at)
            q._is_placed(1)
            at += 16
    else:
        for q in v.queues[:v.queue_count]:
            q.num, q.desc, q.last_avail_idx = take_over_pci(data, at)
            q._is_placed(1)
            at += 14
    return at


# -- before the device's own part

FUNCTION, VECTOR, SELECTORS = function(""), Struct(">H"), Struct(">III")
pack_function, take_function = FUNCTION.pack, FUNCTION.take
REGISTERS, COUNT = Struct(">BBHII"), Struct(">I")
pack_vector, take_vector = VECTOR.pack, VECTOR.unpack_from
pack_selectors, take_selectors = SELECTORS.pack, SELECTORS.unpack_from
pack_registers, take_registers = REGISTERS.pack, REGISTERS.unpack_from
pack_count, take_count = COUNT.pack, COUNT.unpack_from


def new_virtio(transport: int, config_size: int) -> Any:
    v = new(Virtio)
    v.transport = common.Transport(transport)
    v.pci, v.mmio, v.queues = _new_pci(config_size), _new_mmio(), []
    v.host_features, v.shown_features, v.default_endian = 0, common.RING_RESET, common.Endian.LITTLE
    v.broken = v.disabled = v.started = False
    return v


def _new_pci(config_size: int) -> Any:
    p = new(VirtioPci)
    f = p.pci = new_function(config_size)
    f.config, f.irq_state = bytearray(256), [0, 0, 0, 0]
    p.msix_table, p.msix_pending, p.config_vector = bytearray(), bytearray(), 0xFFFF
    p.migrate_extra, p.modern = True, False
    p.dfselect = p.gfselect = 0
    p.guest_features = [0, 0, 0, 0]
    p.queues = _new_transport_queues(ModernQueue)
    return p


def _new_mmio() -> Any:
    m = new(VirtioMmio)
    m.legacy = True
    m.host_features_sel = m.guest_features_sel = m.guest_page_shift = 0
    m.guest_features = [0, 0]
    m.queues = _new_transport_queues(MmioQueue)
    return m


def _new_transport_queues(kind: type) -> list[Any]:
    made = [new(kind) for _ in range(QUEUES)]
    for q in made:
        q.num, q.enabled, q.desc, q.avail, q.used = 0, False, [0, 0], [0, 0], [0, 0]
    return made


def save_virtio(v: Any) -> list[bytes]:
    v._count()
    vectors = 0
    if v.transport is PCI:
        p = v.pci
        f = p.pci
        if len(f.config) != f.config_size:
            unwritable("config")
        out = [pack_function[f.config_size](f.version_id, f.config, *f.irq_state)]
        if vectors := f.msix_vectors:
            if len(p.msix_table) != 16 * vectors or len(p.msix_pending) != (vectors + 7) // 8:
                unwritable("msix_table or msix_pending")
            out += p.msix_table, p.msix_pending, pack_vector(p.config_vector)
    else:
        m = v.mmio
        out = [pack_selectors(m.host_features_sel, m.guest_features_sel, m.guest_page_shift)]
    out += (pack_registers(v.status, v.isr, v.queue_sel, v.features_low, len(v.config)), v.config,
            pack_count(v.queue_count))
    save_queues(v, out, vectors)
    return out


def load_virtio(v: Any, data: bytes) -> int:
    v._forget()
    vectors = 0
    if v.transport is PCI:
        p = v.pci
        f = p.pci
        version, config, a, b, c, d = take_function[f.config_size](data, 0)
        if not 0 <= version <= f.version_id or a | b | c | d > 1:
            refuse("version_id or irq_state")
        f.version_id, f.config, f.irq_state = version, bytearray(config), [a, b, c, d]
        at = f.config_size + 20
        if vectors := f.msix_vectors:
            end = at + 16 * vectors
            p.msix_table = bytearray(data[at:end])
            at = end + (vectors + 7) // 8
            p.msix_pending = bytearray(data[end:at])
            (p.config_vector,) = take_vector(data, at)
            at += 2
        p._find_registers(1)
    else:
        m = v.mmio
        m.host_features_sel, m.guest_features_sel, m.guest_page_shift = take_selectors(data, 0)
        at = 12
    v.status, v.isr, v.queue_sel, v.features_low, size = take_registers(data, at)
    at += 12
    if v.queue_sel >= QUEUES or at + size > len(data):
        refuse("queue_sel or config")
    v.config = bytearray(data[at:at + size])
    (v.queue_count,) = take_count(data, at + size)
    if v.queue_count > QUEUES:
        refuse("queue_count")
    _fill(v.queues, v.queue_count)
    at = load_queues(v, data, at + size + 4, vectors)
    v._begin_features(1)
    v._vectors_exist(1)
    return at


# -- after it

NUMBER, MODERN, MODERN_QUEUE, MMIO_QUEUE, WORDS = (
    Struct(">Q"), Struct(">IIII"), Struct(">Hx?6I"), Struct(">H?6I"), Struct(">II"))
ENDIAN, HIGHEST, HIGH = head("virtio/device_endian"), head("virtio/128bit_features"), head("virtio/64bit_features")
VIRTQUEUES, RINGSIZE, BROKEN = head("virtio/virtqueues"), head("virtio/ringsize"), head("virtio/broken")
EXTRA, STARTED, DISABLED = head("virtio/extra_state"), head("virtio/started"), head("virtio/disabled")
PACKED_QUEUES, MODERN_STATE = head("virtio/packed_virtqueues"), head("virtio_pci/modern_state")
FURTHER, MMIO_STATE = head("virtio_pci/modern_state/features128"), head("virtio_mmio/state")
pack_number, take_number = NUMBER.pack, NUMBER.unpack_from
pack_modern, take_modern = MODERN.pack, MODERN.unpack_from
pack_words, take_words = WORDS.pack, WORDS.unpack_from


def save_later(v: Any, out: list[bytes]) -> None:
    if v._is_endian_unusual():
        out += ENDIAN, octet(v.endian)
    if v._has_highest_features():
        out += HIGHEST, pack_number(v.guest_features_high)
    if v._has_high_features():
        out += HIGH, pack_number(v.guest_features)
    if v._is_version_1():
        _fill(v.queues, QUEUES)
        rings = [0] * (2 * QUEUES)
        rings[::2], rings[1::2] = [q.avail for q in v.queues], [q.used for q in v.queues]
        out += VIRTQUEUES, pack_rings(*rings)
    if v._is_resized():
        _fill(v.queues, QUEUES)
        out += RINGSIZE, pack_sizes(*[q.num_default for q in v.queues])
    if v._is_broken():
        out += BROKEN, b"\1"
    if v._has_extra_state():
        out.append(EXTRA)
        if v.transport is PCI:
            _save_modern(v.pci, out)
        else:
            _save_mmio(v.mmio, out)
    if v._has_started():
        out += STARTED, b"\1"
    if v._offers_packed():
        _fill(v.queues, QUEUES)
        v._have_one_position()
        out.append(PACKED_QUEUES)
        out += [pack_packed(q.packed_avail_idx, q.last_avail_wrap_counter, q.used_idx, q.used_wrap_counter, q.inuse)
                for q in v.queues]
    if v._is_disabled():
        out += DISABLED, b"\1"


def _save_modern(p: Any, out: list[bytes]) -> None:
    if not p._is_modern():
        return
    first, second, third, fourth = p.guest_features
    out += MODERN_STATE, pack_modern(p.dfselect, p.gfselect, first, second)
    save_transport_queues(p.queues, MODERN_QUEUE.pack, out)
    if p._has_further_features():
        out += FURTHER, pack_words(third, fourth)


def _save_mmio(m: Any, out: list[bytes]) -> None:
    out += MMIO_STATE, pack_words(*m.guest_features)
    save_transport_queues(m.queues, MMIO_QUEUE.pack, out)


def save_transport_queues(queues: list[Any], pack: Any, out: list[bytes]) -> None:
    if len(queues) != QUEUES:
        unwritable("queues")
    append = out.append
    for q in queues:
        a, b = q.desc
        c, d = q.avail
        e, f = q.used
        append(pack(q.num, q.enabled, a, b, c, d, e, f))


def load_later(v: Any, data: bytes, at: int) -> Any:
    """All that is left of the section."""
    end = len(data)
    while at < end:
        at = _load_more(v, data, at)
    v._settle(1)
    return v


def _load_more(v: Any, data: bytes, at: int) -> int:
    if data.startswith(HIGH, at):
        at += len(HIGH) + 8
        (v.guest_features,) = take_number(data, at - 8)
        v._note_high(1)
    elif data.startswith(VIRTQUEUES, at):
        at += len(VIRTQUEUES)
        _fill(v.queues, QUEUES)
        rings = iter(take_rings(data, at))
        for q, q.avail, q.used in zip(v.queues, rings, rings, strict=False):
            pass
        at += RINGS.size
    elif data.startswith(EXTRA, at):
        at += len(EXTRA)
        at = _load_modern(v.pci, data, at) if v.transport is PCI else _load_mmio(v.mmio, data, at)
        v._note_extra_state(1)
    elif data.startswith(STARTED, at):
        at += len(STARTED) + 1
        v.started = data[at - 1] != 0
    elif data.startswith(RINGSIZE, at):
        at += len(RINGSIZE)
        _fill(v.queues, QUEUES)
        for q, q.num_default in zip(v.queues, take_sizes(data, at), strict=True):
            pass
        at += SIZES.size
    elif data.startswith(ENDIAN, at):
        at += len(ENDIAN) + 1
        if (endian := ENDIANS.get(data[at - 1])) is None:
            refuse("device_endian")
        v.endian = endian
    else:
        return _load_rest(v, data, at)
    return at


def _load_rest(v: Any, data: bytes, at: int) -> int:
    if data.startswith(HIGHEST, at):
        at += len(HIGHEST) + 8
        (v.guest_features_high,) = take_number(data, at - 8)
        v._note_highest(1)
    elif data.startswith(BROKEN, at):
        at += len(BROKEN) + 1
        v.broken = data[at - 1] != 0
    elif data.startswith(DISABLED, at):
        at += len(DISABLED) + 1
        v.disabled = data[at - 1] != 0
    elif data.startswith(PACKED_QUEUES, at):
        begin = at + len(PACKED_QUEUES)
        at = begin + QUEUES * PACKED.size
        _fill(v.queues, QUEUES)
        for q, (q.packed_avail_idx, q.last_avail_wrap_counter, q.used_idx, q.used_wrap_counter, q.inuse) in zip(
                v.queues, PACKED.iter_unpack(data[begin:at]), strict=True):
            pass
        v._note_packed(1)
    else:
        refuse("no subsection of virtio")
    return at


def _load_modern(p: Any, data: bytes, at: int) -> int:
    while data.startswith(b"virtio_pci", at + 2) and data[at] == 5:
        if data.startswith(MODERN_STATE, at):
            at += len(MODERN_STATE)
            p.dfselect, p.gfselect, first, second = take_modern(data, at)
            p.guest_features = [first, second, *p.guest_features[2:]]
            at = load_transport_queues(p.queues, MODERN_QUEUE, data, at + 16)
        elif data.startswith(FURTHER, at):
            at += len(FURTHER) + 8
            p.guest_features = [*p.guest_features[:2], *take_words(data, at - 8)]
        else:
            refuse("no subsection of virtio_pci")
    return at


def _load_mmio(m: Any, data: bytes, at: int) -> int:
    if data.startswith(MMIO_STATE, at):
        at += len(MMIO_STATE)
        m.guest_features = list(take_words(data, at))
        return load_transport_queues(m.queues, MMIO_QUEUE, data, at + 8)
    return at


def load_transport_queues(queues: list[Any], one: Struct, data: bytes, at: int) -> int:
    end = at + QUEUES * one.size
    for q, (q.num, q.enabled, a, b, c, d, e, f) in zip(queues, one.iter_unpack(data[at:end]), strict=True):
        q.desc, q.avail, q.used = [a, b], [c, d], [e, f]
    return end
