"""Streams made to cost more than they are worth: twice the bytes take about twice the work, and memory in proportion.

Random damage finds none of these. Work is counted in lines of Python and in bytes of input scanned, never in seconds.
"""

import json
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest

from tests.damage.measure import COUNTER, TIMES, Watched, counted, spared, verdict, weighed
from tests.damage.originals import pieces
from tests.migration.made import EOF, HEADER, command, configuration, full, named

SMALL = 300
TWICE = 2.8
"""How much more work twice as much may be."""
ON = b"\x05\x1aconfiguration/capabilities" + (1).to_bytes(4, "big") * 2 + b"\x0amapped-ram"
PAGE = 4096
SURROGATES = "\ud800", "x/\ud800"
"""Text that JSON can hold, and no encoding."""


@pytest.fixture(scope="module", autouse=True)
def counting() -> Iterator[None]:
    """Work is counted in all of this module."""
    with counted():
        yield


# -- streams

def described(sections: bytes, *devices: dict[str, Any]) -> bytes:
    """Sections and their description."""
    text = json.dumps({"configuration": {}, "page_size": PAGE, "devices": devices}).encode()
    return trailed(text, sections)


def trailed(text: bytes, sections: bytes = b"") -> bytes:
    """Sections and a trailer."""
    return HEADER + sections + EOF + b"\x06" + len(text).to_bytes(4, "big") + text


def device(*fields: dict[str, Any], instance: int = 0, **more: Any) -> dict[str, Any]:
    """The description of a section `x`."""
    return {"name": "x", "instance_id": instance, "vmsd_name": "x", "version": 1, "fields": fields, **more}


def a_field(kind: str = "uint8", size: int = 1, **more: Any) -> dict[str, Any]:
    """The description of a field `f`."""
    return {"name": "f", "type": kind, "size": size, **more}


def ram(items: bytes) -> bytes:
    """A stream with one section of RAM."""
    return HEADER + named(1, 2, "ram", items + number(0x10), version=4) + EOF


def number(value: int) -> bytes:
    """Eight bytes."""
    return value.to_bytes(8, "big")


# -- twice as much

def devices(n: int) -> bytes:
    """Each section is looked up among the descriptions of all."""
    return described(b"".join(full(i, "x", b"\1", instance=i) for i in range(n)),
                     *(device(a_field(), instance=i) for i in range(n)))


def odd_versions(n: int) -> bytes:
    """No section looks like one from before, so that each footer is looked for up to the end."""
    first, rest = full(0, "x", b"\1"), (full(i, "x", b"\1", instance=i, version=1 << 25) for i in range(1, n))
    return described(first + b"".join(rest), *(device(a_field(), instance=i) for i in range(n)))


def one_name(n: int) -> bytes:
    """All subsections have a field of one name, and each is given another key."""
    subsections = [{"vmsd_name": f"x/{i}", "version": 1, "fields": [a_field()]} for i in range(n)]
    return described(full(1, "x", b"\1"), device(a_field(), subsections=subsections))


def subsections(n: int) -> bytes:
    """Each subsection that is met is looked up among all."""
    body = b"".join(b"\x05\x06x/%04d\0\0\0\1" % i for i in reversed(range(n)))
    known = [{"vmsd_name": f"x/{i:04}", "version": 1, "fields": []} for i in range(n)]
    return described(full(1, "x", b"\1" + body), device(a_field(), subsections=known))


def bitmap(n: int) -> bytes:
    """A bitmap of which every bit is set."""
    return described(full(1, "x", b"\xff" * n * 64), device(a_field("bitmap", n * 64)))


def opaque(n: int) -> bytes:
    """Sections of which nobody knows anything."""
    return HEADER + b"".join(full(i, "x", b"") for i in range(n)) + EOF


def false_footers(n: int) -> bytes:
    """A body that is full of its footer."""
    return HEADER + full(1, "x", b"\x7e\0\0\0\1\xff" * n) + EOF


def commands(n: int) -> bytes:
    """Commands, one after the other."""
    return HEADER + command(1, b"") * n + EOF


def one_field(n: int) -> bytes:
    """Fields of one name."""
    return described(full(1, "x", bytes(n)), device(*[a_field()] * n))


def blocks(n: int) -> bytes:
    """A long list of blocks of RAM."""
    return ram(number(n * PAGE | 4) + b"".join(b"\4%04d" % i + number(PAGE) for i in range(n)))


def zero_pages(n: int) -> bytes:
    """Pages in a row that are all zeros."""
    return ram(number(n * PAGE | 4) + b"\1r" + number(n * PAGE) + number(2) + b"\1r\0"
               + b"".join(number(i * PAGE | 0x22) + b"\0" for i in range(1, n)))


class Lines:
    """Counts the lines of Python that are run."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, frame: FrameType, event: str, argument: Any) -> "Lines":
        self.count += event == "line"
        return self


def work(data: bytes) -> tuple[int, int]:
    """Lines run and bytes scanned for a verdict."""
    weighed(data)  # what is imported and cached is not counted
    lines, before = Lines(), sys.gettrace()
    sys.settrace(lines)
    try:
        verdict(Watched(data))
    finally:
        sys.settrace(before)
    return lines.count, COUNTER.work().scanned


Make = Callable[[int], bytes]


@pytest.mark.parametrize("make", [
    devices, opaque, false_footers, commands, one_field, blocks, zero_pages,
    odd_versions,
    one_name,
    subsections,
], ids=lambda make: make.__name__)
def test_twice_as_much_is_twice_the_work(make: Make) -> None:
    once, twice = work(make(SMALL)), work(make(2 * SMALL))
    assert twice[0] <= TWICE * once[0], f"{twice[0]} lines, {once[0]} of the half"
    assert twice[1] <= TWICE * once[1], f"{twice[1]} bytes, {once[1]} of the half"


def misfits(n: int, more: bytes) -> bytes:
    """Sections that have several settings, with some bytes too many."""
    original = pieces("opt-suppress-vmdesc-72")
    begin = b"".join(one.data for one in original if one.kind in ("header", "configured"))
    section = next(one.data for one in original if one.kind == "section" and b"piix4_pm" in one.data[:40])
    name, body = section[5:6 + section[5]], section[10 + section[5]:-5]
    numbers = [i.to_bytes(4, "big") for i in range(n)]
    return begin + b"".join(b"\4" + i + name + i + body + more + b"\x7e" + i for i in numbers) + EOF


@pytest.mark.parametrize("more", [b"\5", pytest.param(bytes(3))])
def test_what_fits_no_setting_is_little_work(more: bytes) -> None:
    usual, work = (weighed(misfits(10, extra))[1] for extra in (b"", more))
    assert work.leaves <= TIMES * usual.leaves
    assert work.scanned <= TIMES * usual.scanned


# -- memory

def mapped(word: bytes) -> bytes:
    """A block with mapped RAM of which there is only the bitmap: 64 KiB."""
    size = 1 << 16
    head = HEADER + configuration(b"m", ON) + b"\1\0\0\0\2\3ram" + bytes(4) + (4).to_bytes(4, "big")
    head += number(size * 8 * PAGE | 4) + b"\1r" + number(size * 8 * PAGE) + (1).to_bytes(4, "big") + number(PAGE)
    return head + number(len(head) + 16) + number(len(head) + 16 + size) + word * (size // len(word))


def arrays_of_arrays(n: int) -> bytes:
    """Elements that take no bytes, it says, each with as many."""
    inner = {"vmsd_name": "y", "version": 1, "fields": [a_field("uint8", 0, array_len=n)]}
    return described(full(1, "x", b"\xff" * n), device(a_field("struct", 0, array_len=n, struct=inner)))


def empty_elements(n: int) -> bytes:
    """Elements that take no bytes."""
    inner = {"vmsd_name": "y", "version": 1, "fields": []}
    return described(full(1, "x", bytes(n)), device(a_field("struct", 0, array_len=n, struct=inner),
                                                    a_field("buffer", n)))


def numbers(n: int) -> bytes:
    """Numbers of one byte."""
    return described(full(1, "x", bytes(n)), device(a_field(array_len=n)))


@pytest.mark.parametrize("data", [
    pytest.param(mapped(b"\0"), id="mapped RAM, no page"),
    pytest.param(mapped(b"\x55"), id="mapped RAM, every other page"),
    pytest.param(blocks(60000), id="blocks"),
    pytest.param(zero_pages(60000), id="zero pages"),
    pytest.param(trailed(b'{"a": [' + b"0, " * 200000 + b"0]}"), id="description: numbers"),
    pytest.param(trailed(b'{"a": [' + b"[], " * 200000 + b"0]}"), id="description: empty lists"),
    pytest.param(trailed(b'{"a": [' + b"{}, " * 200000 + b"0]}"), id="description: empty objects"),
    pytest.param(arrays_of_arrays(1500), id="arrays of arrays"),
    pytest.param(empty_elements(10000), id="elements without bytes"),
    pytest.param(numbers(30000), id="numbers"),
    pytest.param(bitmap(4000), id="a bitmap"),
])
def test_memory_is_in_proportion(data: bytes) -> None:
    assert (left := spared(data, weighed(data)[1])) >= 0, f"{-left} bytes too many for {len(data)}"


# -- no exception but ours

@pytest.mark.parametrize("text", [
    b'{"a\\ud800": 1}', b'{"a\xed\xa0\x80": 1}', b'{"a": 1e999}', b'{"a": NaN}', b'{"a": ' + b"9" * 5000 + b"}",
    b"{\0\"\0a\0", b'{"page_size": -1}', b'{"page_size": 1e9}', b'{"page_size": true}',
])
def test_odd_texts(text: bytes) -> None:
    verdict(trailed(text))


@pytest.mark.parametrize("depth", [48, 300, *range(900, 1000, 5), 3000, 100000])
def test_depth(depth: int) -> None:
    verdict(trailed(b'{"a": ' + b"[" * depth + b"]" * depth + b"}"))


@pytest.mark.parametrize("page_size", [-4096, -1, 0, 1, 2, 3, 7, 64, 1 << 40, 10 ** 300])
def test_odd_page_sizes(page_size: int) -> None:
    text = json.dumps({"page_size": page_size, "devices": []}).encode()
    verdict(trailed(text, zero_pages(3)[len(HEADER):-1]))


@pytest.mark.parametrize("name", [
    "", "x" * 300, *(name for name in SURROGATES)])
def test_odd_names(name: str) -> None:
    body = b"\1\5\4x/ab\0\0\0\1"
    verdict(described(full(1, "x", body), {**device(a_field()), "vmsd_name": name}))
    verdict(described(full(1, "x", body), device(a_field(), subsections=[{**device(), "vmsd_name": name}])))
    verdict(described(full(1, "x", b"\1"), device({**a_field(), "name": name})))
