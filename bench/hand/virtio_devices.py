"""By hand: virtio devices of few members of their own: block device, random numbers, balloon."""

from __future__ import annotations

from struct import Struct
from typing import Any

from devices.virtio import balloon, blk, element, rng

from .plain import Hand, head, new, plain, refuse, unwritable
from .virtio import load_later, load_virtio, new_virtio, save_later, save_virtio

COUNT, WORDS = Struct(">I"), Struct(">II")
pack_count, take_count = COUNT.pack, COUNT.unpack_from
pack_words, take_words = WORDS.pack, WORDS.unpack_from

# -- virtio-rng: nothing of its own

VirtioRng = plain(rng.VirtioRng)


def save_rng(o: Any) -> bytes:
    out = save_virtio(o.virtio)
    save_later(o.virtio, out)
    return b"".join(out)


def load_rng(data: bytes, transport: int = 1, config_size: int = 256) -> Any:
    o = new(VirtioRng)
    o.virtio = new_virtio(transport, config_size)
    return load_into_rng(o, data)


def load_into_rng(o: Any, data: bytes) -> Any:
    v = o.virtio
    load_later(v, data, load_virtio(v, data))
    return o


# -- virtio-balloon

VirtioBalloon, BalloonDevice = plain(balloon.VirtioBalloon), plain(balloon.BalloonDevice)
FREE_PAGES, POISON = head("virtio-balloon-device/free-page-report"), head("virtio-balloon-device/page-poison")
MISSPELLED = head("vitio-balloon-device/page-poison")


def save_balloon(o: Any) -> bytes:
    v, b = o.virtio, o.balloon
    out = save_virtio(v)
    out.append(pack_words(b.num_pages, b.actual))
    if v.guest_features & 8:
        out += FREE_PAGES, pack_words(b.free_page_hint_cmd_id, b.free_page_hint_status)
    if v.guest_features & 16:
        out += MISSPELLED if b.misspells else POISON, pack_count(b.poison_val)
    save_later(v, out)
    return b"".join(out)


def load_balloon(data: bytes, transport: int = 1, config_size: int = 256) -> Any:
    o = new(VirtioBalloon)
    o.virtio = new_virtio(transport, config_size)
    b = o.balloon = new(BalloonDevice)
    b.free_page_hint_cmd_id, b.free_page_hint_status, b.poison_val = 0x8000_0000, 0, 0
    b.misspells = False
    return load_into_balloon(o, data)


def load_into_balloon(o: Any, data: bytes) -> Any:
    v, b = o.virtio, o.balloon
    at = load_virtio(v, data)
    b._forget()
    b.num_pages, b.actual = take_words(data, at)
    at += 8
    while data.startswith(b"virtio-balloon-device", at + 2) and data[at] == 5:
        if data.startswith(FREE_PAGES, at):
            at += len(FREE_PAGES) + 8
            b.free_page_hint_cmd_id, b.free_page_hint_status = take_words(data, at - 8)
        elif data.startswith(POISON, at):
            at += len(POISON) + 4
            (b.poison_val,) = take_count(data, at - 4)
        else:
            refuse("no subsection of virtio-balloon-device")
    if data.startswith(MISSPELLED, at):
        at += len(MISSPELLED) + 4
        (b.poison_val,) = take_count(data, at - 4)
        b._is_misspelled(1)
    load_later(v, data, at)
    return o


# -- virtio-blk: requests in flight

VirtioBlk, BlkRequest, Element, Iovec = (
    plain(blk.VirtioBlk), plain(blk.BlkRequest), plain(element.VirtQueueElement), plain(element.Iovec))
COUNTS, IOVEC, SLOTS = Struct("<III4x"), Struct("<8xQ"), 1024
pack_counts, take_counts = COUNTS.pack, COUNTS.unpack_from
pack_iovec = IOVEC.pack


def save_blk(o: Any) -> bytes:
    v = o.virtio
    out = save_virtio(v)
    for request in o.requests:
        out.append(b"\1")
        if v.queue_count > 1:
            out.append(pack_count(request.queue))
        _save_element(request.element, o.offers_packed_rings, out)
    out.append(b"\0")
    save_later(v, out)
    return b"".join(out)


def _save_element(e: Any, packed: bool, out: list[bytes]) -> None:
    if e.packed or packed:
        out.append(pack_count(e.ndescs))
    if max(e.in_num, e.out_num) > SLOTS:
        unwritable("in_num or out_num")
    out.append(pack_counts(e.index, e.out_num, e.in_num))
    for count, addresses in ((e.in_num, e.in_addr), (e.out_num, e.out_addr)):
        out += Struct(f"<{count}Q").pack(*addresses[:count]), bytes(8 * (SLOTS - count))
    for count, memory in ((e.in_num, e.in_sg), (e.out_num, e.out_sg)):
        out += [pack_iovec(one.length) for one in memory[:count]]
        out.append(bytes(16 * (SLOTS - count)))


def load_blk(data: bytes, transport: int = 1, config_size: int = 256) -> Any:
    o = new(VirtioBlk)
    o.virtio = new_virtio(transport, config_size)
    return load_into_blk(o, data)


def load_into_blk(o: Any, data: bytes) -> Any:
    v = o.virtio
    at = load_virtio(v, data)
    o.requests = []
    while data[at] == 1:
        at = _load_request(o, data, at + 1)
    if data[at] != 0:
        refuse("neither a request nor their end")
    load_later(v, data, at + 1)
    o._take(2)
    return o


def _load_request(o: Any, data: bytes, at: int) -> int:
    request = new(BlkRequest)
    e = request.element = new(Element)
    o.requests.append(request)
    request.queue, e.packed, e.ndescs = 0, False, 1
    if o.virtio.queue_count > 1:
        (request.queue,) = take_count(data, at)
        at += 4
    if o.offers_packed_rings:
        (e.ndescs,) = take_count(data, at)
        at += 4
    e.index, e.out_num, e.in_num = take_counts(data, at)
    if max(e.in_num, e.out_num) > SLOTS:
        refuse("in_num or out_num")
    at += 16
    e.in_addr = list(Struct(f"<{e.in_num}Q").unpack_from(data, at))
    e.out_addr = list(Struct(f"<{e.out_num}Q").unpack_from(data, at + 8 * SLOTS))
    at += 16 * SLOTS
    e.in_sg = _load_memory(e.in_num, data, at)
    e.out_sg = _load_memory(e.out_num, data, at + 16 * SLOTS)
    return at + 32 * SLOTS


def _load_memory(count: int, data: bytes, at: int) -> list[Any]:
    made = [new(Iovec) for _ in range(count)]
    for one, (one.length,) in zip(made, IOVEC.iter_unpack(data[at:at + 16 * count]), strict=True):
        pass
    return made


HAND = {
    rng.VirtioRng: Hand(save_rng, load_rng, load_into_rng),
    balloon.VirtioBalloon: Hand(save_balloon, load_balloon, load_into_balloon),
    blk.VirtioBlk: Hand(save_blk, load_blk, load_into_blk),
}
