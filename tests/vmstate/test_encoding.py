"""Every flag and info of QEMU's VMStateField, as bytes written by hand (formats of QEMU 5.2 to 11.1)."""

from collections.abc import Callable
from enum import IntEnum
from typing import Any

import pytest

from tests.vmstate.exercise import all_tokens
from visitors import qemufile, tree
from vmstate import (
    Around,
    DecodeError,
    Exchange,
    Float64,
    Mismatch,
    again,
    array,
    at_most,
    bitmap,
    boolean,
    buffer,
    chain,
    check,
    constant,
    convert,
    decode,
    descriptor,
    encode,
    enum,
    equal,
    floating,
    int8,
    int16,
    int32,
    int64,
    load,
    local,
    mapping,
    nested,
    nullable,
    opaque,
    same,
    save,
    sint,
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

CASES: list[Any] = []


def case(name: str, it: Any, data: str, *, onto: Callable[[], Any] | None = None) -> None:
    """One row: a state, its bytes in hex, and what a live load fills (a new instance, unless one is asked for)."""
    CASES.append(pytest.param(it, bytes.fromhex(data), onto or type(it), id=name))


class Colour(IntEnum):
    RED = 1
    BLUE = 2


class Reversed:
    """A codec of two bytes: a number, little-endian."""

    name = "reversed"

    def decode(self, data: bytes) -> int:
        return int.from_bytes(data, "little")

    def encode(self, value: int) -> bytes:
        return value.to_bytes(2, "little")


# -- leaves: SINGLE of each fixed width

@state("unsigned")
class Unsigned:
    a: int = uint8()
    b: int = uint16()
    c: int = uint32()
    d: int = uint64()


case("uint8 16 32 64", Unsigned(a=0xFE, b=0x1234, c=0xDEADBEEF, d=0x0102030405060708),
     "fe 1234 deadbeef 0102030405060708")


@state("signed")
class Signed:
    a: int = int8()
    b: int = int16()
    c: int = int32()
    d: int = int64()


case("int8 16 32 64", Signed(a=-1, b=-2, c=-3, d=-4), "ff fffe fffffffd fffffffffffffffc")
case("int8 16 32 64, least", Signed(a=-128, b=-32768, c=-1 << 31, d=-1 << 63), "80 8000 80000000 8000000000000000")


@state("little")
class Little:
    a: int = uint32(order="little")
    b: int = int16(order="little")


case("little-endian", Little(a=1, b=-2), "01000000 feff")


@state("long")
class Long:
    def _bits(self, around: Around) -> int:
        return 64 if self.wide else 32

    wide: bool = boolean()
    base: int = uint(_bits)
    offset: int = sint(_bits)


case("target-long, 32 bits", Long(wide=False, base=0x80000000, offset=-1), "00 80000000 ffffffff")
case("target-long, 64 bits", Long(wide=True, base=0x80000000, offset=-1), "01 0000000080000000 ffffffffffffffff")


@state("bool")
class Flags:
    on: bool = boolean()
    off: bool = boolean(reset=True)


case("bool", Flags(on=True, off=False), "01 00")


@state("float")
class Floats:
    one: Float64 = floating(name="CPU_Double_U")
    two: Float64 = floating()


case("CPU_Double_U, float64", Floats(one=Float64.of(1.5), two=Float64(0x7FF0000000000123)),
     "3ff8000000000000 7ff0000000000123")


@state("timer")
class Timers:
    pending: int | None = timer()
    idle: int | None = timer()


case("timer", Timers(pending=1_000_000_000), "000000003b9aca00 ffffffffffffffff")


@state("enum")
class Coloured:
    one: Colour = enum(Colour, uint8(reset=1))
    two: Colour = enum(Colour, uint32(reset=1))


case("enum", Coloured(one=Colour.BLUE, two=Colour.RED), "02 00000001")


@state("fd")
class Descriptors:
    fd: int | None = descriptor()
    after: int = uint8()


case("fd", Descriptors(after=7), "20 07")


@state("foreign")
class Foreign:
    it: int = opaque(2, Reversed(), reset=0)


case("opaque", Foreign(it=0x1234), "3412")


# -- bytes

@state("buffer")
class Buffers:
    """BUFFER; VBUFFER with and without MULTIPLY; ALLOC: what is loaded into holds nothing yet."""

    def _words(self) -> int:
        return 4 * self.count

    plain: bytearray = buffer(3)
    size: int = int32()
    sized: bytearray = buffer("size")
    count: int = uint32()
    multiplied: bytearray = buffer(_words)


case("BUFFER VBUFFER MULTIPLY ALLOC",
     Buffers(plain=bytearray(b"abc"), size=2, sized=bytearray(b"\xff\x00"), count=1, multiplied=bytearray(b"word")),
     "616263 00000002 ff00 00000001 776f7264")


@state("prefixed")
class Prefixed:
    """GByteArray of 11.x, and capability: a short string behind its length."""

    bytes_: bytearray = sized_buffer(32, name="bytes")
    capability: bytearray = sized_buffer(8)
    medium: bytearray = sized_buffer(16)


case("GByteArray, capability", Prefixed(bytes_=bytearray(b"\0\1"), capability=bytearray(b"xbzrle")),
     "00000002 0001 06 78627a726c65 0000")


@state("unused")
class Padded:
    def _size(self) -> int:
        return self.n

    _lead = unused(2)
    n: int = uint8()
    _some = unused(_size)
    last: int = uint8()


case("unused_buffer", Padded(n=3, last=9), "0000 03 000000 09")


@state("bitmap")
class Bitmaps:
    small: int = bitmap(8)
    exact: int = bitmap(64)
    large: int = bitmap(65)


case("bitmap", Bitmaps(small=0b101, exact=1 << 63, large=1 << 64 | 1),
     "0000000000000005 8000000000000000 0000000000000001 0000000000000001")


# -- arrays

@state("arrays")
class Arrays:
    row: list[int] = array(uint16(), 3)
    grid: list[list[int]] = array(array(uint8(), 3), 2)
    part: list[int] = array(uint8(), 2, start=1, reset=[9, 9, 9, 9])


case("ARRAY, 2-D, SUB_ARRAY", Arrays(row=[1, 2, 3], grid=[[1, 2, 3], [4, 5, 6]], part=[9, 7, 8, 9]),
     "0001 0002 0003 010203 040506 0708")


@state("varrays")
class VArrays:
    def _times(self) -> int:
        return self.rows * 3

    n8: int = uint8()
    a8: list[int] = array(uint8(), "n8")
    n16: int = uint16()
    a16: list[int] = array(uint16(), "n16")
    n32: int = uint32()
    a32: list[int] = array(uint32(), "n32")
    i32: int = int32()
    ai32: list[int] = array(uint8(), "i32")
    rows: int = uint8()
    multiplied: list[int] = array(uint8(), _times)


case("VARRAY_UINT8 16 32 INT32, MULTIPLY_ELEMENTS",
     VArrays(n8=1, a8=[7], n16=2, a16=[1, 2], n32=1, a32=[3], i32=2, ai32=[4, 5], rows=1, multiplied=[6, 7, 8]),
     "01 07 0002 0001 0002 00000001 00000003 00000002 0405 01 060708")
case("VARRAY_INT32, negative: no elements", VArrays(i32=-2), "00 0000 00000000 fffffffe 00")


@state("element")
class Element:
    x: int = uint8()


@state("pointers")
class Pointers:
    """nullptr, and ptr-marker of 11.x."""

    slots: list[Element | None] = array(nullable(nested(Element)), 3)
    marked: list[Element | None] = array(nullable(nested(Element), marked=True), 2)
    one: int | None = nullable(uint16())


def _pointers() -> Pointers:
    """A live load of ARRAY_OF_POINTER goes by its own nulls; behind markers the bytes decide."""
    return Pointers(slots=[None, Element(), None], one=0)


case("ARRAY_OF_POINTER, ARRAY_OF_POINTER_AUTO_ALLOC",
     Pointers(slots=[None, Element(x=5), None], marked=[Element(x=6), None], one=0x1234),
     "30 05 30 31 06 30 1234", onto=_pointers)


# -- records

@state("inner", version=2, minimum=1)
class Inner:
    a: int = uint8()
    new: int = uint8(since=2)

    @subsection("inner/more", version=3)
    def _more(self) -> bool:
        return self.more != 0

    more: int = uint8()


@state("struct", version=7)
class Struct:
    """STRUCT goes by the inner record's own version, VSTRUCT by the field's; POINTER changes no byte."""

    own: Inner = nested(Inner)
    fixed: Inner = nested(Inner, version=1)
    last: int = uint8()


case("STRUCT, POINTER, VSTRUCT; a subsection inside stands in the middle",
     Struct(own=Inner(a=1, new=2, more=3), fixed=Inner(a=4), last=5),
     "01 02 05 0a 696e6e65722f6d6f7265 00000003 03 04 05")


@state("wide", version=2, minimum=1)
class OuterVersion:
    inner: Inner = nested(Inner, version="outer")


case("a record at its outer record's version", OuterVersion(inner=Inner(a=1, new=2)), "01 02")


@state("old", version=3, minimum=1)
class Gated:
    """field_exists is asked instead of version_id, not besides."""

    def _low(self) -> bool:
        return self.first < 16

    first: int = uint8()
    since_two: int = uint8(since=2)
    since_three: int = uint8(since=3)
    low: int = uint8(when=_low)


case("version_id, field_exists", Gated(first=1, since_two=2, since_three=3, low=4), "01 02 03 04")
case("field_exists says no", Gated(first=16, since_two=2, since_three=3), "10 02 03")


@state("pair")
class Pair:
    low: int = uint8()
    high: int = uint8()

    @classmethod
    def pack(cls, parent: "Packed") -> "Pair":
        return cls(low=parent.value & 0xFF, high=parent.value >> 8)

    def unpack(self, parent: "Packed") -> None:
        parent.value = self.high << 8 | self.low


@state("packed")
class Packed:
    """WITH_TMP."""

    before: int = uint8()
    value: int = uint16(when=lambda self: False)
    _wire = tmp(Pair)
    after: int = uint8()


case("tmp", Packed(before=1, value=0x1234, after=2), "01 34 12 02")


@state("valid")
class Valid:
    """MUST_EXIST (VMSTATE_VALIDATE): no bytes."""

    a: int = uint8()

    @check("a is even")
    def _even(self) -> bool:
        return self.a % 2 == 0

    b: int = uint8()


case("MUST_EXIST", Valid(a=2, b=3), "02 03")


@state("viewed")
class Viewed:
    a: int = uint8()
    _rest = same("tail")
    tail = view("tail")
    b: int = uint8()


@state("views")
class Views:
    it: Viewed = nested(Viewed)
    _tail = again("it", nested(Viewed.tail))
    _always = constant(uint16(), 0x55AA)


case("views, an attribute twice, a constant", Views(it=Viewed(a=1, b=2)), "01 02 02 55aa")


@state("mover")
class Mover:
    """Imperative state."""

    n: int = uint8()
    table: bytearray = local(bytearray)
    vector: int = local(0)

    def transfer(self, v: Exchange) -> None:
        self.table = v("entries", self.table, buffer("n"))
        self.vector = v("chosen", self.vector, uint16(), when=self.n > 0)


# -- lists

@state("qtailq")
class Queue:
    q: list[Element] = chain(nested(Element))
    empty: list[Element] = chain(nested(Element))
    numbers: list[int] = chain(uint32())


case("qtailq, qlist", Queue(q=[Element(x=5), Element(x=6)], numbers=[1]), "01 05 01 06 00 00 01 00000001 00")


@state("slirp")
class Sockets:
    sockets: list[Element] = chain(nested(Element), marker=42)


case("slirp's 42", Sockets(sockets=[Element(x=1)]), "2a 01 00")


@state("request")
class Request:
    kind: int = uint8(reset=1)
    tag: int = uint32()


@state("resource")
class Resource:
    id: int = uint32(reset=1)
    width: int = uint8()


@state("scsi")
class Valued:
    """The first member of an element is its marker: scsi-requests 1 or 2, virtio-gpu an id."""

    requests: list[Request] = chain(nested(Request), marker=uint8())
    resources: list[Resource] = chain(nested(Resource), marker=uint32())


case("scsi-requests, virtio-gpu",
     Valued(requests=[Request(kind=2, tag=7), Request(kind=1)], resources=[Resource(id=0x100, width=3)]),
     "02 00000007 01 00000000 00 00000100 03 00000000")


@state("key")
class Span:
    low: int = uint16()
    high: int = uint16()


@state("gtree")
class Trees:
    """With direct keys and with records as keys."""

    direct: dict[int, Element] = mapping(uint64(), nested(Element))
    record: dict[Span, int] = mapping(nested(Span), uint8())


case("gtree", Trees(direct={2: Element(x=1), 3: Element(x=2)}, record={Span(low=1, high=2): 3}),
     "00000002 01 0000000000000002 01 01 0000000000000003 02 00 00000001 01 0001 0002 03 00")
case("gtree, empty", Trees(), "00000000 00 00000000 00")


# -- subsections

@state("parent")
class Parent:
    a: int = uint8()

    @subsection("parent/one")
    def _one(self) -> bool:
        return self.one != 0

    one: int = uint8()

    @subsection("parent/one/deep", version=2, minimum=1)
    def _deep(self) -> bool:
        return self.deep != 0

    deep: int = uint8(since=2)

    @subsection("parent.two", version=0)
    def _two(self) -> bool:
        return self.two != 0

    two: int = uint8()


case("no subsection", Parent(a=1), "01")
case("a subsection in a subsection; a name without a slash", Parent(a=1, one=2, deep=3, two=4),
     "01 05 0a 706172656e742f6f6e65 00000001 02 05 0f 706172656e742f6f6e652f64656570 00000002 03"
     " 05 0a 706172656e742e74776f 00000000 04")
case("a subsection in one that is not sent is not sent", Parent(a=1, deep=3, two=4),
     "01 05 0a 706172656e742e74776f 00000000 04",
     onto=lambda: Parent(deep=3))


# -- equal and less

@state("equals")
class Equals:
    a: int = equal(uint8(reset=1))
    b: int = equal(uint16(reset=2))
    c: int = equal(int32(reset=-3))
    d: int = equal(uint32(reset=4))
    e: int = equal(uint64(reset=1 << 63), type="int64 equal")
    f: int = at_most(int32(reset=2))


case("uint8 16 32 64 equal, int32 equal, int32 le", Equals(f=1), "01 0002 fffffffd 00000004 8000000000000000 00000001",
     onto=Equals)


@pytest.mark.parametrize(("it", "data", "onto"), CASES)
class TestCase:
    def test_save(self, it: Any, data: bytes, onto: Any) -> None:
        assert save(it, qemufile) == data

    def test_load(self, it: Any, data: bytes, onto: Any) -> None:
        target = onto()
        assert load(target, data, qemufile) is target
        assert save(target, qemufile) == data
        if onto is type(it):
            assert target == it

    def test_off_line(self, it: Any, data: bytes, onto: Any) -> None:
        decoded = decode(type(it), data, qemufile)
        assert encode(decoded, qemufile) == data
        document = encode(decoded, tree)
        assert encode(decode(type(it), document, tree), qemufile) == data
        assert convert(data, type(it), qemufile, tree) == document
        assert convert(document, type(it), tree, qemufile) == data

    def test_what_is_decoded_is_what_was_saved(self, it: Any, data: bytes, onto: Any) -> None:
        read = decode(type(it), data, qemufile).state
        assert save(read, tree) == save(it, tree)

    def test_tokens_agree(self, it: Any, data: bytes, onto: Any) -> None:
        read = decode(type(it), data, qemufile).state
        walks = all_tokens(it, data, save(it, tree), onto, read)
        assert walks["save"]
        assert [name for name, tokens in walks.items() if tokens != walks["save"]] == []

    def test_one_byte_more_is_refused(self, it: Any, data: bytes, onto: Any) -> None:
        with pytest.raises(DecodeError) as caught:
            decode(type(it), data + b"\x99", qemufile)
        assert caught.value.offset is not None
        assert 0 <= caught.value.offset <= len(data)

    def test_the_last_byte_is_needed(self, it: Any, data: bytes, onto: Any) -> None:
        with pytest.raises(DecodeError):
            decode(type(it), data[:-1], qemufile)


def test_imperative_state() -> None:
    """`transfer` runs after the members, in every direction and format."""
    full = Mover(n=2, table=bytearray(b"ab"), vector=7)
    data = save(full, qemufile)
    empty = save(Mover(), qemufile)
    assert (data, empty) == (b"\x02" + b"ab" + b"\x00\x07", b"\x00")
    assert load(Mover(), data, qemufile) == full
    assert encode(decode(Mover, data, qemufile), qemufile) == data
    document = save(full, tree)
    assert document == {"n": 2, "entries": b"ab", "chosen": 7}
    assert load(Mover(), document, tree) == full


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a", "02 0002 fffffffd 00000004 8000000000000000 00000001"),
        ("b", "01 0003 fffffffd 00000004 8000000000000000 00000001"),
        ("c", "01 0002 00000003 00000004 8000000000000000 00000001"),
        ("d", "01 0002 fffffffd 00000005 8000000000000000 00000001"),
        ("e", "01 0002 fffffffd 00000004 0000000000000000 00000001"),
        ("f", "01 0002 fffffffd 00000004 8000000000000000 00000003"),
        ("f", "01 0002 fffffffd 00000004 8000000000000000 ffffffff"),
    ],
)
def test_what_is_not_equal_is_refused_live(name: str, data: str) -> None:
    body = bytes.fromhex(data)
    with pytest.raises(Mismatch) as caught:
        load(Equals(), body, qemufile)
    assert caught.value.path == (name,)
    assert encode(decode(Equals, body, qemufile), qemufile) == body  # off line nobody knows better


@pytest.mark.parametrize(
    ("kind", "data", "path"),
    [
        (Coloured, "03 00000001", ("one",)),
        (Descriptors, "21 07", ("fd",)),
        (Queue, "02 05 00 00 00", ("q", 0)),
        (Sockets, "01 01 00", ("sockets", 0)),
        (Pointers, "30 30 30 32 06 30 1234", ("marked", 0)),
        (Trees, "00000001 02", ("direct", 0)),
        (Trees, "00000002 01 0000000000000002 01 00", ("direct",)),
        (Trees, "00000002 01 0000000000000002 01 01 0000000000000002 01 00", ("direct", 1)),
        (Views, "01 02 02 55ab", ("always",)),
    ],
)
def test_what_cannot_stand_there_is_refused(kind: type, data: str, path: tuple[Any, ...]) -> None:
    body = bytes.fromhex(data)
    with pytest.raises(DecodeError) as caught:
        decode(kind, body, qemufile)
    assert caught.value.path == path
    assert caught.value.offset is not None
    assert 0 <= caught.value.offset < len(body)


def test_validation_is_live_alone() -> None:
    odd = bytes.fromhex("01 03")
    with pytest.raises(Mismatch, match="a is even"):
        load(Valid(), odd, qemufile)
    assert decode(Valid, odd, qemufile).state == Valid(a=1, b=3)


@pytest.mark.parametrize(
    ("version", "data", "expected"),
    [
        (1, "01 04", Gated(first=1, low=4)),
        (2, "01 02 04", Gated(first=1, since_two=2, low=4)),
        (3, "01 02 03 04", Gated(first=1, since_two=2, since_three=3, low=4)),
    ],
)
def test_an_older_version(version: int, data: str, expected: Gated) -> None:
    body = bytes.fromhex(data)
    decoded = decode(Gated, body, qemufile, version=version)
    assert (decoded.state, decoded.version) == (expected, version)
    assert encode(decoded, qemufile) == body
    assert load(Gated(), body, qemufile, version=version) == expected
