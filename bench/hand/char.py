"""By hand: serial and parallel port."""

from __future__ import annotations

from struct import Struct
from typing import Any

from devices.char import fifo8, parallel, serial

from .plain import NOT_PENDING, Hand, head, new, plain, refuse, unwritable

# -- serial

IsaSerial, Serial, Fifo8 = plain(serial.IsaSerial), plain(serial.Serial), plain(fifo8.Fifo8)
REGISTERS = Struct(">H9B")
NUMBER, SENDING, RING, EXPIRY, POLLING = Struct(">i"), Struct(">IBB"), Struct(">II"), Struct(">Q"), Struct(">iQ")
THR_IPENDING, TSR, TIMEOUT = head("serial/thr_ipending"), head("serial/tsr"), head("serial/fifo_timeout_timer")
RECEIVED, QUEUED = head("serial/recv_fifo"), head("serial/xmit_fifo")
TIMED_OUT, POLL = head("serial/timeout_ipending"), head("serial/poll")
pack_registers, take_registers = REGISTERS.pack, REGISTERS.unpack_from
pack_number, take_number = NUMBER.pack, NUMBER.unpack_from
pack_sending, take_sending = SENDING.pack, SENDING.unpack_from
pack_ring, take_ring = RING.pack, RING.unpack_from
pack_expiry, take_expiry = EXPIRY.pack, EXPIRY.unpack_from
pack_polling, take_polling = POLLING.pack, POLLING.unpack_from


def save_serial(o: Any) -> bytes:
    s = o.state
    data = pack_registers(s.divider, s.rbr, s.ier, s.iir, s.lcr, s.mcr, s.lsr, s.msr, s.scr, s.fcr)
    if s._is_interrupt_unexpected():
        data += THR_IPENDING + pack_number(s.thr_ipending)
    if s._is_sending():
        data += TSR + pack_sending(s.tsr_retry, s.thr, s.tsr)
    if s._has_received():
        data += RECEIVED + _ring(s.recv_fifo)
    if s._has_queued():
        data += QUEUED + _ring(s.xmit_fifo)
    if s._will_time_out():
        data += TIMEOUT + pack_expiry(s.fifo_timeout_timer)
    if s._has_timed_out():
        data += TIMED_OUT + pack_number(s.timeout_ipending)
    if s._is_polling():
        timer = s.modem_status_poll
        data += POLL + pack_polling(s.poll_msl, NOT_PENDING if timer is None else timer)
    return data


def _ring(fifo: Any) -> bytes:
    if len(fifo.data) != fifo.capacity:
        unwritable("data")
    return bytes(fifo.data) + pack_ring(fifo.head, fifo.num)


def load_serial(data: bytes) -> Any:
    o = new(IsaSerial)
    s = o.state = new(Serial)
    for fifo in _new_rings(s):
        fifo.capacity, fifo.data, fifo.head, fifo.num = 16, bytearray(16), 0, 0
    s.tsr_retry = s.thr = s.tsr = s.timeout_ipending = s.last_break_enable = s.recv_fifo_itl = 0
    s.fifo_timeout_timer = s.modem_status_poll = None
    return load_into_serial(o, data)


def _new_rings(s: Any) -> tuple[Any, Any]:
    s.recv_fifo, s.xmit_fifo = new(Fifo8), new(Fifo8)
    return s.recv_fifo, s.xmit_fifo


def load_into_serial(o: Any, data: bytes) -> Any:
    s = o.state
    s._forget()
    (s.divider, s.rbr, s.ier, s.iir, s.lcr, s.mcr, s.lsr, s.msr, s.scr, s.fcr) = take_registers(data, 0)
    at = 11
    while at < len(data):
        at = _load_more(s, data, at)
    s._settle(3)
    return o


def _load_more(s: Any, data: bytes, at: int) -> int:
    if data.startswith(THR_IPENDING, at):
        at += len(THR_IPENDING) + 4
        (s.thr_ipending,) = take_number(data, at - 4)
    elif data.startswith(TSR, at):
        at += len(TSR) + 6
        s.tsr_retry, s.thr, s.tsr = take_sending(data, at - 6)
    elif data.startswith(RECEIVED, at):
        at = _load_ring(s.recv_fifo, data, at + len(RECEIVED))
    elif data.startswith(QUEUED, at):
        at = _load_ring(s.xmit_fifo, data, at + len(QUEUED))
    elif data.startswith(TIMEOUT, at):
        at += len(TIMEOUT) + 8
        (timer,) = take_expiry(data, at - 8)
        s.fifo_timeout_timer = None if timer == NOT_PENDING else timer
    elif data.startswith(TIMED_OUT, at):
        at += len(TIMED_OUT) + 4
        (s.timeout_ipending,) = take_number(data, at - 4)
    elif data.startswith(POLL, at):
        at += len(POLL) + 12
        s.poll_msl, timer = take_polling(data, at - 12)
        s.modem_status_poll = None if timer == NOT_PENDING else timer
    else:
        refuse("no subsection of serial")
    return at


def _load_ring(fifo: Any, data: bytes, at: int) -> int:
    fifo.data = bytearray(data[at:at + fifo.capacity])
    at += fifo.capacity
    fifo.head, fifo.num = take_ring(data, at)
    return at + 8


# -- parallel_isa

IsaParallel = plain(parallel.IsaParallel)
PORT = Struct(">BBBBii")
pack_port, take_all_port = PORT.pack, PORT.unpack


def save_parallel(o: Any) -> bytes:
    return pack_port(o.dataw, o.datar, o.status, o.control, o.irq_pending, o.epp_timeout)


def load_parallel(data: bytes) -> Any:
    o = new(IsaParallel)
    o.dataw, o.datar, o.status, o.control, o.irq_pending, o.epp_timeout = take_all_port(data)
    return o


def load_into_parallel(o: Any, data: bytes) -> Any:
    o.dataw, o.datar, o.status, o.control, o.irq_pending, o.epp_timeout = take_all_port(data)
    return o


HAND = {
    serial.IsaSerial: Hand(save_serial, load_serial, load_into_serial),
    parallel.IsaParallel: Hand(save_parallel, load_parallel, load_into_parallel),
}
