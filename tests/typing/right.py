"""Declarations that both type checkers take without a word: `make types` runs them over this file."""

from enum import IntEnum, IntFlag
from typing import assert_type

from vmstate import (
    Around,
    Decoded,
    Exchange,
    Float64,
    HookRefused,
    Machine,
    Record,
    after_load,
    again,
    allow,
    array,
    at_most,
    bitmap,
    boolean,
    buffer,
    chain,
    check,
    constant,
    decode,
    descriptor,
    enum,
    equal,
    floating,
    load,
    local,
    mapping,
    nested,
    nullable,
    post_load,
    pre_save,
    record_of,
    reserved,
    same,
    setting,
    sized_buffer,
    state,
    subsection,
    timer,
    tmp,
    uint,
    uint8,
    uint16,
    uint32,
    uint64,
    unused,
    view,
)
from vmstate.format import Format

# -- version gates, a subsection, hooks


@state("mc146818rtc", version=3, minimum=1)
class Clock:
    """A real-time clock."""

    cmos_data: bytearray = buffer(128)
    cmos_index: int = uint8()
    _tm = unused(7 * 4)
    periodic_timer: int | None = timer()
    period: int = uint32(since=2)
    base_rtc: int = uint64(since=3, reset=1, means="ns")

    @subsection("mc146818rtc/irq_reinject_on_ack_count")
    def _reinjecting(self) -> bool:
        return self.irq_reinject_on_ack_count != 0

    irq_reinject_on_ack_count: int = uint16()

    @pre_save
    def _stop(self) -> None:
        self.cmos_index &= 0x7F

    @post_load
    def _restart(self, version: int) -> None:
        if version < 3:
            self.base_rtc = 0

    @after_load
    def _join(self, machine: Machine) -> None:
        other = machine.find(Port)
        if other is not None and other.fifo.num > 16:
            raise HookRefused("the port holds too much")


# -- a FIFO by its count, predicates, an enumeration, a temporary, a chain


class Parity(IntEnum):
    """How the ninth bit is made."""

    NONE = 0
    ODD = 1


class Line(IntFlag):
    """What the line shows."""

    READY = 1
    FULL = 2


@state("fifo8")
class Fifo8:
    """A ring of bytes."""

    def _free(self) -> int:
        return 16 - self.num

    num: int = uint32(maximum=16)
    head: int = uint32()
    data: bytearray = buffer(16)
    used: list[int] = array(uint8(), "num")
    free: list[int] = array(uint8(), _free)


@state("halves")
class Halves:
    """A divider as two registers."""

    low: int = uint8()
    high: int = uint8()

    @classmethod
    def pack(cls, port: "Port") -> "Halves":
        """Out of the port."""
        return cls(low=port.divider & 0xFF, high=port.divider >> 8)

    def unpack(self, port: "Port") -> None:
        """Into the port."""
        port.divider = self.high << 8 | self.low


@state("port", version=2, minimum=1)
class Port:
    """A serial port."""

    def _is_paused(self) -> bool:
        return bool(self.lines & Line.FULL)

    def _is_new(self, around: Around) -> bool:
        return around.version > 1

    def _width(self, around: Around) -> int:
        return 64 if around.version > 1 else 32

    lines: int = uint8(means=Line)
    parity: Parity = enum(Parity, uint8())
    divider: int = local(1)
    _registers = tmp(Halves)
    rate: Float64 = floating(when=_is_paused)
    counter: int = uint(_width)
    fifo: Fifo8 = nested(Fifo8)
    late: Fifo8 = nested(Fifo8, version="outer", when=_is_new)
    names: list[bytearray] = chain(sized_buffer(8), marker=42)
    queue: list[Fifo8] = chain(nested(Fifo8), until="num")
    pages: list[Fifo8] = chain(nested(Fifo8), until=lambda fifo: fifo.num > 0, since=2)
    waiting: dict[int, Fifo8] = mapping(uint16(), nested(lambda: Fifo8))
    spare: Fifo8 | None = nullable(nested(Fifo8))
    lanes: list[list[bool]] = array(array(boolean(), 2), 2)
    _former = reserved("speed")
    _known = allow("member-removed", "nobody had it", "2030-01-01")

    @check("a paused port is full")
    def _is_full(self) -> bool:
        return self.fifo.num == 16

    retry_section = subsection("port/retry", version=2)
    retries: int = uint8()

    @retry_section.needed
    def _retries(self, around: Around) -> bool:
        return self.retries > 0 and around.version > 1

    @retry_section.post_load
    def _again(self, version: int) -> None:
        self.retries = min(self.retries, version)


# -- views, settings, what is sent twice, a method that moves the rest


def _ahead_says(ahead: memoryview) -> int | None:
    return 4096 if bytes(ahead[:1]) == b"\1" else None


@state("queue")
class Queue:
    """A queue, in two parts."""

    num: int = uint32()
    ring = view("queue/ring")
    avail: int = uint64()


@state("card", version=11)
class Card:
    """A network card."""

    config_size: int = setting(256, 4096, told=_ahead_says)
    config: bytearray = buffer("config_size")
    pairs: int = setting(1, *range(2, 9))
    _sent = again("pairs", equal(uint16(), hint="both ends need the same"))
    version_id: int = at_most(uint32(reset=2))
    queues: list[Queue] = array(nested(Queue), "pairs")
    first: Queue = nested(Queue.ring)
    _rings = again("queues", array(nested(Queue.ring), "pairs"))
    _later = same("later")
    _end = constant(uint8(), 7)
    filters: int = bitmap(70)
    handle: int | None = descriptor()
    table: bytearray = local(bytearray)

    later = view("card/later")
    status: int = uint8()

    def transfer(self, v: Exchange) -> None:
        """What no declaration says."""
        self.table = v("table", self.table, buffer("config_size"))
        self.status = v("status_copy", self.status, uint8(), when=self.pairs > 1)


def use(form: Format[bytes]) -> None:
    """What a caller gets is typed."""
    assert_type(load(Clock(period=3), b"", form), Clock)
    assert_type(decode(Card, b"", form), Decoded[Card])
    assert_type(decode(Card.later, b"", form).state, Card)
    assert_type(Queue.ring, Record[Queue])
    assert_type(Card().queues[0].avail, int)
    assert_type(Port().spare, Fifo8 | None)
    assert_type(Port().waiting, dict[int, Fifo8])
    assert_type(record_of(Card).name, str)
