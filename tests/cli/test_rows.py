"""How values become text and JSON: each kind of leaf, each bracket, folding."""

import json
from enum import IntEnum, IntFlag
from typing import Any

import pytest

from visitors import qemufile
from vmstate import (
    Float64,
    array,
    bitmap,
    boolean,
    buffer,
    chain,
    descriptor,
    enum,
    floating,
    int16,
    int64,
    mapping,
    nested,
    nullable,
    record_of,
    setting,
    sized_buffer,
    state,
    subsection,
    timer,
    uint8,
    uint16,
    uint32,
    uint64,
    unused,
)
from vmstate.describe import vmdesc
from vmstate.trace import Tracer
from vmstate.walk import Mode, Walk
from vmstate_cli.layout import Layout
from vmstate_cli.rows import Rows
from vmstate_cli.state import members


class Colour(IntEnum):
    """Values with names."""

    RED = 1
    BLUE = 2


class Bit(IntFlag):
    """Bits with names."""

    LOW = 1
    HIGH = 0x80


@state("rows/pair")
class Pair:
    """Short enough for one row."""

    left: int = uint8()
    right: int = uint32()


@state("rows/many")
class Many:
    """One of each."""

    size: int = setting(3)
    flags: int = uint16(reset=0x8001)
    item_count: int = uint32(reset=70000)
    low: int = int16(reset=-300)
    when: int = int64(reset=2_000_000, means="ns, as the host has it")
    colour: Colour = enum(Colour, uint8(reset=2))
    bits: int = uint8(reset=0x85, means=Bit)
    other: int = uint8(reset=9, means=Colour)
    yes: bool = boolean(reset=True)
    half: Float64 = floating(reset=0.5)
    expires: int | None = timer()
    name: bytearray = buffer(8, reset=b"paused")
    short: bytearray = buffer(3, reset=b"\x01\x02\x03")
    same: bytearray = buffer(300, reset=b"\xaa" * 300)
    data: bytearray = buffer(48, reset=bytes(range(48)))
    told: bytearray = sized_buffer(8, reset=b"long")
    map: int = bitmap(100, reset=0b1110_0001)
    handle: int | None = descriptor()
    _gap = unused(4)
    numbers: list[int] = array(uint16(), 12, reset=[1, 2, 3, 16, 16, 16, 16, 16, 16, 16, 16, 255])
    zeros: list[int] = array(uint8(), 4)
    pairs: list[Pair] = array(nested(Pair), 5)
    linked: list[Pair] = chain(nested(Pair))
    table: dict[int, int] = mapping(uint64(), uint8())
    maybe: list[Pair | None] = array(nullable(nested(Pair)), 2)

    @subsection("rows/many/more")
    def _more(self) -> bool:
        return True

    extra: int = uint8()


def _seen(value: Any, mode: Mode = Mode.LIVE) -> tuple[Tracer, bytes]:
    writer = qemufile.writer()
    tracer = Tracer(writer)
    Walk(tracer, mode).run(record_of(type(value)), value)
    return tracer, writer.result()


def _lines(value: Any, **how: Any) -> list[str]:
    tracer, body = _seen(value)
    layout = Layout(lambda _style, text: text, 100, **how)
    layout.body = body
    return list(layout.lines(Rows(body, **how).members(tracer.root.inside or [])))


def _row(lines: list[str], name: str) -> str:
    (found,) = [line for line in lines if line.lstrip("│├└─ ").startswith(name + " ")]
    return " ".join(found.lstrip("│├└─ ").split()[1:])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("flags", "0x8001 32769"),
        ("item_count", "70000"),
        ("low", "-300"),
        ("when", "2000000 ns 2.000 ms, as the host has it"),
        ("colour", "2 BLUE"),
        ("bits", "0x85 LOW | HIGH | 0x4"),
        ("other", "9 unknown"),
        ("yes", "true"),
        ("half", "0.5"),
        ("expires", "not pending"),
        ("name", '"paused" and 2 \N{MULTIPLICATION SIGN} 00'),
        ("short", "01 02 03"),
        ("same", "300 \N{MULTIPLICATION SIGN} aa"),
        ("data", "48 bytes"),
        ("told", '"long"'),
        ("map", "0, 5..7 set, of 128 bits"),
        ("handle", "beside the bytes file descriptor"),
        ("numbers", "12"),
        ("[0..2]", "1 2 3"),
        ("[3..10]", "0x10"),
        ("[11]", "0xff"),
        ("zeros", "[0..3] 0"),
        ("pairs", "5 \N{MULTIPLICATION SIGN} rows/pair"),
        ("[1..4]", "as [0]"),
        ("linked", "empty"),
        ("table", "empty"),
        ("[rows/many/more]", "v1"),
        ("extra", "0"),
    ],
)
def test_a_value(name: str, text: str) -> None:
    assert _row(_lines(Many()), name) == text


def test_settings_and_padding_are_not_shown() -> None:
    lines = _lines(Many())
    assert not [line for line in lines if " size " in line or " gap" in line]
    assert [line for line in _lines(Many(), folded=False) if " gap " in line]


def test_brackets() -> None:
    value = Many(linked=[Pair(left=1), Pair(left=1), Pair(left=2)], table={7: 1}, maybe=[None, Pair(right=99)])
    lines = [line.lstrip("│├└─ ") for line in _lines(value)]
    at = next(i for i, line in enumerate(lines) if line.startswith("linked"))
    assert [" ".join(line.split()) for line in lines[at:at + 9]] == [
        "linked 3 \N{MULTIPLICATION SIGN} rows/pair", "[0] left 1 right 0", "[1] as [0]", "[2] left 2 right 0",
        "table 1 entries", "[0] key 7 value 1",
        "maybe 2 \N{MULTIPLICATION SIGN} rows/pair", "[0] null", "[1] left 0 right 0x63"]


def test_bytes_in_rows() -> None:
    data = bytes(range(16)) + bytes(64) + b"end"
    lines = [" ".join(line.lstrip("│├└─ ").split()) for line in _lines(Blob(data=bytearray(data)))]
    assert lines == [
        "data 83 bytes",
        "0000 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f ................",
        f"0010 {'00 ' * 16}................",
        "0020 to 004f as above",
        "0050 65 6e 64 end"]
    assert len(_lines(Blob(data=bytearray(data)), folded=False)) == 7


def test_many_rows_of_bytes_are_cut() -> None:
    data = bytes(i // 16 for i in range(4096))
    lines = _lines(Blob(data=bytearray(data)))
    assert len(lines) == 18
    assert lines[-1].split() == ["…", "3840", "more", "bytes", "(--all)"]
    assert len(_lines(Blob(data=bytearray(data)), folded=False)) == 257


@state("rows/blob")
class Blob:
    """Bytes alone."""

    data: bytearray = sized_buffer(32)


def test_offsets_are_those_of_the_rows() -> None:
    lines = _lines(Pair(right=7), offsets=True)
    assert lines == ["0x00000000      1 ├─ left   0", "0x00000001      4 └─ right  7"]


def test_the_bytes_beside_are_those_of_the_values() -> None:
    _, body = _seen(Many())
    shown = b"".join(bytes.fromhex(line[12:59]) for line in _lines(Many(), folded=False, bytes_beside=True))
    assert shown == body


def test_equal_bytes_beside_are_folded() -> None:
    lines = _lines(Blob(data=bytearray(64)), bytes_beside=True)
    assert [line[:11].strip() for line in lines] == ["0x00000000", "0x00000010", "*", "0x00000040"]


def test_json() -> None:
    value = Many(linked=[Pair(left=1)], table={2 ** 63: 1}, maybe=[None, Pair(right=99)])
    assert members(record_of(Many), value, 1, Mode.LIVE) == {
        "flags": 0x8001, "item_count": 70000, "low": -300, "when": 2_000_000, "colour": 2, "bits": 0x85, "other": 9,
        "yes": True, "half": 0.5, "expires": None, "name": b"paused\0\0".hex(), "short": "010203", "same": "aa" * 300,
        "data": bytes(range(48)).hex(), "told": b"long".hex(), "map": "0x" + f"{0b11100001:032x}", "handle": None,
        "numbers": [1, 2, 3, 16, 16, 16, 16, 16, 16, 16, 16, 255], "zeros": [0] * 4,
        "pairs": [{"left": 0, "right": 0}] * 5, "linked": [{"left": 1, "right": 0}],
        "table": [{"key": 2 ** 63, "value": 1}], "maybe": [None, {"left": 0, "right": 99}],
        "rows/many/more": {"@version": 1, "extra": 0}}


@pytest.mark.parametrize(
    ("bits", "text", "told"),
    [
        (0x3FF0_0000_0000_0000, "1.0", 1.0),
        (0x8000_0000_0000_0000, "-0.0", -0.0),
        (0x7FF0_0000_0000_0000, "inf 0x7ff0000000000000", {"bits": "0x7ff0000000000000"}),
        (0x7FF8_0000_0000_0001, "nan 0x7ff8000000000001", {"bits": "0x7ff8000000000001"}),
    ],
)
def test_floats(bits: int, text: str, told: object) -> None:
    value = Many(half=Float64(bits))
    assert _row(_lines(value), "half") == text
    found = members(record_of(Many), value, 1)["half"]
    assert repr(found) == repr(told)


def test_padding_that_holds_something() -> None:
    value = Many()
    data = bytearray(_seen(value)[1])
    at = data.index(bytes(4) + bytes((0, 1, 0, 2, 0, 3)))
    data[at:at + 4] = b"left"
    reader, again = qemufile.reader(bytes(data)), Many()
    Walk(reader, Mode.WIRE).run(record_of(Many), again)
    tracer, body = _seen(again, Mode.WIRE)
    assert body == data
    rows = Rows(body).members(tracer.root.inside or [])
    assert [row.text for row in rows if row.label == "gap"] == ['"left"']
    assert members(record_of(Many), again, 1)["gap"] == b"left".hex()


def test_elements_that_a_description_lists_one_by_one() -> None:
    field = {"name": "irr", "array_len": 3, "type": "uint8", "size": 1}
    text = {"devices": [{"name": "x", "instance_id": 0, "vmsd_name": "x", "version": 1, "fields": [
        {**field, "index": i} for i in range(3)]}]}
    (described,) = vmdesc.parse(json.dumps(text).encode(), 100).devices
    tracer = Tracer(qemufile.writer())
    Walk(tracer, Mode.WIRE).run(described.record, described.record.make())
    (row,) = Rows(bytes(3)).members(tracer.root.inside or [])
    assert (row.label, row.text) == ("irr", "[0..2] 0 0 0")
