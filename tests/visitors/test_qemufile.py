"""QEMU's bytes: what a reader does where they end, and what neither side takes."""

from typing import Any

import pytest

from visitors import qemufile
from vmstate import (
    BadMarker,
    DecodeError,
    EncodeError,
    LimitExceeded,
    Truncated,
    VMStateError,
    array,
    boolean,
    buffer,
    chain,
    decode,
    encode,
    floating,
    int8,
    int16,
    int32,
    int64,
    mapping,
    nested,
    nullable,
    record_of,
    save,
    sized_buffer,
    state,
    uint8,
    uint16,
    uint32,
    uint64,
    unused,
)
from vmstate.errors import NeedMore
from vmstate.kept import Foreign
from vmstate.shape import Bits, Blob, Bool, Int
from vmstate.walk import Mode, Walk


@state("item")
class Item:
    id: int = uint16(reset=1)
    x: int = uint8()


@state("each")
class Each:
    """One of each that asks for bytes in a way of its own; no subsection, so that its end is its own."""

    n: int = uint8()
    row: list[int] = array(uint32(), "n")
    f: Any = floating()
    text: bytearray = sized_buffer(16)
    _pad = unused(3)
    flag: bool = boolean()
    slot: Item | None = nullable(nested(Item))
    marked: int | None = nullable(uint8(), marked=True)
    items: list[Item] = chain(nested(Item), marker=uint16())
    listed: list[int] = chain(uint8())
    by: dict[int, int] = mapping(uint64(), uint8())
    end: bytearray = buffer(2)


FULL = Each(
    n=2, row=[1, 2], text=bytearray(b"abc"), flag=True, slot=Item(x=2), marked=3, items=[Item(id=7), Item(id=8)],
    listed=[5], by={9: 1}, end=bytearray(b"zz"))


def walk(data: bytes, whole: bool) -> qemufile.Reader:
    """A reader that has read one."""
    reader = qemufile.Reader(data, whole)
    Walk(reader, Mode.WIRE).run(record_of(Each), Each())
    return reader


@pytest.mark.parametrize("it", [FULL, Each()], ids=["full", "empty"])
def test_more_is_asked_for_at_every_prefix(it: Each) -> None:
    data = save(it, qemufile)
    for n in range(len(data)):
        with pytest.raises(NeedMore):
            walk(data[:n], whole=False)
        with pytest.raises(VMStateError) as caught:
            walk(data[:n], whole=True)
        assert isinstance(caught.value, Truncated | LimitExceeded | BadMarker)
    assert walk(data + b"\x7e\0\0\0\0", whole=False).at == len(data)
    assert walk(data, whole=True).at == len(data)


def test_finish() -> None:
    reader = qemufile.reader(b"\1\2")
    with pytest.raises(DecodeError, match="2 bytes left over") as caught:
        reader.finish()
    assert caught.value.offset == 0
    assert qemufile.reader(b"").finish() is None


def test_any_bytes_are_read() -> None:
    data = save(FULL, qemufile)
    for given in (bytearray(data), memoryview(data)):
        assert decode(Each, given, qemufile).state == FULL
    assert isinstance(data, bytes)


def test_what_is_read_is_a_copy() -> None:
    data = bytearray(save(FULL, qemufile))
    it = decode(Each, data, qemufile).state
    data[:] = bytes(len(data))
    assert it == FULL


WIDTHS = [(uint8, 0, 255), (uint16, 0, 0xFFFF), (uint32, 0, 0xFFFF_FFFF), (uint64, 0, (1 << 64) - 1),
          (int8, -128, 127), (int16, -(1 << 15), (1 << 15) - 1), (int32, -(1 << 31), (1 << 31) - 1),
          (int64, -(1 << 63), (1 << 63) - 1)]


@pytest.mark.parametrize(("make", "least", "most"), WIDTHS)
def test_the_range_of_each_width(make: Any, least: int, most: int) -> None:
    kind = state("one")(type("One", (), {"__annotations__": {"a": int}, "__module__": __name__, "a": make()}))
    for value in (least, most):
        assert decode(kind, save(kind(a=value), qemufile), qemufile).state.a == value
    for value in (least - 1, most + 1):
        with pytest.raises(EncodeError, match=f"{value} does not fit") as caught:
            save(kind(a=value), qemufile)
        assert (caught.value.path, caught.value.actual) == (("a",), str(value))
        assert caught.value.expected == make.__name__


@pytest.mark.parametrize("prefix", [8, 16])
def test_a_length_that_does_not_fit_its_prefix(prefix: int) -> None:
    body = {"__annotations__": {"a": bytearray}, "__module__": __name__, "a": sized_buffer(prefix)}
    kind = state("one")(type("One", (), body))
    longest = kind(a=bytearray((1 << prefix) - 1))
    assert decode(kind, save(longest, qemufile), qemufile).state == longest
    with pytest.raises(EncodeError, match=f"length of {prefix} bits"):
        save(kind(a=bytearray(1 << prefix)), qemufile)


def test_the_span_is_what_was_exchanged_last() -> None:
    reader, writer = qemufile.reader(b"\0\1\2\3abcd"), qemufile.writer()
    for visitor in (reader, writer):
        visitor.integer("a", Int(32), 32, 0x10203)
        assert visitor.span == (0, 4)
        visitor.blob("b", Blob(4), 4, b"abcd")
        assert visitor.span == (4, 8)
    assert writer.result() == b"\0\1\2\3abcd"
    prefixed = qemufile.reader(b"\0\0\1\2ab")
    prefixed.boolean("flag", Bool(), 0)
    prefixed.boolean("flag", Bool(), 0)
    prefixed.blob("c", Blob(0, 8), 0, b"")
    assert prefixed.span == (2, 4)


@pytest.mark.parametrize(("count", "value"), [(1, 1), (64, 1 << 63), (65, 1 << 64), (128, (1 << 128) - 1), (0, 0)])
def test_bitmaps(count: int, value: int) -> None:
    writer = qemufile.writer()
    writer.bitmap("b", Bits(count), count, value)
    data = writer.result()
    assert len(data) == (count + 63) // 64 * 8
    assert qemufile.reader(data).bitmap("b", Bits(count), count, 0) == value
    words = [int.from_bytes(data[i:i + 8], "big") for i in range(0, len(data), 8)]
    assert [i for i in range(count) if words[i // 64] >> i % 64 & 1] == [i for i in range(count) if value >> i & 1]


def test_bits_beyond_the_bitmap_are_kept_within_its_words() -> None:
    data = b"\xff" * 8
    read = qemufile.reader(data).bitmap("b", Bits(3), 3, 0)
    writer = qemufile.writer()
    writer.bitmap("b", Bits(3), 3, read)
    assert writer.result() == data


@pytest.mark.parametrize(("count", "left"), [(3, 2), (0xFFFF, 0)])
def test_a_count_is_believed_as_far_as_bytes_are_left(count: int, left: int) -> None:
    body = {"__annotations__": {"n": int, "a": list}, "__module__": __name__, "n": uint16(), "a": array(uint8(), "n")}
    kind = state("one")(type("One", (), body))
    with pytest.raises(LimitExceeded, match=f"{count} elements, and {left} bytes are left") as caught:
        decode(kind, count.to_bytes(2, "big") + bytes(left), qemufile)
    assert (caught.value.path, caught.value.offset) == (("a",), 2)


def test_what_is_unknown_has_no_place() -> None:
    with pytest.raises(EncodeError, match="x, y"):
        qemufile.writer().foreign(record_of(Item), (_foreign("x"), _foreign("y")))


def _foreign(name: str) -> Foreign:
    return Foreign(name, "int", 1)


def test_two_writers_share_nothing() -> None:
    first, second = qemufile.writer(), qemufile.writer()
    first.boolean("a", Bool(), 1)
    assert (first.result(), second.result()) == (b"\1", b"")
    decoded = decode(Each, save(FULL, qemufile), qemufile)
    assert encode(decoded, qemufile) == encode(decoded, qemufile)
