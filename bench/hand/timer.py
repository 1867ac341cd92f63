"""By hand: the clocks, HPET, RTC, the 8254."""

from __future__ import annotations

from struct import Struct
from typing import Any

from devices.timer import hpet, i8254, mc146818rtc, timers

from .plain import NOT_PENDING, Hand, head, name, new, octet, plain, refuse, unwritable

# -- timer

Timers = plain(timers.Timers)
CLOCKS = Struct(">q8xq")
COUNTING, WARPING, ADJUSTING, SHIFT = Struct(">qq"), Struct(">qQ"), Struct(">QQ"), Struct(">Ihq")
ICOUNT, WARP = head("timer/icount"), head("timer/icount/warp_timer")
ADJUST, SHIFTED = head("timer/icount/timers"), name("timer/icount/shift")
pack_clocks, take_clocks = CLOCKS.pack, CLOCKS.unpack_from
pack_counting, take_counting = COUNTING.pack, COUNTING.unpack_from
pack_warping, take_warping = WARPING.pack, WARPING.unpack_from
pack_adjusting, take_adjusting = ADJUSTING.pack, ADJUSTING.unpack_from
pack_shift, take_shift = SHIFT.pack, SHIFT.unpack_from


def save_timers(o: Any) -> bytes:
    data = pack_clocks(o.cpu_ticks_offset, o.cpu_clock_offset)
    if o._counting():
        data += ICOUNT + pack_counting(o.qemu_icount_bias, o.qemu_icount)
        if o._warping():
            data += WARP + pack_warping(o.vm_clock_warp_start, _raw(o.icount_warp_timer))
        if o._adjusting():
            data += ADJUST + pack_adjusting(_raw(o.icount_rt_timer), _raw(o.icount_vm_timer))
        if o._adapting():
            data += SHIFTED + pack_shift(2, o.icount_time_shift, o.last_delta)
    return data


def load_timers(data: bytes) -> Any:
    o = new(Timers)
    o.icount_enabled, o.icount_adapts, o.has_warp_timer = False, False, False
    o.qemu_icount_bias = o.qemu_icount = o.icount_time_shift = o.last_delta = 0
    o.vm_clock_warp_start = -1
    o.icount_warp_timer = o.icount_rt_timer = o.icount_vm_timer = None
    return load_into_timers(o, data)


def load_into_timers(o: Any, data: bytes) -> Any:
    o.cpu_ticks_offset, o.cpu_clock_offset = take_clocks(data, 0)
    if len(data) == 24:
        return o
    if not data.startswith(ICOUNT, 24):
        refuse("no subsection of timer")
    at = 24 + len(ICOUNT)
    o.qemu_icount_bias, o.qemu_icount = take_counting(data, at)
    at += 16
    while at < len(data):
        at = _load_counting(o, data, at)
    return o


def _load_counting(o: Any, data: bytes, at: int) -> int:
    if data.startswith(WARP, at):
        o.vm_clock_warp_start, warp = take_warping(data, at + len(WARP))
        o.icount_warp_timer = None if warp == NOT_PENDING else warp
        return at + len(WARP) + 16
    if data.startswith(ADJUST, at):
        rt, vm = take_adjusting(data, at + len(ADJUST))
        o.icount_rt_timer = None if rt == NOT_PENDING else rt
        o.icount_vm_timer = None if vm == NOT_PENDING else vm
        return at + len(ADJUST) + 16
    if not data.startswith(SHIFTED, at):
        refuse("no subsection of timer/icount")
    version, o.icount_time_shift, o.last_delta = take_shift(data, at + len(SHIFTED))
    if version & 0xFF != 2:
        refuse("timer/icount/shift")
    return at + len(SHIFTED) + 14


def _raw(expiry: int | None) -> int:
    return NOT_PENDING if expiry is None else expiry


# -- hpet

Hpet, HpetTimer = plain(hpet.Hpet), plain(hpet.HpetTimer)
COUNTER, COMPARATOR, OFFSET = Struct(">QQQB"), Struct(">BQQQQBQ"), Struct(">Q")
RTC_IRQ, RUNS = head("hpet/rtc_irq_level"), head("hpet/offset")
pack_counter, take_counter = COUNTER.pack, COUNTER.unpack_from
pack_comparator, take_comparator = COMPARATOR.pack, COMPARATOR.unpack_from
pack_offset, take_offset = OFFSET.pack, OFFSET.unpack_from


def save_hpet(o: Any) -> bytes:
    count, timers = o.num_timers, o.timers
    if len(timers) < count:
        unwritable("timers")
    out = [pack_counter(o.config, o.isr, o.hpet_counter, count)]
    for t in timers[:count] if len(timers) > count else timers:
        expiry = t.qemu_timer
        out.append(pack_comparator(t.tn, t.config, t.cmp, t.fsb, t.period, t.wrap_flag,
                                   NOT_PENDING if expiry is None else expiry))
    if o._rtc_raised():
        out += RTC_IRQ, octet(o.rtc_irq_level)
    if o._runs():
        out += RUNS, pack_offset(o.hpet_offset)
    return b"".join(out)


def load_hpet(data: bytes) -> Any:
    o = new(Hpet)
    o.num_timers = 3
    o.timers = [new(HpetTimer), new(HpetTimer), new(HpetTimer)]
    o.rtc_irq_level = o.hpet_offset = 0
    o.hpet_offset_saved = True
    return load_into_hpet(o, data)


def load_into_hpet(o: Any, data: bytes) -> Any:
    o.config, o.isr, o.hpet_counter, count = take_counter(data, 0)
    if count != o.num_timers:
        refuse("num_timers")
    at, timers = 25, o.timers
    while len(timers) < count:
        timers.append(new(HpetTimer))
    for t in timers[:count] if len(timers) > count else timers:
        t.tn, t.config, t.cmp, t.fsb, t.period, t.wrap_flag, expiry = take_comparator(data, at)
        t.qemu_timer = None if expiry == NOT_PENDING else expiry
        at += 42
    while at < len(data):
        if data.startswith(RUNS, at):
            (o.hpet_offset,) = take_offset(data, at + len(RUNS))
            at += len(RUNS) + 8
        elif data.startswith(RTC_IRQ, at):
            o.rtc_irq_level = data[at + len(RTC_IRQ)]
            at += len(RTC_IRQ) + 1
        else:
            refuse("no subsection of hpet")
    return o


# -- mc146818rtc

Rtc = plain(mc146818rtc.Rtc)
CLOCK, REINJECTED = Struct(">128sB28xQq24xIIQQqQQ"), Struct(">H")
REINJECT = head("mc146818rtc/irq_reinject_on_ack_count")
pack_clock, take_clock = CLOCK.pack, CLOCK.unpack_from
pack_reinjected, take_reinjected = REINJECTED.pack, REINJECTED.unpack_from


def save_rtc(o: Any) -> bytes:
    periodic, update, cmos = o.periodic_timer, o.update_timer, o.cmos_data
    if len(cmos) != 128:
        unwritable("cmos_data")
    data = pack_clock(
        cmos, o.cmos_index, NOT_PENDING if periodic is None else periodic, o.next_periodic_time, o.irq_coalesced,
        o.period, o.base_rtc, o.last_update, o.offset, NOT_PENDING if update is None else update, o.next_alarm_time)
    if o._reinjecting():
        data += REINJECT + pack_reinjected(o.irq_reinject_on_ack_count)
    return data


def load_rtc(data: bytes) -> Any:
    o = new(Rtc)
    o.irq_reinject_on_ack_count = 0
    return load_into_rtc(o, data)


def load_into_rtc(o: Any, data: bytes) -> Any:
    (cmos, o.cmos_index, periodic, o.next_periodic_time, o.irq_coalesced, o.period, o.base_rtc, o.last_update,
     o.offset, update, o.next_alarm_time) = take_clock(data, 0)
    o.cmos_data = bytearray(cmos)
    o.periodic_timer = None if periodic == NOT_PENDING else periodic
    o.update_timer = None if update == NOT_PENDING else update
    if (at := CLOCK.size) < len(data):
        if not data.startswith(REINJECT, at) or len(data) != at + len(REINJECT) + 2:
            refuse("no subsection of mc146818rtc")
        (o.irq_reinject_on_ack_count,) = take_reinjected(data, at + len(REINJECT))
    o._derive(3)
    return o


# -- i8254

I8254, Channel = plain(i8254.I8254), plain(i8254.PitChannel)
COUNTERS = Struct(">I" + 3 * "iHBBBBBBBBBBqq" + "q")
pack_counters, take_counters = COUNTERS.pack, COUNTERS.unpack_from


def save_i8254(o: Any) -> bytes:
    o._repeat()
    a, b, c = o.channels
    return pack_counters(
        o.irq_disabled,
        a.count, a.latched_count, a.count_latched, a.status_latched, a.status, a.read_state, a.write_state,
        a.write_latch, a.rw_mode, a.mode, a.bcd, a.gate, a.count_load_time, a.next_transition_time,
        b.count, b.latched_count, b.count_latched, b.status_latched, b.status, b.read_state, b.write_state,
        b.write_latch, b.rw_mode, b.mode, b.bcd, b.gate, b.count_load_time, b.next_transition_time,
        c.count, c.latched_count, c.count_latched, c.status_latched, c.status, c.read_state, c.write_state,
        c.write_latch, c.rw_mode, c.mode, c.bcd, c.gate, c.count_load_time, c.next_transition_time,
        o.irq_timer)


def load_i8254(data: bytes) -> Any:
    o = new(I8254)
    o.channels = [new(Channel), new(Channel), new(Channel)]
    return load_into_i8254(o, data)


def load_into_i8254(o: Any, data: bytes) -> Any:
    if len(data) != 108:
        refuse("i8254 has 108 bytes")
    a, b, c = o.channels
    (o.irq_disabled,
     a.count, a.latched_count, a.count_latched, a.status_latched, a.status, a.read_state, a.write_state,
     a.write_latch, a.rw_mode, a.mode, a.bcd, a.gate, a.count_load_time, a.next_transition_time,
     b.count, b.latched_count, b.count_latched, b.status_latched, b.status, b.read_state, b.write_state,
     b.write_latch, b.rw_mode, b.mode, b.bcd, b.gate, b.count_load_time, b.next_transition_time,
     c.count, c.latched_count, c.count_latched, c.status_latched, c.status, c.read_state, c.write_state,
     c.write_latch, c.rw_mode, c.mode, c.bcd, c.gate, c.count_load_time, c.next_transition_time,
     o.irq_timer) = take_counters(data, 0)
    o._take_the_last(3)
    return o


HAND = {
    timers.Timers: Hand(save_timers, load_timers, load_into_timers),
    hpet.Hpet: Hand(save_hpet, load_hpet, load_into_hpet),
    mc146818rtc.Rtc: Hand(save_rtc, load_rtc, load_into_rtc),
    i8254.I8254: Hand(save_i8254, load_i8254, load_into_i8254),
}
