"""What a person writes for a value, by the shape that it fills; and what is said where it cannot be that."""

import re
from enum import IntEnum, IntFlag
from typing import Any

import pytest

from migration.literals import Wanted
from migration.merging import literal
from vmstate import (
    EncodeError,
    Float64,
    Register,
    array,
    bitmap,
    boolean,
    buffer,
    chain,
    descriptor,
    enum,
    floating,
    int8,
    mapping,
    nested,
    nullable,
    record_of,
    sized_buffer,
    state,
    subsection,
    timer,
    uint8,
    uint16,
    unused,
)
from vmstate.exchanges import NOT_PENDING


class Mode(IntEnum):
    OFF = 0
    ON = 3


class Bit(IntFlag):
    LOW = 1
    HIGH = 0x80


LINE = Register({3: "size", 4: "2 stop bits", 0x40: "break", 0x80: ("off", "on"), 0x20: ""})


@state("leaf")
class Leaf:
    x: int = uint8()
    y: int = uint8(means=Mode)


@state("all")
class All:
    n: int = uint16()
    small: int = int8(range=(-3, 3))
    mode: Mode = enum(Mode, uint8())
    bits: int = uint8(means=Bit)
    line: int = uint8(means=("line control", LINE))
    flag: bool = boolean()
    f: Float64 = floating()
    t: int | None = timer()
    data: bytearray = buffer(4)
    text: bytearray = sized_buffer(8)
    counted: bytearray = buffer("n")
    map: int = bitmap(8)
    fd: int | None = descriptor()
    _pad = unused(2)
    row: list[int] = array(uint8(), 2)
    wide: list[int] = array(uint16(), 2)
    leaf: Leaf = nested(Leaf)
    slot: Leaf | None = nullable(nested(Leaf))
    items: list[Leaf] = chain(nested(Leaf))
    by: dict[int, Leaf] = mapping(uint8(), nested(Leaf))

    @subsection("all/more", version=3)
    def _more(self) -> bool:
        return self.more != 0

    more: int = uint8()


MEMBERS = {member.key: member for member in record_of(All).members}
OLD: dict[str, Any] = {"data": b"abcd", "leaf": {"x": 1, "y": 2}, "slot": {"x": 1, "y": 2}, "row": [1, 2],
                       "items": [{"x": 1, "y": 2}], "wide": [1, 2]}
ALL = Wanted(record_of(All), None, {"n": 1, "leaf": {"x": 1, "y": 2}, "all/more": {"@version": 3, "more": 9}}, All)


def read(key: str, text: str) -> Any:
    member = MEMBERS[key]
    return literal(text, Wanted(member.shape, member.means, OLD.get(key), All, {"n": 5}))


@pytest.mark.parametrize(("key", "text", "value"), [
    ("n", "10", 10), ("n", "0x10", 16), ("n", "0b11", 3), ("n", "-1", -1), ("n", "70000", 70000), ("small", "-3", -3),
    ("mode", "ON", 3), ("mode", "off", 0), ("mode", "7", 7),
    ("bits", "LOW|high", 0x81), ("bits", "low | 0x40", 0x41), ("bits", "0", 0),
    ("line", "break | 2 stop bits|3", 0x47), ("line", "BREAK", 0x40), ("line", "0x9b", 0x9B),
    ("flag", "true", True), ("flag", "false", False), ("flag", "1", True), ("flag", "7", 7),
    ("f", "1.5", Float64.of(1.5)), ("f", "-inf", Float64.of(float("-inf"))),
    ("f", "0x7ff8000000000001", Float64(0x7FF8_0000_0000_0001)),
    ("t", "null", NOT_PENDING), ("t", "12", 12),
    ("data", "00a1FFb2", b"\0\xa1\xff\xb2"), ("data", "0x00a1ffb2", b"\0\xa1\xff\xb2"),
    ("data", "00:a1-ff b2", b"\0\xa1\xff\xb2"), ("data", '"ab"', b"ab\0\0"), ("data", '"abcdef"', b"abcdef"),
    ("counted", '"ab"', b"ab\0\0\0"), ("data", "", b""), ("text", '"ab"', b"ab"),
    ("map", "0x81", 0x81), ("fd", "null", None), ("fd", "-1", -1), ("pad", "0102", b"\1\2"),
    ("row", "[3, \"0x4\"]", [3, 4]), ("row", "03:04", [3, 4]), ("wide", "[3, 4, 5]", [3, 4, 5]),
    ("leaf", '{"x": 5}', {"x": 5, "y": 2}), ("leaf", '{"y": "ON"}', {"x": 1, "y": 3}),
    ("slot", "null", None), ("slot", '{"x": 5}', {"x": 5, "y": 2}),
    ("items", "[]", []), ("items", '[{"y": 7}, {"x": 3, "y": 4}]', [{"x": 1, "y": 7}, {"x": 3, "y": 4}]),
    ("by", '[{"key": 1, "value": {"x": 2, "y": 3}}]', [{"key": 1, "value": {"x": 2, "y": 3}}]),
])
def test_a_value(key: str, text: str, value: object) -> None:
    found = read(key, text)
    assert (found, type(found)) == (value, type(value))


def test_a_whole_record() -> None:
    found = literal('{"n": 7, "leaf": {"x": 3}, "f": {"bits": "0x10"}, "t": null, "data": "01020304", "flag": true, '
                    '"fd": null, "slot": null, "row": "0506", "all/more": {"more": 4, "@version": 2}}', ALL)
    assert found == {
        "n": 7, "leaf": {"x": 3, "y": 2}, "f": Float64(16), "t": NOT_PENDING, "data": b"\1\2\3\4", "flag": True,
        "fd": None, "slot": None, "row": [5, 6], "all/more": {"@version": 2, "more": 4}}
    assert literal('{"all/more": null}', ALL) == {"n": 1, "leaf": {"x": 1, "y": 2}}
    assert ALL.old == {"n": 1, "leaf": {"x": 1, "y": 2}, "all/more": {"@version": 3, "more": 9}}


@pytest.mark.parametrize(("key", "text", "words"), [
    ("n", "", "'' is no number"), ("n", "ten", "'ten' is no number (decimal, or 0x...)"), ("n", "1.5", "is no number"),
    ("n", "9" * 5000, f"'{'9' * 40}...' is no number"), ("n", "null", "is no number"),
    ("mode", "ONN", "'ONN' is no Mode (there is ON"), ("bits", "LOW|HIHG", "'HIHG' is no Bit (there is HIGH)"),
    ("line", "brake", "'brake' is no bit of this register (there is break)"), ("line", "size", "is no bit of this"),
    ("flag", "yes", "is no number"), ("f", "much", "'much' is no number (1.5, or the 64 bits as 0x...)"),
    ("f", "0x10000000000000000", "is no number"), ("f", "0x-1", "is no number"),
    ("t", "never", "is no number"),
    ("data", "0g", "'0g' is not hexadecimal"), ("data", "abc", "'abc' is not hexadecimal"),
    ("data", '"ab', "is no text in double quotes"), ("data", '"\ud800"', "is no text in double quotes"),
    ("row", "[1, 2", "JSON is wanted"), ("row", "[" * 5000, "JSON is wanted: it is nested too deep (a list)"),
    ("row", "[[1], 2]", "[0]: one value is wanted, not '[1]'"), ("row", "[1, {}]", "[1]: one value is wanted"),
    ("row", "[1, \"x\"]", "[1]: 'x' is no number"), ("wide", "3", "a list is wanted, not '3'"),
    ("wide", "{}", "a list is wanted, not '{}'"), ("wide", "[9" + "9" * 5000 + "]", "JSON is wanted"),
    ("leaf", "3", "an object of members is wanted, not '3'"), ("leaf", "", "JSON is wanted"),
    ("leaf", '{"z": 1}', "z: leaf has no such member (there is x, y)"), ("leaf", '{"y": "ONN"}', "y: 'ONN' is no Mode"),
    ("leaf", '{"@version": 1}', "@version: leaf has no such member"),
    ("items", '[{"x": {}}]', "[0].x: one value is wanted"),
    ("by", '[{"key": 1}]', "[0]: an entry has a key and a value"), ("by", "[1]", "[0]: an object of members"),
])
def test_what_is_none(key: str, text: str, words: str) -> None:
    with pytest.raises(EncodeError) as told:
        read(key, text)
    assert re.search(re.escape(words), str(told.value)), str(told.value)
    assert len(str(told.value)) < 200
