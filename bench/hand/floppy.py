"""By hand: the floppy disk controller."""

from __future__ import annotations

from struct import Struct
from typing import Any

from devices.block import fdc

from .plain import NOT_PENDING, Hand, head, new, octet, plain, refuse, unwritable

Fdc, Controller, Drive = plain(fdc.Fdc), plain(fdc.FloppyController), plain(fdc.FloppyDrive)
BEFORE, AFTER, NUMBER, EXPIRY = Struct(">9B512sII10B"), Struct(">BBB"), Struct(">i"), Struct(">Q")
CHANGED, RATE, PERPENDICULAR = head("fdrive/media_changed"), head("fdrive/media_rate"), head("fdrive/perpendicular")
SENSE, RESULT, PHASE = head("fdc/reset_sensei"), head("fdc/result_timer"), head("fdc/phase")
pack_before, take_before = BEFORE.pack, BEFORE.unpack_from
pack_after, take_after = AFTER.pack, AFTER.unpack_from
pack_number, take_number = NUMBER.pack, NUMBER.unpack_from
pack_expiry, take_expiry = EXPIRY.pack, EXPIRY.unpack_from


def save_fdc(o: Any) -> bytes:
    c = o.state
    if len(c.fifo) != 512 or len(c.drives) != 2:
        unwritable("fifo or drives")
    out = [pack_before(
        c.sra, c.srb, c.dor, c.tdr, c.dsr, c.msr, c.status0, c.status1, c.status2, bytearray(c.fifo), c.data_pos,
        c.data_len, c.data_state, c.data_dir, c.eot, c.timer0, c.timer1, c.precomp_trk, c.config, c.lock, c.pwrd,
        c.num_floppies)]
    for d in c.drives:
        out.append(pack_after(d.head, d.track, d.sect))
        if d._is_unchanged():
            out += CHANGED, octet(d.media_changed)
        if d._has_rate():
            out += RATE, octet(d.media_rate)
        if d._is_perpendicular():
            out += PERPENDICULAR, octet(d.perpendicular)
    if c._owes_interrupt_status():
        out += SENSE, pack_number(c.reset_sensei)
    if c._is_seeking():
        out += RESULT, pack_expiry(c.result_timer)
    if c._is_phase_unexpected():
        out += PHASE, octet(c.phase)
    return b"".join(out)


def load_fdc(data: bytes) -> Any:
    o = new(Fdc)
    c = o.state = new(Controller)
    a, b = c.drives = [new(Drive), new(Drive)]
    a.has_backend = b.has_backend = False
    a.checks_rate = b.checks_rate = True
    a.media_changed = b.media_changed = 1
    a.media_rate = b.media_rate = a.perpendicular = b.perpendicular = 0
    c.num_floppies = 2
    c.reset_sensei, c.result_timer = 0, None
    return load_into_fdc(o, data)


def load_into_fdc(o: Any, data: bytes) -> Any:
    c = o.state
    c._forget_phase()
    (c.sra, c.srb, c.dor, c.tdr, c.dsr, c.msr, c.status0, c.status1, c.status2, fifo, c.data_pos, c.data_len,
     c.data_state, c.data_dir, c.eot, c.timer0, c.timer1, c.precomp_trk, c.config, c.lock, c.pwrd,
     floppies) = take_before(data, 0)
    if floppies != c.num_floppies:
        refuse("num_floppies")
    c.fifo = list(fifo)
    at, end = 539, len(data)
    for d in c.drives:
        d.head, d.track, d.sect = take_after(data, at)
        at += 3
        while at < end and data[at] == 5:
            if data.startswith(RATE, at):
                at += len(RATE) + 1
                d.media_rate = data[at - 1]
            elif data.startswith(CHANGED, at):
                at += len(CHANGED) + 1
                d.media_changed = data[at - 1]
                d.has_backend = True
            elif data.startswith(PERPENDICULAR, at):
                at += len(PERPENDICULAR) + 1
                d.perpendicular = data[at - 1]
            elif data.startswith(b"fdrive", at + 2):
                refuse("no subsection of fdrive")
            else:
                break
    while at < end:
        at = _load_more(c, data, at)
    c._tell_phase(2)
    return o


def _load_more(c: Any, data: bytes, at: int) -> int:
    if data.startswith(SENSE, at):
        at += len(SENSE) + 4
        (c.reset_sensei,) = take_number(data, at - 4)
    elif data.startswith(RESULT, at):
        at += len(RESULT) + 8
        (timer,) = take_expiry(data, at - 8)
        c.result_timer = None if timer == NOT_PENDING else timer
    elif data.startswith(PHASE, at):
        at += len(PHASE) + 1
        c.phase = data[at - 1]
    else:
        refuse("no subsection of fdc")
    return at


HAND = {fdc.Fdc: Hand(save_fdc, load_fdc, load_into_fdc)}
