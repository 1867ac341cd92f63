"""What a value means: registers, enumerations, times; and what the values of a whole state mean, by place."""

from datetime import UTC, datetime, timedelta
from enum import IntEnum, IntFlag
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import vmstate
from visitors import cbor, qemufile, schema
from vmstate import (
    Around,
    Register,
    Told,
    again,
    array,
    boolean,
    buffer,
    chain,
    enum,
    int64,
    mapping,
    nested,
    nullable,
    record_of,
    state,
    subsection,
    timer,
    uint8,
    uint16,
    uint32,
    uint64,
)
from vmstate.compat.fields import sense
from vmstate.meaning import Told as Meaning
from vmstate.meaning import at, calendar, expiry, of_number, of_time, plain, span
from vmstate.meanings import meanings, speaks

SECOND = 10**9
LINE = Register({0x03: ("5 bits", "6 bits"), 0x04: "stop", 0x38: "parity", 0x40: "", 0x80: ("off", "on")})


class Colour(IntEnum):
    RED = 1
    BLUE = 2


class Bit(IntFlag):
    LOW = 1
    HIGH = 0x80


@pytest.mark.parametrize(("value", "told"), [
    (0, ["5 bits", "off"]),
    (0x05, ["6 bits", "stop", "off"]),
    (0x2B, ["0x3", "parity 5", "off"]),
    (0xC0, ["5 bits", "on"]),
    (0x300, ["5 bits", "off", "0x300"]),
])
def test_a_register(value: int, told: list[Told]) -> None:
    """A field of several bits by its names or with its number; what has no name as a number."""
    assert LINE.told(value) == told


@given(st.dictionaries(st.integers(1, (1 << 64) - 1), st.one_of(st.text(max_size=3), st.lists(st.text(max_size=3)))),
       st.integers(0, (1 << 64) - 1))
def test_any_register(names: dict[int, Any], value: int) -> None:
    told = Register(names).told(value)
    assert all(isinstance(one, str) and one for one in told)


@pytest.mark.parametrize(("means", "value", "told"), [
    (Colour, 2, "BLUE"), (Colour, 3, None), (Bit, 0x85, ["LOW", "HIGH", "0x4"]), (Bit, 0, None),
    (LINE, 4, ["5 bits", "stop", "off"]), ("bytes", 7, None), (None, 7, None),
])
def test_a_number(means: object, value: int, told: Meaning | None) -> None:
    assert of_number(means, value) == told


@pytest.mark.parametrize(("unit", "value", "told"), [
    ("ns", 1_500, "1.500 µs"), ("ns; -1 when not pending", -1, None), ("ns", 0, None), ("ns", -2_500_000, "-2.500 ms"),
    ("ns", (1 << 64) - 2_500_000, "-2.500 ms"), ("ns, as the host has it", 1_795_219_968_060_520_000,
                                                 "2026-11-21 00:12:48.060 UTC"),
    ("s since 1970", 951_782_400, "2000-02-29 00:00:00.000 UTC"), ("s since 1970", 1 << 63, None),
    ("nsomething", 5, None), ("units of 10 ns", 5, None),
])
def test_a_time(unit: str, value: int, told: str | None) -> None:
    assert of_time(unit, value) == told


@pytest.mark.parametrize(("value", "now", "told"), [
    (5 * SECOND, 4 * SECOND, "in 1.000 s"), (4 * SECOND, 5 * SECOND, "1.000 s ago"), (7, 7, "in 0 ns"),
    (5 * SECOND, None, "5.000 s"), (1_795_219_968 * SECOND, 5, "2026-11-21 00:12:48.000 UTC"),
    (10**18 - 1, 5, "1,000,000,000.000 s"), ((1 << 64) - 2, 5, "18,446,744,073.710 s"),
])
def test_an_expiry(value: int, now: int | None, told: str) -> None:
    assert expiry(value, now) == told


@given(st.integers(0, 2_900_000))
def test_dates(days: int) -> None:
    """As the standard library has them, up to the year 9900."""
    judge = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days)
    assert calendar(days) == (judge.year, judge.month, judge.day)
    assert at(days * 86_400 * SECOND) == f"{judge:%Y-%m-%d %H:%M:%S}.000 UTC".rjust(27, "0")


@given(st.integers(-(1 << 65), 1 << 65))
def test_every_number_is_some_time(value: int) -> None:
    assert span(value)
    assert of_time("ns", value) is None or value


@pytest.mark.parametrize(("told", "text"), [
    ("all", "all"), (["a", "b"], "a | b"), ({"x": ["a", "b"], "y": {"z": "c"}}, "x a | b  y z c"), ([], ""),
])
def test_in_a_line(told: Meaning, text: str) -> None:
    assert plain(told) == text


# -- of a whole state

@state("meant/part")
class Part:
    """A record within."""

    flags: int = uint8(reset=1, means=Bit)

    @subsection("meant/part/more")
    def _more(self) -> bool:
        return self.colour != Colour.RED

    colour: Colour = enum(Colour, uint8(reset=1))


@state("meant/silent")
class Silent:
    """Nothing to say."""

    plain: int = uint8(means="bytes")
    name: bytearray = buffer(4)


@state("meant/whole", version=2, minimum=1)
class Whole:
    """One of each."""

    def _sum(self) -> Told | None:
        return f"{self.count} of {len(self.numbers)}" if self.count else None

    def _of_bytes(self, around: Around) -> Told:
        return {"first": f"{self.data[0]}", "outermost": type(around.outermost).__name__}

    def _wrong(self) -> Told:
        raise ValueError("odd bytes")

    def _is_blue(self) -> bool:
        return self.count == 3

    count: int = uint8(reset=3, means=("how many", _sum))
    numbers: list[int] = array(uint16(), 3, reset=[0, 1, 0x80], means=Bit)
    data: bytearray = buffer(2, reset=b"\x07\x08", means=_of_bytes)
    _again = again("count", uint8(), means=_sum)
    wrong: int = uint8(means=_wrong)
    gone: int = uint8(when=lambda self: self.count == 4, means=LINE)
    late: int = uint32(since=2, reset=4, means=("what a line is", LINE))
    parts: list[Part] = array(nested(Part), 2)
    silent: Silent = nested(Silent)
    linked: list[Part] = chain(nested(Part))
    table: dict[int, Part] = mapping(uint64(), nested(Part))
    maybe: list[Part | None] = array(nullable(nested(Part)), 2)
    expires: int | None = timer()
    since: int = int64(reset=1_500, means="ns")
    flag: bool = boolean()


def _told(value: Any, now: int | None = None) -> dict[str, Told]:
    data = vmstate.save(value, qemufile)
    found = vmstate.decode(type(value), data, qemufile)
    return {".".join(map(str, place)): told for place, told in meanings(found, now).items()}


def test_a_state() -> None:
    """What is there, by its place; subsections leave no trace in it. What fails says nothing."""
    blue = Part(flags=0, colour=Colour.BLUE)
    whole = Whole(parts=[Part(), blue], linked=[blue], table={9: Part(flags=0x80)}, maybe=[None, Part()],
                  expires=3 * SECOND)
    assert _told(whole, 2 * SECOND) == {
        "count": "3 of 3", "numbers.1": ["LOW"], "numbers.2": ["HIGH"],
        "data": {"first": "7", "outermost": "Whole"}, "again": "3 of 3", "late": ["5 bits", "stop", "off"],
        "parts.0.flags": ["LOW"], "parts.1.colour": "BLUE", "linked.0.colour": "BLUE", "table.0.value.flags": ["HIGH"],
        "maybe.1.flags": ["LOW"], "expires": "in 1.000 s", "since": "1.500 µs"}


def test_what_was_read_decides() -> None:
    """A version without a member has nothing of it to say."""
    data = vmstate.save(Whole(), qemufile)
    at_late = data.index(b"\0\0\0\x04")
    old = vmstate.decode(Whole, data[:at_late] + data[at_late + 4:], qemufile, version=1)
    assert ("late",) not in meanings(old)
    assert ("since",) in meanings(old)


def test_nothing_to_say() -> None:
    assert not speaks(record_of(Silent))
    assert speaks(record_of(Whole))
    assert _told(Silent()) == {}


def test_no_schema_and_no_comparison_changes() -> None:
    """Registers and methods are for people: a schema has texts and enumerations, and a comparison those."""
    text = schema.text(Whole)
    assert '"means": "how many"' in text
    assert '"means": "what a line is"' in text
    assert "parity" not in text
    assert sense(LINE) is None
    assert sense(("a line", LINE)) == sense("a line") == "a line"
    assert sense(Bit) == {"LOW": 1, "HIGH": 0x80}

    @state("meant/line")
    class Before:
        line: int = uint8(means="a line")
        other: int = uint8()

    @state("meant/line")
    class After:
        line: int = uint8(means=("a line", LINE))
        other: int = uint8(means=LINE)

    assert not list(vmstate.compare(Before, After, wires=[qemufile, cbor]))
